"""Reads one e-mail (.eml): who wrote what to whom and when, the words of its body, the names of what is attached."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator, Mapping
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from typing import cast

from selectolax.lexbor import LexborHTMLParser

from sensemake.indexers._archives import Refused
from sensemake.indexers._export import decoded
from sensemake.indexers._people import turned
from sensemake.indexers.formats.content import Content, Fields, Limits, Section
from sensemake.indexers.formats.encoding import text_of
from sensemake.indexers.formats.html_text import sections
from sensemake.model import Kind, Reason

_HEADERS = {"Subject": "title", "Date": "date", "Keywords": "tags"}
_PEOPLE = {"From": "author", "To": "to", "Cc": "cc"}
_HEADER_LINE = re.compile(rb"^[!-9;-~]+:", re.MULTILINE)
_ENCRYPTED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_NO_WORDS = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/directory"})
_DEEPEST = 20


def read(data: bytes, limits: Limits) -> Content:
    """Raises Refused: encrypted, malformed when it has no header of a mail."""
    del limits
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        data = text_of(data).encode()
    if not _HEADER_LINE.search(data[:4096]):
        raise Refused(Reason.MALFORMED, "it has no mail header")
    message = email.message_from_bytes(data)  # the lenient parser: every mail has been through many hands
    fields = _fields(message)
    text = "\n\n".join(part for part in texts(message, 0) if part.strip())
    if not fields:
        raise Refused(Reason.MALFORMED, "it has no mail header")
    return Content((Section(text),) if text else (), told=fields, kind=Kind.MAIL)


def _fields(message: Message) -> Fields:
    found: dict[str, object] = {_HEADERS[name]: header(message, name) for name in _HEADERS}
    found |= {_PEOPLE[name]: list(addressed(message, name)) for name in _PEOPLE}
    return {name: value for name, value in found.items() if value}


def addressed(message: Message, name: str) -> Iterator[Mapping[str, str]]:
    """Who stands in a header: parted before it is decoded, as a name may hold commas."""
    for written, address in getaddresses(_raw(message, name)):
        if "@" in address:
            yield {"name": turned(_decoded(written)), "email": address}


def header(message: Message, name: str) -> str:
    """A header in words (RFC 2047); as it stands when it cannot be decoded."""
    return _decoded(" ".join(_raw(message, name)))


def _raw(message: Message, name: str) -> list[str]:
    """What stands in a header; bytes that should not be there are UTF-8, else Windows-1252."""
    found = [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]
    return [value if value.isascii() else decoded(value.encode("utf-8", "surrogateescape")) for value in found]


def _decoded(raw: str) -> str:
    try:
        text = str(make_header(decode_header(raw)))
    except (LookupError, ValueError):
        text = raw
    return " ".join(text.split())


def texts(message: Message, depth: int = 0, *, lenient: bool = False) -> Iterator[str]:
    """What a reader would see: of alternatives the plain one, of attachments the names, of attached mails the words.

    `lenient` reads text of no sure encoding as Windows-1252, as old lists wrote, and passes over what is no text.
    Raises Refused: encrypted, and when not lenient bad_encoding, malformed.
    """
    kind = message.get_content_type()
    if kind in _ENCRYPTED:
        raise Refused(Reason.ENCRYPTED, "the mail is encrypted")
    if depth > _DEEPEST:
        return
    if kind == "multipart/alternative":
        yield from _alternative(_children(message), depth, lenient=lenient)
    elif message.is_multipart():
        if kind == "message/rfc822":
            yield from _heads(_children(message))
        for child in _children(message):
            yield from texts(child, depth + 1, lenient=lenient)
    elif message.get_content_disposition() == "attachment" or not kind.startswith("text/") or kind in _NO_WORDS:
        name = message.get_filename()
        yield f"Attachment: {_decoded(name)}" if name else ""
    else:
        yield _body(message, kind, lenient=lenient)


def _children(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _alternative(parts: list[Message], depth: int, *, lenient: bool) -> Iterator[str]:
    """The first alternative that has words; plain text is tried first."""
    for part in sorted(parts, key=lambda part: part.get_content_type() != "text/plain"):
        found = [text for text in texts(part, depth + 1, lenient=lenient) if text.strip()]
        if found:
            yield from found
            return


def _heads(messages: list[Message]) -> Iterator[str]:
    for message in messages:
        lines = (f"{name}: {value}" for name in ("From", "Date", "Subject") if (value := header(message, name)))
        yield "\n".join(lines)


def _body(message: Message, kind: str, *, lenient: bool) -> str:
    data = cast("bytes", message.get_payload(decode=True) or b"")
    if not data.strip():
        return ""
    text = _shifted(data, _charset(message)) or (_lenient if lenient else text_of)(data, _charset(message))
    if kind != "text/html":
        return text.strip("\n")
    tree = LexborHTMLParser(text)
    found = sections(tree.body) if tree.body is not None else []
    return "\n\n".join(f"{section.heading}\n{section.text}".strip() for section in found)


def _charset(message: Message) -> str | None:
    try:
        return message.get_content_charset()
    except (LookupError, ValueError):  # a charset that is spelt in a charset that nobody knows
        return None


def _shifted(data: bytes, declared: str | None) -> str:
    """Text of an encoding in seven bits, which looks like ASCII: only what it is said to be tells."""
    if not (declared or "").lower().startswith(("iso-2022-", "utf-7", "hz")):
        return ""
    try:
        return data.decode(declared or "").replace("\r\n", "\n")
    except (LookupError, ValueError):
        return ""


def _lenient(data: bytes, declared: str | None) -> str:
    try:
        return text_of(data, declared)
    except Refused as refused:
        return "" if refused.reason is Reason.MALFORMED else decoded(data).replace("\r\n", "\n")
