"""Tells on which day the sections of minutes and logs belong, by the headings that are dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from sensemake.indexers import _dates
from sensemake.indexers.formats.content import Section

_LOG = 3
"""Dated headings of one level from which on a document is a log: what stands beside them belongs to the last one."""


def days(sections: Sequence[Section], about: str) -> list[datetime | None]:
    """The day of each section: its own heading's, that of a heading above it, or, in a log, that of the one before.

    `about` (title, file name) may hold the year that "December 19" leaves out, if it holds just one.
    """
    headings, levels = [section.heading for section in sections], [section.level for section in sections]
    own = list(_own(headings, _dates.only_year(about)))
    level = _log_level(own, levels)
    found: list[datetime | None] = []
    above: list[tuple[int, datetime | None]] = []
    last: datetime | None = None
    for heading, rank, day in zip(headings, levels, own, strict=True):
        if heading:
            while above and above[-1][0] >= rank:
                above.pop()
            inherited = above[-1][1] if above else None
            above.append((rank, day or inherited or (last if level is not None and rank >= level else None)))
        last = day if day is not None and rank == level else last
        found.append(above[-1][1] if above else None)
    return found


def _own(headings: Sequence[str], year: int | None) -> Iterator[datetime | None]:
    month_first = _dates.reads_month_first(headings)
    for heading in headings:
        whole = _dates.find(heading, month_first=month_first)
        year = year if whole is not None else _dates.only_year(heading) or year
        yield whole or (_dates.find_short(heading, year) if year is not None else None)


def _log_level(own: Sequence[datetime | None], levels: Sequence[int]) -> int | None:
    counts = Counter(level for day, level in zip(own, levels, strict=True) if day is not None)
    level, count = max(counts.items(), key=lambda item: item[1], default=(0, 0))
    return level if count >= _LOG else None
