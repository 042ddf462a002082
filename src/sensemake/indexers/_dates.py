"""Reads a date out of what people write: front matter, properties, headings, file names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_TO = r"(?:\s*[-–/&]\s*\d{1,2}(?:st|nd|rd|th)?)?"
_WRITTEN = (
    re.compile(rf"(?<!\d){_YEAR}[-/.](?P<month>0?[1-9]|1[0-2])[-/.](?P<day>0?[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(rf"\b{_MONTH}\s+{_DAY}{_TO}\s*,?\s+{_YEAR}(?!\d)", re.IGNORECASE),
    re.compile(rf"(?<!\d){_DAY}{_TO}\.?(?:\s+of)?\s+{_MONTH}\s*,?\s+{_YEAR}(?!\d)", re.IGNORECASE),
)
_WEEKDAY = r"\W*(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_ENDS = rf"{_TO}(?=\s*(?:$|[-–—(\[:,/&]))"
_SHORT = (
    re.compile(rf"{_WEEKDAY}{_MONTH}\s+{_DAY}{_ENDS}", re.IGNORECASE),
    re.compile(rf"{_WEEKDAY}{_DAY}\.?\s+{_MONTH}{_ENDS}", re.IGNORECASE),
)
_LONE_YEAR = re.compile(r"(?<![\d.])(?:19[7-9]|20[0-4])\d(?![\d.])")
_NUMBERS = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)?\d\d)(?![\d/.-])")
_IN_NAME = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)([-_./]?)(?P<month>0[1-9]|1[0-2])\2(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)
_RFC_5322 = re.compile(r"(?:[A-Z][a-z]{2},\s*)?\d{1,2}\s+[A-Z][a-z]{2}\s+\d{2,4}\s+\d{1,2}:\d\d")
_PDF = re.compile(r"D:(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?")


def parse(value: str) -> datetime | None:
    """The time that `value` is, in UTC (a time without a zone is taken as UTC); None when it is not plainly one."""
    text = value.strip()
    if not text or len(text) > 64:
        return None
    return _iso(text) or _pdf(text) or _mail(text) or find(text)


def find(text: str, *, month_first: bool | None = None) -> datetime | None:
    """The first whole date in `text`, at midnight UTC. `month_first` says how to read 3/5/2018 (None: leave it)."""
    for pattern in _WRITTEN:
        if match := pattern.search(text):
            return _day(match["year"], match["month"], match["day"])
    if match := _NUMBERS.search(text):
        return _numeric(match, month_first=month_first)
    return None


def find_short(text: str, year: int) -> datetime | None:
    """The day that `text` begins with, without a year ("December 19 (APAC)"), as a day of `year`."""
    match = next((match for pattern in _SHORT if (match := pattern.match(text))), None)
    return _day(str(year), match["month"], match["day"]) if match else None


def only_year(text: str) -> int | None:
    """The year in `text`, if there is just one."""
    years = set(_LONE_YEAR.findall(text))
    return int(years.pop()) if len(years) == 1 else None


def reads_month_first(texts: Iterable[str]) -> bool | None:
    """How numeric dates are meant in one document: a number above 12 tells; None when none does, or they disagree."""
    told = {_tells(match) for text in texts for match in _NUMBERS.finditer(text)} - {None}
    return told.pop() if len(told) == 1 else None


def in_name(path: str) -> datetime | None:
    """The date in a relative path, such as `2026-05-14`, `20260514` or `2026/05/14`; the last one counts."""
    days = [_day(match["year"], match["month"], match["day"]) for match in _IN_NAME.finditer(path)]
    return next((day for day in reversed(days) if day is not None), None)


def _day(year: str, month: str, day: str) -> datetime | None:
    try:
        return datetime(int(year), _MONTHS.get(month.lower()) or int(month), int(day), tzinfo=UTC)
    except ValueError:
        return None


def _tells(match: re.Match[str]) -> bool | None:
    first, second = int(match[1]), int(match[3])
    if match[2] == "." or first > 12 >= second:
        return False
    return True if second > 12 >= first else None


def _numeric(match: re.Match[str], *, month_first: bool | None) -> datetime | None:
    told = _tells(match)
    order = told if told is not None else month_first
    if order is None and match[1] != match[3]:
        return None
    month, day = (match[1], match[3]) if order else (match[3], match[1])
    year = match[4] if len(match[4]) == 4 else f"20{match[4]}"
    return _day(year, month, day)


def _iso(text: str) -> datetime | None:
    if len(text) < 8 or not text[:4].isdigit():
        return None
    try:
        return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def _pdf(text: str) -> datetime | None:
    """`D:YYYYMMDDHHmmSSOHH'mm'` (ISO 32000-1, 7.9.4); also without `D:`."""
    match = _PDF.match(text if text.startswith("D:") else f"D:{text}")
    if match is None:
        return None
    year, month, day, hour, minute, second, _, zone, minutes = match.groups()
    stamp = f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}:{second or '00'}{zone or '+00'}:{minutes or '00'}"
    return _iso(stamp)


def _mail(text: str) -> datetime | None:
    if not _RFC_5322.match(text):
        return None
    try:
        return _utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
