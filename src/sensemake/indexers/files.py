"""Reads a folder of files, or one file: pages, office documents, mail, tables, books."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from sensemake.indexers import _compose, _sidecar, _walk, blame
from sensemake.indexers._archives import CHUNK, Refused
from sensemake.indexers._archives import Limits as ArchiveLimits
from sensemake.indexers._mail import DATED, Reading, Tally
from sensemake.indexers._mailboxes import HEAD, Box, Lines, box_of
from sensemake.indexers.formats import registry
from sensemake.indexers.formats.content import Limits
from sensemake.model import Coverage, Document, ReadFailure, Reason, Scope, Source
from sensemake.protocols import Piece

ARCHIVE = ArchiveLimits()
_MAY_BE_MAILBOXES = re.compile(r"|\.(?:mbox|mbx|txt|log\w*|gz)", re.IGNORECASE)
"""Endings of files that are looked into."""


@dataclass(frozen=True, slots=True)
class FilesIndexer:
    """A folder is its own source: its document's uri is the source's name and the file's path below the folder."""

    limits: Limits = field(default_factory=Limits)
    but: tuple[str, ...] = ()
    """Endings of names that somebody else reads."""
    name: str = "files"
    continues: bool = False

    def sniff(self, path: Path) -> int:
        """An ordinary folder is ours unless somebody knows better; so is a file with a name that we know."""
        if path.is_dir():
            return 50
        if not path.is_file():
            return 0
        return 60 if registry.knows(path.name) else 1

    def read(self, path: Path, source: Source) -> Iterator[Document | ReadFailure | Coverage]:
        for item in self.pieces(path, source):
            if isinstance(item, Piece):
                yield from self.read_piece(item, source)
            else:
                yield item

    def pieces(self, path: Path, source: Source) -> Iterator[Piece | ReadFailure | Coverage]:
        """Each file by its name; nothing is opened yet."""
        if path.is_dir():
            found, scope = _walk.walk(path), f"{source.name}/"
        else:
            found, scope = iter([_walk.one(path)]), f"{source.name}/{_walk.one(path).name}"
        mailboxes: list[_walk.Found] = []
        for file in found:
            if file.name.lower().endswith(self.but):
                continue
            if is_mailbox(file):
                mailboxes.append(file)
                continue
            uri, shown = f"{source.name}/{file.name}", _walk.shown(file.path)
            if file.flaw is None:
                yield Piece(shown, uri, _about(file))
            else:
                yield ReadFailure(shown, file.flaw.reason, file.flaw.detail, uri=uri)
        if mailboxes:
            below = f"{scope.rstrip('/')}/"
            about = {"mailboxes": json.dumps([_about(file) for file in mailboxes]), "scope": below}
            yield Piece(_walk.shown(mailboxes[0].path), f"{below}{DATED}", about, large=True)
        yield Coverage((Scope(scope),))

    def read_piece(self, piece: Piece, source: Source) -> Iterator[Document | ReadFailure]:
        """The edge: whatever a parser raises says that this file is malformed, and only its kind is told."""
        if boxes := piece.about.get("mailboxes"):
            yield from _threads(map(_found, json.loads(boxes)), source, piece.about["scope"])
            return
        parser = f"{self.name}/{registry.reader_of(piece.path) or 'plain'}"
        try:
            yield self._document(_found(piece.about), source, piece.uri)
        except Refused as refused:
            yield ReadFailure(piece.path, refused.reason, refused.detail, uri=piece.uri, parser=parser)
        except Exception as error:  # noqa: BLE001 - parsers raise anything; their words may hold the text
            reason, detail = blame.why(error, parser)
            yield ReadFailure(piece.path, reason, detail, uri=piece.uri, parser=parser)

    def _document(self, file: _walk.Found, source: Source, uri: str) -> Document:
        registry.refuse_by_name(file.path.name)
        data = whole(file.path, self.limits.file)
        if not data.strip():
            raise Refused(Reason.EMPTY, "0 bytes" if not data else "nothing but white space")
        content = registry.read(file.path.name, data, self.limits)
        if sum(len(section.text) for section in content.sections) > self.limits.text:
            raise Refused(Reason.TOO_LARGE, f"it has more than {self.limits.text >> 20} Mi characters of text")
        described = _sidecar.read(file.sidecar) if file.sidecar is not None else {}
        return _compose.document(
            content, described, name=file.name, path=_walk.shown(file.path), source=source, uri=uri
        )


def is_mailbox(file: _walk.Found) -> bool:
    """Whether it holds many mails, as it begins; a mail by itself is a page like others."""
    if file.flaw is not None or file.sidecar is not None or not _MAY_BE_MAILBOXES.fullmatch(file.path.suffix):
        return False
    try:
        with _open(file.path) as opened:
            return box_of(opened.read(HEAD)) in {Box.MBOX, Box.LOG}
    except (OSError, Refused):
        return False


def _threads(mailboxes: Iterable[_walk.Found], source: Source, scope: str) -> Iterator[Document | ReadFailure]:
    """Mailboxes among other files give threads, as the mail indexer reads them."""
    with Reading(source, Tally(), scope) as reading:
        for file in mailboxes:
            try:
                with _open(file.path) as opened:
                    lines = Lines(iter(partial(opened.read, CHUNK), b""), ARCHIVE.ratio)
                    yield from reading.take(file.name, box_of(lines.head) or Box.MBOX, lines)
            except (OSError, Refused) as error:
                reason = error.reason if isinstance(error, Refused) else Reason.UNREADABLE
                yield ReadFailure(
                    _walk.shown(file.path), reason, "the mailbox cannot be read to its end", uri=f"{scope}{DATED}"
                )
        yield from reading.documents()


def _about(file: _walk.Found) -> dict[str, str]:
    about = {"file": str(file.path), "name": file.name}
    return about if file.sidecar is None else {**about, "sidecar": str(file.sidecar)}


def _found(about: Mapping[str, str]) -> _walk.Found:
    sidecar = about.get("sidecar")
    return _walk.Found(Path(about["file"]), about["name"], Path(sidecar) if sidecar else None)


def _open(path: Path) -> IO[bytes]:
    """Opens a regular file and nothing else: no link that took its place, no pipe to wait for."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Refused(Reason.UNSUPPORTED, "neither a file nor a folder")
    return os.fdopen(handle, "rb")


def whole(path: Path, limit: int, opened: Callable[[Path], IO[bytes]] = _open) -> bytes:
    """All bytes of a file that stood still meanwhile. Raises Refused: unreadable, too_large, changed."""
    try:
        before = _stamp(path.stat())
        if before[0] > limit:
            raise Refused(Reason.TOO_LARGE, f"it is larger than {limit >> 20} MiB")
        with opened(path) as file:
            data = file.read(limit + 1)
        after = _stamp(path.stat())
    except OSError as error:
        raise Refused(Reason.UNREADABLE, f"it cannot be read: {os.strerror(error.errno or 0)}") from None
    if before != after or len(data) != before[0]:
        raise Refused(Reason.CHANGED, "it changed while it was read: it will be read next time")
    return data


def _stamp(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_size, state.st_mtime_ns, state.st_ino
