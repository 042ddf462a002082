"""Reads the documents of a git repository at HEAD, with the people and the dates that its log has for them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from urllib.parse import quote

from sensemake.indexers import _git, _walk
from sensemake.indexers._archives import Refused
from sensemake.indexers._git import Blob, Repository
from sensemake.indexers._git_history import History, Person, commits, histories
from sensemake.indexers.files import FilesIndexer
from sensemake.indexers.formats import registry
from sensemake.indexers.formats.content import Limits
from sensemake.model import Contribution, Coverage, Document, Handle, Profile, ReadFailure, Reason, Role, Source

SETTINGS = (".yaml", ".yml", ".json", ".xml")
"""In a repository these are a program's settings; they are read only where they describe the page beside them."""
MOST = 30
"""Editors of one document, the busiest first: a file that everybody touches says nothing of anybody."""
_DATA = (".txt", ".text", ".csv", ".tsv", ".html", ".htm")
"""What an export may consist of too."""
_LISTED = 5_000
_LARGEST, _MANY = 4 << 30, 200_000
_BOT = re.compile(
    r".*\[bot\].*|(?:dependabot|renovate|github-actions|greenkeeper|semantic-release|travis|jenkins|gitlab-bot|web-flow"
    r"|mergify|codecov|snyk)\b.*|.*[-_ ](?:bot|robot)|noreply@github\.com|.*[-_.+](?:bot|robot)@.*|(?:bot|ci)@.*",
    re.IGNORECASE,
)
_NOREPLY = re.compile(r"(?:\d+\+)?([A-Za-z0-9-]+)@users\.noreply\.github\.com", re.IGNORECASE)
_REMOTE = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]*@)?|[\w.-]+@)(?P<host>[\w.-]+)(?::\d+)?[/:](?P<name>[\w.~/-]+?)(?:\.git)?/*"
)
_PAGES = {
    "github": "blob",
    "gitlab": "-/blob",
    "gitea": "src/branch",
    "codeberg": "src/branch",
    "forgejo": "src/branch",
}
_LFS = b"version https://git-lfs.github.com/spec/"


class GitIndexer:
    """A git repository of documents, a work tree or a bare one, as committed; authors and dates from its log."""

    name = "git"
    continues = False

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def missing(self) -> str:
        """What has to be installed for it; empty when all is there."""
        return "" if _git.is_installed() else "the git command is not installed"

    def sniff(self, path: Path) -> int:
        """More than a folder of files, and more than any reader of exports where one file in twenty is a page.

        Where there are next to none, what lies in the repository may be an export, for its own reader.
        """
        if not path.is_dir() or self.missing():
            return 0
        try:
            folder = _git.folder_of(path)
        except Refused:
            return 80
        return 0 if folder is None else 98 if folder == path or _has_pages(path) else 80

    def read(self, path: Path, source: Source) -> Iterator[Document | ReadFailure | Coverage]:
        with ExitStack() as stack:
            try:
                repository = _opened(path)
                staged = Path(stack.enter_context(TemporaryDirectory(prefix="sensemake-git-"))) / "tree"
                staged.mkdir()
                failures = list(self._stage(repository, staged, path, source))
                known = _known(repository)
                link = _link(repository)
            except Refused as refused:
                yield ReadFailure(_walk.shown(path), refused.reason, refused.detail, uri=f"{source.name}/")
                return
            yield from failures
            for item in FilesIndexer(self._limits, but=SETTINGS).read(staged, source):
                yield _placed(item, path, source, known, link)

    def _stage(self, repository: Repository, staged: Path, path: Path, source: Source) -> Iterator[ReadFailure]:
        """Lays the documents at HEAD into an empty folder, where the files indexer reads them; what cannot be."""
        wanted: list[Blob] = []
        for blob in _documents(repository):
            if blob.size > self._limits.file:
                yield _failure(blob, path, source, Reason.TOO_LARGE, f"it is larger than {self._limits.file >> 20} MiB")
            else:
                wanted.append(blob)
        if len(wanted) > _MANY or sum(blob.size for blob in wanted) > _LARGEST:
            raise Refused(Reason.TOO_LARGE, f"its documents are more than {_MANY:,} or {_LARGEST >> 30} GiB")
        for blob, data in repository.contents(wanted):
            if data.startswith(_LFS):
                yield _failure(blob, path, source, Reason.UNSUPPORTED, "kept in Git LFS: ingest a checkout as files")
                continue
            try:
                (staged / blob.path).parent.mkdir(parents=True, exist_ok=True)
                (staged / blob.path).write_bytes(data)
            except OSError:
                yield _failure(blob, path, source, Reason.UNREADABLE, "its name is too long to be written")


def _has_pages(tree: Path) -> bool:
    names = [name for folder, name in islice(_names(tree), _LISTED) if not name.startswith(".")]
    pages = [name for name in names if registry.knows(name) and not name.lower().endswith((*SETTINGS, *_DATA))]
    return bool(pages) and 20 * len(pages) >= len(names)


def _names(tree: Path) -> Iterator[tuple[str, str]]:
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from ((folder, name) for name in sorted(names))


def _opened(path: Path) -> Repository:
    folder = _git.folder_of(path) if path.is_dir() else None
    if folder is None:
        raise Refused(
            Reason.MALFORMED, "it is no git repository: name the folder that holds .git, or a bare repository"
        )
    repository = Repository(folder)
    if not repository.head():
        raise Refused(Reason.EMPTY, "nothing is committed at its HEAD")
    return repository


def _documents(repository: Repository) -> Iterator[Blob]:
    """The files at HEAD that a format knows by name; no name leads out of the folder that they are laid into."""
    for blob in repository.blobs():
        steps = blob.path.split("/")
        if registry.knows(blob.path) and not any(step in {"", ".", "..", ".git"} for step in steps):
            yield blob


def _known(repository: Repository) -> dict[str, History]:
    wanted = [blob.path for blob in _documents(repository)]
    found = histories(commits(repository.log()), wanted, _is_document, _is_bot, repository.cut())
    mapped = _mapped(repository, found.values())
    for history in found.values():
        history.began = tuple(mapped.get(person, person) for person in history.began)
        history.edited = [mapped.get(person, person) for person in history.edited]
        history.reviewed = [mapped.get(person, person) for person in history.reviewed]
    return {_walk.shown(Path(path)): history for path, history in found.items()}


def _mapped(repository: Repository, found: Iterable[History]) -> dict[Person, Person]:
    """People of trailers as .mailmap has them; authors come so from the log."""
    named = sorted({person for history in found for person in (*history.began, *history.edited, *history.reviewed)})
    plain = [person for person in named if not any(c in "<>\n" for c in f"{person.name}{person.email}")]
    told = repository.mapped([f"{person.name} <{person.email}>" for person in plain])
    pairs = ((person, line.rpartition(" <")) for person, line in zip(plain, told, strict=True))
    return {person: Person(name, email.rstrip(">")) for person, (name, _, email) in pairs if email}


def _is_document(name: str) -> bool:
    return registry.knows(name) and not name.lower().endswith(SETTINGS)


def _is_bot(person: Person) -> bool:
    return bool(_BOT.fullmatch(person.name) or _BOT.fullmatch(person.email))


def _placed(
    item: Document | ReadFailure | Coverage, path: Path, source: Source, known: dict[str, History], link: str
) -> Document | ReadFailure | Coverage:
    """What was read of a staged file as what it is in the repository."""
    if isinstance(item, Coverage):
        return item
    name = item.uri.removeprefix(f"{source.name}/")
    place = _walk.shown(path / name)
    if isinstance(item, ReadFailure):
        return replace(item, path=place)
    history = known.get(name)
    url = item.url or (link + quote(name) if link and history else None)
    return _signed(replace(item, path=place, url=url), history) if history else replace(item, path=place)


def _signed(document: Document, history: History) -> Document:
    """Who began it wrote it, unless the page names its authors itself; whoever worked on it since edited it."""
    own = dict.fromkeys(document.contributions)
    is_signed = any(c.role is Role.WROTE for c in own) or any(part.author for part in document.parts)
    busiest = [person for person, _ in Counter(history.edited).most_common(MOST)]
    if not history.began and not busiest:
        busiest = list(history.imported)
    found = [(person, Role.EDITED if is_signed else Role.WROTE) for person in history.began]
    found += [(person, Role.EDITED) for person in busiest if person not in history.began]
    found += [(person, Role.REVIEWED) for person in dict.fromkeys(history.reviewed)]
    named = [(handle, person, role) for person, role in found if (handle := _handle(person)) is not None]
    theirs = {contribution.handle for contribution in own}
    added = dict.fromkeys(Contribution(handle, role) for handle, _, role in named if handle not in theirs)
    hands = {handle for handle, _, role in named if role is not Role.REVIEWED}
    only = next(iter(hands)) if len(hands) == 1 and not is_signed and history.began else None
    profiles = dict.fromkeys([*document.profiles, *(_profile(handle, person) for handle, person, _ in named)])
    return replace(
        document,
        contributions=(*own, *added),
        parts=tuple(replace(part, author=only) for part in document.parts) if only else document.parts,
        profiles=tuple(profiles),
        time=_time(document, history),
    )


def _time(document: Document, history: History) -> datetime | None:
    """What the page says of its date; else when somebody last worked on it, no import and no bot."""
    return document.time or history.time or history.touched


def _handle(person: Person) -> Handle | None:
    email = "".join(person.email.split()).lower()
    if found := _NOREPLY.fullmatch(email):
        return Handle("github", found[1])
    if re.fullmatch(r"[^@]+@[^@]+", email) and email.isprintable():
        return Handle("email", email)
    name = _name(person)
    return Handle("name", name) if name else None


def _profile(handle: Handle, person: Person) -> Profile:
    return Profile(handle, name=_name(person) or None, email=handle.value if handle.namespace == "email" else None)


def _name(person: Person) -> str:
    plain = person.name.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c for c in plain if c.isprintable()).split())[:100]


def _link(repository: Repository) -> str:
    """What the address of a page in a browser begins with, where the remote is of a kind that has such; no password."""
    found = _REMOTE.fullmatch(repository.origin())
    kind = next((kind for kind in _PAGES if found and kind in found["host"].lower()), None)
    if found is None or kind is None:
        return ""
    branch = quote(repository.branch() or "HEAD")
    return f"https://{found['host']}/{found['name'].strip('/')}/{_PAGES[kind]}/{branch}/"


def _failure(blob: Blob, path: Path, source: Source, reason: Reason, detail: str) -> ReadFailure:
    name = _walk.shown(Path(PurePosixPath(blob.path)))
    return ReadFailure(_walk.shown(path / blob.path), reason, detail, uri=f"{source.name}/{name}")
