"""Cuts a document into passages that lose no word and no author.

A passage ends where a heading, a paragraph or a speaker's turn ends. A paragraph or a message is cut inside only when
it alone is longer than a passage: then after a line, a sentence or a word, whichever comes first in that order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sensemake.model import (
    Contribution,
    Document,
    Kind,
    Part,
    Passage,
    PassageId,
    Role,
    Span,
    stable_id,
)
from sensemake.rules.language import detect

TARGET = 900
"""Characters after which a passage is full: about 200 word pieces, of which the bundled model reads 256."""
LONGEST = 1200
"""No passage is longer."""
SHORT = 240
"""A section shorter than this is joined to the next one rather than found alone."""

_PARAGRAPH_END = re.compile(r"\n[ \t]*\n+")
_CUTS = (re.compile(r"\n"), re.compile(r"(?<=[.!?…。！？])\s+"), re.compile(r"\s+"))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of one part's text."""

    part: Part
    text: str


def split(document: Document) -> tuple[Passage, ...]:
    """The passages of a document, in order. White space at their edges is not kept; everything else is."""
    seen: dict[tuple[str, str], int] = {}
    return tuple(_passage(document, group, ordinal, seen) for ordinal, group in enumerate(_groups(document)) if group)


def _groups(document: Document) -> Iterator[list[_Piece]]:
    joins_turns = document.kind is Kind.CONVERSATION
    group: list[_Piece] = []
    length = 0
    for part in document.parts:
        for first, piece in _pieces(part):
            grown = length + len(piece.text)
            at_heading = first and not joins_turns
            if group and (grown > LONGEST or length >= TARGET or (at_heading and length >= SHORT)):
                yield group
                group, grown = [], len(piece.text)
            group.append(piece)
            length = grown
    if group:
        yield group


def _pieces(part: Part) -> Iterator[tuple[bool, _Piece]]:
    """The paragraphs of a part, none longer than a passage; True with the first of them."""
    first = True
    for paragraph in _PARAGRAPH_END.split(part.text):
        for run in _cut(paragraph.strip()):
            yield first, _Piece(part, run)
            first = False


def _cut(text: str) -> Iterator[str]:
    """Runs of `text` no longer than LONGEST, cut at the last good place."""
    while len(text) > LONGEST:
        end = _last_cut(text)
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    if text:
        yield text


def _last_cut(text: str) -> int:
    for pattern in _CUTS:
        ends = [m.end() for m in pattern.finditer(text, 0, LONGEST) if m.start() >= LONGEST // 3]
        if ends:
            return ends[-1]
    return LONGEST


def _passage(document: Document, group: list[_Piece], ordinal: int, seen: dict[tuple[str, str], int]) -> Passage:
    text, spans = _join(group, "\n" if document.kind is Kind.CONVERSATION else "\n\n")
    first = group[0].part
    repeat = seen.get((first.locator, text), 0)
    seen[first.locator, text] = repeat + 1
    return Passage(
        id=PassageId(stable_id("passage", document.id, first.locator, text, *(["again"] * repeat))),
        document=document.id,
        silo=document.silo,
        source=document.source.id,
        kind=document.kind,
        title=document.title,
        text=text,
        ordinal=ordinal,
        locator=first.locator,
        headings=first.headings,
        language=document.language or detect(text),
        time=_latest(group) or document.time,
        contributions=_contributions(document, group),
        spans=spans,
    )


def _join(group: list[_Piece], glue: str) -> tuple[str, tuple[Span, ...]]:
    text = ""
    spans: list[Span] = []
    for piece in group:
        text = f"{text}{glue}{piece.text}" if text else piece.text
        if piece.part.author is not None:
            said = Contribution(piece.part.author, piece.part.role)
            spans.append(Span(len(text) - len(piece.text), len(text), said))
    return text, tuple(spans)


def _latest(group: list[_Piece]) -> datetime | None:
    return max((piece.part.time for piece in group if piece.part.time), default=None)


def _contributions(document: Document, group: list[_Piece]) -> tuple[Contribution, ...]:
    """Who had a part in this passage: those who said it, those it names, and those whose part is in all of it."""
    found = dict.fromkeys(document.contributions)
    for piece in group:
        if piece.part.author is not None:
            found[Contribution(piece.part.author, piece.part.role)] = None
        found.update(dict.fromkeys(Contribution(handle, Role.MENTIONED) for handle in piece.part.mentions))
    return tuple(found)
