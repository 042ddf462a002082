"""The questions that nobody answered, and what experiments and decisions came to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sensemake.jobs.report_reader import Reader, newest_first
from sensemake.jobs.report_shape import OutcomeJSON, QuoteJSON
from sensemake.model import Document, DocumentId, Kind, Passage
from sensemake.rules import open_questions, quotes
from sensemake.rules import outcomes as outcome_rule

OUTCOMES = 12
KINDS = frozenset({"experiment", "decision", "action"})
"""Kinds of documents whose outcome is told; an action is one that a session agreed on."""


def questions(reader: Reader) -> list[QuoteJSON]:
    """Those handed in; else documents that ask, and questions in conversations that nobody answered later. The newest
    first."""
    found = []
    for passage, text, time in _handed_in(reader) if reader.material.asked is not None else _told(reader):
        if reader.in_period(passage):
            found.append((time, reader.cited(passage, text)))
    return [quote for _, quote in sorted(found, key=lambda pair: newest_first(pair[0], pair[1]["passage_id"]))]


def outcomes(reader: Reader) -> list[OutcomeJSON]:
    """Experiments and decisions of the period, the newest first."""
    held = []
    for document_id, passages in reader.by_document.items():
        document = reader.material.documents[document_id]
        if str(document.kind) in KINDS and any(reader.in_period(p) for p in passages):
            held.append((newest_first(document.time, document_id), document_id, passages))
    themes, known = _themes_of(reader), {theme.id for theme in reader.themes}
    return [
        {
            **reader.reference(document_id),
            "themes": _linked(reader.material.documents[document_id], themes.get(document_id, []), known),
            "showed": _showed(reader, passages, reader.material.documents[document_id].kind),
        }
        for _, document_id, passages in sorted(held, key=lambda each: each[0])[:OUTCOMES]
    ]


def _linked(document: Document, themes: Sequence[str], known: Collection[str]) -> list[str]:
    """Its themes, first the one that a session wrote it down under."""
    under = document.facets.get("theme", "")
    return list(dict.fromkeys(([under] if under in known else []) + list(themes)))


def _showed(reader: Reader, passages: Sequence[Passage], kind: Kind) -> QuoteJSON | None:
    for passage in outcome_rule.telling(passages, kind):
        said = list(quotes.sentences(passage))
        if said:
            return reader.quote(said[-1] if kind is Kind.EXPERIMENT else said[0])
    return None


def _themes_of(reader: Reader) -> dict[DocumentId, list[str]]:
    found: dict[DocumentId, list[str]] = {}
    for theme in reader.themes:
        for document_id in reader.documents(theme):
            found.setdefault(document_id, []).append(theme.id)
    return found


Asked = tuple[Passage, str, datetime | None]


def _handed_in(reader: Reader) -> list[Asked]:
    """Only what this audience may read, and what is still said there."""
    given = ((reader.passages.get(passage), text) for passage, text in reader.material.asked or ())
    return [(p, text, p.time) for p, text in given if p is not None and (text in p.text or text == p.title)]


def _told(reader: Reader) -> list[Asked]:
    found = []
    for document_id, passages in reader.by_document.items():
        if asked := open_questions.open_in(reader.material.documents[document_id]):
            first = _holding(passages, asked.text)
            if first is not None:
                found.append((first, asked.text, asked.time))
    return found


def _holding(passages: Sequence[Passage], text: str) -> Passage | None:
    """The first passage that a question is in; a title is in all of them."""
    holding = [p for p in passages if text in p.text or text == p.title]
    return min(holding, key=lambda p: (p.ordinal, p.id), default=None)
