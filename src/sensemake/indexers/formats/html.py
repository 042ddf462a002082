"""Reads an HTML page: its main content by headings, and its meta data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats.boilerplate import page_of
from sensemake.indexers.formats.content import Content, Fields, Limits
from sensemake.indexers.formats.encoding import text_of
from sensemake.indexers.formats.html_text import sections
from sensemake.model import Reason

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w:-]{2,40})", re.IGNORECASE)
_DOOR = 600
"""Characters of a page to sign in, at most."""
_SIGN_IN = re.compile(
    r".{0,80}\b(?:please (?:log|sign) ?in|(?:log|sign) ?in to (?:continue|view|access)|"
    r"you (?:must|need to|have to) (?:be )?(?:log|sign)(?:ged)? ?in|"
    r"(?:this )?(?:page|content|post|site) is (?:password[- ])?protected|authentication required|"
    r"access denied|enter (?:the|your) password|(?:enable|requires?) javascript)\b",
    re.IGNORECASE,
)
_META = {
    "author": "author",
    "dc.creator": "author",
    "dcterms.creator": "author",
    "article:author": "author",
    "article:published_time": "published",
    "date": "date",
    "dc.date": "date",
    "dcterms.created": "created",
    "article:modified_time": "modified",
    "og:updated_time": "modified",
    "last-modified": "modified",
    "dcterms.modified": "modified",
    "keywords": "tags",
    "status": "status",
    "template": "template",
    "kind": "kind",
}


def read(data: bytes, limits: Limits) -> Content:
    del limits  # the text of a page is never longer than the page
    tree = LexborHTMLParser(text_of(data, _charset(data)))
    if tree.body is None:
        return Content(())
    page = page_of(tree.body)
    _refuse_a_door(tree.body)
    return Content(tuple(sections(page.root, page.left_out)), told=dict(_told(tree)), properties=_properties(tree))


def _refuse_a_door(body: LexborNode) -> None:
    """Raises Refused for a page that only asks to sign in: it is not what its address promised."""
    words = " ".join(body.text().split())
    asks = body.css_first("input[type=password]") is not None and len(words) <= _DOOR
    if asks or (len(words) <= _DOOR // 2 and _SIGN_IN.match(words)):
        raise Refused(Reason.EMPTY, "a page to sign in, and nothing else")


def _charset(data: bytes) -> str | None:
    match = _CHARSET.search(data[:4096])
    return match[1].decode("ascii") if match else None


def _told(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """The first value of each name; a name said twice (two authors) is joined."""
    found: dict[str, list[str]] = {}
    for meta in tree.css("meta[content]"):
        key = (meta.attributes.get("name") or meta.attributes.get("property") or "").lower()
        value = (meta.attributes.get("content") or "").strip()
        if value and key in _META and not value.startswith("http"):
            found.setdefault(_META[key], []).append(value)
    for name, values in found.items():
        yield name, "; ".join(dict.fromkeys(values)) if name == "author" else values[0]


def _properties(tree: LexborHTMLParser) -> Fields:
    """The page's title without the site's name, where the first heading shows which is which."""
    title = _text(tree.css_first("title"))
    heading = _text(tree.css_first("h1"))
    return {"title": heading if heading and heading in title else title} if title else {}


def _text(node: LexborNode | None) -> str:
    return " ".join(node.text().split()) if node is not None else ""
