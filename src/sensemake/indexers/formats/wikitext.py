"""Turns MediaWiki's markup into sections: headings, paragraphs, lists and tables; links keep their words."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sensemake.indexers.formats.content import Section
from sensemake.indexers.formats.lines import Lines

if TYPE_CHECKING:
    from mwparserfromhell.nodes import Node

_NO_TEXT = frozenset({"gallery", "math", "references", "templatestyles", "imagemap", "timeline", "score"})
_BLOCKS = frozenset({"div", "p", "blockquote", "center", "poem", "pre", "syntaxhighlight", "source"})
_MEDIA = re.compile(r"(?:file|image|media|datei|bild|fichier|archivo|bestand|immagine)\s*:", re.IGNORECASE)
_CATEGORY = re.compile(r"(?:category|kategorie|catégorie|categoría|categorie|categoria)\s*:\s*", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]+)?:")
_MARK = re.compile(r"^([*#:;]+)\s*(.*)", re.DOTALL)
_PROSE = 3
"""Words from which on what is handed to a template is read: a remark, not a setting."""
_ROW, _CELL = "\x1d", "\x1f"


def sections(text: str) -> tuple[list[Section], list[str]]:
    """The sections of a page, and its categories."""
    import mwparserfromhell

    categories: dict[str, None] = {}
    code: Any = mwparserfromhell.parse(text, skip_style_tags=False)
    lines = Lines()
    _write(_plain(code.nodes, categories), lines)
    return lines.end(), list(categories)


def _write(text: str, lines: Lines) -> None:
    paragraph: list[str] = []

    def flush() -> None:
        if paragraph:
            lines.paragraph("\n".join(paragraph))
            paragraph.clear()

    for line in text.split("\n"):
        if line.startswith("\x1e"):
            flush()
            level, _, title = line[1:].partition("\x1e")
            lines.heading(" ".join(title.split()), int(level))
        elif line.startswith(_ROW):
            flush()
            lines.row(" ".join(cell.split()) for cell in line[1:].split(_CELL)[1:])
        elif not line.strip():
            flush()
        elif match := _MARK.match(line):
            flush()
            if match[2].strip():
                lines.item(match[2])
        else:
            paragraph.append(line.strip())
    flush()


def _plain(nodes: Iterable[Node], categories: dict[str, None]) -> str:
    return "".join(_of(node, categories) for node in nodes)


def _of(node: Any, categories: dict[str, None]) -> str:
    kind = type(node).__name__
    if kind in {"Text", "HTMLEntity"}:
        return html.unescape(str(node))
    if kind == "Heading":
        return f"\n\x1e{min(node.level, 6)}\x1e{_plain(node.title.nodes, categories)}\n".replace("\x1e\n", "\x1e")
    if kind == "Wikilink":
        return _link(node, categories)
    if kind == "ExternalLink":
        return _plain(node.title.nodes, categories) if node.title is not None else str(node.url)
    if kind == "Template":
        return _template(node, categories)
    return _tag(node, categories) if kind == "Tag" else ""


def _template(node: Any, categories: dict[str, None]) -> str:
    """What is handed to it: short things by place (`{{unit|3|m}}`), under a name only what is a remark."""
    given = [(param.showkey, _plain(param.value.nodes, categories).strip()) for param in node.params]
    said = [words for is_named, words in given if words and (not is_named or len(words.split()) >= _PROSE)]
    whole = " ".join(said)
    return f"\n{whole}\n" if len(whole.split()) > 2 * _PROSE else whole


def _link(node: Any, categories: dict[str, None]) -> str:
    title = str(node.title).strip()
    if _MEDIA.match(title):
        caption = str(node.text).rpartition("|")[2] if node.text is not None else ""
        return f"\n{caption}\n" if len(caption.split()) >= _PROSE else ""
    if found := _CATEGORY.match(title):
        categories[title[found.end() :]] = None
        return ""
    if _LANGUAGE.match(title) and node.text is None:
        return ""
    return _plain(node.text.nodes, categories) if node.text is not None else title.lstrip(":")


def _tag(node: Any, categories: dict[str, None]) -> str:
    name = str(node.tag).strip().lower()
    contents = node.contents.nodes if node.contents is not None else []
    if name in _NO_TEXT or name == "br":
        return "\n" if name == "br" else ""
    if name in {"li", "dd", "dt"} and node.wiki_markup:
        return str(node.wiki_markup)
    if name in {"table", "tr"}:
        return f"\n{_rows(contents, categories)}\n"
    if name == "ref":
        return f" [{' '.join(_plain(contents, categories).split())}]" if contents else ""
    inner = str(node.contents) if name == "nowiki" else _plain(contents, categories)
    return f"\n{inner}\n" if name in _BLOCKS else inner


def _rows(contents: Iterable[Any], categories: dict[str, None]) -> str:
    """The rows of a table; cells before the first row's mark are a row too."""
    rows, cells = list[str](), ""
    for node in contents:
        name = str(node.tag).strip().lower() if type(node).__name__ == "Tag" else ""
        if name in {"td", "th"}:
            words = _plain(node.contents.nodes, categories) if node.contents is not None else ""
            cells += _CELL + " ".join(words.replace(_ROW, " ").split())
        elif name == "tr":
            rows += [f"{_ROW}{cells}"] if cells else []
            rows, cells = [*rows, _rows(node.contents.nodes, categories) if node.contents is not None else ""], ""
    return "\n".join([*rows, *([f"{_ROW}{cells}"] if cells else [])])
