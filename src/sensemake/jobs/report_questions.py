"""The questions that nobody answered, and what experiments and decisions came to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sensemake.jobs.report_reader import Reader, newest_first
from sensemake.jobs.report_shape import OutcomeJSON, QuoteJSON
from sensemake.model import Document, DocumentId, Kind, Part, Passage, Role
from sensemake.rules import outcomes as outcome_rule
from sensemake.rules import quotes

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
    themes = _themes_of(reader)
    return [
        {
            **reader.reference(document_id),
            "themes": themes.get(document_id, []),
            "showed": _showed(reader, passages, reader.material.documents[document_id].kind),
        }
        for _, document_id, passages in sorted(held, key=lambda each: each[0])[:OUTCOMES]
    ]


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
        if asked := _asked(reader.material.documents[document_id]):
            text, time = asked
            first = _holding(passages, text)
            if first is not None:
                found.append((first, text, time))
    return found


def _asked(document: Document) -> tuple[str, datetime | None] | None:
    """The question of a document that is still open, in its own words, and when it was asked."""
    if document.kind is Kind.QUESTION:
        answered = any(part.role is Role.ANSWERED for part in document.parts)
        return None if answered else (document.title, document.time)
    asked = [n for n, part in enumerate(document.parts) if part.role is Role.ASKED]
    if not asked or any(part.role is Role.ANSWERED for part in document.parts[asked[-1] + 1 :]):
        return None
    part = document.parts[asked[-1]]
    question = _question_in(part)
    return (question, part.time or document.time) if question else None


def _holding(passages: Sequence[Passage], text: str) -> Passage | None:
    """The first passage that a question is in; a title is in all of them."""
    holding = [p for p in passages if text in p.text or text == p.title]
    return min(holding, key=lambda p: (p.ordinal, p.id), default=None)


def _question_in(part: Part) -> str | None:
    """Its last line that asks, as it stands."""
    lines = [line.strip() for line in part.text.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if "?" in line and len(line) <= quotes.LONGEST), None)
