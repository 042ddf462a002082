"""Who knows about it: found passages → persons in order, each with the passages that say so.

A document model of expert search (Balog, Azzopardi & de Rijke, "A language modeling framework for expert finding",
IPM 2009, model 2): a person's score is the sum over found passages of the passage's relevance × what the person did
there × its age, shared among those who did it together. The same person's further passages count less and less, and
those of one document less again, so that neither a long document nor a busy writer wins by volume.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sensemake.model import DocumentId, Handle, Passage, Person, PersonId, Role
from sensemake.rules.identity import Roster

ROLE_WEIGHT: Mapping[Role, float] = {
    Role.WROTE: 1.0,
    Role.ANSWERED: 1.0,
    Role.PRESENTED: 0.9,
    Role.DECIDED: 0.8,
    Role.OWNS: 0.8,
    Role.EDITED: 0.6,
    Role.THANKED: 0.6,
    Role.APPROVED: 0.5,
    Role.REVIEWED: 0.5,
    Role.MENTIONED: 0.2,
    Role.ASKED: 0.15,
}
"""Asking is interest, answering is knowledge."""

HALF_LIFE_DAYS = 3 * 365.0
"""After this long a passage has lost half of what age can take from it."""
AGE_SHARE = 0.5
"""Age never takes more than this share: knowledge fades, it does not vanish."""
SAME_DOCUMENT = 0.5
"""What the next passage of a document counts, of what the one before did."""
REPEAT = 0.85
"""What a person's next document counts, of what the one before did."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A found passage in favour of one person."""

    passage: Passage
    role: Role
    weight: float


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


def weigh(found: Sequence[tuple[Passage, float]], roster: Roster) -> Weighing:
    """Rank the people behind `found` (passages with their relevance from 0 to 1, best first).

    Unlisted persons are dropped before anything is shared out or counted, so that they move nobody; inactive ones take
    part in the sharing but are not named.
    """
    newest = max((passage.time for passage, _ in found if passage.time), default=None)
    evidence: defaultdict[PersonId, list[Weighed]] = defaultdict(list)
    people: dict[PersonId, Person] = {}
    unlisted: set[PersonId] = set()
    for passage, relevance in found:
        roles, hidden = _roles(passage, roster)
        unlisted |= hidden
        for person, role in roles.values():
            people[person.id] = person
            together = sum(1 for _, other in roles.values() if other is role)
            weight = relevance * ROLE_WEIGHT[role] * age_factor(passage.time, newest) / together**0.5
            evidence[person.id].append(Weighed(passage, role, weight))
    ranked = [Ranked(people[pid], *_total(items)) for pid, items in evidence.items() if people[pid].active]
    inactive = sum(1 for pid in evidence if not people[pid].active)
    counts = {"opted_out": len(unlisted), "inactive": inactive}
    return Weighing(
        ranked=tuple(sorted(ranked, key=lambda r: (-round(r.score, 9), r.person.name, r.person.id))),
        left_out={reason: count for reason, count in counts.items() if count},
    )


def age_factor(time: datetime | None, newest: datetime | None) -> float:
    """What is left of a passage's weight by its age, `1 - AGE_SHARE` to 1; undated ones count as a half-life old."""
    if newest is None:
        return 1.0
    days = max(0.0, (newest - time).total_seconds() / 86_400) if time else HALF_LIFE_DAYS
    return float(1 - AGE_SHARE + AGE_SHARE * 0.5 ** (days / HALF_LIFE_DAYS))


def _roles(passage: Passage, roster: Roster) -> tuple[Mapping[PersonId, tuple[Person, Role]], set[PersonId]]:
    """Each listed person's best role in a passage, and the unlisted ones."""
    best: dict[PersonId, tuple[Person, Role]] = {}
    hidden: set[PersonId] = set()
    for person, role in _contributors(passage, roster):
        if not person.listed:
            hidden.add(person.id)
        elif person.id not in best or ROLE_WEIGHT[role] > ROLE_WEIGHT[best[person.id][1]]:
            best[person.id] = (person, role)
    return best, hidden


def _contributors(passage: Passage, roster: Roster) -> Iterable[tuple[Person, Role]]:
    for contribution in passage.contributions:
        handle: Handle = contribution.handle
        if (person := roster.person(handle)) is not None:
            yield person, contribution.role


def _total(items: list[Weighed]) -> tuple[float, tuple[Weighed, ...]]:
    """Sum with diminishing returns: per document first, then over documents."""
    items.sort(key=lambda w: (-w.weight, w.passage.id))
    by_document: defaultdict[DocumentId, float] = defaultdict(float)
    repeats: defaultdict[DocumentId, int] = defaultdict(int)
    for item in items:
        by_document[item.passage.document] += item.weight * SAME_DOCUMENT ** repeats[item.passage.document]
        repeats[item.passage.document] += 1
    documents = sorted(by_document.values(), reverse=True)
    return sum(weight * REPEAT**place for place, weight in enumerate(documents)), tuple(items)
