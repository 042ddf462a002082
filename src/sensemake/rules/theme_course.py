"""How a theme goes over time and over an organisation's parts: counts by period, momentum, concentration.

Nobody is named here and few people are not counted: under PEOPLE of them a count is None (nobody is 0), and what fewer
than AUTHORS wrote as reflections is left out of a period, silo, kind or language.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from sensemake.model import Kind, Passage, PersonId

PEOPLE = 3
"""People are counted from so many on …"""
AUTHORS = 5
"""… and from so many on, unless another floor is given, where reflections are among the texts."""
MONTHS = 3
"""Months that are "now", the last of them that of the newest text; the same number before them is "then"."""
HALF = 3.0
"""Documents, or people, in these months that are half of what can be had for them."""

Step = Literal["month", "quarter"]
Said = Sequence[tuple[Passage, frozenset[PersonId]]]
"""Passages, each with its listed authors."""
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Count:
    """How much there is of something; `people` is None where they are too few to count."""

    passages: int
    documents: int
    people: int | None


@dataclass(frozen=True, slots=True)
class Momentum:
    """Parts from 0 to 1, and their mean. `growth` is 0.5 for a theme that grows as the whole corpus does."""

    activity: float
    people: float
    growth: float
    breadth: float

    @property
    def whole(self) -> float:
        return round((self.activity + self.people + self.growth + self.breadth) / 4, 4)


@dataclass(frozen=True, slots=True)
class Concentration:
    """1 when all is in one part, 0 when it is spread evenly; None where there is one part only, or too few people."""

    silos: float | None
    people: float | None


@dataclass(frozen=True, slots=True)
class Course:
    """Periods are named by year and month or quarter ("2026-05", "2026-Q2"), oldest first, the empty ones between too.

    `undated` counts passages that are in no period. `silos`, `kinds` and `languages` are the most first.
    """

    periods: Mapping[str, Count]
    undated: int
    momentum: Momentum | None
    concentration: Concentration
    silos: Mapping[str, Count]
    kinds: Mapping[str, Count]
    languages: Mapping[str, Count]


def course(
    own: Said,
    everything: Sequence[Passage],
    *,
    silos: int,
    language: Callable[[Passage], str],
    step: Step = "month",
    authors: int = AUTHORS,
) -> Course:
    """The course of a theme's `own` passages among `everything` that an audience of so many silos may read.

    What is "now" follows from the newest of these, and from no clock. Momentum is None when nothing has a date.
    """
    return Course(
        periods=_periods(own, step, authors),
        undated=sum(passage.time is None for passage, _ in own),
        momentum=_momentum(own, everything, silos, authors),
        concentration=_concentration(own, silos, authors),
        silos=_by(own, lambda passage: str(passage.silo), authors),
        kinds=_by(own, lambda passage: str(passage.kind), authors),
        languages=_by(own, language, authors),
    )


def evenness(shares: Iterable[float], ways: int) -> float:
    """The entropy of parts over that of so many equal ones (Pielou 1966): 1 when even, 0 when all is one."""
    kept = [share for share in shares if share > 0]
    total = math.fsum(kept)
    if ways < 2 or not kept:
        return 0.0
    entropy = -math.fsum(share / total * math.log(share / total) for share in kept)
    return min(1.0, max(0.0, entropy / math.log(ways)))


# ── counting ─────────────────────────────────────────────────────────────────────────────────────


def _count(said: Said, authors: int) -> Count:
    """Without reflections that too few wrote: they would be known by what is said of them."""
    reflecting = {person for passage, people in said if passage.kind is Kind.REFLECTION for person in people}
    told = [(p, people) for p, people in said if p.kind is not Kind.REFLECTION or len(reflecting) >= authors]
    people = {person for _, some in told for person in some}
    floor = authors if any(p.kind is Kind.REFLECTION for p, _ in told) else PEOPLE
    counted = len(people) if not people or len(people) >= floor else None
    return Count(len(told), len({p.document for p, _ in told}), counted)


def _by(own: Said, key: Callable[[Passage], str], authors: int) -> dict[str, Count]:
    """Counts by a key, the most passages first; a key of which nothing can be told is not there."""
    counts = {name: _count(said, authors) for name, said in _parted(own, key).items()}
    told = sorted(counts, key=lambda name: (-counts[name].passages, name))
    return {name: counts[name] for name in told if counts[name].passages}


def _parted(own: Said, key: Callable[[Passage], Key]) -> dict[Key, list[tuple[Passage, frozenset[PersonId]]]]:
    parts: defaultdict[Key, list[tuple[Passage, frozenset[PersonId]]]] = defaultdict(list)
    for passage, people in own:
        parts[key(passage)].append((passage, people))
    return parts


def _periods(own: Said, step: Step, authors: int) -> dict[str, Count]:
    length = 3 if step == "quarter" else 1
    dated = [(passage, people) for passage, people in own if passage.time is not None]
    parts = _parted(dated, lambda passage: _month(passage.time) // length)
    if not parts:
        return {}
    return {
        _named(number, step): _count(parts.get(number, ()), authors) for number in range(min(parts), max(parts) + 1)
    }


def _named(number: int, step: Step) -> str:
    if step == "quarter":
        return f"{number // 4:04}-Q{number % 4 + 1}"
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _month(time: datetime | None) -> int:
    """Months since the year 0."""
    return time.year * 12 + time.month - 1 if time is not None else -1


# ── momentum and concentration ───────────────────────────────────────────────────────────────────


def _momentum(own: Said, everything: Sequence[Passage], silos: int, authors: int) -> Momentum | None:
    months = {passage.id: _month(passage.time) for passage in everything}
    last = max(months.values(), default=-1)
    if last < 0 or all(passage.time is None for passage, _ in own):
        return None
    now, then = range(last - MONTHS + 1, last + 1), range(last - 2 * MONTHS + 1, last - MONTHS + 1)
    recent = [(p, people) for p, people in own if _month(p.time) in now]
    before = [(p, people) for p, people in own if _month(p.time) in then]
    came, was = _count(recent, authors), _count(before, authors).documents
    usual = (_documents(everything, now) + 1) / (_documents(everything, then) + 1)
    return Momentum(
        activity=round(came.documents / (came.documents + HALF), 4),
        people=round((came.people or 0) / ((came.people or 0) + HALF), 4),
        growth=round((came.documents + 1) / (came.documents + 1 + (was + 1) * usual), 4),
        breadth=round(len(_by(recent, lambda p: str(p.silo), authors)) / max(1, silos), 4),
    )


def _documents(passages: Sequence[Passage], months: range) -> int:
    return len({p.document for p in passages if _month(p.time) in months})


def _concentration(own: Said, silos: int, authors: int) -> Concentration:
    """Of documents over the audience's silos, and over the theme's people."""
    places = {(p.document, str(p.silo)) for p, _ in own}
    parts = {(p.document, person) for p, people in own for person in people}
    by_silo, by_person = Counter(silo for _, silo in places), Counter(person for _, person in parts)
    floor = authors if any(p.kind is Kind.REFLECTION for p, _ in own) else PEOPLE
    return Concentration(
        silos=round(1 - evenness(by_silo.values(), silos), 4) if silos > 1 and by_silo else None,
        people=round(1 - evenness(by_person.values(), len(by_person)), 4) if len(by_person) >= floor else None,
    )
