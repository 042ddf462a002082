"""Turns the HTML of a chat message into the words a reader saw; mentions, emoji and links keep their place."""

from __future__ import annotations

import re

_BLOCKS = frozenset(
    {"p", "div", "li", "blockquote", "pre", "codeblock", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table"}
)
_SILENT = frozenset({"script", "style", "attachment", "systemeventmessage"})


def plain(html: str) -> tuple[str, list[str]]:
    """The text, and the ids of its `<at id="0">` mentions in order. Never raises, whatever the markup."""
    from selectolax.lexbor import LexborHTMLParser

    pieces: list[str] = []
    named: list[str] = []
    if body := LexborHTMLParser(html).body:
        _walk(body, pieces, named)
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(pieces).split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip(), named


def _walk(top, pieces: list[str], named: list[str]) -> None:  # type: ignore[no-untyped-def]
    """Depth first with a stack of our own: a message may be nested deeper than Python goes."""
    todo: list[object] = [top]
    while todo:
        node = todo.pop()
        if isinstance(node, str):
            pieces.append(node)
            continue
        tag = node.tag  # type: ignore[attr-defined]
        if tag == "-text":
            pieces.append((node.text_content or "").replace("\n", " "))  # type: ignore[attr-defined]
        elif tag not in _SILENT:
            before, after = _around(node, named)
            todo.append(after)
            todo.extend(reversed(list(node.iter(include_text=True))))  # type: ignore[attr-defined]
            pieces.append(before)


def _around(node, named: list[str]) -> tuple[str, str]:  # type: ignore[no-untyped-def]
    """What stands before and after the text of an element."""
    tag, facts = node.tag, node.attributes
    if tag == "at":
        named.append(facts.get("id") or "")
        return "@", ""
    if tag in {"emoji", "img"}:
        return (facts.get("alt") or "") if tag == "emoji" or "emoji" in (
            facts.get("itemtype") or ""
        ).lower() else "", ""
    if tag == "a":
        address, label = facts.get("href") or "", node.text() or ""
        return "", f" ({address})" if address.startswith("http") and address.rstrip("/") != label.strip().rstrip(
            "/"
        ) else ""
    if tag == "br":
        return "\n", ""
    if tag == "li":
        return "\n• ", "\n"
    return ("\n", "\n") if tag in _BLOCKS else ("", "")
