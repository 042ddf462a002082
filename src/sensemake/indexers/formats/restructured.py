"""Reads reStructuredText (.rst): sections by their underlines, fields at the head, directives by what they say.

Our own light reader: docutils would bring a licence of many parts, and builds a page where words are wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sensemake.indexers.formats import front_matter
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.encoding import text_of

_LINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*$")
_FIELD = re.compile(r":([^:`\n][^:\n]{0,40}):(?:\s+(.*))?$")
_DIRECTIVE = re.compile(r"(\s*)\.\.\s+(?:\|[^|]+\|\s+)?([\w:+-]+)::\s*(.*)$")
_OPTION = re.compile(r"\s*:[\w-]+:")
_NOTE = re.compile(r"(\s*)\.\.\s+\[([^\]]+)\]\s*(.*)$")
_COMMENT = re.compile(r"\s*\.\.(?:\s|$)")
_NO_WORDS = frozenset(
    "image toctree contents sectnum include raw meta index role default-role highlight autosummary automodule "
    "autoclass autofunction currentmodule module replace unicode date only tabularcolumns header footer "
    "target-notes".split()
)
_ROLE = re.compile(r":[\w:+.-]+:`([^`]*)`")
_TARGET = re.compile(r"\s*<[^<>]*>$")
_LINK = re.compile(r"`([^`]+?)\s*<[^<>]+>`__?")
_MARKUP = (
    (re.compile(r"``(.+?)``"), r"\1"),
    (re.compile(r"(?<= )\[([\w#*]+)\]_"), r"[\1]"),
    (re.compile(r"(?<!\w)\*\*(\S(?:.*?\S)?)\*\*(?!\w)"), r"\1"),
    (re.compile(r"(?<![\w*])\*(\S(?:[^*]*?\S)?)\*(?![\w*])"), r"\1"),
    (re.compile(r"`([^`]+)`__?"), r"\1"),
    (re.compile(r"(?<!\w)([A-Za-z0-9][\w-]*)__?(?=[\s.,;:!?)]|$)"), r"\1"),
    (re.compile(r"`([^`]+)`"), r"\1"),
)
_RULE = re.compile(r"\s*\+[-=+]+\+\s*$|\s*=+(?:\s+=+)+\s*$")


def read(data: bytes, limits: Limits) -> Content:
    del limits
    front, text = front_matter.parted(text_of(data))
    lines = text.expandtabs(8).split("\n")
    sections = tuple(_sections(lines))
    return Content(sections, told={**_fields(lines), **front})


def _fields(lines: list[str]) -> dict[str, object]:
    """The field list at the head: before any other words but the title's."""
    found: dict[str, object] = {}
    key = ""
    for number, line in enumerate(lines[:200]):
        if match := _FIELD.match(line):
            key = match[1].strip().lower()
            found[key] = (match[2] or "").strip()
        elif key and line.startswith(" ") and line.strip():
            found[key] = f"{found[key]}\n{line.strip()}".strip()
        elif line.strip() and (found or not (_is_of_a_title(lines, number) or _COMMENT.match(line))):
            break
    return found


def _is_of_a_title(lines: list[str], number: int) -> bool:
    beside = [lines[place] for place in (number - 1, number, number + 1) if 0 <= place < len(lines)]
    return any(_LINE.match(line) for line in beside)


def _sections(lines: list[str]) -> Iterator[Section]:
    """A title's level follows from the order in which the styles of lines first come (reStructuredText, 'Sections')."""
    styles: list[str] = []
    heading, level, body, number = "", 1, list[str](), 0
    while number < len(lines):
        title = _title(lines, number)
        if title is None:
            body.append(lines[number])
            number += 1
            continue
        if heading or any(line.strip() for line in body):
            yield Section(_words(body), heading, level)
        words, style, number = title
        if style not in styles:
            styles.append(style)
        heading, level, body = _inline(words), styles.index(style) + 1, []
    if heading or any(line.strip() for line in body):
        yield Section(_words(body), heading, level)


def _title(lines: list[str], number: int) -> tuple[str, str, int] | None:
    """The title that begins here, its style, and where its body begins."""
    line, following = lines[number], lines[number + 1 : number + 3]
    if len(following) == 2 and _LINE.match(line) and line.strip() == following[1].strip() and following[0].strip():
        return following[0].strip(), f"{line[0]}{line[0]}", number + 3
    if not following or not line.strip() or line[:1].isspace() or _LINE.match(line) or _COMMENT.match(line):
        return None
    under = following[0].rstrip()
    is_alone = number == 0 or not lines[number - 1].strip() or _COMMENT.match(lines[number - 1]) is not None
    if is_alone and _LINE.match(under) and len(under) >= min(len(line.rstrip()), 4):
        return line.strip(), under[0], number + 2
    return None


def _words(lines: list[str]) -> str:
    """Paragraphs, what directives say, code; no comments, targets, options, pictures."""
    out: list[str] = []
    skip: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if skip is not None and line.strip() and indent <= skip:
            skip = None
        if skip is not None or _RULE.match(line) or _FIELD.match(line) or (_OPTION.match(line) and line[:1].isspace()):
            continue
        if match := _DIRECTIVE.match(line):
            skip = len(match[1]) if match[2] in _NO_WORDS else None
            is_said = match[2] not in _NO_WORDS and not match[2].startswith(("code", "literalinclude", "highlight"))
            out += [_inline(match[3])] if is_said and match[3] else []
        elif match := _NOTE.match(line):
            out.append(f"[{match[2]}] {_inline(match[3])}")
        elif _COMMENT.match(line):
            skip = indent
        else:
            out.append(_inline(line.rstrip()))
    return _tidy(out)


def _inline(line: str) -> str:
    """Without marks: roles and links keep their words, rows of tables their bars."""
    line = _LINK.sub(r"\1", _ROLE.sub(lambda m: _TARGET.sub("", m[1]).lstrip("~!"), line))
    for pattern, words in _MARKUP:
        line = pattern.sub(words, line)
    if line.lstrip().startswith("|") and line.rstrip().endswith("|"):
        line = " | ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
    return line[:-1] if line.endswith("::") else line


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")
