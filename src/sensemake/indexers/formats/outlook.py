"""Reads one Outlook message (.msg)."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.html_text import sections
from sensemake.model import Kind, Reason

if TYPE_CHECKING:
    from oxmsg import Message

_ENCRYPTED = ("ipm.note.smime", "ipm.note.secure", "ipm.note.rpmsg")


def read(data: bytes, limits: Limits) -> Content:
    """Raises Refused: encrypted, malformed when it is no OLE file."""
    from oxmsg import Message

    del limits
    if not data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(Reason.MALFORMED, "it is not the Outlook message that its name says")
    message = Message.load(BytesIO(data))
    attached = [attachment.file_name or "" for attachment in message.attachments]
    if message.message_class.lower().startswith(_ENCRYPTED) or any(map(_is_encrypted, attached)):
        raise Refused(Reason.ENCRYPTED, "the mail is encrypted")
    names = "\n".join(f"Attachment: {name}" for name in attached if name)
    text = "\n\n".join(part for part in (_body(message), names) if part)
    return Content((Section(text),) if text else (), told=dict(_fields(message)), kind=Kind.MAIL)


def _is_encrypted(name: str) -> bool:
    return name.lower().endswith((".rpmsg", ".pgp-encrypted", ".p7m"))


def _body(message: Message) -> str:
    if message.body and message.body.strip():
        return message.body.replace("\r\n", "\n").strip("\n")
    tree = LexborHTMLParser(message.html_body or "")
    found = sections(tree.body) if tree.body is not None else []
    return "\n\n".join(f"{section.heading}\n{section.text}".strip() for section in found)


def _fields(message: Message) -> Iterator[tuple[str, object]]:
    yield "title", message.subject or ""
    yield "author", message.sender or ""
    yield "to", [f"{person.name} <{person.email_address}>" for person in message.recipients]
    if message.sent_date is not None:
        yield "date", message.sent_date.isoformat()
