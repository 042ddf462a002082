"""The dense half of a partition: its vectors, scanned from end to end.

Small partitions are a numpy file, so that a cold search over them need not load faiss; larger ones are a faiss file.
Whatever takes their place (8-bit codes, inverted lists) offers `Rows`.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sensemake.model import Vector, Vectors

NUMPY_UP_TO = 2_000
THREADS = 1
"""A scan is bound by memory, and OpenMP's threads spin while they wait. 100,000 × 384, two cores, machine busy with
other work (load 12): one thread 23 ms, two threads 125 ms, numpy 48 ms (medians of 30)."""

# float32 sums of unit vectors differ from exact ones by less than this.
_SLACK = 1e-5

Mask = NDArray[np.bool_]


class Rows(Protocol):
    """Vectors by row number."""

    def nearest(self, query: Vector, k: int, allowed: Mask | None) -> NDArray[np.int64]:
        """Rows among which are the k nearest of those allowed (None: all), and all their equals."""
        ...

    def take(self, rows: NDArray[np.int64]) -> Vectors: ...

    def all(self) -> Vectors: ...


class NumpyRows:
    """Rows of an array, which may lie in a file."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def nearest(self, query: Vector, k: int, allowed: Mask | None) -> NDArray[np.int64]:
        rows: NDArray[np.int64] = np.arange(len(self._vectors)) if allowed is None else np.flatnonzero(allowed)
        if len(rows) <= k:
            return rows
        scores = self._vectors[rows] @ query if allowed is not None else self._vectors @ query
        edge = np.partition(scores, -k)[-k]
        near: NDArray[np.int64] = rows[scores >= edge - _SLACK]
        return near

    def take(self, rows: NDArray[np.int64]) -> Vectors:
        return self._vectors[rows]

    def all(self) -> Vectors:
        return self._vectors


class FaissRows:
    """Rows of a flat inner-product index, `faiss.IndexFlatIP`."""

    def __init__(self, index: Any) -> None:
        self._index = index

    def nearest(self, query: Vector, k: int, allowed: Mask | None) -> NDArray[np.int64]:
        available = self._index.ntotal if allowed is None else int(allowed.sum())
        depth = k + 50
        while True:
            scores, rows = self._search(query, min(depth, available), allowed)
            if depth >= available or scores[-1] < scores[k - 1] - _SLACK:
                return np.sort(rows)
            depth *= 8

    def _search(self, query: Vector, k: int, allowed: Mask | None) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        if k == 0:
            return np.empty(0, np.float32), np.empty(0, np.int64)
        faiss = _faiss()
        faiss.omp_set_num_threads(THREADS)  # holds for the calling thread only
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(allowed), faiss.swig_ptr(bits))
            parameters = faiss.SearchParameters(sel=selector)
        scores, rows = self._index.search(query[np.newaxis], k, params=parameters)
        return scores[0], rows[0]

    def take(self, rows: NDArray[np.int64]) -> Vectors:
        return self.all()[rows]

    def all(self) -> Vectors:
        """A view into the index, alive as long as the index is."""
        flat = _faiss().rev_swig_ptr(self._index.get_xb(), self._index.ntotal * self._index.d)
        return np.asarray(flat.reshape(self._index.ntotal, self._index.d))


def write_rows(folder: Path, vectors: Vectors, numpy_up_to: int) -> None:
    if len(vectors) <= numpy_up_to:
        np.save(folder / "vectors.npy", vectors)
        return
    faiss = _faiss()
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    faiss.write_index(index, str(folder / "vectors.faiss"))


def read_rows(folder: Path, verified: Collection[str]) -> Rows:
    """The rows of a folder; neither reader is shown a file that is not among the verified ones."""
    if "vectors.faiss" in verified:
        return FaissRows(_faiss().read_index(str(folder / "vectors.faiss")))
    return NumpyRows(np.load(folder / "vectors.npy", mmap_mode="r", allow_pickle=False))


@cache
def _faiss() -> Any:
    import faiss

    return faiss
