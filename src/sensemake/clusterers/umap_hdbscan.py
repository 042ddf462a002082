"""Groups thousands of vectors: UMAP brings them down to a few dimensions, HDBSCAN finds what is dense there.

McInnes et al. 2018 (arXiv:1802.03426) and Campello et al. 2013. One thread and one seed, so that one machine gives the
same groups every time; on another processor rounding may move a few vectors.
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sensemake.protocols import Clustering
from sensemake.rules import grouping
from sensemake.rules.grouping import LOOSE, Floats, Labels

if TYPE_CHECKING:
    from sensemake.model import Vectors

FEWEST = 30
"""Below this UMAP's picture is its seed's: there are no groups to be seen in it."""
NEIGHBOURS = 15
DIMENSIONS = 5


class UmapHdbscanClusterer:
    """`share` times √n is the least size of a group: a fixed one gives hundreds of groups to a large corpus.

    `cache` is a folder for compiled code: the first fit on a machine compiles UMAP, for half a minute or more.
    """

    name = "umap-hdbscan"

    def __init__(self, *, share: float = 0.4, seed: int = 42, cache: Path | None = None) -> None:
        self._share, self._seed, self._cache = share, seed, cache

    def fit(self, vectors: Vectors) -> Clustering:
        order = grouping.canonical_order(vectors)
        rows = grouping.centred(vectors[order])
        smallest = self._smallest(len(rows))
        labels = np.full(len(rows), LOOSE, np.int64)
        if self._has_shape(rows):
            labels = self._not_by_chance(rows, self._groups(vectors[order], smallest))
        labels = grouping.take_in(rows, grouping.numbered(labels))
        return Clustering(
            labels=grouping.restored(labels, order),
            strengths=grouping.restored(grouping.strengths(rows, labels), order),
            settings={
                "method": "UMAP + HDBSCAN",
                "smallest": str(smallest),
                "neighbours": str(NEIGHBOURS),
                "dimensions": str(DIMENSIONS),
                "seed": str(self._seed),
            },
        )

    def _smallest(self, count: int) -> int:
        return max(5, round(self._share * math.sqrt(count)))

    def _has_shape(self, rows: Floats) -> bool:
        return len(rows) >= FEWEST and bool(np.any(rows))

    def _groups(self, vectors: Vectors, smallest: int) -> Labels:
        from sklearn.cluster import HDBSCAN

        found = HDBSCAN(min_cluster_size=smallest, min_samples=5, copy=True).fit(self._flattened(vectors))
        return np.asarray(found.labels_, np.int64)

    def _not_by_chance(self, rows: Floats, labels: Labels) -> Labels:
        """UMAP shows islands in any cloud; those that are no closer than chance would have it are dissolved."""
        random = np.random.default_rng(self._seed)
        return grouping.close_knit(rows, labels, next(grouping.shapeless(rows, random)), random)

    def _flattened(self, vectors: Vectors) -> Any:
        umap = self._umap()
        # Texts that occur often make islands that UMAP's spectral start warns of, and then copes with.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return umap.UMAP(
                n_neighbors=NEIGHBOURS,
                n_components=DIMENSIONS,
                min_dist=0.0,
                metric="cosine",
                random_state=self._seed,
                n_jobs=1,
            ).fit_transform(vectors)

    def _umap(self) -> Any:
        if self._cache is not None:
            import numba

            self._cache.mkdir(parents=True, exist_ok=True)
            numba.config.CACHE_DIR = str(self._cache)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that TensorFlow is absent, which nobody asked for
            import umap
        return umap
