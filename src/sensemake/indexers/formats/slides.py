"""Reads PowerPoint files (.pptx): a section for each slide, with its tables, charts and speaker notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.lines import Lines
from sensemake.indexers.formats.package import core_properties, opened
from sensemake.model import Reason


def read(data: bytes, limits: Limits) -> Content:
    import pptx

    with opened(data) as archive:
        properties = core_properties(archive)
    slides = pptx.Presentation(BytesIO(data)).slides
    if len(slides) > limits.pages:
        raise Refused(Reason.TOO_LARGE, f"it has more than {limits.pages:,} slides")
    found = (_section(slide, number) for number, slide in enumerate(slides, 1))
    return Content(tuple(section for section in found if section.text or section.heading), properties=properties)


def _section(slide: Any, number: int) -> Section:
    """A slide stands on its own: its title is its only heading."""
    title = slide.shapes.title
    heading = " ".join(title.text_frame.text.split()) if title is not None and title.has_text_frame else ""
    lines = Lines()
    for shape in _flat(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            _shape(shape, lines)
    if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
        lines.paragraph(f"Notes: {frame.text}" if frame.text.strip() else "")
    text = "\n\n".join(section.text for section in lines.end())
    path = (heading,) if heading else ()
    return Section("\n".join(filter(None, (heading, text))), locator=f"slide={number}", headings=path)


def _flat(shapes: Iterable[Any]) -> Iterator[Any]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _flat(shape.shapes)
        else:
            yield shape


def _shape(shape: Any, lines: Lines) -> None:
    if getattr(shape, "has_table", False):
        for row in shape.table.rows:
            lines.row(" ".join(cell.text.split()) for cell in row.cells if not cell.is_spanned)
    elif getattr(shape, "has_chart", False):
        lines.paragraph("\n".join(filter(None, _chart(shape.chart))))
    elif shape.has_text_frame:
        paragraphs = [" ".join(paragraph.text.split()) for paragraph in shape.text_frame.paragraphs]
        lines.paragraph("\n".join(filter(None, paragraphs)))


def _chart(chart: Any) -> Iterator[str]:
    """A chart's words: its title, and the names of its series and categories."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield chart.chart_title.text_frame.text
    for plot in _plots(chart):
        yield ", ".join(dict.fromkeys(str(series.name) for series in plot.series if series.name))
        yield ", ".join(dict.fromkeys(str(label) for label in plot.categories if label))


def _plots(chart: Any) -> list[Any]:
    """None of a kind of chart that python-pptx does not know."""
    try:
        return list(chart.plots)
    except ValueError:
        return []
