"""The exact search index: it looks at everything, and says what is right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from sensemake.model import Entry, LexicalQuery, PassageId, Scored, SiloName, Vector, Where
from sensemake.search._exact import Held, best, checked, scores_of, similarities, statistics_of


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
        self._held.update({entry.passage.id: Held.of(entry, dim) for entry in entries})

    def delete(self, passages: Collection[PassageId]) -> None:
        for passage in passages:
            self._held.pop(passage, None)

    def drop(self, silo: SiloName) -> None:
        self._held = {id_: held for id_, held in self._held.items() if held.passage.silo != silo}
        self._generations.pop(silo, None)

    def commit(self, generations: Mapping[SiloName, tuple[str, int]]) -> None:
        """A silo lies in one partition: what of it was left behind in another is forgotten."""
        self._generations.update(generations)
        homes = {silo: partition for silo, (partition, _) in generations.items()}
        self._held = {
            id_: held
            for id_, held in self._held.items()
            if homes.get(held.passage.silo, held.partition) == held.partition
        }

    def dense(self, vector: Vector, k: int, where: Where) -> list[Scored]:
        found = list(self._found(where))
        if not found:
            return []
        query = checked(vector, len(found[0].vector))
        scores = similarities(np.stack([held.vector for held in found]), query)
        return best((Scored(held.passage.id, score) for held, score in zip(found, scores, strict=True)), k)

    def lexical(self, query: LexicalQuery, k: int, where: Where) -> list[Scored]:
        statistics = statistics_of(query, (h for h in self._held.values() if h.passage.silo in where.readable))
        return best(scores_of(query, self._found(where), statistics), k)

    def _found(self, where: Where) -> Iterator[Held]:
        return (held for held in self._held.values() if where.holds(held.passage))

    def _dim(self, entries: Sequence[Entry]) -> int:
        for held in self._held.values():
            return len(held.vector)
        return len(entries[0].vector) if entries else 0
