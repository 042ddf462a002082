"""Makes one mail, whatever it came in, into who wrote what and when, in answer to what."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import blake2b

from sensemake.indexers import _dates
from sensemake.indexers._archives import Refused
from sensemake.indexers._chat import clean
from sensemake.indexers._mail_quotes import own_words
from sensemake.indexers._people import turned
from sensemake.indexers.formats import outlook
from sensemake.indexers.formats.content import Limits
from sensemake.indexers.formats.mail import header, texts
from sensemake.model import Handle, Profile, Reason

_ID = re.compile(r"<([^<>\s]{3,250})>")
_SPACED = re.compile(rb"^([!-9;-~]+)[ \t]+:", re.MULTILINE)
_ID_LINE = re.compile(rb"^Message-ID:\s*<([^<>\s]{3,250})>", re.MULTILINE | re.IGNORECASE)
_HEADER_LINE = re.compile(rb"^[!-9;-~]+[ \t]*:", re.MULTILINE)
_NO_YEAR = 2100
"""A clock that is so far ahead says nothing."""
_ATTACHED = re.compile(r"Attachment: [^\n]*")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_AT = re.compile(r"([\w.+%'-]+) at ([\w-]+(?:\.[\w-]+)+)")
_MASKED = re.compile(
    r"\.\.\.|\*{2,}|\[log in to|xxx@|@xxx|^(?:redacted|hidden|unknown|nobody|noreply|no-reply)@", re.IGNORECASE
)
_VIA = re.compile(r"\s+(?:via|über|par)\s+.+$")
_REPLY = re.compile(
    r"(?:re|aw|antw|antwort|sv|vs|r[eé]f|rif|odp|res|ynt|ответ|回复|答复)(?:\[\d+\]|\^\d+)?\s*[:：]", re.IGNORECASE
)
_FORWARD = re.compile(r"(?:fwd?|wg|tr|rv|enc|doorst|vb|转发)\s*[:：]", re.IGNORECASE)
_TAG = re.compile(r"(\[[^\]\n]{1,60}\])\s*")
_AWAY = re.compile(
    r"\s*(?:auto(?:matic|mated)?[ -]?(?:reply|response)|automatische antwort|abwesenheitsnotiz|réponse automatique"
    r"|respuesta automática|risposta automatica|out of (?:the )?office|away from my mail)\b",
    re.IGNORECASE,
)
_BOUNCE = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon)@?", re.IGNORECASE)
_BOT = re.compile(
    r"(?:no-?reply|do-?not-?reply|mailer-daemon|notifications?|.*-(?:bot|noreply))@|.*\[bot\]", re.IGNORECASE
)
_CALENDAR = re.compile(rb"^METHOD:(?:REPLY|CANCEL|COUNTER|DECLINECOUNTER|REFRESH)\s*$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail: `text` are its own words. `refs` are the ids of what it answers, oldest first.

    `subject` is without `Re:`; `is_reply` says whether there was one. `noise` says why it is no part of a thread (an
    auto-reply). `quoted` and `signature` are the characters set aside.
    """

    id: str
    author: Handle | None
    profile: Profile | None
    time: datetime | None
    subject: str
    text: str
    refs: tuple[str, ...] = ()
    is_reply: bool = False
    noise: str = ""
    list_name: str = ""
    url: str = ""
    quoted: int = 0
    signature: int = 0


def read(data: bytes, *, sent: datetime | None = None) -> Mail:
    """The mail in `data`; `sent` is when the mailbox says it came, for one that does not say itself.

    Raises Refused: malformed when it has no header of a mail, encrypted.
    """
    if not _HEADER_LINE.search(data[:4096]):
        raise Refused(Reason.MALFORMED, "it has no mail header")
    message = email.message_from_bytes(_plain_header(data))
    if not message.keys():
        raise Refused(Reason.MALFORMED, "it has no mail header")
    subject, is_reply, is_forward = bare_subject(header(message, "Subject"))
    said = [clean(part) for part in texts(message, lenient=True) if part.strip()]
    attached = [part for part in said if _ATTACHED.fullmatch(part)]
    body = "\n\n".join(part for part in said if not _ATTACHED.fullmatch(part))
    words = own_words(body, is_reply=is_reply or bool(message["In-Reply-To"]), is_forward=is_forward)
    author, profile = _author(message)
    time = _time(message) or sent
    return Mail(
        id=_id(message) or _made_up_id(author, time, words.own),
        author=author,
        profile=profile,
        time=time,
        subject=subject,
        text=clean("\n\n".join([words.own, *attached])),
        refs=_refs(message),
        is_reply=is_reply,
        noise=_noise(message, subject),
        list_name=_list(message),
        url=_archived_at(message),
        quoted=words.quoted,
        signature=words.signature,
    )


def read_outlook(data: bytes) -> Mail:
    """The Outlook message in `data`. Raises Refused: encrypted, malformed."""
    content = outlook.read(data, Limits())
    subject, is_reply, is_forward = bare_subject(str(content.told.get("title") or ""))
    whole = clean("\n\n".join(section.text for section in content.sections))
    words = own_words(whole, is_reply=is_reply, is_forward=is_forward)
    author, profile = _handled(*_told(str(content.told.get("author") or "")))
    time = _dates.parse(str(content.told.get("date") or ""))
    return Mail(
        id=str(content.told.get("message-id") or "") or _made_up_id(author, time, words.own),
        author=author,
        profile=profile,
        time=time,
        subject=subject,
        text=clean(words.own),
        is_reply=is_reply,
        noise="auto-reply" if _AWAY.match(subject) else "",
        quoted=words.quoted,
        signature=words.signature,
    )


def bare_subject(subject: str) -> tuple[str, bool, bool]:
    """A subject without `Re:` and `Fwd:` in front, wherever a list put its `[tag]`; whether there were such."""
    tags: list[str] = []
    is_reply = is_forward = False
    rest = " ".join(clean(subject).split())
    while True:
        if found := _REPLY.match(rest):
            is_reply = True
        elif found := _FORWARD.match(rest):
            is_forward = True
        elif found := _TAG.match(rest):
            tags += [found[1]] if found[1].lower() not in {tag.lower() for tag in tags} else []
        else:
            return " ".join([*tags, rest]).strip(), is_reply, is_forward
        rest = rest[found.end() :].lstrip()


def _plain_header(data: bytes) -> bytes:
    """Without the spaces that RFC 822 allowed before a colon."""
    header, blank, body = data.partition(b"\n\n")
    return _SPACED.sub(rb"\1:", header) + blank + body


def failed_id(data: bytes) -> str:
    """The id of a mail that could not be read, as far as its header can."""
    found = _ID_LINE.search(data[: 1 << 16])
    return found[1].decode("ascii", "replace") if found else ""


def at(text: str) -> str:
    """Addresses as they are, where an archive wrote `jane at example.org`."""
    return text if "@" in text else _AT.sub(r"\1@\2", text)


def _id(message: Message) -> str:
    raw = header(message, "Message-ID")
    found = _ID.search(at(raw)) or _ID.search(raw)
    bare = found[1] if found else "".join(raw.split()).strip("<>")
    return bare if 3 <= len(bare) <= 250 and bare.isprintable() else ""


def _made_up_id(author: Handle | None, time: datetime | None, own: str) -> str:
    """An id that follows from who wrote what when, for a mail without one: the same in every copy."""
    told = "\x1f".join((str(author), str(time), " ".join(own.split())))
    return f"{blake2b(told.encode('utf-8', 'replace'), digest_size=12).hexdigest()}@no-id"


def _refs(message: Message) -> tuple[str, ...]:
    """References, and last what it answers. In-Reply-To may hold words and addresses: only one whole id counts."""
    chain = _ID.findall(header(message, "References"))
    answers = _ID.findall(header(message, "In-Reply-To"))
    ordered = [*chain, *(answers if len(answers) == 1 else ())]
    own = _id(message)
    return tuple(dict.fromkeys(ref for ref in ordered if "@" in ref and ref != own))


def _author(message: Message) -> tuple[Handle | None, Profile | None]:
    """Who wrote it: by address where it is one, else by name. Of what a list sends in somebody's name, that person."""
    name, address = _sender(message, "From")
    if original := _VIA.search(name):
        behind = next(
            (found for key in ("X-Original-From", "Reply-To") if (found := _sender(message, key))[1]), ("", "")
        )
        name = name[: original.start()].strip(" '\"")
        address = behind[1] if behind[1] and not _is_list(behind[1], message) else ""
    if not address and not name:
        name, address = _sender(message, "Sender")
    return _handled(name, address)


def _handled(name: str, address: str) -> tuple[Handle | None, Profile | None]:
    is_person = not _BOT.match(address or name)
    if address and not _MASKED.search(address):
        handle = Handle("email", address.lower())
        return handle, Profile(handle, name=name or None, email=handle.value, is_person=is_person)
    if name and "@" not in name:
        handle = Handle("name", name)
        return handle, None if is_person else Profile(handle, name=name, is_person=False)
    return None, None


def _is_list(address: str, message: Message) -> bool:
    posted = f"{header(message, 'List-Post')} {header(message, 'To')} {header(message, 'Cc')}".lower()
    return address.lower() in posted


def _sender(message: Message, field: str) -> tuple[str, str]:
    return _told(header(message, field))


def _told(written: str) -> tuple[str, str]:
    """The name and the address of whom a header names first."""
    raw = at(written)
    for name, address in getaddresses([raw]):
        if _ADDRESS.fullmatch(address):
            bare = " ".join(turned(clean(name)).split()).strip("'\" ")
            return ("" if bare.lower() == address.lower() else bare[:100]), address.strip("<>'\"")
    bare = re.sub(r"<[^>]*>?|[\"']|\([^)]*\)", " ", raw)
    return " ".join(turned(" ".join(clean(bare).split())).split())[:100], ""


def _time(message: Message) -> datetime | None:
    """When it says that it was sent, else when a server took it; a time without a zone is taken as UTC."""
    received = [value.rpartition(";")[2] for value in message.get_all("Received", [])[:1] for value in [str(value)]]
    for written in (header(message, "Date"), *received):
        time = parsed_time(written)
        if time is not None and time.year < _NO_YEAR:
            return time
    return None


def parsed_time(written: str) -> datetime | None:
    try:
        time = parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _dates.parse(written)
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _noise(message: Message, subject: str) -> str:
    """What nobody wrote: answers of machines, bounces, the yes and no to invitations."""
    automatic = header(message, "Auto-Submitted").lower()
    if message.get_content_type() == "multipart/report" or (
        _BOUNCE.match(_sender(message, "From")[1]) and header(message, "Return-Path") in {"<>", ""}
    ):
        return "bounce"
    replied = automatic.startswith("auto-replied") or message["X-Autoreply"] or message["X-Autorespond"]
    if replied or header(message, "Precedence").lower() in {"auto_reply", "auto-reply"} or _AWAY.match(subject):
        return "auto-reply"
    if any(_CALENDAR.search(part) for part in _calendars(message)):
        return "calendar"
    return ""


def _calendars(message: Message) -> Iterator[bytes]:
    for part in message.walk():
        if part.get_content_type() == "text/calendar" and isinstance(data := part.get_payload(decode=True), bytes):
            yield data


def _list(message: Message) -> str:
    """The list's name: the first label of its List-Id (RFC 2919)."""
    found = _ID.search(header(message, "List-Id"))
    return clean(found[1]).partition(".")[0][:100] if found else ""


def _archived_at(message: Message) -> str:
    """Where the list keeps it (RFC 5064)."""
    found = re.search(r"<(https?://[^<>\s]{1,500})>", header(message, "Archived-At"))
    return found[1] if found else ""
