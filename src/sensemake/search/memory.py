"""The exact search index: it looks at everything, and says what is right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set

from sensemake.model import Entry, LexicalQuery, PassageId, Scored, SiloName, Vector, Where
from sensemake.protocols import Outline
from sensemake.rules import wording
from sensemake.search._exact import Held, answering, checked, nearest, outline_of, statistics_of


class MemoryIndex:
    """The definition of a SearchIndex, the fake in tests, and the judge of the others. Nothing outlives it."""

    def __init__(self) -> None:
        self._held: dict[PassageId, Held] = {}
        self._generations: dict[SiloName, tuple[str, int]] = {}

    def generation(self, silo: SiloName, partition: str) -> int:
        held_in, number = self._generations.get(silo, (partition, 0))
        return number if held_in == partition else 0

    def put(self, entries: Sequence[Entry]) -> None:
        dim = self._dim(entries)
        held = [Held.of(entry, dim) for entry in entries]
        self._held.update({one.passage.id: one for one in held})

    def delete(self, passages: Collection[PassageId]) -> None:
        for passage in passages:
            self._held.pop(passage, None)

    def drop(self, silo: SiloName) -> None:
        self._held = {id_: held for id_, held in self._held.items() if held.passage.silo != silo}
        self._generations.pop(silo, None)

    def discard(self, silo: SiloName, *, but: Set[PassageId] = frozenset()) -> None:
        """Nobody else writes to this memory, so there is nothing that could be known from elsewhere."""

    def commit(self, generations: Mapping[SiloName, tuple[str, int]], *, erases: bool = False) -> None:  # noqa: ARG002
        """A silo lies in one partition: what of it was left behind in another is forgotten."""
        self._generations.update(generations)
        homes = {silo: partition for silo, (partition, _) in generations.items()}
        self._held = {
            id_: held
            for id_, held in self._held.items()
            if homes.get(held.passage.silo, held.partition) == held.partition
        }

    def dense(self, vector: Vector, k: int, where: Where) -> list[Scored]:
        return nearest(checked(vector, self._dim() or len(vector)), k, self._found(where))

    def lexical(self, query: LexicalQuery, k: int, where: Where) -> list[Scored]:
        readable = (held for held in self._held.values() if held.passage.silo in where.readable)
        return answering(query, k, self._found(where), statistics_of(query, readable))

    def outlines(self, found: Collection[Scored]) -> dict[PassageId, Outline]:
        return {one.passage: outline_of(one.at.passage) for one in found}

    def vectors(self, found: Collection[Scored]) -> dict[PassageId, Vector]:
        return {one.passage: one.at.vector for one in found}

    def holding(self, found: Collection[Scored], terms: Collection[str]) -> dict[PassageId, frozenset[str]]:
        return {one.passage: frozenset(term for term in terms if term in one.at.frequencies) for one in found}

    def _found(self, where: Where) -> Iterator[Held]:
        return (held for held in self._held.values() if wording.holds(held.passage, where))

    def _dim(self, entries: Sequence[Entry] = ()) -> int:
        """That of the vectors held, or of the first to come; 0 when there is none."""
        vectors = (one.vector for some in (self._held.values(), entries) for one in some)
        return next((len(vector) for vector in vectors), 0)
