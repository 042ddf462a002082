"""Answers "who knows about it": the passages found for a topic, turned into people with evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sensemake.model import (
    Band,
    Document,
    DocumentId,
    Evidence,
    Expert,
    ExpertsAnswer,
    Passage,
    PassageId,
    Query,
    Where,
)
from sensemake.protocols import Corpus
from sensemake.rules import evidence
from sensemake.rules.evidence import Ranked, Weighed
from sensemake.rules.identity import Roster

SHOWN = 5
"""Passages shown for each person."""
KNOWING = 0.1
"""Below this share of the first person's score somebody is not named: a trace is not knowledge."""


class Relevant(Protocol):
    """A found passage with its band (`jobs.search.Found`)."""

    @property
    def passage(self) -> Passage: ...

    @property
    def band(self) -> Band: ...

    @property
    def relevance(self) -> float: ...


def who(
    query: Query,
    where: Where,
    *,
    find: Callable[[str, Where], Sequence[Relevant]],
    corpus: Corpus,
    roster: Roster,
) -> ExpertsAnswer:
    """The people who know about `query.text`, best first, each with dated passages that the asker may read."""
    found = find(query.text, where)
    if all(item.band is Band.WEAK for item in found[: query.limit]):
        return ExpertsAnswer(query.text, experts=(), abstained=True)
    bands = {item.passage.id: item.band for item in found}
    weighing = evidence.weigh([(item.passage, item.relevance) for item in found], roster)
    ranked = [r for r in weighing.ranked if r.score >= KNOWING * weighing.ranked[0].score][: query.limit]
    shown = [_shown(r) for r in ranked]
    documents = corpus.documents({item.passage.document for items in shown for item in items})
    experts = tuple(_expert(rank, r, bands, documents) for rank, r in enumerate(ranked, 1))
    return ExpertsAnswer(query.text, experts, abstained=not experts, left_out=weighing.left_out)


def _expert(
    rank: int, ranked: Ranked, bands: Mapping[PassageId, Band], documents: Mapping[DocumentId, Document]
) -> Expert:
    shown = tuple(
        Evidence(item.passage, documents[item.passage.document], item.role, item.weight)
        for item in _shown(ranked)
        if item.passage.document in documents
    )
    return Expert(
        rank=rank,
        person=ranked.person,
        band=_band([bands[item.passage.id] for item in ranked.evidence]),
        evidence=shown,
        silos=tuple(sorted({item.passage.silo for item in ranked.evidence})),
        last_active=max((item.passage.time for item in ranked.evidence if item.passage.time), default=None),
    )


def _shown(ranked: Ranked) -> list[Weighed]:
    """The heaviest passages, those of a document that is shown already after those of others."""
    places: Counter[DocumentId] = Counter()
    keyed = []
    for item in ranked.evidence:
        keyed.append((places[item.passage.document], item))
        places[item.passage.document] += 1
    keyed.sort(key=lambda pair: pair[0])
    return [item for _, item in keyed[:SHOWN]]


def _band(bands: Sequence[Band]) -> Band:
    """Strong takes two strong passages: one may be chance."""
    if bands.count(Band.STRONG) >= 2:
        return Band.STRONG
    return Band.MEDIUM if Band.STRONG in bands or bands.count(Band.MEDIUM) >= 2 else Band.WEAK
