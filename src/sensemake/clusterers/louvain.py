"""Groups any number of vectors as communities of their nearest neighbours: nothing to compile, the same every time.

The graph joins each vector to its nearest by cosine, weighed as UMAP weighs them (McInnes et al. 2018,
arXiv:1802.03426, §3.1); communities are found by modularity (Louvain, Blondel et al. 2008, arXiv:0803.0476) at several
resolutions (Reichardt & Bornholdt 2006). The partition is taken whose groups stand apart the most
(`rules.grouping.margins`), less for every group above the number that people would name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sensemake.protocols import Clustering
from sensemake.rules import grouping
from sensemake.rules.grouping import LOOSE, Floats, Labels

if TYPE_CHECKING:
    from sensemake.model import Vectors

RESOLUTIONS = tuple(round(0.5 * 2 ** (step / 3), 2) for step in range(27))
NEIGHBOURS = 15
USUAL = 1.25
"""Times √n groups are what people would still name; …"""
PRICE = 0.5
"""… a partition with e times as many has to stand apart by this more, as a share of the best …"""
NEARLY = 0.06
"""… and of those that are so near to the best the finest is taken. These three and the weights were picked on half of a
labelled set and on synthetic ones (docs/decisions/0007)."""
MANY = 4.5
"""Times √n groups are not looked at."""
CLOSEST = 5
"""Neighbours whose mean cosine is a vector's density."""
MIXED = 6
"""A text of words from so many others says nothing of its own; the middle of so many vectors lies where it would."""
SPARSE = 0.7
"""A vector is loose when it lies less densely than this share of such middles …"""
MOST_SPARSE = 0.12
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
        # What is about nothing joins groups that have nothing to do with each other: they are found without it.
        dense = np.flatnonzero(~self._is_sparse(rows, near))
        margin, resolution, found = _best(list(self._partitions(rows[dense], near.graph()[dense][:, dense])))
        labels = _loose(len(rows))
        if margin < grouping.chance_margin(len(rows)):
            return resolution, labels
        labels[dense] = found
        labels = grouping.take_in(rows, grouping.numbered(labels, minimum=self._minimum))
        return resolution, grouping.numbered(grouping.apart(rows, labels), minimum=self._minimum)

    def _partitions(self, rows: Floats, graph: Any) -> Iterator[tuple[float, float, Labels]]:
        """Mean margin, resolution and groups, from coarse to fine, until there are too many."""
        from sknetwork.clustering import Louvain

        most = -1.0
        for number, resolution in enumerate(RESOLUTIONS):
            found = np.asarray(Louvain(resolution=resolution, random_state=self._seed).fit_predict(graph), np.int64)
            labels = grouping.numbered(found)
            groups = int((np.bincount(labels) >= self._minimum).sum())
            margin = float(grouping.margins(rows, labels).sum() / len(rows))
            most = max(most, margin)
            if number and (groups > MANY * math.sqrt(len(rows)) or margin < 0.6 * most):
                return
            yield margin, resolution, labels

    def _is_sparse(self, rows: Floats, near: _Near) -> NDArray[np.bool_]:
        """Which vectors have no closer neighbours than a mix of others has: texts about nothing in particular."""
        random = np.random.default_rng(self._seed)
        mixed = grouping.unit(rows[random.integers(0, len(rows), (1_000, MIXED))].mean(axis=1))
        count = min(CLOSEST + MIXED, len(rows))
        # Nearest to a mix is what it is made of, which a text of other texts' words has not beside it.
        cosines, _ = near.index.search(mixed.astype(np.float32), count)
        chance = cosines[:, -min(CLOSEST, count) :].mean(axis=1)
        return np.asarray(near.density < min(np.quantile(chance, SPARSE), np.quantile(near.density, MOST_SPARSE)))


def _best(found: Sequence[tuple[float, float, Labels]]) -> tuple[float, float, Labels]:
    """The finest of the partitions that stand apart nearly the most, the price of many groups taken off."""
    most = max(1e-9, *(margin for margin, _, _ in found))
    usual = USUAL * math.sqrt(len(found[0][2]))
    worth = [m / most - PRICE * max(0.0, math.log((int(labels.max()) + 1) / usual)) for m, _, labels in found]
    return max((one for one, own in zip(found, worth, strict=True) if own >= max(worth) - NEARLY), key=lambda f: f[1])


def _loose(count: int) -> Labels:
    return np.full(count, LOOSE, np.int64)


class _Near:
    """Each vector's nearest others: `cosines` and `places`, shape (vectors, neighbours), the nearest first."""

    def __init__(self, cosines: Floats, places: NDArray[np.int64], index: Any) -> None:
        self.cosines, self.places, self.index = cosines, places, index

    @classmethod
    def of(cls, rows: Floats, count: int) -> _Near:
        index = _index(rows.astype(np.float32))
        cosines, places = index.search(np.ascontiguousarray(rows, np.float32), count + 1)
        # A vector is its own nearest, but for copies of it: then one of these goes in its place.
        own = places == np.arange(len(rows))[:, None]
        own[:, -1] |= ~own.any(axis=1)
        return cls(cosines[~own].reshape(-1, count), places[~own].reshape(-1, count), index)

    @property
    def density(self) -> Floats:
        return np.asarray(self.cosines[:, :CLOSEST].mean(axis=1), np.float64)

    def graph(self) -> Any:
        """A symmetric sparse matrix: how far each of two vectors counts the other among its neighbours, or both do."""
        from scipy.sparse import csr_matrix

        count, width = self.places.shape
        rows = np.repeat(np.arange(count), width)
        found = self.places.ravel() >= 0
        weights = np.maximum(self._belonging().ravel(), 1e-6)
        graph = csr_matrix((weights[found], (rows[found], self.places.ravel()[found])), shape=(count, count))
        return (graph + graph.T - graph.multiply(graph.T)).tocsr()

    def _belonging(self) -> Floats:
        """1 for the nearest neighbour, less for each by what it is farther away, so that all add up to log2(k)."""
        beyond = np.maximum(self.cosines[:, :1] - self.cosines, 0.0).astype(np.float64)
        wanted = math.log2(max(2, beyond.shape[1]))
        low, high = np.full(len(beyond), 1e-4), np.full(len(beyond), 10.0)
        for _ in range(30):
            scale = (low + high) / 2
            much = np.exp(-beyond / scale[:, None]).sum(axis=1) > wanted
            low, high = np.where(much, low, scale), np.where(much, scale, high)
        return np.asarray(np.exp(-beyond / high[:, None]), np.float64)


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
