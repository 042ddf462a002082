"""The best of several partitions: each is asked for no more than may be among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensemake.model import LexicalQuery, Scored, Vector, Where
from sensemake.rules import bm25
from sensemake.search._exact import best, rounded
from sensemake.search._partition import Partition
from sensemake.search._selection import Lot
from sensemake.search._words import Bounds

_ROUNDED = 2 * 10**-bm25.DECIMALS
"""Two scores that are equal when rounded are no farther from each other."""
_FIRST = 50
"""Passages that any partition is asked for at first, beside its part of what is wanted."""


def near(partitions: Iterable[Partition], vector: Vector, k: int, where: Where, mask: Lot) -> list[Scored]:
    """The k nearest, and what may be as near when rounded. The nearest so far say how near the others must be."""
    found: list[tuple[Partition, NDArray[np.int64], NDArray[np.float64]]] = []
    highest = np.empty(0)
    least = -np.inf
    for partition in partitions:
        rows, scores = partition.near(vector, k, where, mask, least)
        if len(rows):
            found.append((partition, rows, scores))
            highest = np.sort(np.concatenate([highest, scores]))[-k:]
            least = highest[0] - _ROUNDED if len(highest) == k else -np.inf
    near_enough = ((partition, rows, scores, scores >= least) for partition, rows, scores in found)
    return [
        one
        for partition, rows, scores, kept in near_enough
        for one in partition.scored(rows[kept], rounded(scores[kept]))
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in words, the statistics it is answered by, and where."""

    query: LexicalQuery
    statistics: bm25.Statistics
    where: Where
    mask: Lot
    codes: Sequence[int]


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows of a partition with what scores them."""

    partition: Partition
    rows: NDArray[np.int64]
    frequencies: NDArray[np.float64]
    lengths: NDArray[np.int64]


class _Stream:
    """The passages of one partition by falling bound, some at a time."""

    def __init__(self, partition: Partition, asked: Asked, depth: int) -> None:
        self._partition = partition
        self._asked = asked
        self._depth = depth
        self._taken = 0
        self._scored = np.empty(0, np.int64)
        self._bounds = self._look()

    @property
    def waiting(self) -> NDArray[np.float64]:
        """The bounds of those that were found and not taken."""
        return self._bounds.most[self._taken :]

    def may_hold(self, least: float) -> bool:
        """Whether some that were not even looked for may have such a score."""
        return not self._bounds.whole and self._bounds.most[-1] + _ROUNDED >= least

    def look_farther(self) -> None:
        """Four times as deep; those that come first are known."""
        self._depth *= 4
        found = self._look()
        new = ~np.isin(found.numbers, self._scored)
        self._bounds = Bounds(found.most[new], found.numbers[new], found.whole)
        self._taken = 0

    def take(self, least: float) -> Taken | None:
        """All that wait and may have such a score."""
        end = self._taken + int(np.count_nonzero(self.waiting + _ROUNDED >= least))
        rows = self._bounds.numbers[self._taken : end]
        if not len(rows):
            return None
        self._taken = end
        self._scored = np.concatenate([self._scored, rows])
        asked = self._partition.rows
        return Taken(self._partition, rows, asked.frequencies(rows, self._asked.codes), asked.lengths(rows))

    def _look(self) -> Bounds:
        asked = self._asked
        return self._partition.bounds(asked.query, asked.statistics, asked.where, asked.mask, self._depth)


def refined(found: list[Scored], partitions: Sequence[Partition], k: int, asked: Asked) -> list[Scored]:
    """The k best of `found` and of all partitions: passages are scored exactly, the most promising first, until none
    that is left can be among the k any more (the threshold algorithm; Fagin, Lotem and Naor 2003)."""
    depth = 2 * k // max(1, len(partitions)) + _FIRST
    streams = [_Stream(partition, asked, depth) for partition in partitions]
    while True:
        least = _kth(np.array([one.score for one in found]), k)
        # As long as there are no k scores, the k most promising are scored, whatever their bounds are.
        reach = _kth(np.concatenate([np.empty(0), *(s.waiting for s in streams)]), k) if least == -np.inf else least
        if taken := [some for stream in streams if (some := stream.take(reach))]:
            found = best(found + _scored(taken, asked), k)
        elif deeper := [stream for stream in streams if stream.may_hold(least)]:
            for stream in deeper:
                stream.look_farther()
        else:
            return best(found, k)


def _scored(taken: Sequence[Taken], asked: Asked) -> list[Scored]:
    """Their exact scores, reckoned for all partitions together."""
    scores = bm25.scores(
        np.concatenate([some.frequencies for some in taken]),
        np.concatenate([some.lengths for some in taken]),
        asked.query.terms,
        asked.statistics,
    )
    ends = np.cumsum([len(some.rows) for some in taken]).tolist()
    return [
        one
        for some, end in zip(taken, ends, strict=True)
        for one in some.partition.scored(some.rows, scores[end - len(some.rows) : end])
    ]


def _kth(values: NDArray[np.float64], k: int) -> float:
    """The k-th highest; minus infinity when there are fewer."""
    return float(np.partition(values, -k)[-k]) if len(values) >= k else -np.inf
