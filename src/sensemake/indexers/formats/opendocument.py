"""Reads OpenDocument texts, slides and sheets (.odt, .odp, .ods) by their XML (OASIS ODF 1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zipfile import ZipFile

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats import tables
from sensemake.indexers.formats.content import Content, Fields, Limits, Section
from sensemake.indexers.formats.lines import Lines
from sensemake.indexers.formats.package import local, opened, xml
from sensemake.model import Reason

if TYPE_CHECKING:
    from lxml.etree import _Element

_IGNORED = frozenset(
    "tracked-changes annotation annotation-end sequence-decls variable-decls user-field-decls forms settings "
    "bibliography-configuration notes-configuration event-listeners desc title style".split()
)
_INDEXES = frozenset("table-of-content alphabetical-index illustration-index table-index".split())
_META = {
    "title": "title",
    "initial-creator": "initial-creator",
    "creator": "last-modified-by",
    "creation-date": "created",
    "date": "modified",
    "keyword": "tags",
}
_WIDEST = 1_000


def read(data: bytes, limits: Limits) -> Content:
    with opened(data) as archive:
        _refuse_encrypted(archive)
        body = next((e for e in _root(archive).iter() if local(e) == "body"), None)
        if body is None:
            raise Refused(Reason.MALFORMED, "it has no body")
        return Content(tuple(_sections(body, limits)), properties=_properties(archive))


def _root(archive: ZipFile) -> _Element:
    root = xml(archive, "content.xml")
    if root is None:
        raise Refused(Reason.MALFORMED, "it has no content.xml")
    return root


def _refuse_encrypted(archive: ZipFile) -> None:
    manifest = xml(archive, "META-INF/manifest.xml")
    if manifest is not None and any(local(element) == "encryption-data" for element in manifest.iter()):
        raise Refused(Reason.ENCRYPTED, "it is protected by a password: take it off and try again")


def _properties(archive: ZipFile) -> Fields:
    meta = xml(archive, "meta.xml")
    if meta is None:
        return {}
    found = ((local(element), (element.text or "").strip()) for element in meta.iter())
    return {_META[name]: value for name, value in found if name in _META and value}


def _sections(body: _Element, limits: Limits) -> Iterator[Section]:
    for child in body:
        if local(child) == "spreadsheet":
            yield from _sheets(child, limits)
        elif local(child) == "presentation":
            pages = [page for page in child if local(page) == "page"]
            yield from (_slide(page, number) for number, page in enumerate(pages, 1))
        else:
            reader = _Reader()
            reader.read(child)
            yield from reader.lines.end()


def _slide(page: _Element, number: int) -> Section:
    reader = _Reader()
    reader.read(page)
    title = next((f for f in page.iter() if local(f) == "frame" and _get(f, "class") == "title"), None)
    heading = " ".join(_text(title).split()) if title is not None else ""
    text = "\n\n".join(f"{section.heading}\n{section.text}".strip() for section in reader.lines.end())
    return Section(text, locator=f"slide={number}", headings=(heading,) if heading else ())


def _sheets(spreadsheet: _Element, limits: Limits) -> Iterator[Section]:
    for table in spreadsheet:
        if local(table) == "table":
            yield from tables.sections(_rows(table, limits), sheet=_get(table, "name"))


def _rows(table: _Element, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Repeated cells and rows are how an empty million is written; only what holds text is repeated, and not far."""
    number, cells = 0, 0
    for row in table.iter():
        if local(row) != "table-row":
            continue
        values = [value for cell in row for value in _cell(cell)][:_WIDEST]
        repeated = int(_get(row, "number-rows-repeated") or 1)
        for again in range(repeated if any(values) else 0):
            cells += len(values)
            if cells > limits.cells:
                raise Refused(Reason.TOO_LARGE, f"it has more than {limits.cells:,} cells")
            yield number + again + 1, values
        number += repeated


def _cell(cell: _Element) -> Iterator[str]:
    if local(cell) in {"table-cell", "covered-table-cell"}:
        text = " ".join(_text(cell).split())
        yield from [text] * min(int(_get(cell, "number-columns-repeated") or 1), _WIDEST)


def _get(element: _Element, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), "")


class _Reader:
    """Walks blocks: headings, paragraphs, lists, tables, frames."""

    def __init__(self) -> None:
        self.lines = Lines()

    def read(self, container: _Element, *, in_list: bool = False) -> None:
        for child in container:
            name = local(child)
            if name == "h":
                self._heading(child)
            elif name == "p":
                (self.lines.item if in_list else self.lines.paragraph)(_text(child))
            elif name == "table":
                self._table(child)
            elif name == "notes":
                self.lines.paragraph(f"Notes: {' '.join(_text(child).split())}" if _text(child).strip() else "")
            elif name and name not in _IGNORED and name not in _INDEXES:
                self.read(child, in_list=in_list or name == "list")

    def _heading(self, element: _Element) -> None:
        text, level = " ".join(_text(element).split()), _get(element, "outline-level")
        if text:
            self.lines.heading(text, int(level) if level.isdigit() else 1)

    def _table(self, table: _Element) -> None:
        for row in table.iter():
            if local(row) == "table-row":
                self.lines.row(value for cell in row for value in _cell(cell))


def _text(element: _Element) -> str:
    return "".join(_words(element))


def _words(element: _Element) -> Iterator[str]:
    """The text below an element; a note or a text box stands where its anchor does."""
    yield element.text or ""
    for child in element:
        name = local(child)
        if name == "tab":
            yield "\t"
        elif name == "line-break":
            yield "\n"
        elif name == "s":
            yield " " * min(int(_get(child, "c") or 1), 100)
        elif name in {"p", "h", "list-item"}:
            yield f"\n{_text(child)}\n"
        elif name == "note":
            yield f" ({' '.join(_text(child).split())}) "
        elif name and name not in _IGNORED and name != "note-citation":
            yield from _words(child)
        yield child.tail or ""
