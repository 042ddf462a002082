"""Writes an HTML tree down as sections of plain text: a heading starts one, links keep their words, code its shape."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from sensemake.indexers import _dates
from sensemake.indexers._people import mentions
from sensemake.indexers.formats.content import Section
from sensemake.indexers.formats.lines import CELL
from sensemake.indexers.formats.speakers import speaker
from sensemake.model import Handle

_SKIPPED = frozenset(
    "script style template noscript svg iframe object embed canvas audio video map head title meta link button select "
    "textarea input datalist -comment !doctype".split()
)
_EMPTY = frozenset("br hr img wbr".split())
_CODE = frozenset("code kbd samp tt".split())
_ROWS = frozenset("tr caption thead tbody tfoot table".split())
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form "
    "header hr html legend li main nav ol optgroup p pre section summary table tbody td tfoot th thead tr ul "
    "caption".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_NOT_IN_A_ROW = "h1, h2, h3, h4, h5, h6, ul, ol, dl, pre, blockquote"
_SPACE = re.compile(r"\s+")
_LABEL = re.compile(r"\n(?=[ \t]*[A-Z][\w()/-]*(?: [\w()/-]+){0,3}:\s)")
_ANCHOR = re.compile(r"\s*\{#[^{}\s]+\}$")
"""`Goals {#goals}`, as some Markdown dialects name a heading's place."""
_TIGHT = frozenset({"li", "tr"})
_DATE_LINE = 6
"""The level of a line in bold that is a date: it stands for a heading in minutes that come from a word processor."""


def sections(
    root: LexborNode,
    left_out: frozenset[int] = frozenset(),
    *,
    markdown: bool = False,
    speakers: frozenset[str] = frozenset(),
) -> list[Section]:
    """The text below `root` in order, but for the elements `left_out` (by `mem_id`).

    A paragraph that begins with one of the `speakers` in bold begins what they say, up to the next one or a heading.
    In Markdown `@user` outside of code is a mention, and a line that begins with `Label:` stays a line of its own.
    """
    writer = _Writer(left_out, markdown=markdown, speakers=speakers)
    depth, node = 0, root.child
    while node is not None:
        child = node.child if writer.enter(node) else None
        if child is not None:
            node, depth = child, depth + 1
            continue
        while node is not None and node.next is None and depth:
            node, depth = node.parent, depth - 1
            if node is not None:
                writer.leave(node.tag or "")
        node = node.next if node is not None else None
    return writer.end()


def _is_date_line(paragraph: LexborNode) -> bool:
    bold = paragraph.child
    if bold is None or bold.tag not in {"strong", "b"} or bold.next is not None:
        return False
    text = bold.text().strip()
    return len(text) <= 40 and _dates.find(text, month_first=True) is not None


def _label_of(paragraph: LexborNode) -> LexborNode | None:
    """The words in bold that a paragraph begins with: alone on their line, or before a colon."""
    bold = paragraph.child
    if bold is None or bold.tag != "strong":
        return None
    after = bold.next
    following = after.text_content or "" if after is not None and after.tag == "-text" else ""
    ends = (bold.text() or "").rstrip().endswith(":") or following.lstrip(" ").startswith((":", "\n"))
    return bold if after is None or ends else None


class _Writer:
    """Takes a walk's steps; keeps the line it is in, the blocks of its section, and the sections that are whole."""

    def __init__(self, left_out: frozenset[int], *, markdown: bool, speakers: frozenset[str]) -> None:
        self._left_out, self._markdown, self._speakers = left_out, markdown, speakers
        self._speaker: Handle | None = None
        self._name_of_turn, self._is_turns_first = 0, False
        self._done: list[Section] = []
        self._heading, self._level, self._in_heading = "", 1, False
        self._blocks: list[tuple[str, str]] = []
        self._line: list[str] = []
        self._mentions: dict[str, None] = {}
        self._lists: list[int | None] = []
        self._prefix = ""
        self._code = self._pre = 0
        self._in_table = False
        self._cells = 0

    def enter(self, node: LexborNode) -> bool:
        """Whether to go into the node's children; if so, `leave` is called after them."""
        tag = node.tag or ""
        if tag == "-text":
            self._write(node.text_content or "")
            self._keep_line_before_label(node)
            return False
        if tag in _SKIPPED or (self._left_out and node.mem_id in self._left_out):
            return False
        if self._name_of_turn and node.mem_id == self._name_of_turn:
            return False
        if tag in _EMPTY:
            self._write_empty(tag, node)
            return False
        if node.child is None:
            self._flush_at(tag)
            return False
        return self._open(tag, node)

    def leave(self, tag: str) -> None:
        if self._in_heading and (tag in _HEADINGS or tag == "p"):
            self._heading, self._in_heading = _ANCHOR.sub("", " ".join(self._take_line().split())), False
        elif tag in {"ul", "ol"} and not self._in_table:
            self._flush()
            self._lists.pop()
        elif tag == "pre":
            self._flush()
            self._pre -= 1
        elif tag in _CODE:
            self._code -= 1
        elif tag == "table":
            self._flush()
            self._in_table = False
        else:
            self._flush_at(tag)

    def end(self) -> list[Section]:
        self._flush()
        self._finish()
        return self._done

    # ── steps ────────────────────────────────────────────────────────────────────────────────────

    def _open(self, tag: str, node: LexborNode) -> bool:
        if tag in _HEADINGS and not self._in_table:
            self._start_section(_HEADINGS[tag])
        elif tag == "p" and self._markdown and _is_date_line(node):
            self._start_section(_DATE_LINE)
        elif tag == "p" and self._speakers and not self._lists and (name := _label_of(node)) is not None:
            self._start_turn(name)
        elif tag in {"ul", "ol"} and not self._in_table:
            self._flush()
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li" and self._lists:
            self._start_item()
        elif tag == "pre":
            self._flush()
            self._pre += 1
        elif tag in _CODE:
            self._code += 1
        elif tag == "table":
            self._flush()
            self._in_table = len(node.css("table")) == 1 and node.css_first(_NOT_IN_A_ROW) is None
        elif tag in {"td", "th"} and self._in_table:
            self._line.append(CELL if self._cells else "")
            self._cells += 1
        elif tag in {"a", "sup"} and "footnote" in (node.attributes.get("class") or ""):
            self._line.append(f" [{node.text().strip()}]" if tag == "sup" else "")
            return False
        else:
            self._flush_at(tag)
        return True

    def _start_turn(self, name: LexborNode) -> None:
        """A speaker's name is the author of what comes, and no text; any other label ends a turn."""
        self._flush()
        shown = " ".join(name.text().split()).rstrip(" :")
        handle = speaker(shown) if shown in self._speakers else None
        if handle is not None or self._speaker is not None:
            self._finish()
        self._speaker = handle
        if handle is not None:
            self._name_of_turn, self._is_turns_first = name.mem_id, True

    def _start_section(self, level: int) -> None:
        self._flush()
        self._finish()
        self._speaker = None
        self._level, self._in_heading = level, True

    def _start_item(self) -> None:
        self._flush()
        number = self._lists[-1]
        self._prefix = "  " * (len(self._lists) - 1) + ("- " if number is None else f"{number}. ")
        if number is not None:
            self._lists[-1] = number + 1

    def _write(self, text: str) -> None:
        if self._pre:
            self._line.append(text)
            return
        if self._markdown:
            if "@" in text and not self._code:
                self._mentions.update(dict.fromkeys(mentions(text)))
            if ":" in text:
                text = _LABEL.sub("\0", text)
        self._line.append(_SPACE.sub(" ", text).replace("\0", "\n"))

    def _keep_line_before_label(self, text: LexborNode) -> None:
        """`**Author**: Jane` on a line of its own is one text node, one element, one text node."""
        after = text.next
        opens = self._markdown and after is not None and after.tag in {"strong", "em"}
        if opens and not self._pre and (text.text_content or "").endswith("\n"):
            self._line.append("\n")

    def _write_empty(self, tag: str, node: LexborNode) -> None:
        if tag == "br":
            self._line.append(" " if self._in_table or self._in_heading else "\n")
        elif tag == "img":
            self._write(f" {node.attributes.get('alt') or ''} ")
        else:
            self._flush_at(tag)

    # ── lines, blocks, sections ──────────────────────────────────────────────────────────────────

    def _flush_at(self, tag: str) -> None:
        """A block ends the line it stands in, except in a heading, and in a table's row, which is one line."""
        if tag in _BLOCKS and not self._in_heading and (not self._in_table or tag in _ROWS):
            self._flush()
        elif tag in _BLOCKS:
            self._line.append(" ")

    def _flush(self) -> None:
        self._cells = 0
        if not self._line:
            return
        text = self._take_line()
        if text:
            kind = "tr" if self._in_table else "li" if self._lists and not self._pre else "p"
            self._blocks.append((kind, self._prefix + text))
            self._prefix = ""

    def _take_line(self) -> str:
        text = "".join(self._line)
        self._line.clear()
        if self._is_turns_first:
            text, self._is_turns_first = text.lstrip(" :\n"), False
        if self._pre:
            return text.strip("\n").rstrip()
        return "\n".join(line for line in (" ".join(part.split()) for part in text.split("\n")) if line)

    def _finish(self) -> None:
        body = ""
        last = ""
        for kind, text in self._blocks:
            glue = "\n" if kind == last and kind in _TIGHT else "\n\n"
            body = f"{body}{glue}{text}" if body else text
            last = kind
        if body or self._heading:
            mentions = tuple(self._mentions)
            self._done.append(Section(body, self._heading, self._level, mentions=mentions, speaker=self._speaker))
        self._blocks, self._mentions, self._heading = [], {}, ""
