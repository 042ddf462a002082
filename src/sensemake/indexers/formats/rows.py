"""Tells whether a table is a list of things, and reads it row by row then: `column: value`, a thing a section."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sensemake.indexers import _dates
from sensemake.indexers.formats.content import Section

Row = Sequence[str]
_LONG = 40
"""Characters of a row, on average, from which on it says enough to stand alone."""
_COLUMNS = 60
_FEWEST = 2
_WORD = re.compile(r"[^\W\d_]{2,}")
_AUTHOR = frozenset({"author", "written by", "created by", "submitted by", "reported by", "reporter", "by"})
_DATE = frozenset({"date", "created", "created at", "timestamp", "time", "updated", "day"})


def is_list(rows: Sequence[tuple[int, Row]]) -> bool:
    """A header of different words above rows most of whose cells are words too, and enough of them."""
    if len(rows) <= _FEWEST:
        return False
    header = [" ".join(cell.split()) for cell in _trimmed(rows[0][1])]
    named = [cell for cell in header if cell]
    if not 2 <= len(header) <= _COLUMNS or len(named) != len(header) or len(set(named)) != len(named):
        return False
    if not all(_WORD.search(cell) and len(cell) <= 60 for cell in named):
        return False
    cells = [cell.strip() for _, row in rows[1:500] for cell in row[: len(header)] if cell.strip()]
    words = sum(_WORD.search(cell) is not None for cell in cells)
    return 2 * words >= len(cells) > 0 and sum(map(len, cells)) >= _LONG * min(len(rows) - 1, 499)


def sections(rows: Sequence[tuple[int, Row]], *, sheet: str = "") -> Iterator[Section]:
    """A section for each row below the header; cells under no header stand without one."""
    header = [" ".join(cell.split()) for cell in _trimmed(rows[0][1])]
    low = [name.lower() for name in header]
    dates = [n for n, name in enumerate(low) if name in _DATE]
    authors = [n for n, name in enumerate(low) if name in _AUTHOR]
    month_first = _dates.reads_month_first(row[n] for _, row in rows[1:] for n in dates if n < len(row))
    title = sheet
    for number, row in rows[1:]:
        lines = [_cell(header[n] if n < len(header) else "", cell) for n, cell in enumerate(row) if cell.strip()]
        if not lines:
            continue
        place = f"row={number}"
        said = [row[n] for n in dates if n < len(row) and row[n].strip()]
        yield Section(
            "\n".join([*([title] if title else []), *lines]),
            locator=f"sheet={sheet};{place}" if sheet else place,
            headings=(sheet,) if sheet else (),
            author=next((row[n] for n in authors if n < len(row) and row[n].strip()), ""),
            time=_dates.parse(said[0]) or _dates.find(said[0], month_first=month_first) if said else None,
        )
        title = ""


def _cell(name: str, cell: str) -> str:
    text = "\n".join(line.strip() for line in cell.strip().split("\n") if line.strip())
    return f"{name}: {text}" if name else text


def _trimmed(row: Row) -> list[str]:
    cells = list(row)
    while cells and not cells[-1].strip():
        cells.pop()
    return cells
