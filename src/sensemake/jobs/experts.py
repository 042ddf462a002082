"""Answers "who knows about it": the passages found for a topic, turned into people with evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from sensemake.model import (
    Band,
    Document,
    DocumentId,
    Evidence,
    Expert,
    ExpertsAnswer,
    Passage,
    Person,
    PersonId,
    Query,
    Where,
    stable_id,
)
from sensemake.protocols import Corpus
from sensemake.rules import analysis, evidence
from sensemake.rules.evidence import WEIGHTS, Ranked, Weighed, Weights
from sensemake.rules.identity import Roster

SHOWN = 5
"""Passages shown for each person."""
NEAREST = 10
"""When all of so many best passages are weak, nothing is known of the topic and nobody is named."""
KNOWING = 0.02
"""Below this share of the first person's score somebody is not named: a trace is not knowledge."""
COMPARABLE = 0.5
"""Who has this share of the first person's score may be asked in their place."""


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
    offers: Mapping[PersonId, Sequence[str]] | None = None,
    weights: Weights = WEIGHTS,
) -> ExpertsAnswer:
    """The people who know about `query.text`, best first, each with dated passages that the asker may read.

    `offers` is what people said they are willing to help with.
    """
    found = find(query.text, where)
    if all(item.band is Band.WEAK for item in found[:NEAREST]):
        return ExpertsAnswer(query.text, experts=(), abstained=True)
    said = _Said(query.text, offers or {})
    weighing = evidence.weigh([(f.passage, f.relevance) for f in found], roster, said=said.of, weights=weights)
    ranked = [r for r in weighing.ranked if r.score >= KNOWING * weighing.ranked[0].score][: query.limit]
    shown = [_shown(r) for r in ranked]
    documents = corpus.documents({item.passage.document for items in shown for item in items}, parts=False)
    by_passage = {item.passage.id: item for item in found}
    experts = tuple(
        Expert(
            rank=rank,
            person=each.person,
            band=evidence.band([(item, by_passage[item.passage.id].band) for item in items]),
            evidence=_evidence(items, documents),
            silos=tuple(sorted({item.passage.silo for item in each.evidence})),
            last_active=max((item.passage.time for item in each.evidence if item.passage.time), default=None),
            offers=said.offered(each.person),
        )
        for rank, (each, items) in enumerate(zip(ranked, shown, strict=True), 1)
    )
    return ExpertsAnswer(
        query.text,
        experts,
        abstained=not experts,
        left_out=weighing.left_out,
        second=_second(query.text, ranked, {e.person.id for e in experts if e.band is not Band.WEAK}),
    )


class _Said:
    """How much people's own profiles speak of a topic: team, title, and what they offer help with."""

    def __init__(self, topic: str, offers: Mapping[PersonId, Sequence[str]]) -> None:
        self._words = set(analysis.terms(topic))
        self._offers = offers

    def of(self, person: Person) -> float:
        """The share of the topic's words that they use, from 0 to 1."""
        told = " ".join(filter(None, (person.team, person.title, *self._offers.get(person.id, ()))))
        return len(self._words & set(analysis.terms(told))) / len(self._words) if told and self._words else 0.0

    def offered(self, person: Person) -> tuple[str, ...]:
        """The offers that have a word in common with the topic."""
        offers = self._offers.get(person.id, ())
        return tuple(offer for offer in offers if not self._words.isdisjoint(analysis.terms(offer)))


def _evidence(items: Sequence[Weighed], documents: Mapping[DocumentId, Document]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(item.passage, documents[item.passage.document], item.role, item.weight, item.terms)
        for item in items
        if item.passage.document in documents
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


def _second(topic: str, ranked: Sequence[Ranked], knowing: Collection[PersonId]) -> Person | None:
    """Somebody who knows about as much as the first; another one for another topic, so that the load is spread."""
    others = [r for r in ranked[1:] if r.person.id in knowing]
    comparable = [r for r in others if r.score >= COMPARABLE * ranked[0].score] or others[:1]
    return min(comparable, key=lambda r: stable_id(topic, r.person.id)).person if comparable else None
