"""Asks the git command what a repository holds, and lets nothing that the repository says be run.

A repository may come from a stranger, and its settings name programs: hooks, diff and text converters, a signature
checker, a file system monitor, a remote to fetch what is missing from (git-config(1), git(1) on the environment). All
of them are off, the network is off, and no setting but the repository's own is read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from sensemake.indexers._archives import CHUNK, Refused
from sensemake.indexers._git_history import FORMAT
from sensemake.model import Reason

_QUICK = 60.0
"""Seconds for a command that answers at once."""
_SETTINGS = (
    *("core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null", "core.pager=cat"),
    *("log.showSignature=false", "log.mailmap=true", "diff.external=", "diff.renameLimit=2000", "safe.directory=*"),
    *("protocol.allow=never", "credential.helper=", "core.quotePath=false", "mailmap.file=/dev/null"),
    *("mailmap.blob=HEAD:.mailmap",),
)
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "HOME": os.devnull,
    "LC_ALL": "C.UTF-8",
}


def is_installed() -> bool:
    return shutil.which("git") is not None


def folder_of(path: Path) -> Path | None:
    """Where the repository of a work tree lies, or `path` itself for a bare one; None when it is no repository.

    Raises Refused: hostile, when the work tree sends to a repository that does not know of it.
    """
    inside = path / ".git"
    if inside.is_symlink():
        raise Refused(Reason.HOSTILE, "its .git is a link: name the repository that it leads to")
    if inside.is_dir():
        return inside
    if inside.is_file():
        return _linked(inside)
    is_bare = (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()
    return path if is_bare else None


def _linked(file: Path) -> Path:
    """The repository of a linked work tree (gitrepository-layout(5)): it has to say that the tree is its own."""
    with suppress(OSError, UnicodeDecodeError):
        told = file.read_text(encoding="utf-8").strip()
        there = (file.parent / told.removeprefix("gitdir:").strip()).resolve()
        back = (there / "gitdir").read_text(encoding="utf-8").strip()
        if told.startswith("gitdir:") and Path(back).resolve() == file.resolve():
            return there
    raise Refused(Reason.HOSTILE, "its .git sends to a repository that does not know of it")


@dataclass(frozen=True, slots=True)
class Blob:
    """A regular file at HEAD."""

    path: str
    id: str
    size: int


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository, read at HEAD; its work tree is never looked at. `folder` is its git directory."""

    folder: Path

    def head(self) -> str:
        """The commit at HEAD; empty when there is none yet."""
        return self._answer("rev-parse", "--verify", "--quiet", "HEAD^{commit}", may_fail=True)

    def branch(self) -> str:
        """The branch at HEAD; empty when none is checked out."""
        return self._answer("symbolic-ref", "--quiet", "--short", "HEAD", may_fail=True)

    def origin(self) -> str:
        return self._answer("config", "--local", "--no-includes", "--get", "remote.origin.url", may_fail=True)

    def cut(self) -> frozenset[str]:
        """The commits at which a shallow clone ends (gitrepository-layout(5)); their parents are not here."""
        with suppress(OSError, UnicodeDecodeError):
            return frozenset((self.folder / "shallow").read_text(encoding="ascii").split())
        return frozenset()

    def blobs(self) -> Iterator[Blob]:
        """Every regular file at HEAD; links and submodules are no files."""
        for line in self._tokens("ls-tree", "-r", "-z", "--long", "--full-tree", "HEAD"):
            about, _, path = line.partition("\t")
            mode, kind, name, size = about.split()
            if kind == "blob" and mode.startswith("100"):
                yield Blob(path, name, int(size))

    def log(self) -> Iterator[str]:
        """What `_git_history` reads: the commits from HEAD back, with the names of the files each touched."""
        flags = (
            "--name-status",
            "--find-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
            "--no-show-signature",
        )
        yield from self._tokens("log", "-z", "--topo-order", *flags, f"--format={FORMAT}", "HEAD", "--")

    def contents(self, blobs: Iterable[Blob]) -> Iterator[tuple[Blob, bytes]]:
        """The bytes of files, as they are kept: no filter and no converter touches them."""
        with self._running("cat-file", "--batch", stdin=subprocess.PIPE) as process:
            asked, answer = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
            try:
                for blob in blobs:
                    asked.write(f"{blob.id}\n".encode("ascii"))
                    asked.flush()
                    told = answer.readline().split()
                    if len(told) != 3 or told[1] != b"blob":
                        raise Refused(Reason.MALFORMED, "the repository lacks objects that it names: run git fsck")
                    data = answer.read(int(told[2]))
                    answer.read(1)
                    yield blob, data
            except BrokenPipeError:
                raise Refused(Reason.MALFORMED, "git cannot read the repository: run git fsck") from None
            finally:
                process.kill()

    def mapped(self, people: list[str]) -> list[str]:
        """`Name <address>` as .mailmap has them."""
        if not people:
            return []
        asked = "".join(f"{person}\n" for person in people).encode("utf-8", "surrogateescape")
        try:
            done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
                self._command("check-mailmap", "--stdin"),
                env=_environment(),
                cwd=self.folder,
                input=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_QUICK,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return people
        found = done.stdout.decode("utf-8", "replace").splitlines()
        return found if done.returncode == 0 and len(found) == len(people) else people

    def _answer(self, *arguments: str, may_fail: bool = False) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
                self._command(*arguments),
                env=_environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=_QUICK,
                check=False,
            )
        except FileNotFoundError:
            raise Refused(Reason.UNSUPPORTED, "the git command is not installed: install git and try again") from None
        except (OSError, subprocess.TimeoutExpired):
            raise Refused(Reason.TIMEOUT, "git did not answer") from None
        if done.returncode and not may_fail:
            raise Refused(Reason.MALFORMED, "git cannot read the repository: run git fsck")
        return done.stdout.decode("utf-8", "replace").strip()

    def _tokens(self, *arguments: str) -> Iterator[str]:
        """What a command says, cut at NULs, as it comes. Raises Refused when the command fails."""
        with self._running(*arguments) as process:
            said, rest = cast("IO[bytes]", process.stdout), b""
            try:
                while chunk := said.read(CHUNK):
                    *tokens, rest = (rest + chunk).split(b"\0")
                    yield from map(_text, tokens)
                if rest.strip():
                    yield _text(rest)
            except GeneratorExit:
                process.kill()
                raise
            if process.wait():
                raise Refused(Reason.MALFORMED, "git cannot read the repository to its end: run git fsck")

    def _running(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - fixed arguments, no shell
            self._command(*arguments),
            env=_environment(),
            cwd=self.folder,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _command(self, *arguments: str) -> list[str]:
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        return ["git", "--no-pager", f"--git-dir={self.folder}", *settings, *arguments]


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), **_ENVIRONMENT}


def _text(raw: bytes) -> str:
    return os.fsdecode(raw)
