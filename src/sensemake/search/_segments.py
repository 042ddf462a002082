"""The dense half of a partition: its vectors in segments, so that what is added is written and the rest stays.

    vectors-N.npy                     every segment's float32 rows; N is the number of its first row
    codes-N.faiss  error-N.npy        the same as bytes, of a segment that is long enough to need it

Segments never change and are shared between generations. A new one takes in those before it that are no longer than
itself, as in a log-structured merge: there are few, and a row is written anew some ten times at most.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sensemake.model import Vector, Vectors
from sensemake.search._files import link
from sensemake.search._rows import CodedRows, Mask, Numbers, NumpyRows, Rows, read_codes, write_codes

BLOCK = 50_000
"""Rows in memory at a time while a segment is written."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows that were written together; `start` is the place of the first among all of the partition."""

    start: int
    rows: Rows
    files: tuple[str, ...]

    @property
    def end(self) -> int:
        return self.start + len(self.rows)


class Segments:
    """All rows of a partition, the dead ones among them."""

    def __init__(self, folder: Path, verified: Collection[str]) -> None:
        """Neither reader is shown a file that is not among the verified ones."""
        self._folder = folder
        self.all: list[Segment] = []
        for name in sorted(name for name in verified if has_segments((name,))):
            self.all.append(self._opened(name, verified))

    def _opened(self, name: str, verified: Collection[str]) -> Segment:
        # A plain view of what is mapped: `np.memmap` does some work of its own at every slice.
        vectors: Vectors = np.asarray(np.load(self._folder / name, mmap_mode="r", allow_pickle=False))
        codes, error = name.replace("vectors-", "codes-")[:-3] + "faiss", name.replace("vectors-", "error-")
        start = self.all[-1].end if self.all else 0
        if codes not in verified:
            return Segment(start, NumpyRows(vectors), (name,))
        off = float(np.load(self._folder / error, allow_pickle=False))
        return Segment(start, CodedRows(vectors, read_codes(self._folder / codes), off), (name, codes, error))

    def __len__(self) -> int:
        return self.all[-1].end if self.all else 0

    def nearest(self, query: Vector, k: int, allowed: Mask | None) -> Numbers:
        """Rows among which are the k nearest of those allowed (None: all), and all their equals."""
        found = [
            one.rows.nearest(query, k, None if allowed is None else allowed[one.start : one.end]) + one.start
            for one in self.all
        ]
        return np.concatenate([np.empty(0, np.int64), *found])

    def take(self, rows: Numbers) -> Vectors:
        """The vectors of these rows, which rise."""
        bounds = np.searchsorted(rows, [one.start for one in self.all[1:]])
        parts = np.split(rows, bounds)
        return np.concatenate([one.rows.take(some - one.start) for one, some in zip(self.all, parts, strict=True)])


def has_segments(files: Collection[str]) -> bool:
    return any(name.startswith("vectors-") for name in files)


def taken_in(old: Sequence[Segment], added: int) -> int:
    """How many of the last segments a new one of so many rows takes in."""
    taken = 0
    for segment in reversed(old):
        if len(segment.rows) > added:
            break
        added += len(segment.rows)
        taken += 1
    return taken


def share(segments: Sequence[Segment], source: Path, target: Path) -> None:
    """Put segments of an old generation into a new one."""
    for segment in segments:
        for name in segment.files:
            link(source / name, target / name)


def write_segment(
    folder: Path, first: int, old: Sequence[Segment], kept: Mask, added: Vectors, *, numpy_up_to: int
) -> None:
    """One segment of those rows of `old` that are kept (a mask over all of them) and of `added`.

    `first` is the number of its first row."""
    count = int(kept.sum()) + len(added)
    if not count:
        return
    path = folder / f"vectors-{first:012d}.npy"
    vectors = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(count, added.shape[1]))
    at = 0
    low, high = np.inf, -np.inf
    for block in _blocks(old, kept, added):
        vectors[at : at + len(block)] = block
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        at += len(block)
    vectors.flush()
    if count > numpy_up_to:
        blocks = (vectors[start : start + BLOCK] for start in range(0, count, BLOCK))
        error = write_codes(folder / f"codes-{first:012d}.faiss", blocks, low, high, added.shape[1])
        np.save(folder / f"error-{first:012d}.npy", np.float64(error))


def _blocks(old: Sequence[Segment], kept: Mask, added: Vectors) -> Iterator[Vectors]:
    """What is kept of `old`, then `added`, never empty."""
    begin = old[0].start if old else 0
    for segment in old:
        rows = np.flatnonzero(kept[segment.start - begin : segment.end - begin])
        for start in range(0, len(rows), BLOCK):
            yield segment.rows.take(rows[start : start + BLOCK])
    if len(added):
        yield added
