"""Reads LaTeX (.tex): title, authors, date, and the text by its sections; formulas stay as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.encoding import text_of

_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?")
_LEVELS = {"part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
_HEADING = re.compile(rf"\\({'|'.join(_LEVELS)})\*?\s*(?:\[[^\]]*\])?\s*(?=\{{)")
_ABSTRACT = re.compile(r"\\begin\{abstract\}(.*?)\\end\{abstract\}", re.DOTALL)
_SILENT = re.compile(
    r"~?\\(?:includegraphics|label|cite[a-z]*|ref|eqref|autoref|cref|pageref|bibliography|bibliographystyle|input|include|vspace|"
    r"hspace|usepackage|documentclass|newcommand|renewcommand|setlength|pagestyle|thispagestyle)(?![A-Za-z])\*?(?:\[[^\]]*\])*"
    r"(?:\{[^{}]*\}){0,2}"
)
_EMPTY = re.compile(
    r"\\(?:maketitle|tableofcontents|centering|noindent|newpage|clearpage|appendix|hfill|hline|small|large)\b"
)
_NOTE = re.compile(r"\\(?:thanks|footnote|inst|orcid\w*|affil\w*|email|institute|address)\s*(?:\[[^\]]*\])?\s*(?=\{)")
_AND = re.compile(r"\\(?:and|And|AND)\b|\\\\|\n\s*\n")
_NOBODY = re.compile(r"@|\d|univers|institut|depart|laborator|faculty|school|inc\.|ltd", re.IGNORECASE)
_CODE = r"(?:verbatim|lstlisting|minted)\*?"
_VERBATIM = re.compile(rf"\\begin\{{{_CODE}\}}(?:\[[^\]]*\])?(?:\{{\w+\}})?(.*?)\\end\{{{_CODE}\}}", re.DOTALL)
_ITEM = re.compile(r"\s*\* ")
_SPACES = re.compile(r"[ \t]*\n[ \t]*\n\s*")


def read(data: bytes, limits: Limits) -> Content:
    del limits
    text = _COMMENT.sub("", text_of(data))
    body = text.partition(r"\begin{document}")[2].partition(r"\end{document}")[0] or text
    told: dict[str, object] = {}
    for key in ("title", "date"):
        if (found := _plain(_argument(text, key))) and "today" not in _argument(text, key):
            told[key] = " ".join(found.split())
    if authors := list(_authors(text)):
        told["author"] = authors
    for command in ("title", "author", "date"):
        body = _without(body, command)
    return Content(tuple(_sections(body)), told=told)


def _sections(body: str) -> Iterator[Section]:
    abstracts = [_plain(abstract[1]) for abstract in _ABSTRACT.finditer(body)]
    body = _ABSTRACT.sub("", body)
    headings = list(_HEADING.finditer(body))
    before = _plain(body[: headings[0].start()] if headings else body)
    if before:
        yield Section(before)
    yield from (Section(abstract, "Abstract", 2) for abstract in abstracts)
    for number, match in enumerate(headings):
        title, end = _braced(body, match.end())
        until = headings[number + 1].start() if number + 1 < len(headings) else len(body)
        yield Section(_plain(body[end:until]), " ".join(_plain(title).split()), _LEVELS[match[1]])


def _authors(text: str) -> Iterator[str]:
    r"""Names that `\author` gives, one or many times; without affiliations, notes and addresses."""
    at = 0
    while (match := re.compile(r"\\author\s*(?:\[[^\]]*\])?\s*(?=\{)").search(text, at)) is not None:
        given, at = _braced(text, match.end())
        while note := _NOTE.search(given):
            _, end = _braced(given, note.end())
            given = f"{given[: note.start()]} {given[end:]}"
        for piece in _AND.split(given):
            for name in re.split(r",\s+|\s+and\s+", " ".join(_plain(piece).split())):
                if name and not _NOBODY.search(name):
                    yield name


def _argument(text: str, command: str) -> str:
    match = re.search(rf"\\{command}\s*(?:\[[^\]]*\])?\s*(?=\{{)", text)
    return _braced(text, match.end())[0] if match else ""


def _without(text: str, command: str) -> str:
    while match := re.search(rf"\\{command}\s*(?:\[[^\]]*\])?\s*(?=\{{)", text):
        text = text[: match.start()] + text[_braced(text, match.end())[1] :]
    return text


def _braced(text: str, start: int) -> tuple[str, int]:
    """What stands in the braces that open at `start`, and the place behind them; to the end when none close."""
    depth = 0
    for place in range(start, len(text)):
        if text[place] in "{}" and text[place - 1] != "\\":
            depth += 1 if text[place] == "{" else -1
            if depth == 0:
                return text[start + 1 : place], place + 1
    return text[start + 1 :], len(text)


def _plain(text: str) -> str:
    if not text.strip():
        return ""
    pieces = _VERBATIM.split(text)
    blocks = [
        block
        for number, piece in enumerate(pieces)
        for block in ([piece.strip("\n")] if number % 2 else _paragraphs(piece))
        if block.strip()
    ]
    return "\n\n".join(blocks)


def _paragraphs(text: str) -> Iterator[str]:
    words: str = _converter().latex_to_text(_EMPTY.sub("", _SILENT.sub("", text)))
    for block in _SPACES.split(words):
        yield _items(block) if _ITEM.match(block) else " ".join(block.split())


def _items(block: str) -> str:
    lines = (" ".join(line.split()) for line in re.split(r"\n(?=\s*\* )", block))
    return "\n".join(f"- {line.removeprefix('* ')}" for line in lines if line)


@cache
def _converter() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text(math_mode="verbatim", keep_comments=False, strict_latex_spaces=False)
