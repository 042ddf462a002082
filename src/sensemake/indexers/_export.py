"""Opens an export, be it a folder, a zip or a tar, as named streams; nothing is ever extracted.

    with open_export(path) as export:
        for name in export.names:
            content = export.json(name)        # or .read(name), .lines(name)
            if isinstance(content, ReadFailure): ...

A member that could harm or mislead is not among `names`; it is in `failures`, with its reason.
"""

from __future__ import annotations

import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self
from unicodedata import normalize

from sensemake.indexers._archives import BROKEN, CHUNK, Limits, Member, Refused, members, the_file
from sensemake.model import ReadFailure, Reason

__all__ = ["DEFAULT", "Export", "Glimpse", "Limits", "decoded", "glimpse", "open_export", "peek", "shown"]

LISTED_FAILURES = 100
"""Refused members that are named one by one; the rest are counted."""
LONGEST_LINE = 20 << 20
"""Bytes of one line of a JSON Lines export."""
_LONG_LINE = Refused(Reason.TOO_LARGE, f"a line is longer than {LONGEST_LINE >> 20} MiB")
DEFAULT = Limits()
QUICK = Limits(unpacked=32 << 20)
QUICK_ENTRIES = 10_000
HEAD = 16 << 10
"""Bytes that are looked at of a file to tell its format."""
HEADS = 4
"""Files of one ending that are looked at."""
TEXT_ENDINGS = frozenset({".json", ".jsonl", ".ndjson", ".txt", ".log", ".weechatlog", ".html", ".htm", ".csv", ".xml"})
"""Endings of files that may be an export by themselves; no archive has one of them."""


def open_export(path: Path, limits: Limits = DEFAULT, *, or_file: bool = False) -> Export | ReadFailure:
    """The export at `path`, or why it cannot be read at all. If it lies in one folder, that folder is its root.

    With `or_file`, a plain file that is no archive is an export of one member.
    """
    stack = ExitStack()
    try:
        listed = [the_file(path)] if or_file and _is_plain(path) else list(members(path, limits, stack))
        export = Export(path, listed, limits, stack)
    except Refused as refused:
        stack.close()
        return ReadFailure(shown(path.name), refused.reason, refused.detail)
    if not export.names and len({failure.reason for failure in export.failures}) == 1:
        stack.close()
        first = export.failures[0]
        return ReadFailure(
            shown(path.name), first.reason, f"nothing in it could be read; the first member: {first.detail}"
        )
    return export


def peek(path: Path) -> frozenset[str]:
    """Names in an export, as many as can be had quickly (those near the root first); none when it cannot be opened."""
    seen = glimpse(path)
    return frozenset() if seen.is_file else seen.names


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What can be seen of an export at once: names, and how a few files of each ending begin.

    `heads` are sorted by depth and name. `is_file`: it is one plain file, not a folder or an archive.
    """

    names: frozenset[str] = frozenset()
    heads: Mapping[str, bytes] = field(default_factory=dict)
    is_file: bool = False


def glimpse(path: Path) -> Glimpse:
    """Must be quick: every installed indexer looks at the same path before one of them reads it."""
    try:
        return _glimpse(path, _stamp(path))
    except OSError:
        return Glimpse()


def _stamp(path: Path) -> tuple[object, ...]:
    """Changes when the file does, or what lies in the folder or in its folders."""
    entries = sorted(path.iterdir())[:QUICK_ENTRIES] if path.is_dir() else []
    states = [entry.lstat() for entry in (path, *entries)]
    return tuple((state.st_ino, state.st_size, state.st_mtime_ns) for state in states)


@lru_cache(maxsize=2)
def _glimpse(path: Path, _: tuple[object, ...]) -> Glimpse:
    found: dict[str, Member] = {}
    heads: dict[str, bytes] = {}
    is_file = _is_plain(path)
    with ExitStack() as stack, suppress(Refused):
        listed = iter([the_file(path)]) if is_file else members(path, QUICK, stack, whole=False)
        with suppress(Refused):
            for member in islice(listed, QUICK_ENTRIES):
                if member.flaw is None and not _is_junk(member.name) and _flaw_of(member.name, QUICK) is None:
                    found[_plain(member.name)] = member
        root = _root(found)
        for name in _telling(found):
            with suppress(*BROKEN, Refused, tarfile.TarError), found[name].open() as stream:
                heads[name.removeprefix(root)] = stream.read(HEAD)
    return Glimpse(frozenset(name.removeprefix(root) for name in found), heads, is_file)


def _telling(names: Iterable[str]) -> Iterator[str]:
    """The first few files of each ending; those nearest to the root come first."""
    taken: Counter[str] = Counter()
    for name in sorted(names, key=lambda name: (name.count("/"), name)):
        ending = PurePosixPath(name).suffix.lower()
        if ending in TEXT_ENDINGS and taken[ending] < HEADS:
            taken[ending] += 1
            yield name


def _is_plain(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in TEXT_ENDINGS


class Export:
    """An open export. Use it in a `with` block. `names` are sorted; `/` stands between folders."""

    def __init__(self, path: Path, listed: Iterable[Member], limits: Limits, stack: ExitStack) -> None:
        self.path = path
        self._limits = limits
        self._stack = stack
        self._unpacked = 0
        self._packed = 0
        good, refused = _sort_out(listed, limits, is_folder=path.is_dir())
        self.root = root = _root(good)
        self._members = {name.removeprefix(root): member for name, member in sorted(good.items())}
        self.names: tuple[str, ...] = tuple(self._members)
        self.refused: tuple[str, ...] = tuple(_plain(name).removeprefix(root) for name, _ in refused)
        self.failures: tuple[ReadFailure, ...] = tuple(_failures(refused, root, shown(path.name)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes | ReadFailure:
        """All of a member."""
        try:
            return b"".join(self._chunks(self._members[name]))
        except (*BROKEN, Refused, tarfile.TarError) as error:
            return _failure(name, error)

    def json(self, name: str) -> object | ReadFailure:
        """A member that holds one JSON value."""
        content = self.read(name)
        if isinstance(content, ReadFailure):
            return content
        if not content.strip():
            return ReadFailure(shown(name), Reason.EMPTY, "the file is empty")
        try:
            value: object = json.loads(content)
        except UnicodeDecodeError:
            return ReadFailure(shown(name), Reason.BAD_ENCODING, "the file is not UTF-8")
        except (ValueError, RecursionError):
            return ReadFailure(shown(name), Reason.MALFORMED, "the file is not JSON; it may be cut short")
        return value

    def text(self, name: str) -> str | ReadFailure:
        """A member as text: UTF-8, with or without a mark, else UTF-16 with one, else Windows-1252."""
        content = self.read(name)
        return content if isinstance(content, ReadFailure) else decoded(content)

    def lines(self, name: str) -> Iterator[bytes | ReadFailure]:
        """A member's lines without their ends, as they come; last, if it could not be read to its end, a failure."""
        rest = b""
        try:
            for chunk in self._chunks(self._members[name]):
                *whole, rest = (rest + chunk).split(b"\n")
                yield from whole
                if len(rest) > LONGEST_LINE:
                    raise _LONG_LINE
            if rest:
                yield rest
        except (*BROKEN, Refused, tarfile.TarError) as error:
            yield _failure(name, error)

    def chunks(self, name: str) -> Iterator[bytes]:
        """A member's bytes as they come. Raises Refused, with the reason, when it cannot be read to its end."""
        try:
            yield from self._chunks(self._members[name])
        except (*BROKEN, tarfile.TarError) as error:
            failure = _failure(name, error)
            raise Refused(failure.reason, failure.detail) from error

    def _chunks(self, member: Member) -> Iterator[bytes]:
        stamp, count = member.stamp(), 0
        self._packed += member.packed
        with member.open() as stream:
            while chunk := stream.read(CHUNK):
                count += len(chunk)
                self._spend(len(chunk), count)
                yield chunk
        if member.stamp() != stamp:
            raise Refused(Reason.CHANGED, "the file changed while it was read; try again")
        if stamp is None and count != member.size:
            raise Refused(Reason.MALFORMED, "the file is not as long as the archive says")

    def _spend(self, new: int, count: int) -> None:
        """Keep to the limits by what really came out, whatever the archive said."""
        limits = self._limits
        self._unpacked += new
        if count > limits.member:
            raise Refused(Reason.TOO_LARGE, f"the file is larger than {limits.member >> 20:,} MiB")
        if self._unpacked > limits.unpacked:
            raise Refused(Reason.TOO_LARGE, f"the export unpacks to more than {limits.unpacked >> 20:,} MiB")
        if self._unpacked > limits.ratio_after and self._unpacked > limits.ratio * self._packed:
            raise Refused(Reason.HOSTILE, f"the export unpacks to more than {limits.ratio} times its size")


def decoded(content: bytes) -> str:
    """Text of no stated encoding. Old chat logs mix encodings, so a line that is not UTF-8 is read as Windows-1252."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", "replace")
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return "\n".join(_decoded_line(line) for line in content.split(b"\n"))


def _decoded_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def shown(name: str) -> str:
    """A name fit to be printed: no control character, no lone surrogate, not endless."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)
    return text if len(text) <= 200 else f"{text[:199]}…"


def _failure(name: str, error: Exception) -> ReadFailure:
    if isinstance(error, Refused):
        return ReadFailure(shown(name), error.reason, error.detail)
    if isinstance(error, PermissionError | FileNotFoundError):
        return ReadFailure(shown(name), Reason.UNREADABLE, "the file cannot be opened")
    return ReadFailure(shown(name), Reason.MALFORMED, "the file is damaged or cut short")


def _sort_out(
    listed: Iterable[Member], limits: Limits, *, is_folder: bool
) -> tuple[dict[str, Member], list[tuple[str, Refused]]]:
    """The members that may be read, by their plain names, and the others with the reason."""
    kept: list[tuple[str, Member]] = []
    refused: list[tuple[str, Refused]] = []
    for member in listed:
        flaw = _flaw_of(member.name, limits) or member.flaw
        if flaw is not None:
            refused.append((member.name, flaw))
        elif not _is_junk(member.name):
            kept.append((_plain(member.name), member))
    # In a folder two names are two files. In an archive another reader might take the other of two equal names.
    times = Counter() if is_folder else Counter(_folded(name) for name, _ in kept)
    twins = [(name, member) for name, member in kept if times[_folded(name)] > 1]
    refused += [
        (name, Refused(Reason.HOSTILE, "two members have this name, or names that differ in case")) for name, _ in twins
    ]
    return {name: member for name, member in kept if times[_folded(name)] <= 1}, refused


def _flaw_of(name: str, limits: Limits) -> Refused | None:
    parts = name.replace("\\", "/").split("/")
    if any("\ud800" <= c <= "\udfff" for c in name):
        return Refused(Reason.BAD_ENCODING, "its name is not UTF-8")
    if any(ord(c) < 32 or ord(c) == 127 for c in name):
        return Refused(Reason.HOSTILE, "a control character in its name")
    if ".." in parts:
        return Refused(Reason.HOSTILE, "a path that climbs out of the export")
    if name[:1] in {"/", "\\"} or re.match(r"[A-Za-z]:", name):
        return Refused(Reason.HOSTILE, "an absolute path")
    if any(len(part.encode()) > limits.name_part for part in parts):
        return Refused(Reason.TOO_LARGE, f"a part of its name is longer than {limits.name_part} bytes")
    return None


def _plain(name: str) -> str:
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in {"", "."})


def _folded(name: str) -> str:
    return normalize("NFC", name).casefold()


def _is_junk(name: str) -> bool:
    """What Finder and Explorer put beside the real files."""
    parts = _plain(name).split("/")
    return (
        parts[0] == "__MACOSX"
        or parts[-1].startswith("._")
        or parts[-1] in {".DS_Store", "Thumbs.db", "desktop.ini", ""}
    )


def _root(names: Iterable[str] | Mapping[str, Member]) -> str:
    """The one folder that holds everything, with its slash; else nothing."""
    tops = {name.split("/", 1)[0] if "/" in name else "" for name in names}
    only = tops.pop() if len(tops) == 1 else ""
    return f"{only}/" if only else ""


def _failures(refused: list[tuple[str, Refused]], root: str, export: str) -> Iterator[ReadFailure]:
    for name, flaw in refused[:LISTED_FAILURES]:
        yield ReadFailure(shown(name.removeprefix(root)) or export, flaw.reason, f"{flaw.detail}; it was not read")
    more = Counter(flaw.reason for _, flaw in refused[LISTED_FAILURES:])
    for reason, count in more.items():
        yield ReadFailure(export, reason, f"{count:,} more members were not read for this reason")
