"""Reads Word documents (.docx): headings by their styles, lists, tables, footnotes, text boxes, properties."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from sensemake.indexers import _dates
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.lines import Lines
from sensemake.indexers.formats.package import core_properties, local, opened, parsed

if TYPE_CHECKING:
    from docx.opc.part import Part
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_IGNORED = frozenset("moveFrom Fallback instrText pPr rPr tblPr trPr tcPr sectPr fldData".split())
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FOOTNOTES, _ENDNOTES, _COMMENTS = f"{_RELATION}/footnotes", f"{_RELATION}/endnotes", f"{_RELATION}/comments"


def read(data: bytes, limits: Limits) -> Content:
    """Walks the XML itself: python-docx's paragraphs leave out content controls, insertions and text boxes."""
    del limits
    import docx

    with opened(data) as archive:
        properties = core_properties(archive)
    document = docx.Document(BytesIO(data))
    reader = _Reader(_levels(document.styles.element), _notes(document.part))
    reader.read(document.element.body)
    return Content((*reader.lines.end(), *_comments(document.part)), properties=properties)


def _comments(part: Part) -> Iterator[Section]:
    """What others wrote in the margin, each with who and when."""
    for blob in _related(part, _COMMENTS):
        for comment in parsed(blob):
            text = "\n".join(filter(None, (line.strip() for line in "".join(_runs(comment)).split("\n"))))
            if text and local(comment) == "comment":
                author, date = comment.get(f"{_W}author") or "", comment.get(f"{_W}date") or ""
                place = f"comment={comment.get(f'{_W}id')}"
                yield Section(text, locator=place, headings=(), author=author, time=_dates.parse(date))


def _related(part: Part, *kinds: str) -> Iterator[bytes]:
    for relation in part.rels.values():
        if relation.reltype in kinds and not relation.is_external:
            yield relation.target_part.blob


def _levels(styles: _Element) -> Mapping[str, int]:
    """The heading level of each paragraph style: by its name, its outline level, or the style it is based on."""
    own: dict[str, int] = {}
    bases: dict[str, str] = {}
    for style in styles.iter(f"{_W}style"):
        key = style.get(f"{_W}styleId") or ""
        name = _value(style.find(f"{_W}name"))
        outline = _value(style.find(f"{_W}pPr/{_W}outlineLvl"))
        bases[key] = _value(style.find(f"{_W}basedOn"))
        if match := _HEADING.fullmatch(name):
            own[key] = int(match[1])
        elif name.lower() == "title":
            own[key] = 0
        elif outline.isdigit() and int(outline) < 9:
            own[key] = int(outline) + 1
    return {key: level for key in bases if (level := _inherited(key, own, bases)) is not None}


def _inherited(key: str, own: Mapping[str, int], bases: Mapping[str, str]) -> int | None:
    for _ in range(10):
        if key in own:
            return own[key]
        if not bases.get(key):
            return None
        key = bases[key]
    return None


def _value(element: _Element | None) -> str:
    return "" if element is None else element.get(f"{_W}val") or ""


def _notes(part: Part) -> Mapping[str, str]:
    """Footnotes and endnotes by their kind and number."""
    return dict(note for blob in _related(part, _FOOTNOTES, _ENDNOTES) for note in _notes_in(blob))


def _notes_in(blob: bytes) -> Iterator[tuple[str, str]]:
    for note in parsed(blob):
        text = " ".join(" ".join(_runs(note)).split())
        if text:
            yield f"{local(note)}Reference {note.get(f'{_W}id')}", text


def _runs(element: _Element) -> Iterator[str]:
    """The visible words below an element, in order; a text box stands where its anchor does."""
    for child in element:
        name = local(child)
        if name == "t":
            yield child.text or ""
        elif name == "tab":
            yield "\t"
        elif name in {"br", "cr"}:
            yield "\n"
        elif name == "noBreakHyphen":
            yield "-"
        elif name == "p":
            yield "\n"
            yield from _runs(child)
            yield "\n"
        elif name and name not in _IGNORED:
            yield from _runs(child)


class _Reader:
    """Walks blocks: paragraphs, tables, and whatever wraps them."""

    def __init__(self, levels: Mapping[str, int], notes: Mapping[str, str]) -> None:
        self._levels, self._notes = levels, notes
        self.lines = Lines()

    def read(self, container: _Element) -> None:
        for child in container:
            name = local(child)
            if name == "p":
                self._paragraph(child)
            elif name == "tbl":
                self._table(child)
            elif name and name not in _IGNORED:
                self.read(child)

    def _paragraph(self, paragraph: _Element) -> None:
        text = "".join(_runs(paragraph))
        level = self._level(paragraph)
        if level is not None and text.strip():
            self.lines.heading(" ".join(text.split()), level)
        elif paragraph.find(f"{_W}pPr/{_W}numPr") is not None:
            self.lines.item(text)
        else:
            self.lines.paragraph(text)
        self._notes_of(paragraph)

    def _level(self, paragraph: _Element) -> int | None:
        outline = _value(paragraph.find(f"{_W}pPr/{_W}outlineLvl"))
        if outline.isdigit():
            return int(outline) + 1 if int(outline) < 9 else None
        return self._levels.get(_value(paragraph.find(f"{_W}pPr/{_W}pStyle")))

    def _notes_of(self, paragraph: _Element) -> None:
        for kind in ("footnoteReference", "endnoteReference"):
            for reference in paragraph.iter(f"{_W}{kind}"):
                if text := self._notes.get(f"{kind} {reference.get(f'{_W}id')}"):
                    self.lines.paragraph(text)

    def _table(self, table: _Element) -> None:
        rows = [row for row in table.iter(f"{_W}tr") if _table_of(row) is table]
        if len(rows) == 1 and len(list(rows[0].iterchildren(f"{_W}tc"))) == 1:
            self.read(rows[0])  # a frame, not a table
            return
        for row in rows:
            cells = [cell for cell in row.iter(f"{_W}tc") if _table_of(cell) is table]
            self.lines.row(" ".join("".join(_runs(cell)).split()) for cell in cells)
            for cell in cells:
                self._notes_of(cell)


def _table_of(element: _Element) -> _Element | None:
    return next(element.iterancestors(f"{_W}tbl"), None)
