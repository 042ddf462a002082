"""The rows of a partition in segments, so that what is added is written and the rest stays.

    vectors-N.npy                     every segment's float32 rows; N is the number of its first row
    codes-N.faiss  error-N.npy        the same as bytes, of a segment that is long enough to need it
    traits-N.npy  terms-N.npy         what else ranks them (`_traits`)

Segments never change and are shared between generations. A new one takes in those before it that are no longer than
itself, as in a log-structured merge: there are few, and a row is written anew some ten times at most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensemake.model import Vector, Vectors
from sensemake.protocols import Outline
from sensemake.search._exact import Held
from sensemake.search._files import link, mapped
from sensemake.search._rows import CodedRows, Mask, Numbers, NumpyRows, Rows, read_codes, write_codes
from sensemake.search._traits import BLOCK, Traits, names, write_traits

_VECTORS = "vectors-"


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows that were written together; `start` is the place of the first among all of the partition."""

    start: int
    rows: Rows
    traits: Traits
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
        for name in sorted(name for name in verified if name.startswith(_VECTORS)):
            self.all.append(self._opened(name, verified))
        self._starts = [one.start for one in self.all]

    def _opened(self, name: str, verified: Collection[str]) -> Segment:
        vectors: Vectors = mapped(self._folder / name)
        codes, error = name.replace("vectors-", "codes-")[:-3] + "faiss", name.replace("vectors-", "error-")
        start = self.all[-1].end if self.all else 0
        traits, files = Traits(self._folder, name), (name, *names(name))
        if codes not in verified:
            return Segment(start, NumpyRows(vectors), traits, files)
        off = float(np.load(self._folder / error, allow_pickle=False))
        rows = CodedRows(vectors, read_codes(self._folder / codes), off)
        return Segment(start, rows, traits, (*files, codes, error))

    def __len__(self) -> int:
        return self.all[-1].end if self.all else 0

    def nearest(self, query: Vector, k: int, allowed: Mask | None, least: float = -np.inf) -> Numbers:
        """Rows among which are the k nearest of those allowed (None: all), and all their equals; those that are
        farther than `least` may be left out."""
        found = [
            one.rows.nearest(query, k, None if allowed is None else allowed[one.start : one.end], least) + one.start
            for one in self.all
        ]
        return found[0] if len(found) == 1 else np.concatenate([np.empty(0, np.int64), *found])

    def take(self, rows: Numbers) -> Vectors:
        """The vectors of these rows, in their order."""
        return self._gathered(rows, lambda one, some: one.rows.take(some))

    def lengths(self, rows: Numbers) -> Numbers:
        return self._gathered(rows, lambda one, some: one.traits.lengths(some))

    def frequencies(self, rows: Numbers, codes: Sequence[int]) -> NDArray[np.float64]:
        return self._gathered(rows, lambda one, some: one.traits.frequencies(some, codes))

    def outlines(self, rows: Numbers) -> list[Outline]:
        if len(self.all) == 1:
            return self.all[0].traits.outlines(rows)
        found: dict[int, Outline] = {}
        for one, places in self._parts(rows):
            found.update(zip(places.tolist(), one.traits.outlines(rows[places] - one.start), strict=True))
        return [found[place] for place in range(len(rows))]

    def _gathered(self, rows: Numbers, ask: Callable[[Segment, Numbers], NDArray[Any]]) -> NDArray[Any]:
        """What each segment says of its own among these rows, in their order."""
        if len(self.all) == 1:
            return ask(self.all[0], rows)
        parts = [(places, ask(one, rows[places] - one.start)) for one, places in self._parts(rows)]
        order = np.concatenate([places for places, _ in parts])
        gathered: NDArray[Any] = np.concatenate([found for _, found in parts])[np.argsort(order)]
        return gathered

    def _parts(self, rows: Numbers) -> Iterator[tuple[Segment, Numbers]]:
        """The segments that hold some of these rows, and which; without any rows, one segment."""
        owners = np.searchsorted(self._starts, rows, side="right") - 1
        for number in np.unique(owners).tolist() if len(rows) else [0]:
            yield self.all[number], np.flatnonzero(owners == number)


def has_segments(files: Collection[str]) -> bool:
    """Whether there are segments, and all that belongs to them."""
    vectors = [name for name in files if name.startswith(_VECTORS)]
    return bool(vectors) and all(beside in files for name in vectors for beside in names(name))


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
    folder: Path, first: int, old: Sequence[Segment], kept: Mask, added: Sequence[Held], *, dim: int, numpy_up_to: int
) -> None:
    """One segment of those rows of `old` that are kept (a mask over all of them) and of `added`.

    `first` is the number of its first row."""
    count = int(kept.sum()) + len(added)
    if not count:
        return
    begin = old[0].start if old else 0
    rows = [(one, np.flatnonzero(kept[one.start - begin : one.end - begin])) for one in old]
    path = folder / f"{_VECTORS}{first:012d}.npy"
    write_traits(folder, path.name, [(one.traits, some) for one, some in rows], added)
    vectors = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(count, dim))
    at = 0
    low, high = np.inf, -np.inf
    for block in _blocks(rows, added):
        vectors[at : at + len(block)] = block
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        at += len(block)
    vectors.flush()
    if count > numpy_up_to:
        blocks = (vectors[start : start + BLOCK] for start in range(0, count, BLOCK))
        error = write_codes(folder / f"codes-{first:012d}.faiss", blocks, low, high, dim)
        np.save(folder / f"error-{first:012d}.npy", np.float64(error))


def _blocks(old: Sequence[tuple[Segment, Numbers]], added: Sequence[Held]) -> Iterator[Vectors]:
    """What is kept of `old`, then `added`, never empty."""
    for segment, rows in old:
        for start in range(0, len(rows), BLOCK):
            yield segment.rows.take(rows[start : start + BLOCK])
    if added:
        yield np.array([held.vector for held in added], dtype=np.float32)
