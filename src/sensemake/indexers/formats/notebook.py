"""Reads Jupyter notebooks (.ipynb): words, code, and the first lines of what the code wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sensemake.indexers._archives import Refused
from sensemake.indexers._fields import objects
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.encoding import text_of
from sensemake.indexers.formats.markdown import sections_of
from sensemake.model import Reason

_LINES, _CHARACTERS = 5, 400
"""Of an output: more is data, which is made anew by whoever runs the notebook."""


def read(data: bytes, limits: Limits) -> Content:
    """Raises Refused: malformed when it is no notebook."""
    del limits
    try:
        book = json.loads(text_of(data))
    except (ValueError, RecursionError):
        raise Refused(Reason.MALFORMED, "it is no JSON; it may be cut short") from None
    if not isinstance(book, Mapping) or not ("cells" in book or "worksheets" in book):
        raise Refused(Reason.MALFORMED, "it has no cells")
    return Content(tuple(s for cell in _cells(book) for s in _sections(cell)), told=_told(book.get("metadata")))


def _cells(book: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The cells of today's format; those before 2014 lay on worksheets."""
    sheets = book.get("worksheets")
    lists = [book.get("cells"), *(s.get("cells") for s in objects(sheets))]
    for cells in lists:
        yield from objects(cells)


def _sections(cell: Mapping[str, object]) -> Iterator[Section]:
    kind, text = cell.get("cell_type"), _joined(cell.get("source", cell.get("input")))
    if kind == "markdown":
        yield from sections_of(text)
    elif kind == "heading":
        yield Section("", " ".join(text.split()), int(str(cell.get("level") or 1)))
    elif kind == "code":
        shown = "\n".join(filter(None, (_output(output) for output in objects(cell.get("outputs")))))
        if text.strip():
            yield Section(f"{text.strip()}\n\n{shown}".strip() if shown else text.strip())
    elif text.strip():
        yield Section(text.strip())


def _output(output: Mapping[str, object]) -> str:
    """Text that was written, its beginning; no picture, no table of markup, no description of an object."""
    found = output.get("data")
    text = _joined(output.get("text")) or (_joined(found.get("text/plain")) if isinstance(found, Mapping) else "")
    lines = text.strip().split("\n")
    if not text.strip() or text.lstrip().startswith("<") or output.get("output_type") in {"error", "pyerr"}:
        return ""
    short = "\n".join(lines[:_LINES])[:_CHARACTERS].rstrip()
    return f"{short} …" if len(short) < len(text.strip()) else short


def _told(metadata: object) -> dict[str, object]:
    if not isinstance(metadata, Mapping):
        return {}
    told = {key: value for key, value in metadata.items() if key in {"title", "authors", "author", "date", "tags"}}
    kernel = metadata.get("kernelspec")
    language = kernel.get("language") if isinstance(kernel, Mapping) else None
    return {**told, "programming-language": language} if isinstance(language, str) else told


def _joined(found: object) -> str:
    if isinstance(found, list):
        return "".join(line for line in found if isinstance(line, str))
    return found if isinstance(found, str) else ""
