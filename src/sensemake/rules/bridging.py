"""Bridges between silos on a theme, bridges that are missing, and themes that rest on one person.

Brokers are who stands in two groups that share a subject (Burt, "Structural Holes", 1992); here only where texts say
so, and by theme: nobody is a bridge in general. Counts below a floor are not told, as few people are easily known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from sensemake.model import AUTHORING, DocumentId, Kind, Passage, PassageId, PersonId, Role, SiloName, Theme
from sensemake.rules import floor
from sensemake.rules.identity import Roster

BUSY = 3
"""Documents of a silo on a theme from which on it is busy with it."""
HELD = 5
"""Documents of a theme from which on it matters on whom it rests."""
FLOOR = 3
"""People are counted from so many on."""
QUIET = timedelta(days=365)
"""Who was not seen for so long, by the newest text, is no longer active."""
UNDATED = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
"""Where a text without a date stands among others: before them all."""
KNOWING = (AUTHORING | {Role.OWNS, Role.APPROVED, Role.REVIEWED}) - {Role.ASKED}
"""What somebody does who has a part in a subject: asking and being mentioned is none."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two silos on a theme: who has a part in both, and the documents they had it in or met in."""

    theme: Theme
    silos: tuple[SiloName, SiloName]
    people: frozenset[PersonId]
    documents: tuple[DocumentId, ...]
    floor: int

    @property
    def count(self) -> int | None:
        """How many people; None where they are fewer than the floor, but not nobody."""
        return len(self.people) if not self.people or len(self.people) >= self.floor else None


@dataclass(frozen=True, slots=True)
class Rest:
    """A theme that rests on one active person, or on nobody who is active."""

    theme: Theme
    silos: tuple[SiloName, ...]
    documents: int
    holder: PersonId | None


class Parts:
    """Who had a part in which documents of each theme, from the passages that one audience may read."""

    def __init__(
        self,
        themes: Sequence[Theme],
        passages: Sequence[Passage],
        roster: Roster,
        hidden: Callable[[Theme], frozenset[PersonId]] = lambda _: frozenset(),
        *,
        of_reflections: int = floor.K,
    ) -> None:
        """Where reflections are among the texts people are counted from `of_reflections` on."""
        self._themes = themes
        self._passages: Mapping[PassageId, Passage] = {p.id: p for p in passages}
        self._roster = roster
        self._hidden = hidden
        self._of_reflections = of_reflections
        self._newest = max((p.time for p in passages if p.time), default=None)
        self._seen = self._last_seen(passages)

    def links(self) -> Iterator[Link]:
        """Every two silos that are busy with one theme, joined or not."""
        for theme in self._themes:
            parts, documents, least = self._of(theme)
            busy = sorted(silo for silo, some in documents.items() if len(some) >= BUSY)
            for one, other in combinations(busy, 2):
                people = {p for p in parts if parts[p].get(one) and parts[p].get(other)}
                linking = {d for p in people for silo in (one, other) for d in parts[p][silo]}
                newest = sorted(linking, key=lambda d: (-(documents[one] | documents[other])[d].timestamp(), d))
                yield Link(theme, (one, other), frozenset(people), tuple(newest), least)

    def rests(self) -> Iterator[Rest]:
        """Themes of enough documents whose people are one, or no longer there."""
        for theme in self._themes:
            parts, documents, _ = self._of(theme)
            signed = {d for of in parts.values() for some in of.values() for d in some}
            active = {person for person in parts if self.is_active(person)}
            if len(signed) >= HELD and len(active) <= 1:
                silos = tuple(sorted(silo for silo in documents))
                yield Rest(theme, silos, len(signed), next(iter(active), None))

    def is_active(self, person: PersonId) -> bool:
        """Whether the directory says so, and a text was seen from them lately."""
        last = self._seen.get(person)
        lately = last is None or self._newest is None or self._newest - last <= QUIET
        return self._roster.persons[person].active and lately

    def people(self, passage: Passage) -> set[PersonId]:
        """The listed persons who had a part in a passage."""
        known = (self._roster.person(c.handle) for c in passage.contributions if c.role in KNOWING)
        return {person.id for person in known if person is not None and person.listed}

    def _of(
        self, theme: Theme
    ) -> tuple[
        Mapping[PersonId, Mapping[SiloName, set[DocumentId]]], Mapping[SiloName, dict[DocumentId, datetime]], int
    ]:
        """A theme's documents by person and silo, and by silo with their time; the floor of its counts."""
        parts: defaultdict[PersonId, defaultdict[SiloName, set[DocumentId]]] = defaultdict(lambda: defaultdict(set))
        documents: defaultdict[SiloName, dict[DocumentId, datetime]] = defaultdict(dict)
        hidden = self._hidden(theme)
        least = FLOOR
        for member in theme.members:
            passage = self._passages.get(member.passage)
            if passage is None:
                continue
            documents[passage.silo][passage.document] = passage.time or UNDATED
            least = self._of_reflections if passage.kind is Kind.REFLECTION else least
            for person in self.people(passage) - hidden:
                parts[person][passage.silo].add(passage.document)
        return parts, documents, least

    def _last_seen(self, passages: Sequence[Passage]) -> Mapping[PersonId, datetime]:
        last: dict[PersonId, datetime] = {}
        for passage in passages:
            if passage.time is not None:
                for person in self.people(passage):
                    last[person] = max(passage.time, last.get(person, passage.time))
        return last
