"""Reads IRC logs: text or HTML, one file or folders of them, with or without a date on each line.

Times are the logger's; their zone is not told, so they are taken as UTC. In minutes that W3C bots keep, a topic is a
conversation, and what the scribe writes for others is theirs.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from sensemake.indexers._chat import Message, clean
from sensemake.indexers._export import Glimpse, decoded
from sensemake.indexers._fields import mark, segment
from sensemake.indexers._irc_lines import Line, channel_in, day_of, logged, opened, parse
from sensemake.indexers._mapped import Numbering
from sensemake.indexers._rooms import Channel, ChatIndexer, Heard, Opened
from sensemake.indexers._who import Who, one_line
from sensemake.model import ReadFailure, Reason

_ENDINGS = (".log", ".txt", ".weechatlog", ".html", ".htm")
_TAG = re.compile(
    r"<br ?/?>|</?(?:span|a|b|i|u|font|tt|pre|p|div|tr|td|table|body|html|head|strong|em)(?:\s[^<>]*)?>", re.IGNORECASE
)
_MARKED = re.compile(r"<(?:span|font|tt|td|br)\b", re.IGNORECASE)
_CODES = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_./]?(0[1-9]|1[0-2])[-_./]?(0[1-9]|[12]\d|3[01])(?!\d)")
_BOT = re.compile(
    r"(?:zakim|rrsagent|trackbot\S*|agendabot|chanserv|nickserv|supybot|meetbot|gitbot|infobot|travis-ci|github-?\d*|\S+Bot\d*|"
    r"\S+[-_]bot\d*)[_`]*"
)
_ADDRESSED = re.compile(
    r"(?:zakim|rrsagent|trackbot|agendabot|scribe ?nick|scribe|present\+?|regrets\+?|chair|agenda|meeting)\s*[,:+-]",
    re.IGNORECASE,
)
_TOPIC = re.compile(r"(?:sub)?topic:\s*(.+)", re.IGNORECASE)
_FOR_OTHERS = re.compile(r"([A-Za-z][\w.|\-]{0,30}):\s+(.+)", re.DOTALL)
_GOES_ON = re.compile(r"(?:\.\.\.?|…)\s*(.+)", re.DOTALL)
_CORRECTION = re.compile(r"s([/|])(.+?)\1(.*?)(?:\1g?)?\s*$")


class IrcIndexer(ChatIndexer):
    """IRC logs (irssi, WeeChat, HexChat, ZNC, HTML-marked, W3C minutes)."""

    name = "irc"
    bid = 86
    wanted = "IRC logs (lines such as [10:15] <nick> text)"

    def recognises(self, seen: Glimpse) -> bool:
        logs = [name for name in seen.names if name.lower().endswith(_ENDINGS)]
        if 2 * len(logs) < len(seen.names):
            return False
        heads = [head for name, head in seen.heads.items() if name.lower().endswith(_ENDINGS)]
        return any(_opens(name_lines) for name_lines in map(_lines_of, heads))

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        logs: list[_Log] = []
        others = 0
        for name in opened.export.names:
            content = opened.export.text(name) if name.lower().endswith(_ENDINGS) else ""
            if isinstance(content, ReadFailure):
                yield content
            elif _opens(lines := _lines_of(content)):
                logs.append(_Log(name, lines, _day_in(opened.export.root + name), _channel_in(name, lines)))
            else:
                others += 1
        if others:
            yield ReadFailure("other files", Reason.UNSUPPORTED, f"{others} files that are no IRC logs were left out")
        yield from _heard(logs, opened)


@dataclass(frozen=True, slots=True)
class _Log:
    """A file of a log. `day` and `channel` are what its name or its lines say, if anything."""

    name: str
    lines: list[str]
    day: tuple[int, int, int] | None
    channel: str


def _lines_of(content: str | bytes) -> list[str]:
    text = decoded(content) if isinstance(content, bytes) else content
    marked = bool(_MARKED.search(text[:4_000]))
    lines = text.replace("\r\n", "\n").split("\n")
    return [_CODES.sub("", html.unescape(_TAG.sub("", line)) if marked else line) for line in lines]


def _opens(lines: Iterable[str]) -> bool:
    """Whether somebody says something in it as one does on IRC, or it is a log of comings and goings only."""
    found = [line for line in map(parse, lines) if line is not None]
    typical = sum(bool(line.nick) or bool(channel_in(line.text)) for line in found)
    return bool(typical) and 2 * len(found) >= sum(bool(line.strip()) for line in lines)


def _day_in(name: str) -> tuple[int, int, int] | None:
    """`…/2024-05-01.log`, or `2024/…/05-01-irc.txt`."""
    if found := list(_DATE.finditer(name)):
        return int(found[-1][1]), int(found[-1][2]), int(found[-1][3])
    *folders, file = name.split("/")
    years = [folder for folder in folders if re.fullmatch(r"(?:19|20)\d\d", folder)]
    day = re.match(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)", file)
    return (int(years[-1]), int(day[1]), int(day[2])) if years and day else None


def _channel_in(name: str, lines: Iterable[str]) -> str:
    for part in reversed(PurePosixPath(name).parts):
        if found := re.search(r"#[^\s/]+?(?=[._-]?(?:19|20)\d\d|\.(?:log|txt|weechatlog|html?)$|$)", part):
            return found[0]
    if query := re.fullmatch(r"irc\.[^.]+\.([^#.]+)\.weechatlog", PurePosixPath(name).name):
        return query[1]
    return next((web[1] for line in lines if (web := logged(line))), "") or next(
        filter(None, map(channel_in, lines)), ""
    )


def _heard(logs: list[_Log], opened: Opened) -> Iterator[Heard]:
    """Files that do not say their channel belong to that of their neighbours."""
    by_folder: dict[str, Counter[str]] = {}
    for log in logs:
        by_folder.setdefault(str(PurePosixPath(log.name).parent), Counter())[log.channel.lower()] += bool(log.channel)
    heard: dict[str, Heard] = {}
    numbering: dict[str, Numbering] = {}
    for log in logs:
        folder = PurePosixPath(log.name).parent
        common = by_folder[str(folder)].most_common(1)
        name = log.channel.lower() or (common[0][0] if common and common[0][1] else "") or _place(opened, folder)
        is_query = bool(log.channel) and not log.channel.startswith("#")
        room = heard.setdefault(
            name, Heard(Channel(segment(name), name if not is_query else f"dm:{name}", is_private=is_query))
        )
        reading = _Reading(log, name, opened.who, numbering.setdefault(name, Numbering()))
        room.messages += reading.messages()
        if reading.bad:
            detail = f"{reading.bad} of its lines have no date: name the file by its day, as 2024-05-01.log"
            room.failures.append(ReadFailure(log.name, Reason.MALFORMED, detail))
    for room in heard.values():
        if room.channel.is_private:
            room.channel = replace(room.channel, readers=opened.who.readers({m.author for m in room.messages}))
        yield room


def _place(opened: Opened, folder: PurePosixPath) -> str:
    name = folder.name or opened.export.root.strip("/") or PurePosixPath(opened.export.path.name).stem
    return one_line(name) or "irc"


@dataclass(slots=True)
class _Reading:
    """One file from its first line to its last."""

    log: _Log
    channel: str
    who: Who
    numbering: Numbering
    bad: int = 0
    day: datetime | None = None
    last: tuple[int, int, int] = (0, 0, 0)
    found: list[Message] = field(default_factory=list)
    minutes: _Minutes | None = None

    def messages(self) -> list[Message]:
        self.day = day_of(self.log.day) if self.log.day else None
        web = next((web for line in self.log.lines[:50] if (web := logged(line))), None)
        if web:
            self.day = day_of(web[0])
        parsed = [(number, raw, parse(raw)) for number, raw in enumerate(self.log.lines, 1)]
        if web:
            self.minutes = _Minutes({line.nick for _, _, line in parsed if line is not None and line.nick})
        for number, raw, line in parsed:
            if line is not None:
                self._take(number, line)
            elif day := opened(raw):
                self.day, self.last = day_of(day), (0, 0, 0)
            elif raw.strip() and self.found and raw[:1] in " \t" and not self.found[-1].is_system:
                self.found[-1] = replace(self.found[-1], text=f"{self.found[-1].text}\n{clean(raw)}")
        return self.found

    def _take(self, number: int, line: Line) -> None:
        day = self._dated(line)
        if day is None:
            self.bad += 1
            return
        hour, minute, second = line.clock
        time = day.replace(hour=hour, minute=minute, second=second)
        nick = line.nick
        message = Message(
            id=self.numbering.next(mark(time)),
            channel=self.channel,
            author=self.who.seen(
                nick, name=nick, is_person=not _BOT.fullmatch(nick.lower() if nick.lower() in _W3C else nick)
            ),
            time=time,
            text=clean(line.text),
            is_bot=bool(nick and self.who.is_bot(self.who.handle(nick))),
            is_system=not nick
            or line.text == f"{nick} has joined {self.channel}"
            or "has changed the topic to:" in line.text,
            locator=f"line={number}",
            file=self.log.name,
        )
        self.found.append(message)
        if self.minutes is not None:
            self.minutes.take(self.found, self.who)

    def _dated(self, line: Line) -> datetime | None:
        """The day of a line: its own, else the one that runs; past midnight it is the next."""
        if line.date is not None:
            year = line.date[0] or (self.day.year if self.day else 0)
            self.day = day_of((year, *line.date[1:])) if year else None
        elif self.day is not None and line.clock[0] + 12 <= self.last[0]:
            self.day += timedelta(days=1)
        self.last = line.clock
        return self.day


_W3C = frozenset({"zakim", "rrsagent", "trackbot", "agendabot"})


@dataclass(slots=True)
class _Minutes:
    """What W3C scribes do: they write for others, open topics, and correct (w3.org/2018/10/scribe2/scribedoc)."""

    nicks: set[str]
    scribe: str = ""
    speaker: str = ""
    topic: Message | None = None

    def take(self, found: list[Message], who: Who) -> None:
        message = found[-1]
        nick = message.author.value if message.author else ""
        if message.is_system or message.is_bot:
            return
        said = message.text
        if named := re.match(r"scribe(?: ?nick)?:\s*(\S+)", said, re.IGNORECASE):
            self.scribe, self.speaker = named[1] if named[1] in self.nicks else nick, ""
        if correction := _CORRECTION.fullmatch(said):
            self._correct(found, correction)
            found[-1] = replace(message, is_system=True, note="correction")
        elif topic := _TOPIC.fullmatch(said):
            self.topic = found[-1] = replace(message, thread=message.id, subject=one_line(topic[1]))
            self.speaker = ""
        elif _ADDRESSED.match(said):
            found[-1] = replace(message, is_system=True, note="command")
        else:
            found[-1] = self._told(message, nick, who)
        if self.topic is not None and found[-1].thread is None:
            found[-1] = replace(found[-1], thread=self.topic.id)

    def _told(self, message: Message, nick: str, who: Who) -> Message:
        """What the scribe writes for somebody is that person's."""
        if nick != self.scribe:
            return message
        if (other := _FOR_OTHERS.fullmatch(message.text)) and other[1] not in {"http", "https"}:
            self.speaker = other[1]
            return replace(message, author=who.seen(self.speaker, name=self.speaker), text=other[2])
        if (more := _GOES_ON.fullmatch(message.text)) and self.speaker:
            return replace(message, author=who.handle(self.speaker), text=more[1])
        return message

    def _correct(self, found: list[Message], correction: re.Match[str]) -> None:
        """Put `s/this/that/` into the last message that has it."""
        for at in range(len(found) - 2, max(len(found) - 40, -1), -1):
            if correction[2] in found[at].text and not found[at].is_system:
                found[at] = replace(found[at], text=found[at].text.replace(correction[2], correction[3], 1))
                return
