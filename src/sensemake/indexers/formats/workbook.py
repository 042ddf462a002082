"""Reads Excel workbooks (.xlsx): blocks of rows of each sheet, values as they were last calculated."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats import tables
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.package import core_properties, opened
from sensemake.model import Reason


def read(data: bytes, limits: Limits) -> Content:
    import openpyxl

    with opened(data) as archive:
        properties = core_properties(archive)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions, which we do not read
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            return Content(tuple(_sections(book.worksheets, limits)), properties=properties)
        finally:
            book.close()


def _sections(sheets: list[object], limits: Limits) -> Iterator[Section]:
    cells = 0
    for sheet in sheets:
        rows = []
        for number, row in _rows(sheet):
            cells += len(row)
            if cells > limits.cells:
                raise Refused(Reason.TOO_LARGE, f"it has more than {limits.cells:,} cells")
            rows.append((number, row))
        yield from tables.sections(rows, sheet=str(getattr(sheet, "title", "")))


def _rows(sheet: object) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something. The size that a sheet states of itself is not trusted."""
    sheet.reset_dimensions()  # type: ignore[attr-defined]
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):  # type: ignore[attr-defined]
        if any(value is not None for value in values):
            yield number, [_text(value) for value in values]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes")
        case date() | time():
            return value.isoformat()
        case float():
            return f"{value:.15g}"
        case _:
            return str(value)
