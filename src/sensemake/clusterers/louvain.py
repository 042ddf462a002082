"""Groups any number of vectors as communities of their nearest neighbours: nothing to compile, the same every time.

The graph joins each vector to its nearest by cosine, weighed as UMAP weighs them (McInnes et al. 2018,
arXiv:1802.03426, §3.1); communities are found by modularity (Louvain, Blondel et al. 2008, arXiv:0803.0476) at several
resolutions (Reichardt & Bornholdt 2006). The partition is taken whose groups stand apart the most
(`rules.grouping.margins`), less for every group beyond what people would name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
NEARLY = 0.08
"""Partitions that stand apart nearly as much as the best cannot be told from it; the one in their middle is taken."""
USUAL = 1.6
"""Times √n groups are what people would still name; …"""
PRICE = 0.1
"""… a partition with e times as many has to stand apart by this share of the best more."""
SMALL = 12
"""Of fewer vectors on average people would not make a group of their own; …"""
PRICE_SMALL = 0.5
"""… a partition with e times as many has to stand apart by this share more. All were chosen on halves of labelled sets
(docs/decisions/0007)."""
MANY = 4.5
"""Times √n groups are not looked at."""
CLOSE = 3
"""Neighbours that a group which is no chance holds together."""
CLOSEST = 5
"""Neighbours whose mean cosine is a vector's density."""
MIXED = 3
"""A text of words from several others says nothing of its own; the middle of so many vectors lies where it would."""
SPARSE = 0.03
"""Groups are found without the vectors that lie less densely than this share of such middles for each factor of e in
their number: the more texts there are, the more of them share a text's words …"""
MOST_SPARSE = 0.2
"""… but never without more than this share: long texts lie as far apart as chance would have it."""
BELONGS = 0.8
"""What is in no group joins the nearest, when it has this share of its neighbours there."""
EXACT = 30_000
"""Up to so many vectors every pair is compared; above, only those of near cells."""
ROUNDS, LEARNT = 6, 40
"""Rounds of k-means that place the cells, and vectors of each that it looks at: with 24 of 282 cells read 99.5 % of
the neighbours of 20,000 texts were found (faiss' own 25 and 256 took eight times as long to place them)."""


class LouvainClusterer:
    """Memory grows with the number of vectors times their neighbours; 20,000 take seconds."""

    name = "louvain"

    def __init__(self, *, minimum: int = 3, seed: int = 42) -> None:
        self._minimum, self._seed = minimum, seed

    def fit(self, vectors: Vectors) -> Clustering:
        order = grouping.canonical_order(vectors)
        rows = grouping.centred(vectors[order])
        found = self._grouped(rows) if self._has_shape(rows) else _Found(0.0, _loose(len(rows)), 0.0, {})
        sure = found.beyond >= 1.0
        labels = found.labels if sure else _loose(len(rows))
        return Clustering(
            labels=grouping.restored(labels, order),
            strengths=grouping.restored(grouping.strengths(rows, labels), order),
            settings={
                "method": "nearest neighbours + Louvain",
                "neighbours": str(NEIGHBOURS),
                "resolution": f"{found.resolution:.2f}",
                "minimum": str(self._minimum),
                "seed": str(self._seed),
                **found.firm,
            },
            beyond=found.beyond,
            doubtful=None if sure else grouping.restored(found.labels, order),
        )

    def _has_shape(self, rows: Floats) -> bool:
        return len(rows) >= 2 * self._minimum and bool(np.any(rows))

    def _grouped(self, rows: Floats) -> _Found:
        near = _Near.of(rows, min(NEIGHBOURS, len(rows) - 1))
        # What is about nothing joins groups that have nothing to do with each other: they are found without it.
        dense = np.flatnonzero(~self._is_sparse(rows, near))
        graph = near.graph()[dense][:, dense]
        margin, resolution, found = _best(list(self._partitions(rows[dense], graph)))
        labels = _loose(len(rows))
        labels[dense] = found
        beyond = margin * near.company(labels) / grouping.chance_bar(len(rows))
        labels = grouping.numbered(labels, minimum=self._minimum)
        labels = grouping.numbered(grouping.apart(rows, labels), minimum=self._minimum)
        labels = grouping.numbered(near.take_in(rows, labels))
        return _Found(resolution, labels, beyond, self._firmness(graph, resolution))

    def _firmness(self, graph: Any, resolution: float) -> dict[str, str]:
        """As a setting: how far two groupings of four fifths of the vectors agree on those in both."""
        found = np.full((2, graph.shape[0]), LOOSE, np.int64)
        for labels, part in zip(found, grouping.samples(graph.shape[0], self._seed), strict=True):
            labels[part] = self._communities(graph[part][:, part], resolution)
        agreed = grouping.agreement(found[0], found[1])
        return {} if agreed is None else {"resampled": f"{agreed:.3f}"}

    def _communities(self, graph: Any, resolution: float) -> Labels:
        from sknetwork.clustering import Louvain

        # The partition alone: nothing reads the rest of what it would tell, nor the order of its numbers.
        louvain = Louvain(
            resolution=resolution,
            random_state=self._seed,
            sort_clusters=False,
            return_probs=False,
            return_aggregate=False,
        )
        return np.asarray(louvain.fit_predict(graph), np.int64)

    def _partitions(self, rows: Floats, graph: Any) -> Iterator[tuple[float, float, Labels]]:
        """Mean margin, resolution and groups, from coarse to fine, until there are too many."""
        most = -1.0
        for number, resolution in enumerate(RESOLUTIONS):
            labels = grouping.numbered(self._communities(graph, resolution))
            groups = int((np.bincount(labels) >= self._minimum).sum())
            margin = grouping.mean_margin(rows, labels)
            most = max(most, margin)
            # A corpus of several kinds of text falls into these first, and only then into what they are about.
            fine = groups / math.sqrt(len(rows))
            if number and (fine > MANY or (fine > 1.0 and margin < 0.6 * most)):
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
        bar = np.quantile(chance, min(0.5, SPARSE * math.log(len(rows))))
        return np.asarray(near.density < min(bar, np.quantile(near.density, MOST_SPARSE)))


@dataclass(frozen=True, slots=True)
class _Found:
    """Groups, the resolution that gave them, by how many times they stand apart more than chance, and how firm."""

    resolution: float
    labels: Labels
    beyond: float
    firm: dict[str, str]


def _best(found: Sequence[tuple[float, float, Labels]]) -> tuple[float, float, Labels]:
    """The middle, from coarse to fine, of the partitions that stand apart nearly the most, many groups' price off."""
    most = max(1e-9, *(margin for margin, _, _ in found))
    worth = [margin / most - _price(int(labels.max()) + 1, len(labels)) for margin, _, labels in found]
    near = [one for one, own in zip(found, worth, strict=True) if own >= max(worth) - NEARLY]
    return near[len(near) // 2]


def _price(groups: int, count: int) -> float:
    """What so many groups of so many vectors cost, as a share of the best margin."""
    many, small = groups / (USUAL * math.sqrt(count)), groups * SMALL / count
    return PRICE * max(0.0, math.log(many)) + PRICE_SMALL * max(0.0, math.log(small))


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

    def company(self, labels: Labels) -> float:
        """The share of vectors' CLOSE nearest that are in the same group, of those that are in any."""
        there = labels[self.places[:, :CLOSE]]
        both = (there >= 0) & (labels >= 0)[:, None]
        return float((there == labels[:, None])[both].mean()) if both.any() else 0.0

    def take_in(self, rows: Floats, labels: Labels) -> Labels:
        """Labels in which a loose vector is in the group of the nearest centroid, if most of its neighbours are too."""
        from scipy.sparse import csr_matrix

        middles, loose = grouping.centroids(rows, labels), np.flatnonzero(labels == LOOSE)
        if not len(middles) or not len(loose):
            return labels
        weights, groups = self._belonging()[loose], labels[self.places[loose]]
        groups = np.where(self.places[loose] >= 0, groups, LOOSE)
        inside, whole = groups >= 0, weights.sum(axis=1)
        at = np.broadcast_to(np.arange(len(loose))[:, None], groups.shape)
        shares = csr_matrix((weights[inside], (at[inside], groups[inside])), shape=(len(loose), len(middles)))
        nearest = np.argmax(rows[loose] @ middles.T, axis=1)
        joins = np.asarray(shares[np.arange(len(loose)), nearest]).ravel() >= BELONGS * whole
        taken = labels.copy()
        taken[loose[joins]] = nearest[joins]
        return taken

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
    index.cp.seed, index.cp.niter, index.cp.max_points_per_centroid = 42, ROUNDS, LEARNT
    index.train(rows)
    index.add(rows)
    index.nprobe = max(1, cells // 16)
    return index
