"""The search index of one machine: partitions on disk, each a tantivy index beside a file of vectors.

    <folder>/<partition>/<generation>/    words/ (tantivy)  segments of rows (`_segments`)  numbers.npy  passages.npy

A generation never changes. A commit writes its successor beside it, on hard links where nothing is new, and then
names it in the catalog's manifest, with the SHA-256 of every file: that one transaction is the switch. A crash before
it leaves the old generation current; readers that have the old one open go on with it. What was put and deleted but
not committed is an overlay in memory that searches of this object see.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import compress
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sensemake.model import Entry, LexicalQuery, PassageId, Scored, SiloName, Vector, Where
from sensemake.protocols import Locks, ManifestStore, Outline
from sensemake.rules import wording
from sensemake.rules.bm25 import Statistics
from sensemake.search._best import Asked, near, refined
from sensemake.search._commit import commit
from sensemake.search._exact import Held, answering, best, checked, nearest, outline_of, statistics_of
from sensemake.search._overlay import Overlay
from sensemake.search._partition import Partition
from sensemake.search._rows import NUMPY_UP_TO
from sensemake.search._selection import Lot, Scope
from sensemake.search._shelf import Shelf
from sensemake.search._traits import code

Told = TypeVar("Told")


class LocalIndex:
    """A SearchIndex in `folder` for the vectors of one model. It may be used by many threads at once."""

    def __init__(
        self,
        folder: Path,
        *,
        model_id: str,
        dim: int,
        manifests: ManifestStore,
        locks: Locks,
        numpy_up_to: int = NUMPY_UP_TO,
    ) -> None:
        self._shelf = Shelf(folder, model_id, dim, manifests)
        self._locks = locks
        self._numpy_up_to = numpy_up_to
        self._overlay = Overlay()
        self._changing = threading.RLock()

    # ── changing ──

    def generation(self, silo: SiloName, partition: str) -> int:
        manifest = self._shelf.manifests().get(partition)
        number = 0 if manifest is None else manifest.silos.get(silo, 0)
        overlay = self._overlay
        if silo in overlay.mask.silos and number == overlay.base.get((silo, partition), 0):
            return 0  # dropped here, and nobody has written it anew
        return number if number and self._shelf.sound(partition) else 0

    def put(self, entries: Sequence[Entry]) -> None:
        held = [Held.of(entry, self._shelf.dim) for entry in entries]
        with self._changing:
            self._overlay = self._based().put(held)

    def delete(self, passages: Collection[PassageId]) -> None:
        with self._changing:
            self._overlay = self._based().delete(passages)

    def drop(self, silo: SiloName) -> None:
        with self._changing:
            self._overlay = self._based().drop(silo)

    def discard(self, silo: SiloName, *, but: Set[PassageId] = frozenset()) -> None:
        with self._changing:
            masked = self._overlay.mask.passages - but
            stored = (partition.named(masked, silo) for partition in self._shelf.touching(frozenset({silo})))
            self._overlay = self._overlay.discard(silo, frozenset().union(*stored), self._shelf.numbers(), but)

    def commit(self, generations: Mapping[SiloName, tuple[str, int]], *, erases: bool = False) -> None:
        """Write what is pending. A silo that another process has brought farther meanwhile is left as it is."""
        with self._changing:
            commit(self._shelf, self._locks, self._overlay, generations, self._numpy_up_to, erases=erases)
            self._overlay = Overlay()

    def _based(self) -> Overlay:
        return self._overlay if self._overlay else replace(self._overlay, base=self._shelf.numbers())

    # ── searching ──

    def dense(self, vector: Vector, k: int, where: Where) -> list[Scored]:
        query = checked(vector, self._shelf.dim)
        if k <= 0:
            return []
        overlay, partitions = self._read(where)
        found = nearest(query, k, (one for one in overlay.held.values() if wording.holds(one.passage, where)))
        scope = Scope.of(where, _masked(overlay, partitions))
        return best(found + near(_searched(partitions, scope), query, k, scope), k)

    def lexical(self, query: LexicalQuery, k: int, where: Where) -> list[Scored]:
        if k <= 0 or not query.terms:
            return []
        overlay, partitions = self._read(where)
        pending = [one for one in overlay.held.values() if one.passage.silo in where.readable]
        scope = Scope.of(where, _masked(overlay, partitions))
        counted = [partition.statistics(query.terms, scope) for partition in partitions]
        statistics = Statistics.together([*counted, statistics_of(query, pending)])
        found = answering(query, k, (one for one in pending if wording.holds(one.passage, where)), statistics)
        ask = Asked(query.terms, statistics, scope, [code(term) for term in dict.fromkeys(query.terms)])
        return refined(found, list(_searched(partitions, scope)), k, ask)

    # ── telling more of what was found ──

    def outlines(self, found: Collection[Scored]) -> dict[PassageId, Outline]:
        return _told(found, lambda one: outline_of(one.passage), lambda partition, rows: partition.rows.outlines(rows))

    def vectors(self, found: Collection[Scored]) -> dict[PassageId, Vector]:
        return _told(found, lambda one: one.vector, lambda partition, rows: list(partition.rows.take(rows)))

    def holding(self, found: Collection[Scored], terms: Collection[str]) -> dict[PassageId, frozenset[str]]:
        asked = list(dict.fromkeys(terms))
        codes = [code(term) for term in asked]

        def of_rows(partition: Partition, rows: NDArray[np.int64]) -> list[frozenset[str]]:
            held = partition.rows.frequencies(rows, codes) > 0
            return [frozenset(compress(asked, row)) for row in held.tolist()]

        return _told(found, lambda one: frozenset(term for term in asked if term in one.frequencies), of_rows)

    def _read(self, where: Where) -> tuple[Overlay, list[Partition]]:
        """The overlay first: a commit in between then shows its changes twice over, not never."""
        overlay = self._overlay
        return overlay, self._shelf.touching(where.readable)


def _masked(overlay: Overlay, partitions: Sequence[Partition]) -> Lot:
    """What must not be found in these. What is new lies in none, and every clause costs each question: beside an
    ingest thousands of passages that nobody would find would be looked up again and again."""
    passages = overlay.mask.passages
    held = frozenset().union(*(one.among(passages) for one in partitions)) if passages else passages
    return replace(overlay.mask, passages=held)


def _searched(partitions: Iterable[Partition], scope: Scope) -> Iterator[Partition]:
    return (partition for partition in partitions if not partition.silos.isdisjoint(scope.silos))


def _told(
    found: Collection[Scored],
    of_held: Callable[[Held], Told],
    of_rows: Callable[[Partition, NDArray[np.int64]], Sequence[Told]],
) -> dict[PassageId, Told]:
    """What is known of each passage where it was found: in memory, or in a partition, which is asked once."""
    told: dict[PassageId, Told] = {}
    places: dict[Partition, dict[PassageId, int]] = {}
    for one in found:
        if isinstance(one.at, Held):
            told[one.passage] = of_held(one.at)
        else:
            partition, row = one.at
            places.setdefault(partition, {})[one.passage] = row
    for partition, rows in places.items():
        told.update(zip(rows, of_rows(partition, np.array(list(rows.values()), np.int64)), strict=True))
    return told
