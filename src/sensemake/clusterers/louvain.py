"""Groups any number of vectors as communities of their nearest neighbours: nothing to compile, the same every time.

The graph joins each vector to its nearest by cosine; communities are found by modularity (Louvain, Blondel et al.
2008, arXiv:0803.0476) at several resolutions (Reichardt & Bornholdt 2006). The partition is taken whose groups stand
apart the most (`rules.grouping.margins`), among those with no more groups than people would name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sensemake.protocols import Clustering
from sensemake.rules import grouping
from sensemake.rules.grouping import LOOSE, Floats, Labels

if TYPE_CHECKING:
    from sensemake.model import Vectors

RESOLUTIONS = tuple(round(0.35 * 2 ** (step / 2), 2) for step in range(18))
NEIGHBOURS = 15
MOST = 1.25
"""Times √n is the most groups: more than that nobody would name. This, the neighbours and the measure that chooses the
resolution were picked on halves of two labelled sets and a synthetic one (docs/decisions/0007)."""
CLOSEST = 5
"""Neighbours whose mean cosine is a vector's density."""
SPARSE = 0.99
"""A vector is loose when this share of those in a shapeless cloud lie as densely …"""
MOST_SPARSE = 0.1
"""… but no more than this share for that reason alone: long texts lie as far apart as chance would have it."""
EXACT = 30_000
"""Up to so many vectors every pair is compared; above, only those of near cells."""


class LouvainClusterer:
    """Memory grows with the number of vectors times their neighbours; 20,000 take seconds."""

    name = "louvain"

    def __init__(self, *, minimum: int = 3, seed: int = 42) -> None:
        self._minimum, self._seed = minimum, seed

    def fit(self, vectors: Vectors) -> Clustering:
        order = grouping.canonical_order(vectors)
        rows = grouping.centred(vectors[order])
        resolution, labels = self._grouped(rows) if self._has_shape(rows) else (0.0, _loose(len(rows)))
        return Clustering(
            labels=grouping.restored(labels, order),
            strengths=grouping.restored(grouping.strengths(rows, labels), order),
            settings={
                "method": "nearest neighbours + Louvain",
                "neighbours": str(NEIGHBOURS),
                "resolution": f"{resolution:.2f}",
                "minimum": str(self._minimum),
                "seed": str(self._seed),
            },
        )

    def _has_shape(self, rows: Floats) -> bool:
        return len(rows) >= 2 * self._minimum and bool(np.any(rows))

    def _grouped(self, rows: Floats) -> tuple[float, Labels]:
        near = _Near.of(rows, min(NEIGHBOURS, len(rows) - 1))
        margin, resolution, labels = max(self._partitions(rows, near), key=lambda found: found[0])
        if margin < grouping.chance_margin(len(rows)):
            return resolution, _loose(len(rows))
        labels = np.where(self._is_sparse(rows, near), LOOSE, labels)
        labels = grouping.take_in(rows, grouping.numbered(labels, minimum=self._minimum))
        return resolution, grouping.numbered(grouping.apart(rows, labels), minimum=self._minimum)

    def _partitions(self, rows: Floats, near: _Near) -> Iterator[tuple[float, float, Labels]]:
        """Mean margin, resolution and groups, from coarse to fine, until there are too many."""
        from sknetwork.clustering import Louvain

        graph, most = near.graph(), -1.0
        for number, resolution in enumerate(RESOLUTIONS):
            found = np.asarray(Louvain(resolution=resolution, random_state=self._seed).fit_predict(graph), np.int64)
            labels = grouping.numbered(found)
            groups = int((np.bincount(labels) >= self._minimum).sum())
            margin = float(grouping.margins(rows, labels).sum() / len(rows))
            most = max(most, margin)
            if number and (groups > MOST * math.sqrt(len(rows)) or margin < 0.8 * most):
                return
            yield margin, resolution, labels

    def _is_sparse(self, rows: Floats, near: _Near) -> NDArray[np.bool_]:
        """Which vectors have no neighbours closer than chance gives: texts that are about nothing in particular."""
        cloud = next(grouping.shapeless(rows, np.random.default_rng(self._seed)))
        chance = _Near.of(cloud, min(CLOSEST, len(cloud) - 1), asked=1_000).density
        bar = min(np.quantile(chance, SPARSE), np.quantile(near.density, MOST_SPARSE))
        return np.asarray(near.density < bar)


def _loose(count: int) -> Labels:
    return np.full(count, LOOSE, np.int64)


class _Near:
    """Each vector's nearest others: `cosines` and `places`, shape (vectors, neighbours), the nearest first."""

    def __init__(self, cosines: Floats, places: NDArray[np.int64]) -> None:
        self.cosines, self.places = cosines, places

    @classmethod
    def of(cls, rows: Floats, count: int, *, asked: int | None = None) -> _Near:
        """`asked`: only of so many vectors, spread evenly."""
        index = _index(rows.astype(np.float32))
        chosen = np.arange(len(rows)) if asked is None else np.unique(np.linspace(0, len(rows) - 1, asked).astype(int))
        cosines, places = index.search(np.ascontiguousarray(rows[chosen], np.float32), count + 1)
        # A vector is its own nearest, but for copies of it: then one of these goes in its place.
        own = places == chosen[:, None]
        own[:, -1] |= ~own.any(axis=1)
        return cls(cosines[~own].reshape(-1, count), places[~own].reshape(-1, count))

    @property
    def density(self) -> Floats:
        return np.asarray(self.cosines[:, :CLOSEST].mean(axis=1), np.float64)

    def graph(self) -> Any:
        """A symmetric sparse matrix of cosines, each vector joined to its neighbours and to those it is one of."""
        from scipy.sparse import csr_matrix

        count, width = self.places.shape
        rows = np.repeat(np.arange(count), width)
        found = self.places.ravel() >= 0
        weights = np.maximum(self.cosines.ravel(), 1e-3)
        graph = csr_matrix((weights[found], (rows[found], self.places.ravel()[found])), shape=(count, count))
        return graph.maximum(graph.T).tocsr()


def _index(rows: NDArray[np.float32]) -> Any:
    """Exact up to EXACT vectors; above, by cells (an inverted file with a fixed seed), a sixteenth of which is read."""
    import faiss

    flat = faiss.IndexFlatIP(rows.shape[1])
    if len(rows) <= EXACT:
        flat.add(rows)
        return flat
    cells = int(2 * math.sqrt(len(rows)))
    index = faiss.IndexIVFFlat(flat, rows.shape[1], cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = 42
    index.train(rows)
    index.add(rows)
    index.nprobe = max(1, cells // 16)
    return index
