"""Groups up to some thousands of vectors by average linkage, and keeps only groups that chance does not make.

The tree is cut at several heights. At each, every group's margin (`rules.grouping.margins`) is held against those of
groups found the same way in shapeless clouds (`rules.grouping.shapeless`); comparing a clustering with that of a
reference is the gap statistic of Tibshirani et al. 2001.
The lowest cut whose significant groups hold nearly as much margin as any cut's is taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sensemake.protocols import Clustering
from sensemake.rules import grouping
from sensemake.rules.grouping import LOOSE, Floats, Labels

if TYPE_CHECKING:
    from sensemake.model import Vectors

CUTS = tuple(round(0.10 + 0.05 * step, 2) for step in range(11))
"""Mean cosines, seen from the corpus' mean, at which two groups still join."""
CHANCE = 0.05
"""A group must stand apart more than all but this share of the groups in shapeless clouds."""
NEARLY = 0.95
"""A lower cut, with fewer and larger groups, is taken as long as it holds this share of the most margin."""
FLATTEN = 0.75
"""Chosen on samples of 30 to 1,500 texts with known groups and on word-shuffled ones: 1 misses three groups of ten."""
LEAST = 0.09
"""The margin of all groups together for each vector, loose ones included: of 30 to 100 texts that were shuffled word by
word it is 0.083 at most, of real ones mostly more than this."""
FEWEST_NULLS = 10
"""With fewer groups in all clouds together, their quantile says nothing, and the bar of the cut below stays."""


class AgglomerativeClusterer:
    """Exact, without randomness that shows: the same vectors give the same groups in whatever order they come.

    Memory grows with the square of the number of vectors: 2,000 take some 200 MB and a few seconds, and
    10,000 are too many.
    """

    name = "agglomerative"

    def __init__(self, *, minimum: int = 3, seed: int = 42) -> None:
        self._minimum, self._seed = minimum, seed

    def fit(self, vectors: Vectors) -> Clustering:
        order = grouping.canonical_order(vectors)
        rows = grouping.centred(vectors[order])
        cut, labels = self._grouped(rows)
        return Clustering(
            labels=grouping.restored(labels, order),
            strengths=grouping.restored(grouping.strengths(rows, labels), order),
            settings={
                "method": "average linkage",
                "cut": f"{cut:.2f}",
                "minimum": str(self._minimum),
                "seed": str(self._seed),
                **(self._firmness(rows) if labels.max(initial=LOOSE) > LOOSE else {}),
            },
        )

    def _grouped(self, rows: Floats) -> tuple[float, Labels]:
        cut, labels = self._best(rows) if self._has_shape(rows) else (0.0, np.full(len(rows), LOOSE, np.int64))
        labels = grouping.take_in(rows, grouping.numbered(labels))
        if grouping.margins(rows, labels).sum() < LEAST * len(rows):
            labels = np.full(len(rows), LOOSE, np.int64)
        return cut, labels

    def _firmness(self, rows: Floats) -> dict[str, str]:
        """As a setting: how far groupings of two times four fifths of the vectors agree on those in both."""
        found = np.full((2, len(rows)), LOOSE, np.int64)
        for labels, part in zip(found, grouping.samples(len(rows), self._seed), strict=True):
            labels[part] = self._grouped(rows[part])[1]
        agreed = grouping.agreement(found[0], found[1])
        return {} if agreed is None else {"resampled": f"{agreed:.3f}"}

    def _has_shape(self, rows: Floats) -> bool:
        """Two groups need that many vectors, and vectors that are all the same have nothing to be told apart by."""
        return len(rows) >= 2 * self._minimum and bool(np.any(rows))

    def _best(self, rows: Floats) -> tuple[float, Labels]:
        clouds = [list(self._cuts(cloud)) for cloud in self._clouds(rows)]
        candidates: list[tuple[float, Labels, float]] = []
        bar = _Bar(np.inf, np.inf, np.inf)
        for step, found in enumerate(self._cuts(rows)):
            bar = _Bar.over([cloud[step] for cloud in clouds]) or bar
            kept = bar.passed(found)
            if not _more_than_chance(int(kept.sum()), len(kept)):
                kept &= found.margins > bar.far
            candidates.append((CUTS[step], _only(found.labels, kept), float(found.margins[kept].sum())))
        most = max(mass for _, _, mass in candidates)
        return next((cut, labels) for cut, labels, mass in candidates if mass >= NEARLY * most)

    def _cuts(self, rows: Floats) -> Iterator[_Cut]:
        from scipy.cluster.hierarchy import fcluster, linkage

        above = np.triu_indices(len(rows), 1)
        tree = linkage(np.clip(1.0 - (rows @ rows.T)[above], 0.0, 2.0), "average")
        for cut in CUTS:
            flat = np.asarray(fcluster(tree, 1.0 - cut, "distance"), np.int64)
            labels = grouping.numbered(flat, minimum=self._minimum)
            yield _Cut(labels, grouping.margins(rows, labels))

    def _clouds(self, rows: Floats) -> Iterator[Floats]:
        """A large cloud holds groups enough to tell what chance does; of small ones it takes more."""
        clouds = grouping.shapeless(rows, np.random.default_rng(self._seed), flatten=FLATTEN)
        return islice(clouds, 6 if len(rows) <= 500 else 2)


@dataclass(frozen=True, slots=True)
class _Cut:
    """The groups at one height, and how far each stands apart."""

    labels: Labels
    margins: Floats

    @property
    def distinctness(self) -> Floats:
        """Margins by the root of the groups' sizes: as a mean margin would be told from 0 by its standard error."""
        sizes = np.bincount(self.labels[self.labels >= 0], minlength=len(self.margins))
        return np.asarray(self.margins / np.sqrt(np.maximum(sizes, 1)), np.float64)


@dataclass(frozen=True, slots=True)
class _Bar:
    """What a group must surpass: in all its margin (large groups) or in its distinctness (small ones).

    `far` is half as much again as the largest margin in any cloud: a group beyond it needs no company.
    """

    margin: float
    distinctness: float
    far: float

    @classmethod
    def over(cls, clouds: Sequence[_Cut]) -> _Bar | None:
        """The bar that one in twenty groups of shapeless clouds passes; None when there are too few to say."""
        margins = np.concatenate([cloud.margins for cloud in clouds])
        if len(margins) < FEWEST_NULLS:
            return None
        each = 1.0 - CHANCE / 2.0
        distinctness = np.concatenate([cloud.distinctness for cloud in clouds])
        return cls(
            float(np.quantile(margins, each)), float(np.quantile(distinctness, each)), 1.5 * float(margins.max())
        )

    def passed(self, cut: _Cut) -> NDArray[np.bool_]:
        return np.asarray((cut.margins > self.margin) | (cut.distinctness > self.distinctness))


def _more_than_chance(kept: int, found: int) -> bool:
    """Whether as many groups of those found would seldom pass by chance (binomial), all cuts being tried."""
    ways = (math.comb(found, n) * CHANCE**n * (1.0 - CHANCE) ** (found - n) for n in range(kept, found + 1))
    return kept > 0 and sum(ways) < CHANCE / len(CUTS)


def _only(labels: Labels, kept: NDArray[np.bool_]) -> Labels:
    return np.where((labels >= 0) & np.append(kept, False)[labels], labels, LOOSE).astype(np.int64)
