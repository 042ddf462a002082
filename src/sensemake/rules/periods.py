"""Weeks, months and quarters, in UTC: which one was the last to end, and the reports on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sensemake.model import SiloName

Every = Literal["week", "month", "quarter"]
EVERY: tuple[Every, ...] = ("week", "month", "quarter")
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """`2026-05`, `2026-W22` (ISO 8601) or `2026-Q2`; both ends are in it."""

    name: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A report on the shelf. `silos` are those it is made of: who may not read all of them does not see it."""

    id: str
    every: str
    period: str
    since: str
    until: str
    silos: tuple[SiloName, ...]
    folder: str
    language: str = "en"


def last_ended(every: Every, now: datetime) -> Period:
    """The last week, month or quarter that was over at a moment."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if every == "week":
        ends = today - timedelta(days=today.weekday())
        since = ends - timedelta(days=7)
        year, week, _ = since.isocalendar()
        return Period(f"{year:04}-W{week:02}", since, ends - _TICK)
    months = 1 if every == "month" else 3
    ends = today.replace(month=(today.month - 1) // months * months + 1, day=1)
    before = ends - _TICK
    since = ends.replace(year=before.year, month=before.month - months + 1)
    name = f"{since:%Y-%m}" if every == "month" else f"{since.year:04}-Q{(since.month + 2) // 3}"
    return Period(name, since, before)
