"""Cuts mailboxes into mails, one after another: mbox and pipermail's months, LISTSERV's logs, a mail by itself."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import chain

from sensemake.indexers._archives import Refused
from sensemake.indexers._mail_message import parsed_time
from sensemake.model import Reason

LARGEST = 64 << 20
"""Bytes of one mail, attachments and all."""
HEAD = 16 << 10
_GZIP = b"\x1f\x8b"
OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_FROM_LINE = re.compile(
    rb"From [^\n]{0,300}?\b" + _DAY + rb",?\s[^\n]*\d\d:\d\d[^\n]*\d\d\d\d[^\n]*$|From [^\s@]+@\S+\s*$|From -\s*$"
)
_FROM_TIME = re.compile(rb"\b(" + _DAY + rb"\b[^\n]*)$")
_HEADER = re.compile(rb"(?:[!-9;-~]{1,76}[ \t]*:|>From )")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LOG_RULE = re.compile(rb"={60,80}\s*$")
_LOG_HEADER = re.compile(
    rb"(?:Date|From|Sender|Reply-To|Subject|Received|Return-Path|Message-ID|Comments):", re.IGNORECASE
)
_TELLING = re.compile(
    rb"^(From|To|Date|Subject|Message-ID|Received|Return-Path|Delivered-To|MIME-Version|In-Reply-To|References|X-[\w-]+"
    rb"|Sender|Cc|Content-Type|Reply-To|Envelope-To|DKIM-Signature|ARC-Seal|List-Id|Status)[ \t]*:",
    re.MULTILINE | re.IGNORECASE,
)


class Box(Enum):
    """What a file that holds mail is."""

    MBOX = "mbox"
    LOG = "listserv"
    MAIL = "mail"
    OUTLOOK = "outlook"


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of one mail and, where the mailbox says it, when it came. `flaw`: why the bytes are not there."""

    number: int
    data: bytes = b""
    sent: datetime | None = None
    flaw: Refused | None = None


def box_of(head: bytes, name: str = "") -> Box | None:
    """What a file is that begins with `head`; None for what is no mail. A gzip is looked into."""
    head = _inside(head).removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    low = name.lower()
    if head.startswith(OUTLOOK):
        return Box.OUTLOOK if low.endswith(".msg") else None
    lines = [line.rstrip(b"\r") for line in head.split(b"\n", 3)]
    if len(lines) > 1 and _FROM_LINE.match(lines[0]) and _HEADER.match(lines[1]):
        return Box.MBOX
    if len(lines) > 1 and _LOG_RULE.match(lines[0]) and _LOG_HEADER.match(lines[1]):
        return Box.LOG
    header = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    telling = {found.lower() for found in _TELLING.findall(header)}
    if _HEADER.match(header) and (low.endswith(".eml") or ({b"from"} & telling and len(telling) >= 3)):
        return Box.MAIL
    return Box.MAIL if low.endswith(".eml") and head.strip() else None


def mails(box: Box, lines: Iterable[bytes]) -> Iterator[Raw]:
    """The mails of a file, as they come, from its lines without their ends. Memory holds one at a time."""
    if box is Box.MBOX:
        yield from _mbox(lines)
    elif box is Box.LOG:
        yield from _log(lines)
    else:
        yield from _only(lines if box is Box.OUTLOOK else (line.removesuffix(b"\r") for line in lines))


class Lines:
    """The lines of a file whose beginning may be looked at first; what is packed with gzip is unpacked."""

    def __init__(self, chunks: Iterator[bytes], ratio: int) -> None:
        first = next(chunks, b"")
        whole = chain([first], chunks)
        self._chunks = _unpacked(whole, ratio) if first.startswith(b"\x1f\x8b") else whole
        self.head = first

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        is_first = True
        for chunk in self._chunks:
            joined = rest + chunk
            *lines, rest = (joined.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n") if is_first else joined).split(b"\n")
            is_first = is_first and not lines and not rest
            yield from lines
        yield rest


def _unpacked(chunks: Iterable[bytes], ratio: int) -> Iterator[bytes]:
    """What is in a gzip, as it comes. Raises Refused: malformed, hostile when it unpacks to too much."""
    inflate, packed, total, is_open = zlib.decompressobj(31), 0, 0, False
    for chunk in chunks:
        packed += len(chunk)
        left = chunk
        while left:
            is_open = True
            try:
                found = inflate.decompress(left, 1 << 20)
            except zlib.error:
                raise Refused(Reason.MALFORMED, "the gzip is damaged") from None
            total += len(found)
            if total > max(ratio * packed, 1 << 20):
                raise Refused(Reason.HOSTILE, f"it unpacks to more than {ratio} times its size")
            yield found
            left = inflate.unconsumed_tail
            if inflate.eof:
                left, inflate, is_open = inflate.unused_data.lstrip(b"\0"), zlib.decompressobj(31), False
    if is_open:
        raise Refused(Reason.MALFORMED, "the gzip is cut short")


def _inside(head: bytes) -> bytes:
    if not head.startswith(_GZIP):
        return head
    try:
        return zlib.decompressobj(31).decompress(head, HEAD)
    except zlib.error:
        return b""


@dataclass(slots=True)
class _Gathered:
    """The lines of the mail that is being read, as long as they are not too many."""

    number: int = 0
    sent: datetime | None = None
    lines: list[bytes] | None = None
    size: int = 0

    def begin(self, sent: datetime | None = None) -> None:
        self.number, self.sent, self.lines, self.size = self.number + 1, sent, [], 0

    def add(self, line: bytes) -> None:
        self.size += len(line) + 1
        if self.lines is not None and self.size <= LARGEST:
            self.lines.append(line)

    def done(self, *, escaped: bool = False) -> Iterator[Raw]:
        if self.size > LARGEST:
            yield Raw(self.number, flaw=Refused(Reason.TOO_LARGE, f"the mail is larger than {LARGEST >> 20} MiB"))
        elif self.lines and any(line.strip() for line in self.lines):
            data = b"\n".join(self.lines)
            yield Raw(self.number, _ESCAPED.sub(rb"\1", data) if escaped else data, self.sent)


def _mbox(lines: Iterable[bytes]) -> Iterator[Raw]:
    """RFC 4155 and its relatives: a mail begins at a `From ` line with a date that a header follows."""
    mail = _Gathered()
    waiting: bytes | None = None
    for raw in lines:
        line = raw.removesuffix(b"\r")
        if waiting is not None:
            if _HEADER.match(line):
                yield from mail.done(escaped=True)
                mail.begin(_from_time(waiting))
            else:
                mail.add(waiting)
            waiting = None
        if line.startswith(b"From ") and _FROM_LINE.match(line):
            waiting = line
        else:
            mail.add(line)
    if waiting is not None:
        mail.add(waiting)
    yield from mail.done(escaped=True)


def _from_time(line: bytes) -> datetime | None:
    found = _FROM_TIME.search(line)
    return parsed_time(found[1].decode("ascii", "replace")) if found else None


def _log(lines: Iterable[bytes]) -> Iterator[Raw]:
    """A LISTSERV notebook: a rule of equal signs, a header below it."""
    mail = _Gathered()
    rule: bytes | None = None
    for raw in lines:
        line = raw.removesuffix(b"\r")
        if rule is not None:
            if _LOG_HEADER.match(line):
                yield from mail.done()
                mail.begin()
            else:
                mail.add(rule)
            rule = None
        if _LOG_RULE.match(line):
            rule = line
        else:
            mail.add(line)
    yield from mail.done()


def _only(lines: Iterable[bytes]) -> Iterator[Raw]:
    mail = _Gathered()
    mail.begin()
    for line in lines:
        mail.add(line)
    yield from mail.done()
