"""The best of several partitions: each is asked for no more than may be among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sensemake.model import Scored, Vector
from sensemake.rules import bm25
from sensemake.search._exact import best, rounded
from sensemake.search._partition import Partition
from sensemake.search._selection import Scope
from sensemake.search._words import Weights

Numbers = NDArray[np.int64]
Values = NDArray[np.float64]

_ROUNDED = 2 * 10**-bm25.DECIMALS
"""Two scores that are equal when rounded are no farther from each other."""
_FIRST = 50
"""Passages that any partition is asked for at first, beside its part of what is wanted."""


def near(partitions: Iterable[Partition], vector: Vector, k: int, scope: Scope) -> list[Scored]:
    """The k nearest, and what may be as near when rounded. The nearest so far say how near the others must be."""
    found: list[tuple[Partition, Numbers, Values]] = []
    highest = np.empty(0)
    least = -np.inf
    for partition in partitions:
        rows, scores = partition.near(vector, k, scope, least)
        if len(rows):
            found.append((partition, rows, scores))
            highest = np.sort(np.concatenate([highest, scores]))[-k:]
            least = float(highest[0]) - _ROUNDED if len(highest) == k else -np.inf
    near_enough = ((partition, rows, scores, scores >= least) for partition, rows, scores in found)
    return [
        one
        for partition, rows, scores, kept in near_enough
        if kept.any()
        for one in partition.scored(rows[kept], rounded(scores[kept]))
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in words, the statistics it is answered by, and where."""

    terms: tuple[str, ...]
    statistics: bm25.Statistics
    scope: Scope
    codes: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of several partitions, each with its bound or its score; `owners` are places in a list of partitions."""

    owners: Numbers
    rows: Numbers
    values: Values

    @classmethod
    def together(cls, parts: Sequence[_Rows]) -> _Rows:
        none = np.empty(0, np.int64)
        return cls(
            np.concatenate([none, *(part.owners for part in parts)]),
            np.concatenate([none, *(part.rows for part in parts)]),
            np.concatenate([np.empty(0), *(part.values for part in parts)]),
        )

    def only(self, some: NDArray[np.bool_]) -> _Rows:
        return _Rows(self.owners[some], self.rows[some], self.values[some])

    def by_owner(self) -> Iterator[tuple[int, _Rows]]:
        order = np.argsort(self.owners, kind="stable")
        owners, rows, values = self.owners[order], self.rows[order], self.values[order]
        ends = np.flatnonzero(np.diff(owners, append=-1)) + 1
        start = 0
        for end in ends.tolist():
            yield int(owners[start]), _Rows(owners[start:end], rows[start:end], values[start:end])
            start = end


class _Streams:
    """The passages of some partitions by falling bound, some at a time."""

    def __init__(self, partitions: Sequence[Partition], asked: Asked, k: int) -> None:
        self._partitions = partitions
        self._asked = asked
        self._weights = Weights.of(asked.terms, asked.statistics)
        self._depths = np.full(len(partitions), 2 * k // max(1, len(partitions)) + _FIRST)
        self._last = np.empty(len(partitions))
        self.scored = _Rows.together([])
        self.waiting = _Rows.together([self._look(owner) for owner in range(len(partitions))])
        """Found, and not scored."""

    def score(self, least: float) -> bool:
        """Score all that wait and may have such a score; whether there are any."""
        chosen = self.waiting.values + _ROUNDED >= least
        if not chosen.any():
            return False
        parts = list(self.waiting.only(chosen).by_owner())
        found = [self._partitions[owner].rows for owner, _ in parts]
        scores = bm25.scores(
            np.concatenate(
                [rows.frequencies(p.rows, self._asked.codes) for rows, (_, p) in zip(found, parts, strict=True)]
            ),
            np.concatenate([rows.lengths(p.rows) for rows, (_, p) in zip(found, parts, strict=True)]),
            self._asked.terms,
            self._asked.statistics,
        )
        new = _Rows.together([part for _, part in parts])
        self.scored = _Rows.together([self.scored, replace(new, values=np.array(scores))])
        self.waiting = self.waiting.only(~chosen)
        return True

    def look_farther(self, least: float) -> bool:
        """Four times as deep where something that was not even looked for may have such a score; whether it may."""
        deeper = np.flatnonzero(self._last + _ROUNDED >= least)
        self._depths[deeper] *= 4
        others = self.waiting.only(~np.isin(self.waiting.owners, deeper))
        self.waiting = _Rows.together([others, *(self._unscored(owner) for owner in deeper.tolist())])
        return len(deeper) > 0

    def best(self, least: float) -> list[Scored]:
        """All that have such a score."""
        chosen = self.scored.only(self.scored.values >= least)
        return [
            one
            for owner, part in chosen.by_owner()
            for one in self._partitions[owner].scored(part.rows, part.values.tolist())
        ]

    def _unscored(self, owner: int) -> _Rows:
        found = self._look(owner)
        return found.only(~np.isin(found.rows, self.scored.rows[self.scored.owners == owner]))

    def _look(self, owner: int) -> _Rows:
        found = self._partitions[owner].bounds(self._weights, self._asked.scope, int(self._depths[owner]))
        self._last[owner] = np.nan if found.whole else found.most[-1]
        return _Rows(np.full(len(found.numbers), owner), found.numbers, found.most)


def refined(found: list[Scored], partitions: Sequence[Partition], k: int, asked: Asked) -> list[Scored]:
    """The k best of `found` and of all partitions: passages are scored exactly, the most promising first, until none
    that is left can be among the k any more (the threshold algorithm; Fagin, Lotem and Naor 2003)."""
    streams = _Streams(partitions, asked, k)
    known = np.array([one.score for one in found])
    while True:
        least = _kth(np.concatenate([known, streams.scored.values]), k)
        # As long as there are no k scores, the k most promising are scored, whatever their bounds are.
        reach = _kth(streams.waiting.values, k) if least == -np.inf else least
        if not streams.score(reach) and not streams.look_farther(least):
            return best(found + streams.best(least), k)


def _kth(values: Values, k: int) -> float:
    """The k-th highest; minus infinity when there are fewer."""
    return float(np.partition(values, -k)[-k]) if len(values) >= k else -np.inf
