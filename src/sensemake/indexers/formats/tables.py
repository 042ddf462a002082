"""Reads tables (.csv, .tsv) and holds how rows become sections, which workbooks share."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats import rows as by_rows
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.encoding import text_of
from sensemake.indexers.formats.lines import CELL
from sensemake.model import Reason

ROWS = 40
"""Rows of a section: few enough to be found at their place, enough to belong together."""

Row = Sequence[str]


def read(data: bytes, limits: Limits) -> Content:
    text = text_of(data)
    rows = enumerate(csv.reader(StringIO(text, newline=""), delimiter=delimiter(text)), 1)
    return Content(tuple(sections(_counted(rows, limits))))


def sections(rows: Iterable[tuple[int, Row]], *, sheet: str = "") -> Iterator[Section]:
    """A row a section when the table is a list; else blocks of rows, each under the table's first row again.

    Rows that are empty are left out. A sheet's name stands before its first section and is every section's heading.
    """
    held = [(number, row) for number, row in rows if _line(row)]
    yield from by_rows.sections(held, sheet=sheet) if by_rows.is_list(held) else _blocks(held, sheet)


def _blocks(rows: Iterable[tuple[int, Row]], sheet: str) -> Iterator[Section]:
    head: tuple[int, str] | None = None
    block: list[tuple[int, str]] = []
    title = sheet
    for number, row in rows:
        line = _line(row)
        head = head or (number, line)
        block.append((number, line))
        if len(block) == ROWS:
            yield _section(block, head, sheet, title)
            block, title = [], ""
    if block and head is not None:
        yield _section(block, head, sheet, title)


def _section(block: list[tuple[int, str]], head: tuple[int, str], sheet: str, title: str) -> Section:
    first, last = block[0][0], block[-1][0]
    repeated = [] if first == head[0] else [head[1]]
    place = f"row={first}" if first == last else f"row={first}-{last}"
    return Section(
        "\n".join([*([title] if title else []), *repeated, *(line for _, line in block)]),
        locator=f"sheet={sheet};{place}" if sheet else place,
        headings=(sheet,) if sheet else (),
    )


def _line(row: Row) -> str:
    cells = [" ".join(cell.split()) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return CELL.join(cells)


def delimiter(text: str) -> str:
    """The candidate that the first lines use most evenly."""
    lines = [line for line in text.split("\n", 20)[:20] if line.strip()]
    counts = {mark: [line.count(mark) for line in lines] for mark in ",;\t|"}
    return max(counts, key=lambda mark: (min(counts[mark], default=0), sum(counts[mark])))


def _counted(rows: Iterable[tuple[int, Row]], limits: Limits) -> Iterator[tuple[int, Row]]:
    cells = 0
    for number, row in rows:
        cells += len(row)
        if cells > limits.cells:
            raise Refused(Reason.TOO_LARGE, f"it has more than {limits.cells:,} cells")
        yield number, row
