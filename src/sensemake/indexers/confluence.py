"""Reads a Confluence space exported as HTML or as XML: pages, blog posts and comments, with authors and editors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sensemake.indexers import _confluence_xml
from sensemake.indexers._export import Export, Glimpse, Limits
from sensemake.indexers._wiki import LeftOut, Page, WikiIndexer, read_member
from sensemake.indexers.formats.content import Content, Section
from sensemake.indexers.formats.encoding import text_of
from sensemake.indexers.formats.html_text import sections
from sensemake.model import ReadFailure, Reason

_ENTITIES = "entities.xml"
_MARKS = (b'class="page-metadata"', b'id="title-heading"', b"confluence-export", b'id="breadcrumb-section"')
_KEY = re.compile(r"(?:^|_)(\d{4,})$")
_EDITED = re.compile(
    r"(?:last modified|last updated|zuletzt geändert|dernière modification)[^<]*?\bon\s+([^<]+)", re.IGNORECASE
)
_CREATED = re.compile(r"\bon\s+([A-Z][a-z]{2,8} \d{1,2}, \d{4}|\d{1,2}[ .-][A-Za-z]{3,9}[ .,-]+\d{4}|\d{4}-\d\d-\d\d)")
_POSTED = re.compile(r"(?:Posted|Created) by\s+(.{1,100}?)\s+at\s+(.{1,60})", re.IGNORECASE | re.DOTALL)
_NOT_TEXT = ".page-metadata, .breadcrumbs, #breadcrumb-section, .toc-macro, .hidden, .expand-control"


class ConfluenceIndexer(WikiIndexer):
    """Exports of a space or a whole site. Pages that only some may see are left out and counted."""

    name = "confluence"
    bid = 91
    limits = Limits(unpacked=16 << 30, member=8 << 30)
    wanted = "a page of Confluence"

    def recognises(self, seen: Glimpse) -> bool:
        if seen.is_file:
            return any(b"<hibernate-generic" in head for head in seen.heads.values())
        heads = [head for name, head in seen.heads.items() if name.lower().endswith(".html")]
        styled = "styles/site.css" in seen.names
        return (_ENTITIES in seen.names and "exportDescriptor.properties" in seen.names) or any(
            sum(mark in head for mark in _MARKS) >= (1 if styled else 2) for head in heads
        )

    def pages(self, export: Export) -> Iterator[Page | ReadFailure]:
        entities = [name for name in export.names if PurePosixPath(name).suffix == ".xml"]
        if entities and not any(name.endswith(".html") for name in export.names):
            for name in entities:
                yield from _confluence_xml.pages(export, name)
        else:
            yield from _html_pages(export)


def _html_pages(export: Export) -> Iterator[Page | ReadFailure]:
    """The list of pages is no page; attachments are read as files are, pictures and the like counted."""
    left_out = LeftOut()
    for name in export.names:
        path = PurePosixPath(name)
        if path.parts[0] in {"styles", "images"} or path.name in {"index.html", "index.htm"}:
            continue
        if path.suffix == ".html" and path.parts[0] != "attachments":
            yield from _html_page(export, name, left_out)
            continue
        found = read_member(export, name)
        if isinstance(found, Content):
            yield Page(name, name, found)
        else:
            yield from left_out.unless_attached(found, name, name)
    yield from left_out.failures(export.path.name)


def _html_page(export: Export, name: str, left_out: LeftOut) -> Iterator[Page | ReadFailure]:
    stem = PurePosixPath(name).stem
    match = _KEY.search(stem)
    key = f"page/{match[1]}" if match else name
    data = export.read(name)
    if isinstance(data, ReadFailure):
        yield replace(data, uri=key)
        return
    tree = LexborHTMLParser(text_of(data))
    main = tree.css_first("#main-content") or tree.css_first(".wiki-content") or tree.body
    if main is None:
        yield ReadFailure(name, Reason.EMPTY, "it has no text", uri=key)
        return
    around = frozenset(node.mem_id for node in main.css(_NOT_TEXT))
    found = [*sections(main, around), *_comments(tree, left_out)]
    yield Page(key, name, Content(tuple(found)), dict(_told(tree, stem)))


def _told(tree: LexborHTMLParser, stem: str) -> Iterator[tuple[str, object]]:
    trail = [_words(node) for node in tree.css("#breadcrumbs li")]
    title = _words(tree.css_first("#title-text")) or _words(tree.css_first("title")) or stem
    space, _, rest = title.partition(" : ")
    yield "title", rest or space
    if trail and (rest or trail[0]):
        yield "space", trail[0] or space
    about = tree.css_first(".page-metadata")
    if about is None:
        return
    author, editor = _words(about.css_first(".author")), _words(about.css_first(".editor"))
    text = _words(about)
    yield from (
        (key, [name]) for key, name in (("author", author), ("editor", editor)) if name and name != "Unknown User"
    )
    if match := _EDITED.search(text):
        yield "updated", match[1].strip()
    elif match := _CREATED.search(text):
        yield "created", match[1]


def _comments(tree: LexborHTMLParser, left_out: LeftOut) -> Iterator[Section]:
    """What was said below a page, each with who said it."""
    for number, below in enumerate(tree.css("div.smallfont"), 1):
        match, cell = _POSTED.search(_words(below)), below.parent
        if match is None or cell is None:
            left_out.add("comments of which nothing tells who wrote them")
            continue
        text = "\n\n".join(s.text for s in sections(cell, frozenset([below.mem_id])) if s.text.strip())
        if text:
            yield Section(text, locator=f"comment={number}", headings=("Comments",), author=match[1])


def _words(node: LexborNode | None) -> str:
    return " ".join(node.text().split()) if node is not None else ""
