"""Reads the text of PDF files page by page; a page stands under the bookmarks that lead to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats.content import Content, Fields, Limits, Section
from sensemake.model import Reason

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_META = {"Title": "title", "Author": "author", "CreationDate": "created", "ModDate": "modified", "Keywords": "tags"}
_ENCRYPTED = (4, 5)
"""FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY (fpdfview.h)."""
_HYPHEN = re.compile(r"(?:\ufffe|\x02|\u00ad)[ ]?\n?")


def read(data: bytes, limits: Limits) -> Content:
    """Raises Refused: encrypted, too_large, empty when there is no text layer, malformed."""
    import pypdfium2

    if b"%PDF" not in data[:1024]:
        raise Refused(Reason.MALFORMED, "it does not begin as a PDF file does")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in _ENCRYPTED:
            raise Refused(Reason.ENCRYPTED, "it is protected by a password: take it off and try again") from None
        raise Refused(Reason.MALFORMED, "it cannot be opened as a PDF file") from None
    try:
        return _content(document, limits)
    finally:
        document.close()


def _content(document: PdfDocument, limits: Limits) -> Content:
    if len(document) > limits.pages:
        raise Refused(Reason.TOO_LARGE, f"it has more than {limits.pages:,} pages")
    found = tuple(section for section in _sections(document) if section.text.strip())
    if not found:
        raise Refused(Reason.EMPTY, "no text layer: it holds pictures of pages, which need text recognition first")
    return Content(found, properties=_properties(document))


def _sections(document: PdfDocument) -> Iterator[Section]:
    paths = _paths(document)
    path: tuple[str, ...] = ()
    for index in range(len(document)):
        path = paths.get(index, path)
        yield Section(_text(document, index), locator=f"page={index + 1}", headings=path)


def _text(document: PdfDocument, index: int) -> str:
    """A page's text; nothing for a page that is broken, as its neighbours may be whole."""
    import pypdfium2

    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return ""
    try:
        words = page.get_textpage()
        try:
            return _tidy(words.get_text_bounded())
        finally:
            words.close()
    except pypdfium2.PdfiumError:
        return ""
    finally:
        page.close()


def _tidy(text: str) -> str:
    """Line ends as ours; a word that was broken at a line's end is one word again."""
    whole = _HYPHEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in whole.split("\n")).strip("\n")


def _paths(document: PdfDocument) -> Mapping[int, tuple[str, ...]]:
    """For each page that a bookmark leads to, the bookmarks it stands under: the first of that page counts."""
    found: dict[int, tuple[str, ...]] = {}
    above: list[str] = []
    for bookmark in document.get_toc(max_depth=9):
        destination = bookmark.get_dest()
        page = destination.get_index() if destination is not None else None
        title = " ".join(bookmark.get_title().split())
        above = [*above[: bookmark.level], title]
        if page is not None and title:
            found.setdefault(page, tuple(filter(None, above)))
    return found


def _properties(document: PdfDocument) -> Fields:
    told = document.get_metadata_dict(skip_empty=True)
    return {_META[name]: value for name, value in told.items() if name in _META and value.strip()}
