"""Takes a line of an IRC log apart, in the layouts of irssi, WeeChat, HexChat, ZNC, mIRC, bots and the W3C."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_ZONE = r"(?:Z|[+-]\d\d:?\d\d)?"
_LINE = re.compile(
    r"\s*[\[(]?(?:(?P<date>\d{4}-\d\d-\d\d)[T ]+|(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) +)?"
    rf"(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:\.\d+)?{_ZONE}[\])]?(?P<rest>[\s].*)?$",
    re.DOTALL,
)
_SAID = re.compile(r"\s*<[ @+%~&!]?(?P<nick>[^\s<>]+)>(?:\s(?P<text>.*)|$)", re.DOTALL)
_DID = re.compile(r"\s*\*\s(?P<nick>[^\s*]+)\s(?P<text>.*)", re.DOTALL)
_TABBED = re.compile(r"\s?(?P<who>[^\t]*)\t(?P<text>.*)", re.DOTALL)
_SYSTEM = re.compile(
    r"has (?:joined|left|quit|parted|changed)|\bquit\b|\(Quit|Quit \(|is now known as|sets? (?:mode|topic)|^Topic|"
    r"^Set by|"
    r"(?:was|has been) kicked|^(?:Joins|Parts|Quits):|^(?:Now talking|Disconnected|Users on|Channel )|mode/#|netsplit",
    re.IGNORECASE,
)
_OPENED = re.compile(
    r"(?:--- (?:Log opened|Day changed|Log closed)|\*+ (?:BEGIN|ENDING) LOGGING AT|Session (?:Start|Time|Close):)"
    r"\s+\w{3}\s+(?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})(?:\s+[\d:]+)?\s+(?P<year>\d{4})"
)
_WEBLOG = re.compile(r"logging to https?://\S+?/(\d{4})/(\d\d)/(\d\d)-([\w.-]+?)-(?:irc|minutes)")
_JOINED = re.compile(r"(?:joined|Now talking (?:on|in)|topic (?:for|on|of)|mode/)\s?(?:channel )?(#[^\s\]:,)]+)")


@dataclass(frozen=True, slots=True)
class Line:
    """`nick` is empty for what nobody said. `date` is the (year, month, day) that it tells, a year of 0 if not that."""

    clock: tuple[int, int, int]
    nick: str
    text: str
    date: tuple[int, int, int] | None = None


def parse(line: str) -> Line | None:
    """A line that begins with a time; None for any other."""
    found = _LINE.match(line)
    if found is None:
        return None
    clock = (int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
    if clock[0] > 23 or clock[1] > 59 or clock[2] > 60:
        return None
    date = _date(found)
    nick, text = _parts(found["rest"] or "", may_be_tabbed=date is not None)
    return Line((clock[0], clock[1], min(clock[2], 59)), nick, text, date)


def _date(found: re.Match[str]) -> tuple[int, int, int] | None:
    if found["date"]:
        year, month, day = map(int, found["date"].split("-"))
        return year, month, day
    if found["month"] and found["month"].lower() in _MONTHS:
        return 0, _MONTHS.index(found["month"].lower()) + 1, int(found["day"])
    return None


def _parts(rest: str, *, may_be_tabbed: bool) -> tuple[str, str]:
    """Who spoke, and what; nobody for an announcement. WeeChat's tabs go with a date; chats of calls have none."""
    if said := _SAID.match(rest):
        return said["nick"], said["text"] or ""
    if did := _DID.match(rest):
        return (
            ("", rest.strip())
            if _SYSTEM.search(did["text"]) or _SYSTEM.search(rest.strip(" *"))
            else (did["nick"], did["text"])
        )
    if may_be_tabbed and (tabbed := _TABBED.match(rest)):
        who = tabbed["who"].strip()
        if who == "*":
            nick, _, text = tabbed["text"].partition(" ")
            return nick, text
        return (
            ("", rest.strip())
            if not re.fullmatch(r"[@+%~&!]?[A-Za-z\[\]\\`_^{|}][^\s]*", who)
            else (who.lstrip("@+%~&!"), tabbed["text"])
        )
    return "", rest.strip()


def opened(line: str) -> tuple[int, int, int] | None:
    """The day that a log says it is from here on."""
    found = _OPENED.match(line.strip())
    if found and found["month"].lower() in _MONTHS:
        return int(found["year"]), _MONTHS.index(found["month"].lower()) + 1, int(found["day"])
    return None


def logged(text: str) -> tuple[tuple[int, int, int], str] | None:
    """The day and the channel that a W3C bot says it logs."""
    found = _WEBLOG.search(text)
    return ((int(found[1]), int(found[2]), int(found[3])), f"#{found[4]}") if found else None


def channel_in(text: str) -> str:
    found = _JOINED.search(text)
    return found[1].rstrip(".,;)'") if found else ""


def day_of(date: tuple[int, int, int]) -> datetime | None:
    try:
        return datetime(*date, tzinfo=UTC)
    except ValueError:
        return None
