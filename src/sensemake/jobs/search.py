"""Finds passages: both legs, fused, as hits that say how they were found, or an honest "nothing good found"."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sensemake.errors import UsageError
from sensemake.model import (
    Band,
    Hit,
    LexicalQuery,
    Nearest,
    Passage,
    Query,
    SearchAnswer,
    Where,
    stable_id,
)
from sensemake.protocols import Corpus, Embedder, SearchIndex
from sensemake.rules import analysis, fusion
from sensemake.rules.identity import Roster

DEPTH = 200
"""Passages taken from each leg before they are fused."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that both legs together brought up, with its joint score from 0 to 1."""

    passage: Passage
    fused: fusion.Fused
    band: Band

    @property
    def relevance(self) -> float:
        return self.fused.score


def retrieve(
    text: str, where: Where, *, index: SearchIndex, embedder: Embedder, corpus: Corpus, depth: int = DEPTH
) -> list[Found]:
    """Passages for a question, best first. An empty question or nowhere to look finds nothing."""
    terms = analysis.terms(text)
    if not where.silos or not text.strip():
        return []
    dense = index.dense(embedder.query(text), depth, where)
    lexical = index.lexical(LexicalQuery(terms), depth, where) if terms else []
    fused = fusion.fuse(dense, lexical)
    passages = corpus.passages([f.passage for f in fused])
    # The index may be a moment ahead of, or behind, the catalog: what the catalog does not hold is not shown.
    present = [(passages[f.passage], f) for f in fused if f.passage in passages and where.holds(passages[f.passage])]
    return [Found(passage, f, fusion.band(f.cosine, coverage(passage, terms))) for passage, f in present]


def search(
    query: Query,
    where: Where,
    *,
    find: Callable[[str, Where], Sequence[Found]],
    corpus: Corpus,
    roster: Roster,
    nearest: Callable[[Sequence[Found]], Nearest],
) -> SearchAnswer:
    """The answer to one question: the best passage of each document, `query.limit` to a page.

    When nothing on the first page is better than weak, it abstains: no hits, but what is nearest.
    """
    start = _offset(query)
    found = find(query.text, where)
    best = best_of_documents(found)
    if not best or all(f.band is Band.WEAK for f in best[: query.limit]):
        return SearchAnswer(query.text, hits=(), abstained=True, nearest=nearest(found))
    page = best[start : start + query.limit]
    documents = corpus.documents([f.passage.document for f in page])
    terms = frozenset(analysis.terms(query.text))
    hits = tuple(
        Hit(
            rank=start + place,
            passage=f.passage,
            document=documents[f.passage.document],
            authors=authors(f.passage, roster),
            band=f.band,
            dense_rank=f.fused.dense_rank,
            lexical_rank=f.fused.lexical_rank,
            highlights=highlights(f.passage, terms),
        )
        for place, f in enumerate(page, 1)
        if f.passage.document in documents
    )
    more = len(best) > start + query.limit
    return SearchAnswer(query.text, hits, next_cursor=_cursor(query, start + query.limit) if more else None)


def best_of_documents(found: Sequence[Found]) -> list[Found]:
    """The best passage of each document, the best document first."""
    best = {f.passage.document: f for f in reversed(found)}
    return sorted(best.values(), key=lambda f: (-f.fused.score, f.passage.id))


def coverage(passage: Passage, terms: Sequence[str]) -> float:
    """The share of the question's words that the passage holds, from 0 to 1."""
    held = set(analysis.index_terms(passage))
    return sum(term in held for term in terms) / len(terms) if terms else 0.0


def highlights(passage: Passage, terms: frozenset[str]) -> tuple[tuple[int, int], ...]:
    """Where the question's words stand in the passage's text: offsets that do not overlap, in order."""
    merged: list[tuple[int, int]] = []
    for token in analysis.tokens(passage.text, passage.language):
        if token.term not in terms:
            continue
        if merged and token.start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], token.end))
        else:
            merged.append((token.start, token.end))
    return tuple(merged)


def authors(passage: Passage, roster: Roster) -> tuple[str, ...]:
    """The names of those whose words these are, in the order of the text."""
    order = [c.handle for c in passage.contributions if c.handle in passage.authors]
    return tuple(dict.fromkeys(roster.name(handle) for handle in order))


def _cursor(query: Query, offset: int) -> str:
    payload = json.dumps([offset, _signature(query)]).encode()
    return base64.urlsafe_b64encode(payload).decode().rstrip("=")


def _offset(query: Query) -> int:
    if query.cursor is None:
        return 0
    try:
        offset, signature = json.loads(base64.urlsafe_b64decode(query.cursor + "=" * (-len(query.cursor) % 4)))
    except (ValueError, TypeError, binascii.Error) as e:
        raise UsageError("that cursor is damaged: start again without it") from e
    if signature != _signature(query) or not isinstance(offset, int) or offset < 0:
        raise UsageError("that cursor belongs to another question: start again without it")
    return offset


def _signature(query: Query) -> str:
    return stable_id("cursor", query.text, repr(query.filters))[:12]
