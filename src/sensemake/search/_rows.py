"""Vectors by row number, scanned from end to end, exactly.

A few are multiplied by numpy, so that a cold search over them need not load faiss. Many are scanned as bytes, a
quarter of the size, and what may be among the nearest is measured again on the vectors themselves. How wrong a byte
scan can be is known, so nothing is missed: there is nothing to train, and no answer hangs on what else lies there.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sensemake.model import Vector, Vectors
from sensemake.search._files import let_go

NUMPY_UP_TO = 2_000
THREADS = 1
"""One question is scanned by one thread anyway, and OpenMP's other threads spin while they wait for it. 40,000 × 384,
two cores, machine busy with other work (load 8): 1 to 10 ms against 16 to 250."""
LET_GO = 1000
"""Vectors read of a large file before its pages are let go: each brings its neighbours along, and at a million they
would all stay in memory (1.7 instead of 2.6 GB, for 60 instead of 54 ms a question)."""
LARGE = 256 << 20
"""Bytes."""
WIDE = 0.5
"""From this share of allowed rows on all are scanned and the others passed over: a choice at each row costs more."""

# float32 sums of unit vectors differ from exact ones by less than this.
_SLACK = 1e-5

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


class Rows(Protocol):
    """Vectors by row number."""

    def nearest(self, query: Vector, k: int, allowed: Mask | None, least: float = -np.inf) -> Numbers:
        """Rows among which are the k nearest of those allowed (None: all), and all their equals; those that are
        farther than `least` may be left out. They rise."""
        ...

    def take(self, rows: Numbers) -> Vectors: ...

    def __len__(self) -> int: ...


class NumpyRows:
    """Rows of an array, which may lie in a file."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._vectors)

    def nearest(self, query: Vector, k: int, allowed: Mask | None, least: float = -np.inf) -> Numbers:
        rows = None if allowed is None else np.flatnonzero(allowed)
        scores = _products(self._vectors if rows is None else self._vectors[rows], query)
        near = np.flatnonzero(scores >= least - _SLACK)
        if len(near) > k:
            near = near[scores[near] >= np.partition(scores[near], -k)[-k] - _SLACK]
        return near if rows is None else rows[near]

    def take(self, rows: Numbers) -> Vectors:
        return self._vectors[rows]


class CodedRows:
    """Rows with a byte for each number of a vector (`faiss.IndexScalarQuantizer`, one range for all numbers).

    `error` is the greatest distance of a row from its bytes. The inner product of a unit vector with the bytes is off
    by that much at most (Cauchy-Schwarz), so a row whose byte score is more than `error` below the k-th best exact
    one is not among the k nearest.
    """

    def __init__(self, vectors: Vectors, codes: Any, error: float) -> None:
        self._vectors = vectors
        self._codes = codes
        self._error = error
        self._read = 0

    def __len__(self) -> int:
        return len(self._vectors)

    def take(self, rows: Numbers) -> Vectors:
        taken = self._vectors[rows]
        self._read += len(rows)
        if self._read > LET_GO and self._vectors.nbytes > LARGE:
            self._read = 0
            let_go(self._vectors)
        return taken

    def nearest(self, query: Vector, k: int, allowed: Mask | None, least: float = -np.inf) -> Numbers:
        count = len(self) if allowed is None else int(allowed.sum())
        if count <= k:
            return np.arange(len(self)) if allowed is None else np.flatnonzero(allowed)
        wide = allowed is not None and count >= WIDE * len(self)
        scanned = len(self) if wide else count
        margin = self._error * float(np.linalg.norm(query)) + _SLACK
        depth = 3 * k + 50
        while True:
            coded, rows = self._scan(query, min(depth, scanned), None if wide else allowed)
            fits = rows[allowed[rows]] if wide and allowed is not None else rows
            if len(fits) >= k:
                scores = _products(self.take(fits), query)
                edge = np.partition(scores, -k)[-k]
                if depth >= scanned or coded[-1] + margin < edge:
                    return np.sort(fits[scores >= max(least, edge) - _SLACK])
            depth *= 4

    def _scan(self, query: Vector, k: int, allowed: Mask | None) -> tuple[NDArray[np.float32], Numbers]:
        """The k best by their bytes, the best first."""
        faiss = _faiss()
        faiss.omp_set_num_threads(THREADS)  # holds for the calling thread only
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(allowed), faiss.swig_ptr(bits))
            parameters = faiss.SearchParameters(sel=selector)
        scores, rows = self._codes.search(query[np.newaxis], k, params=parameters)
        return scores[0], rows[0]


def _products(rows: Vectors, query: Vector) -> NDArray[np.float32]:
    """As `@`, but on one thread: see `rules.fusion.hear_together`."""
    found: NDArray[np.float32] = np.einsum("id,d->i", rows, query)
    return found


def write_codes(path: Path, blocks: Iterable[Vectors], low: float, high: float, dim: int) -> float:
    """Vectors, whose numbers lie between `low` and `high`, as bytes in a faiss file; the error that was made."""
    faiss = _faiss()
    index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_8bit_uniform, faiss.METRIC_INNER_PRODUCT)
    faiss.copy_array_to_vector(np.array([low, max(high - low, 1e-6)], np.float32), index.sq.trained)
    index.is_trained = True
    error = 0.0
    for block in blocks:
        rows = np.ascontiguousarray(block, np.float32)
        distances = np.linalg.norm(rows - index.sa_decode(index.sa_encode(rows)), axis=1)
        error = max(error, float(distances.max(initial=0.0)))
        index.add(rows)
    faiss.write_index(index, str(path))
    return error * (1 + 1e-4)


def read_codes(path: Path) -> Any:
    """The bytes, read from the file when they are scanned."""
    faiss = _faiss()
    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)


@cache
def _faiss() -> Any:
    import faiss

    return faiss
