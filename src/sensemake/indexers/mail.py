"""Reads mail: mbox, Maildir, .eml and .msg, pipermail's months, LISTSERV's logs, one file, a folder or an archive."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePosixPath

from sensemake.indexers._archives import Refused, the_file
from sensemake.indexers._export import Export, Limits, glimpse, open_export, shown
from sensemake.indexers._mail import DATED, Reading, Tally
from sensemake.indexers._mailboxes import HEAD, Box, Lines, box_of
from sensemake.indexers.formats import registry
from sensemake.model import Coverage, Document, ReadFailure, Reason, Source

_log = logging.getLogger(__name__)

BID = 91
LIMITS = Limits(unpacked=256 << 30, member=256 << 30, entries=2_000_000)
"""Mailboxes of gigabytes are read as they come; the limits on what an archive unpacks to stay the same in kind."""
_LOOKED_AT = 40
"""Files of a folder whose beginning is looked at to tell what the folder is."""
_LISTED = 5_000
_ENDINGS = (".mbox", ".mbx", ".eml", ".msg", ".mbox.gz")
_PLAIN = (".txt", ".html", ".htm")
"""What lists keep their mails in, and the pages that they put beside them."""
_NO_MAIL = frozenset({"people.csv"})
_BESIDE = (".index", ".msf", ".ibex.index", ".ev-summary", ".cmeta", ".dat", ".db", ".lock")
"""What mail programs keep beside a mailbox."""


class MailIndexer:
    """Mail (mbox, Maildir, .eml, .msg, pipermail and LISTSERV archives): a thread is a document."""

    name = "mail"
    continues = False

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self.tally = Tally()

    def sniff(self, path: Path) -> int:
        """A file that is mail by how it begins; a folder or archive of which nine tenths are, and none a document."""
        if path.is_dir():
            return BID if _is_folder_of_mail(path) else 0
        if not path.is_file():
            return 0
        return BID if _box_at(path) is not None or _is_archive_of_mail(path) else 0

    def read(self, path: Path, source: Source) -> Iterator[Document | ReadFailure | Coverage]:
        self.tally = Tally()
        with ExitStack() as stack:
            export = self._opened(path, stack)
            if isinstance(export, ReadFailure):
                yield export
                return
            reading = stack.enter_context(Reading(source, self.tally))
            yield from (replace(failure, uri=DATED) for failure in export.failures)
            for name in export.names:
                yield from self._take(name, export, reading)
            if self.tally.others:
                detail = f"{self.tally.others} files that are no mail were left out"
                yield ReadFailure("other files", Reason.UNSUPPORTED, detail)
            yield from reading.documents()
            yield Coverage(reading.scopes())
            _log.info("mail: %s", self.tally)

    def _opened(self, path: Path, stack: ExitStack) -> Export | ReadFailure:
        if path.is_file() and _box_at(path) is not None:
            return stack.enter_context(Export(path, [the_file(path)], self._limits, ExitStack()))
        opened = open_export(path, self._limits)
        return opened if isinstance(opened, ReadFailure) else stack.enter_context(opened)

    def _take(self, name: str, export: Export, reading: Reading) -> Iterator[ReadFailure]:
        """One file; a failure in the middle of it keeps what came before it."""
        if _is_beside(name):
            return
        stream = Lines(export.chunks(name), self._limits.ratio)
        try:
            box = box_of(stream.head, name)
            if box is None:
                yield from self._other(name, stream.head)
            else:
                yield from reading.take(name, box, stream)
        except Refused as refused:
            yield ReadFailure(shown(name), refused.reason, refused.detail, uri=DATED)

    def _other(self, name: str, head: bytes) -> Iterator[ReadFailure]:
        if not head.strip():
            if name.lower().endswith(_ENDINGS):
                yield ReadFailure(shown(name), Reason.EMPTY, "the file is empty")
            return
        if name.lower().endswith(_ENDINGS):
            yield ReadFailure(shown(name), Reason.MALFORMED, "it is not the mail that its name says")
        else:
            self.tally.others += 1


def _box_at(path: Path) -> Box | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return None
            return box_of(file.read(HEAD), path.name)
    except OSError:
        return None


def _is_folder_of_mail(path: Path) -> bool:
    """Maildir by its folders; else by how a sample of its files begins, taken evenly."""
    if all((path / name).is_dir() for name in ("cur", "new")):
        return True
    files = [Path(folder, name) for folder, name in islice(_files(path), _LISTED) if not _is_beside(name)]
    if any(_is_document(file.name) for file in files):
        return False
    sample = [file for file in files[:: max(1, len(files) // _LOOKED_AT)][: _LOOKED_AT + 1] if file.stat().st_size]
    return bool(sample) and 10 * sum(_box_at(file) is not None for file in sample) >= 9 * len(sample)


def _is_document(name: str) -> bool:
    """Whether it is for the files indexer, which reads mail too: then the folder is its."""
    return registry.knows(name) and not name.lower().endswith((*_ENDINGS, *_PLAIN))


def _files(path: Path) -> Iterator[tuple[str, str]]:
    for folder, folders, names in os.walk(path):
        folders.sort()
        yield from ((folder, name) for name in sorted(names))


def _is_archive_of_mail(path: Path) -> bool:
    seen = glimpse(path)
    names = [] if seen.is_file else [name for name in seen.names if not _is_beside(name)]
    mails = [
        name
        for name in names
        if name.lower().endswith(_ENDINGS) or box_of(seen.heads.get(name, b""), name) is not None or _in_maildir(name)
    ]
    texts = [name for name in names if name not in seen.heads and name.lower().endswith(".txt")]
    told = [name for name in mails if name in seen.heads]
    return (
        bool(mails)
        and not any(map(_is_document, names))
        and 10 * (len(mails) + (len(texts) if told else 0)) >= 9 * len(names)
    )


def _in_maildir(name: str) -> bool:
    return PurePosixPath(name).parent.name in {"cur", "new"} and ":2," in name


def _is_beside(name: str) -> bool:
    plain = PurePosixPath(name).name.lower()
    parent = PurePosixPath(name).parent.name
    hidden = plain.startswith(".") or plain in _NO_MAIL or plain.endswith(_BESIDE) or parent == "tmp"
    return hidden or plain.startswith(("dovecot", "maildirsize", "maildirfolder", "courierimap"))
