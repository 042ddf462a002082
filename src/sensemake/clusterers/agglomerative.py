"""Groups up to some thousands of vectors by average linkage, and keeps only groups that chance does not make.

The tree is cut at several heights. At each, every group's margin (`rules.grouping.margins`) is held against those of
groups found the same way in shapeless clouds with the mean and covariance of the data (the null model of SigClust,
Liu et al. 2008; comparing a clustering with a reference cloud is the gap statistic of Tibshirani et al. 2001).
The lowest cut whose significant groups hold nearly as much margin as any cut's is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
CHANCE = 0.95
"""A group must stand apart more than this share of the groups in shapeless clouds."""
NEARLY = 0.95
FEWEST_NULLS = 10
"""With fewer groups in all clouds together, their quantile says nothing, and that of the cut below is used."""


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
        cut, labels = self._best(rows) if self._has_shape(rows) else (0.0, np.full(len(rows), LOOSE, np.int64))
        labels = grouping.take_in(rows, grouping.numbered(labels))
        return Clustering(
            labels=grouping.restored(labels, order),
            strengths=grouping.restored(grouping.strengths(rows, labels), order),
            settings={
                "method": "average linkage",
                "cut": f"{cut:.2f}",
                "minimum": str(self._minimum),
                "seed": str(self._seed),
            },
        )

    def _has_shape(self, rows: Floats) -> bool:
        """Two groups need that many vectors, and vectors that are all the same have nothing to be told apart by."""
        return len(rows) >= 2 * self._minimum and bool(np.any(rows))

    def _best(self, rows: Floats) -> tuple[float, Labels]:
        clouds = [list(self._cuts(cloud)) for cloud in self._shapeless(rows)]
        candidates: list[tuple[float, Labels, float]] = []
        threshold = 0.0
        for step, found in enumerate(self._cuts(rows)):
            chance = np.concatenate([cloud[step].margins for cloud in clouds])
            if len(chance) >= FEWEST_NULLS:
                threshold = float(np.quantile(chance, CHANCE))
            kept = found.margins > threshold
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

    def _shapeless(self, rows: Floats) -> Iterator[Floats]:
        """Clouds of as many vectors, drawn from the normal distribution with the data's mean and covariance."""
        random = np.random.default_rng(self._seed)
        mean = rows.mean(axis=0)
        for _ in range(6 if len(rows) <= 500 else 2):  # a large cloud holds groups enough to tell what chance does
            mixture = random.standard_normal((len(rows), len(rows))) / np.sqrt(len(rows))
            yield grouping.centred(grouping.unit(mean + mixture @ (rows - mean)))


@dataclass(frozen=True, slots=True)
class _Cut:
    """The groups at one height, and how far each stands apart."""

    labels: Labels
    margins: Floats


def _only(labels: Labels, kept: NDArray[np.bool_]) -> Labels:
    return np.where((labels >= 0) & np.append(kept, False)[labels], labels, LOOSE).astype(np.int64)
