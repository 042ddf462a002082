"""The search index of one machine: partitions on disk, each a tantivy index beside a file of vectors.

    <folder>/<partition>/<generation>/    words/ (tantivy)  vectors.npy | vectors.faiss  numbers.npy  passages.npy

A generation never changes. A commit writes its successor beside it, on hard links where nothing is new, and then
names it in the catalog's manifest, with the SHA-256 of every file: that one transaction is the switch. A crash before
it leaves the old generation current; readers that have the old one open go on with it. What was put and deleted but
not committed is an overlay in memory that searches of this object see.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path

from sensemake.model import Entry, LexicalQuery, PassageId, Scored, SiloName, Vector, Where
from sensemake.protocols import Locks, ManifestStore
from sensemake.rules import wording
from sensemake.rules.bm25 import DECIMALS, Statistics
from sensemake.search._commit import commit
from sensemake.search._exact import Held, answering, best, checked, nearest, statistics_of
from sensemake.search._overlay import Overlay
from sensemake.search._partition import Partition
from sensemake.search._rows import NUMPY_UP_TO
from sensemake.search._shelf import Shelf
from sensemake.search._words import Candidate

_ROUNDED = 2 * 10**-DECIMALS


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

    def discard(self, silo: SiloName) -> None:
        with self._changing:
            masked = self._overlay.mask.passages
            stored = (partition.named(masked, silo) for partition in self._shelf.touching(frozenset({silo})))
            self._overlay = self._overlay.discard(silo, frozenset().union(*stored), self._shelf.numbers())

    def commit(self, generations: Mapping[SiloName, tuple[str, int]]) -> None:
        """Write what is pending. A silo that another process has brought farther meanwhile is left as it is."""
        with self._changing:
            commit(self._shelf, self._locks, self._overlay, generations, self._numpy_up_to)
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
        for partition in _searched(partitions, where):
            found += partition.nearest(query, k, where, overlay.mask)
        return best(found, k)

    def lexical(self, query: LexicalQuery, k: int, where: Where) -> list[Scored]:
        if k <= 0 or not query.terms:
            return []
        overlay, partitions = self._read(where)
        pending = [one for one in overlay.held.values() if one.passage.silo in where.readable]
        counted = (partition.statistics(query, where.readable, overlay.mask) for partition in partitions)
        statistics = reduce(add, counted, statistics_of(query, pending))
        found = answering(query, k, (one for one in pending if wording.holds(one.passage, where)), statistics)
        streams = (
            partition.candidates(query, statistics, where, overlay.mask, 2 * k + 50)
            for partition in _searched(partitions, where)
        )
        return _refined(found, streams, k, query, statistics)

    def _read(self, where: Where) -> tuple[Overlay, list[Partition]]:
        """The overlay first: a commit in between then shows its changes twice over, not never."""
        overlay = self._overlay
        return overlay, self._shelf.touching(where.readable)


def _searched(partitions: Iterable[Partition], where: Where) -> Iterator[Partition]:
    return (partition for partition in partitions if not partition.silos.isdisjoint(where.silos & where.readable))


def _refined(
    found: list[Scored],
    streams: Iterable[Iterator[Candidate]],
    k: int,
    query: LexicalQuery,
    statistics: Statistics,
) -> list[Scored]:
    """The k best of `found` and of all streams: candidates are scored exactly, the most promising first, until the
    next one cannot be among the k any more (the threshold algorithm; Fagin, Lotem and Naor 2003)."""
    scores = sorted((one.score for one in found), reverse=True)[:k]
    heapq.heapify(scores)
    for candidate in heapq.merge(*streams, key=lambda candidate: -candidate.bound):
        if len(scores) == k and candidate.bound + _ROUNDED < scores[0]:
            break
        one = candidate.scored(query.terms, statistics)
        found.append(one)
        (heapq.heappush if len(scores) < k else heapq.heappushpop)(scores, one.score)
    return best(found, k)
