"""Reads a chat that WhatsApp exported as text, from a phone of any make and many a language (Signal's layout too).

There is no documentation of the layout: it follows the phone's language. A chat is private, so it is read only with
`include_private`, for those who wrote in it. Times are the phone's; their zone is not told, so they are taken as UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import PurePosixPath

from sensemake.indexers._chat import Message, clean
from sensemake.indexers._export import Glimpse, decoded
from sensemake.indexers._fields import mark, segment
from sensemake.indexers._rooms import Channel, ChatIndexer, Heard, Opened
from sensemake.indexers._who import Who, one_line
from sensemake.model import ReadFailure, Reason

_MARKS = "\u200e\u200f\u202a\u202c\ufeff"
_DATE = r"(?P<a>\d{1,4})[./-](?P<b>\d{1,2})[./-](?P<c>\d{2,4})"
_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?(?:\s?(?P<half>[AaPp])\.?\s?[Mm]\.?)?"
_LINE = re.compile(
    rf"[{_MARKS}]*(?:\[{_DATE},?\s+{_CLOCK}\]\s?|"
    + rf"{_DATE},?\s+(?:um\s)?{_CLOCK}\s+[-–]\s)".replace("?P<", "?P<_")
    + r"(?P<rest>.*)"
)
_SAID = re.compile(rf"[{_MARKS}]*(?P<who>[^:\n]{{1,80}}?):(?:\s(?P<text>.*)|(?P<odd>\S.*)|$)", re.DOTALL)
_ANNOUNCES = re.compile(
    r"(?:created (?:the )?group|changed (?:the |this |their )|(?:was|were|you) added|joined using|end-to-end|"
    r"left$|security code|pinned a message|hat die Gruppe|wurde hinzugefügt|a créé le groupe|creó el grupo)",
    re.IGNORECASE,
)
_GONE = "omitted|ausgeschlossen|weggelassen|omis|omitido|oculta|weggelaten|omessi"
_OMITTED = re.compile(
    rf"<(?:media|medien|médias?|multimedia|archivo|mídia)[^>\n]*(?:{_GONE})[^>\n]*>|<attached: [^>\n]+>|"
    rf"(?:image|video|audio|sticker|GIF|document|Contact card|Bild) (?:{_GONE})|"
    r"\S+\.\w{2,4} \((?:file attached|Datei angehängt|fichier joint|archivo adjunto)\)",
    re.IGNORECASE,
)
_DELETED = re.compile(
    r"(?:This message was deleted|You deleted this message|Diese Nachricht wurde gelöscht|"
    r"Du hast diese Nachricht gelöscht|Ce message a été supprimé|Se eliminó este mensaje|Eliminaste este mensaje|"
    r"Mensagem apagada)\.?"
)
_EDITED = re.compile(r"\s*<(?:This message was edited|Diese Nachricht wurde bearbeitet|Ce message a été modifié)>\s*$")
_NAMED = re.compile(r"(?:WhatsApp[ -]Chat (?:with|mit|con|avec|-) |WhatsApp-Chat mit |Discussion WhatsApp avec )(.+)")
_GROUP = re.compile(r"created (?:the )?group [\"“‘'](.+?)[\"”’']")


class WhatsAppIndexer(ChatIndexer):
    """A WhatsApp chat exported as text (private: needs --include-private)."""

    name = "whatsapp"
    bid = 87
    wanted = "a WhatsApp chat (text whose lines begin with a date and a time)"

    def recognises(self, seen: Glimpse) -> bool:
        heads = [head for name, head in seen.heads.items() if name.lower().endswith(".txt")]
        return any(map(_opens, heads))

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        for name in opened.export.names:
            if not name.lower().endswith(".txt"):
                continue
            content = opened.export.text(name)
            if isinstance(content, ReadFailure):
                yield content
            elif _opens(content[:16_384].encode("utf-8", "surrogatepass")):
                yield _chat(content, opened, name)
            else:
                yield ReadFailure(name, Reason.MALFORMED, "the file is no WhatsApp chat: no line begins with a date")


def _opens(head: bytes) -> bool:
    lines = [line for line in decoded(head).splitlines() if line.strip()]
    found = [_LINE.match(line) for line in lines]
    said = [m["rest"] for m in found if m and _SAID.match(m["rest"]) and not m["rest"].startswith("<")]
    return bool(found and found[0] and said)


@dataclass(frozen=True, slots=True)
class _Line:
    """A message as it stands in the text; its date is three numbers in an order that is yet to be told."""

    number: int
    date: tuple[int, int, int]
    clock: tuple[int, int, int]
    rest: str


def _chat(content: str, opened: Opened, name: str) -> Heard:
    lines, loose = _lines(content)
    order = _order([line.date for line in lines])
    key, title = _names(content, opened, name)
    messages: list[Message] = []
    taken: dict[str, int] = {}
    bad = loose
    for line in lines:
        time = _time(line, order)
        if time is None:
            bad += 1
            continue
        taken[mark(time)] = taken.get(mark(time), 0) + 1
        place = mark(time, f"{taken[mark(time)]:04d}")
        messages.append(_message(line, time, place, key, opened.who, name))
    readers = opened.who.readers({message.author for message in messages})
    heard = Heard(Channel(segment(key), f"#{title}", is_private=True, readers=readers), messages)
    if bad:
        detail = f"{bad} of its lines belong to no message with a time; the others were read"
        heard.failures.append(ReadFailure(name, Reason.MALFORMED, detail))
    return heard


def _lines(content: str) -> tuple[list[_Line], int]:
    """The messages, each with its further lines; how many lines stand before the first."""
    found: list[_Line] = []
    loose = 0
    for number, line in enumerate(content.replace("\r\n", "\n").split("\n"), 1):
        match = _LINE.match(line)
        if match:
            got = {key.removeprefix("_"): value for key, value in match.groupdict().items() if value is not None}
            date = (int(got["a"]), int(got["b"]), int(got["c"]))
            half = got.get("half", "").lower()
            hour = int(got["hour"]) % 12 + 12 * (half == "p") if half else int(got["hour"])
            clock = (hour, int(got["minute"]), int(got.get("second", 0)))
            found.append(_Line(number, date, clock, got["rest"]))
        elif found:
            last = found[-1]
            found[-1] = _Line(last.number, last.date, last.clock, f"{last.rest}\n{line}")
        else:
            loose += bool(line.strip())
    return found, loose


def _order(dates: list[tuple[int, int, int]]) -> str:
    """Which number is the year, month and day: what all dates allow and go forward in; day first if that is both."""
    if any(a > 31 for a, _, _ in dates):
        return "ymd"
    candidates = [order for order in ("dmy", "mdy") if all(_day(date, order) for date in dates)]
    return min(candidates, key=lambda order: _steps_back(dates, order), default="dmy")


def _steps_back(dates: list[tuple[int, int, int]], order: str) -> int:
    days = [_day(date, order) for date in dates]
    return sum(one is not None and two is not None and two < one for one, two in pairwise(days))


def _day(date: tuple[int, int, int], order: str) -> datetime | None:
    named = dict(zip(order, date, strict=True))
    year = named["y"] + 2000 if named["y"] < 100 else named["y"]
    try:
        return datetime(year, named["m"], named["d"], tzinfo=UTC)
    except ValueError:
        return None


def _time(line: _Line, order: str) -> datetime | None:
    day = _day(line.date, order)
    hour, minute, second = line.clock
    if day is None or hour > 23 or minute > 59 or second > 59:
        return None
    return day.replace(hour=hour, minute=minute, second=second)


def _message(line: _Line, time: datetime, key: str, channel: str, who: Who, file: str) -> Message:
    said = _SAID.match(line.rest)
    written = (said["text"] or said["odd"] or "") if said else ""
    body = written.strip(f"{_MARKS} ")
    deleted = bool(_DELETED.fullmatch(body))
    # A phone of Apple puts an invisible mark before what nobody wrote.
    unsaid = written.startswith("\u200e") and not (deleted or _OMITTED.search(body))
    system = said is None or unsaid or bool(_ANNOUNCES.search(said["who"]))
    name = "" if system or said is None else said["who"].strip(f"{_MARKS} ~\u202f\xa0")
    return Message(
        id=key,
        channel=channel,
        author=who.seen(name, name=name),
        time=time,
        text=clean(_OMITTED.sub("", _EDITED.sub("", body)).strip(f"{_MARKS} \n")),
        deleted=deleted,
        is_system=system,
        locator=f"line={line.number}",
        file=file,
    )


def _names(content: str, opened: Opened, name: str) -> tuple[str, str]:
    """What the chat is known by, from the file's name or its archive's, and how it is called.

    Two chats may have the same title, so the name that a group was given is shown, but it is no id.
    """
    export = opened.export
    stem = PurePosixPath(name).stem
    places = (stem, PurePosixPath(name).parent.name, export.root.strip("/"), PurePosixPath(export.path.name).stem)
    key = next((found for place in places if (found := one_line(place)) and found.strip("_").lower() != "chat"), "chat")
    if named := _NAMED.fullmatch(key):
        return named[1], named[1]
    group = _GROUP.search(content[:20_000])
    return key, one_line(group[1]) if group else key
