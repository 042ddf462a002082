"""Tells what of an HTML page is its content, and what is navigation, banners, forms and cookie notices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

_NEVER_CONTENT = (
    "nav, footer, dialog, [hidden], [role=navigation], [role=banner], [role=contentinfo], [role=complementary], "
    "[role=search], [role=dialog], [role=alertdialog]"
)
_NOTES = re.compile(r"\b(note|tip|hint|warning|caution|important|danger|info|admonition|callout|example)\b")
_WORDS = re.compile(
    r"(?<![a-z])(cookies?|gdpr|consent-?(?:banner|notice|bar|popup)|newsletter|breadcrumbs?|side-?bar|nav-?bar|site-?nav"
    r"|(?:site|page)-?(?:header|footer)|skip-?(?:link|to)|share-?(?:buttons?|links|bar)|social-?(?:links|share|media)"
    r"|related-?(?:posts|articles|links)|comment-?(?:form|respond)|respond|subscribe|sign-?up-?form|toc|headerlink"
    r"|edit-?link|mw-editsection|navbox|catlinks|printfooter|advert(?:isement)?|ads|promo)(?![a-z])"
)
_MOST = 0.5
"""An element with more of the page's text than this share is content, whatever it is called."""


@dataclass(frozen=True, slots=True)
class Page:
    """The element that holds the content, and the `mem_id`s of elements in it that are not content."""

    root: LexborNode
    left_out: frozenset[int]


def page_of(body: LexborNode) -> Page:
    whole = _length(body)
    left_out = {node.mem_id for node in _candidates(body) if _length(node) <= _MOST * whole}
    return Page(_main(body, whole) or body, frozenset(left_out))


def _candidates(body: LexborNode) -> Iterator[LexborNode]:
    yield from body.css(_NEVER_CONTENT)
    only_title = len(body.css("h1")) == 1
    for node in body.css("header, aside"):
        inside = _is_inside_article(node)
        a_note = node.tag == "aside" and inside and _NOTES.search(_label(node))
        a_heading = node.tag == "header" and (inside or (only_title and node.css_first("h1")))
        if not a_note and not a_heading:
            yield node
    for node in body.css("[class], [id]"):
        if node.tag not in {"body", "main", "article", "pre", "code"} and _WORDS.search(_label(node)):
            yield node


def _label(node: LexborNode) -> str:
    attributes = node.attributes
    return f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()


def _is_inside_article(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(50):
        if parent is None or parent.tag in {"article", "main"}:
            return parent is not None
        parent = parent.parent
    return False


def _main(body: LexborNode, whole: int) -> LexborNode | None:
    """`main`, or the page's only article, when it holds most of the text."""
    for selector in ("main", "[role=main]", "article"):
        found = body.css(selector)
        if len(found) == 1 and _length(found[0]) > _MOST * whole:
            return found[0]
    return None


def _length(node: LexborNode) -> int:
    return len("".join(node.text().split()))
