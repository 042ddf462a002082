"""The report's own words: what its HTML and its Markdown say alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

MARKS: Mapping[str, str] = {"new": "✳", "growing": "↗", "steady": "→", "fading": "↘", "returning": "↺"}
"""A sign for each status, always beside its word."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
SAFE = ("http://", "https://", "mailto:")


def link(url: str | None) -> str | None:
    """The address when it can do no harm, else None."""
    clean = (url or "").strip()
    harmless = clean.lower().startswith(SAFE) and not any(c.isspace() or not c.isprintable() for c in clean)
    return clean if harmless else None


def printable(text: str) -> str:
    """Text that can be written as UTF-8, without characters that steer a terminal."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def many(number: float, one: str, more: str | None = None) -> str:
    return f"{number:,.0f} {one if number == 1 else more or one + 's'}"


def day(time: str | None) -> str:
    """`2026-04-01T…` as "1 April 2026"."""
    if not time:
        return "no date"
    at = date.fromisoformat(time[:10])
    return f"{at.day} {at:%B} {at.year}"


def month(name: str) -> str:
    at = date.fromisoformat(f"{name}-01")
    return f"{at:%B} {at.year}"


def period(report: Mapping[str, Any]) -> str:
    since, until = report["since"], report["until"]
    if since is None and until is None:
        return "nothing in it has a date"
    return f"{day(since) if since else 'the beginning'} to {day(until) if until else 'the end'}"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def change(event: Mapping[str, Any]) -> str:
    """What happened, after the theme's name."""
    numbers = {name: int(number) for name, number in event["numbers"].items()}
    others = " and ".join(f"“{label}”" for label in event["related"])
    told = {
        "new": lambda: f"is new: {many(numbers['documents'], 'document')}.",
        "growing": lambda: (
            f"is growing: {many(numbers['came'], 'document')} came to the {numbers['before']} there were."
        ),
        "returning": lambda: (
            f"is back: {many(numbers['came'], 'document')} came to the {numbers['before']} there were."
        ),
        "fading": lambda: f"is fading: {_came(numbers)} to the {numbers['before']} there were.",
        "split": lambda: f"split off from {others}: {numbers['moved']} of its {numbers['of']} documents.",
        "merged": lambda: f"took in {others}: {numbers['moved']} of its {numbers['of']} documents.",
        "gone": lambda: f"is gone: its {many(numbers['documents'], 'document')} no longer lie together.",
    }
    return told[event["event"]]() if event["event"] in told else f"{event['event']}."


def _came(numbers: Mapping[str, int]) -> str:
    return f"{many(numbers['came'], 'document')} came" if numbers["came"] else "nothing came"


FILTERS: Mapping[str, Any] = {
    "link": link,
    "many": many,
    "day": day,
    "month": month,
    "period": period,
    "percent": percent,
    "change": change,
}
