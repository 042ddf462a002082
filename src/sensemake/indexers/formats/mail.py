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
from sensemake.indexers._people import turned
from sensemake.indexers.formats.content import Content, Fields, Limits, Section
from sensemake.indexers.formats.encoding import text_of
from sensemake.indexers.formats.html_text import sections
from sensemake.model import Kind, Reason

_HEADERS = {"Subject": "title", "Date": "date", "Keywords": "tags"}
_PEOPLE = {"From": "author", "To": "to", "Cc": "cc"}
_HEADER_LINE = re.compile(rb"^[!-9;-~]+:", re.MULTILINE)
_ENCRYPTED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
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
    text = "\n\n".join(part for part in _texts(message, 0) if part.strip())
    if not fields:
        raise Refused(Reason.MALFORMED, "it has no mail header")
    return Content((Section(text),) if text else (), told=fields, kind=Kind.MAIL)


def _fields(message: Message) -> Fields:
    found: dict[str, object] = {_HEADERS[name]: _header(message, name) for name in _HEADERS}
    found |= {_PEOPLE[name]: list(_addressed(message, name)) for name in _PEOPLE}
    return {name: value for name, value in found.items() if value}


def _addressed(message: Message, name: str) -> Iterator[Mapping[str, str]]:
    """Who stands in a header: parted before it is decoded, as a name may hold commas."""
    for written, address in getaddresses([str(value) for value in message.get_all(name, [])]):
        if "@" in address:
            yield {"name": turned(_decoded(written)), "email": address}


def _header(message: Message, name: str) -> str:
    """A header in words (RFC 2047); as it stands when it cannot be decoded."""
    return _decoded(" ".join(str(value) for value in message.get_all(name, [])))


def _decoded(raw: str) -> str:
    try:
        text = str(make_header(decode_header(raw)))
    except (LookupError, ValueError):
        text = raw
    return " ".join(text.split())


def _texts(message: Message, depth: int) -> Iterator[str]:
    """What a reader would see: of alternatives the plain one, of attachments the names, of attached mails the words."""
    kind = message.get_content_type()
    if kind in _ENCRYPTED:
        raise Refused(Reason.ENCRYPTED, "the mail is encrypted")
    if depth > _DEEPEST:
        return
    if kind == "multipart/alternative":
        yield from _alternative(_children(message), depth)
    elif message.is_multipart():
        if kind == "message/rfc822":
            yield from _heads(_children(message))
        for child in _children(message):
            yield from _texts(child, depth + 1)
    elif message.get_content_disposition() == "attachment" or not kind.startswith("text/"):
        name = message.get_filename()
        yield f"Attachment: {_decoded(name)}" if name else ""
    else:
        yield _body(message, kind)


def _children(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _alternative(parts: list[Message], depth: int) -> Iterator[str]:
    """The first alternative that has words; plain text is tried first."""
    for part in sorted(parts, key=lambda part: part.get_content_type() != "text/plain"):
        found = [text for text in _texts(part, depth + 1) if text.strip()]
        if found:
            yield from found
            return


def _heads(messages: list[Message]) -> Iterator[str]:
    for message in messages:
        lines = (f"{name}: {value}" for name in ("From", "Date", "Subject") if (value := _header(message, name)))
        yield "\n".join(lines)


def _body(message: Message, kind: str) -> str:
    data = cast("bytes", message.get_payload(decode=True) or b"")
    if not data.strip():
        return ""
    text = text_of(data, message.get_content_charset())
    if kind != "text/html":
        return text.strip("\n")
    tree = LexborHTMLParser(text)
    found = sections(tree.body) if tree.body is not None else []
    return "\n\n".join(f"{section.heading}\n{section.text}".strip() for section in found)
