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
    r"|edit-?link|mw-editsection|interlanguage|mw-portlet|mw-jump-link|vector-(?:header|column|dropdown|menu)|navbox"
    r"|catlinks|printfooter|advert(?:isement)?|ads|promo)(?![a-z])"
)
_SHORT = 400
"""Characters of a form, a notice or an invitation, at most."""
_MAY = re.compile(r"cookies?\b|newsletter|mailing list|updates|(?:skip|jump) to|back to top|share", re.IGNORECASE)
_NOTICE = re.compile(
    r"(?=.*\bcookies?\b)(?=.*\b(?:accept|agree|consent|decline|reject|got it|settings|preferences|policy)\b)"
    r".{0,80}\b(?:we|site|website|page|you)\b|"
    r"(?:subscribe|sign up|join)\b.{0,60}\b(?:newsletter|mailing list|updates)\b|"
    r"(?:skip|jump) to (?:main |the )?content$|back to top$|share (?:this|on|via)\b.{0,80}$",
    re.IGNORECASE | re.DOTALL,
)
_INVITATION = re.compile(
    r"(?:leave|post|write|add|submit) (?:a|your) (?:comment|reply|response)\b.{0,40}|join the (?:discussion"
    r"|conversation)|"
    r"(?:you might|you may) also (?:like|enjoy).{0,20}|related (?:posts|articles|stories)|share this(?: post| page|:)?",
    re.IGNORECASE,
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
    yield from _by_words(body)
    for node in body.css("[class], [id]"):
        if node.tag not in {"body", "main", "article", "pre", "code"} and _WORDS.search(_label(node)):
            yield node


def _by_words(body: LexborNode) -> Iterator[LexborNode]:
    """Forms to fill in, notices, and what invites to comment, with the little that stands under it."""
    for node in body.css("form"):
        if node.css_first("textarea, input, button") and _length(node) <= _SHORT:
            yield node
    if _MAY.search(body.text()):
        for node in body.css("p, div, section, aside, li, a"):
            text = " ".join(node.text().split())
            if 0 < len(text) <= _SHORT and _NOTICE.match(text) and node.css_first("h1, h2, h3") is None:
                yield node
    for node in body.css("h2, h3, h4, h5, h6"):
        if _INVITATION.fullmatch(" ".join(node.text().split())):
            yield node
            if node.parent is not None and node.parent.tag != "body" and _length(node.parent) <= _SHORT:
                yield node.parent


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
