"""Who knows about it: found passages → persons in order, each with the passages that say so.

A document model of expert search (Balog, Azzopardi & de Rijke, "A language modeling framework for expert finding",
IPM 2009, model 2) in the form of a vote of passages (Macdonald & Ounis, "Voting for candidates", CIKM 2006, CombSUM):
a person's score is the sum over found passages of the passage's relevance × what the person did there × its age ×
how much of it is in their own words, shared among those who did it together. Further passages of one document count
less and less, and further documents a little less, so that neither a long document nor a busy writer wins by volume.
The weights and how they were chosen: docs/decisions/0006.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from sensemake.model import Band, DocumentId, Passage, Person, PersonId, Role
from sensemake.rules import naming
from sensemake.rules.identity import Roster

ROLE_WEIGHT: Mapping[Role, float] = MappingProxyType(
    {
        Role.WROTE: 1.0,
        Role.ANSWERED: 1.0,
        Role.NAMED: 1.0,
        Role.PRESENTED: 0.9,
        Role.DECIDED: 0.8,
        Role.OWNS: 0.8,
        Role.EDITED: 0.6,
        Role.THANKED: 0.6,
        Role.APPROVED: 0.6,
        Role.REVIEWED: 0.6,
        Role.MENTIONED: 0.2,
        Role.ASKED: 0.15,
    }
)
"""Asking is interest, answering is knowledge."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each thing counts. One that is taken away (`eval/experts.py`) is 1, or 0 for a share or an exponent.

    `half_life_days`: after this long a passage has lost half of what age can take from it, which is never more than
    `age_share`: knowledge fades, it does not vanish. `same_document`: what the next passage of a document counts, of
    what the one before did; `next_document`: the same of a person's documents. `together`: the power of a passage's
    roles, summed over people, by which each one's part is divided. `own_words`: the power of the share of a passage
    that somebody said. `profile`: what their team, title and what they offer help with may add at most.
    """

    roles: Mapping[Role, float] = field(default_factory=lambda: ROLE_WEIGHT)
    half_life_days: float = 2_000.0
    age_share: float = 0.5
    same_document: float = 0.8
    next_document: float = 1.0
    together: float = 0.15
    own_words: float = 0.25
    profile: float = 0.1


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Weighed:
    """A found passage in favour of one person. `weight` is the product of the terms below it."""

    passage: Passage
    role: Role
    relevance: float
    role_weight: float
    age: float
    own_words: float
    shared: float
    again: float = 1.0

    @property
    def weight(self) -> float:
        return self.relevance * self.role_weight * self.age * self.own_words * self.shared * self.again

    @property
    def terms(self) -> Mapping[str, float]:
        """The factors of the weight, by name."""
        return {
            "relevance": self.relevance,
            "role": self.role_weight,
            "age": self.age,
            "own_words": self.own_words,
            "shared": self.shared,
            "again": self.again,
        }


@dataclass(frozen=True, slots=True)
class Ranked:
    """A person's score and all of their evidence, heaviest first. The score never leaves this process."""

    person: Person
    score: float
    evidence: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True)
class Weighing:
    """Persons in order, and how many were left out and why."""

    ranked: tuple[Ranked, ...]
    left_out: Mapping[str, int]


def weigh(
    found: Sequence[tuple[Passage, float]],
    roster: Roster,
    *,
    said: Callable[[Person], float] = lambda _: 0.0,
    weights: Weights = WEIGHTS,
) -> Weighing:
    """Rank the people behind `found` (passages with their relevance from 0 to 1, best first).

    `said` is how much a person's own profile speaks of the topic, from 0 to 1; it raises those who have evidence, and
    names nobody. Unlisted persons are dropped before anything is shared out or counted, so that they move nobody;
    inactive ones take part in the sharing but are not named.
    """
    newest = max((passage.time for passage, _ in found if passage.time), default=None)
    evidence: defaultdict[PersonId, list[Weighed]] = defaultdict(list)
    people: dict[PersonId, Person] = {}
    unlisted: set[PersonId] = set()
    for passage, relevance in found:
        roles, hidden = _roles(passage, roster, weights)
        unlisted |= hidden
        shared = 1 / max(1.0, sum(weights.roles[role] for _, role in roles.values())) ** weights.together
        for person, role in roles.values():
            people[person.id] = person
            evidence[person.id].append(
                Weighed(
                    passage=passage,
                    role=role,
                    relevance=relevance,
                    role_weight=weights.roles[role],
                    age=age_factor(passage.time, newest, weights),
                    own_words=_own_words(passage, person, roster) ** weights.own_words,
                    shared=shared,
                )
            )
    ranked = [_ranked(people[pid], items, said(people[pid]), weights) for pid, items in evidence.items()]
    counts = {"opted_out": len(unlisted), "inactive": sum(not r.person.active for r in ranked)}
    return Weighing(
        ranked=tuple(
            sorted(
                (r for r in ranked if r.person.active), key=lambda r: (-round(r.score, 9), r.person.name, r.person.id)
            )
        ),
        left_out={reason: count for reason, count in counts.items() if count},
    )


POINTS: Mapping[Band, float] = MappingProxyType({Band.STRONG: 1.0, Band.MEDIUM: 0.3, Band.WEAK: 0.0})
STRONG = 2.0
"""Points from which somebody's evidence is strong: two strong passages that are their own work, or their like."""
MEDIUM = 0.5


def band(items: Sequence[tuple[Weighed, Band]]) -> Band:
    """How sure it is that somebody knows, by their best passages and how well each fits the topic.

    A fit counts as much as what the person did there, age, and a further passage of one document make of it.
    """
    points = sum(POINTS[fit] * w.role_weight * w.age * w.own_words * w.again for w, fit in items)
    return Band.STRONG if points >= STRONG else Band.MEDIUM if points >= MEDIUM else Band.WEAK


def age_factor(time: datetime | None, newest: datetime | None, weights: Weights = WEIGHTS) -> float:
    """What is left of a passage's weight by its age, `1 - age_share` to 1; undated ones count as a half-life old."""
    if newest is None:
        return 1.0
    days = max(0.0, (newest - time).total_seconds() / 86_400) if time else weights.half_life_days
    return float(1 - weights.age_share + weights.age_share * 0.5 ** (days / weights.half_life_days))


def _roles(
    passage: Passage, roster: Roster, weights: Weights
) -> tuple[Mapping[PersonId, tuple[Person, Role]], set[PersonId]]:
    """Each listed person's best role in a passage, and the unlisted ones."""
    best: dict[PersonId, tuple[Person, Role]] = {}
    hidden: set[PersonId] = set()
    for person, role in _contributors(passage, roster):
        if not person.listed:
            hidden.add(person.id)
        elif person.id not in best or weights.roles[role] > weights.roles[best[person.id][1]]:
            best[person.id] = (person, role)
    return best, hidden


def _contributors(passage: Passage, roster: Roster) -> Iterator[tuple[Person, Role]]:
    for contribution in passage.contributions:
        if (person := roster.person(contribution.handle)) is not None:
            yield person, contribution.role
    for name in naming.pointed_at(passage.text):
        if (person := roster.called(name)) is not None:
            yield person, Role.NAMED


def _own_words(passage: Passage, person: Person, roster: Roster) -> float:
    """The share of the passage that the person said; 1 where nobody's words are marked as theirs."""
    own = [s.end - s.start for s in passage.spans if roster.owner_of.get(s.contribution.handle) == person.id]
    return min(1.0, sum(own) / max(1, len(passage.text))) if own else 1.0


def _ranked(person: Person, items: list[Weighed], said: float, weights: Weights) -> Ranked:
    """The sum, with diminishing returns: per document first, then over documents."""
    items.sort(key=lambda w: (-w.weight, w.passage.id))
    by_document: defaultdict[DocumentId, list[Weighed]] = defaultdict(list)
    for item in items:
        mine = by_document[item.passage.document]
        mine.append(replace(item, again=weights.same_document ** len(mine)))
    documents = sorted(by_document.values(), key=lambda some: (-_sum(some), some[0].passage.id))
    counted = [
        replace(item, again=item.again * weights.next_document**place)
        for place, some in enumerate(documents)
        for item in some
    ]
    counted.sort(key=lambda w: (-w.weight, w.passage.id))
    return Ranked(person, _sum(counted) * (1 + weights.profile * min(1.0, said)), tuple(counted))


def _sum(items: Collection[Weighed]) -> float:
    return sum(item.weight for item in items)
