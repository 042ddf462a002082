"""One generation of one partition on disk: verified before it is opened, searched, and copied into its successor."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensemake.model import PassageId, Scored, SiloName, Vector, Where
from sensemake.protocols import Manifest
from sensemake.rules.bm25 import Statistics
from sensemake.search._exact import Held, products
from sensemake.search._files import intact, link, mapped, seal
from sensemake.search._rows import Mask
from sensemake.search._segments import Segments, has_segments, share, taken_in, write_segment
from sensemake.search._selection import Lot, Scope, both, document, of_silos, schema
from sensemake.search._words import Bounds, Weights, Words, knows_phrases

REWRITE_ABOVE = 0.05
"""Of all passages on disk, the part that may be deleted ones before the partition is rewritten without them."""

SELECTIONS = 8
"""Filters whose passages are kept, a byte for each passage of the partition."""

HEAP = 64_000_000
"""Bytes that tantivy may use while it writes."""


class Partition:
    """A generation, open for reading. It stays whole when its files are unlinked."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self.silos = frozenset(manifest.silos)
        self.words = Words(folder / "words")
        self.rows = Segments(folder, manifest.files)
        self.numbers: NDArray[np.int64] = mapped(folder / "numbers.npy")
        self.passages: NDArray[np.bytes_] = mapped(folder / "passages.npy")
        self._selections: dict[Where, Mask] = {}
        self._among: tuple[frozenset[PassageId], frozenset[PassageId]] = (frozenset(), frozenset())
        self.dead = max(self.words.dead, len(self.numbers) - self.words.passages)
        """Passages of which something is left in a file."""
        self.alive: Mask | None = self.passages != b"" if len(self.passages) > self.words.passages else None

    def noting(self, manifest: Manifest) -> Partition:
        """The same files under a manifest that says other things of its silos."""
        other = copy.copy(self)
        other.manifest, other.silos = manifest, frozenset(manifest.silos)
        return other

    # ── asking ──

    def statistics(self, terms: tuple[str, ...], scope: Scope) -> Statistics:
        """Those of the passages that may be read and are not masked."""
        readable = scope.where.readable
        must = [] if self.silos <= readable else [of_silos(self.silos & readable)]
        return self.words.statistics(terms, scope.unmasked(must))

    def bounds(self, weights: Weights, scope: Scope, depth: int) -> Bounds:
        """The `depth` of those in `scope` that may answer best, as rows."""
        found = self.words.bounds(weights, scope.unmasked(scope.wanted(self.silos)), depth)
        return Bounds(found.most, np.searchsorted(self.numbers, found.numbers), found.whole)

    def near(self, vector: Vector, k: int, scope: Scope, least: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Rows among which are the k nearest of those in `scope`, and how near they are; what is farther than `least`
        may be left out."""
        rows = self.rows.nearest(vector, k, self._mask(scope), least)
        return rows, products(self.rows.take(rows), vector) if len(rows) else np.empty(0)

    def scored(self, rows: NDArray[np.int64], scores: Sequence[float]) -> list[Scored]:
        return [
            Scored(name, score, (self, row))
            for name, row, score in zip(self._names(rows), rows.tolist(), scores, strict=True)
        ]

    def _mask(self, scope: Scope) -> Mask | None:
        """The rows in `scope`, None when that is all; those masked, mostly few, are looked up, not all the others."""
        wanted = scope.wanted(self.silos)
        allowed = self._selected(scope, wanted) if wanted else self.alive
        if scope.masked is None or not len(masked := self.words.numbers(scope.masked)):
            return allowed
        left = np.ones(len(self.numbers), dtype=np.bool_) if allowed is None else allowed.copy()
        left[np.searchsorted(self.numbers, masked)] = False
        return left

    def _selected(self, scope: Scope, wanted: Sequence[Any]) -> Mask:
        """Kept for the next question: pages are turned, and people ask on inside the filters that they set."""
        silos = self.silos & scope.silos
        filters = replace(scope.where, readable=silos, silos=silos)
        allowed = self._selections.get(filters)
        if allowed is None:
            allowed = np.zeros(len(self.numbers), dtype=np.bool_)
            allowed[np.searchsorted(self.numbers, self.words.numbers(both(wanted)))] = True
            others = list(self._selections.items())[1 - SELECTIONS :]
            self._selections = {**dict(others), filters: allowed}
        return allowed

    def named(self, passages: frozenset[PassageId], silo: SiloName) -> frozenset[PassageId]:
        """Which of these passages it holds for this silo."""
        numbers = self.words.numbers(both([Lot(passages).query(), of_silos({silo})]))
        return frozenset(self._names(np.searchsorted(self.numbers, numbers)))

    def among(self, passages: frozenset[PassageId]) -> frozenset[PassageId]:
        """Which of these it holds. Of those that it was asked about last it still knows, for a mask mostly grows."""
        asked, held = self._among
        if passages is not asked:
            new = passages - asked
            found = self._names(np.searchsorted(self.numbers, self.words.numbers(Lot(new).query()))) if new else ()
            held = (held & passages).union(found)
            self._among = passages, held
        return held

    def _names(self, rows: NDArray[np.int64]) -> list[PassageId]:
        return [PassageId(name.decode()) for name in self.passages[rows].tolist()]

    def count(self, lot: Lot) -> int:
        return self.words.count(lot.query()) if lot else 0


def open_partition(folder: Path, manifest: Manifest, model_id: str, dim: int) -> Partition | None:
    """The only way in: None when a file is missing or is not the one the catalog knows, or the model is another, or it
    was written before there were phrases, segments or traits."""
    if (manifest.model, manifest.dim) != (model_id, dim) or not has_segments(manifest.files):
        return None
    sound = intact(folder, manifest.files) and knows_phrases(folder / "words")
    return Partition(folder, manifest) if sound else None


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def write_generation(
    folder: Path,
    old: Partition | None,
    gone: Lot,
    added: Sequence[Held],
    *,
    dim: int,
    numpy_up_to: int,
    rewrite: bool,
) -> dict[str, str]:
    """A new generation in `folder`: `old` without `gone`, with `added`; the SHA-256 of its files.

    With `rewrite` nothing is shared with `old`, and nothing dead is left."""
    first = int(old.numbers[-1]) + 1 if old is not None else 0
    (folder / "words").mkdir(parents=True)
    known = {} if old is None or rewrite else _link_words(folder / "words", old)
    _write_words(folder / "words", old, gone, added, first, rewrite=rewrite)
    rows = _Rows(old, gone, rewrite=rewrite)
    known |= rows.write(folder, added, first, dim, numpy_up_to)
    return seal(folder, known)


def too_many_dead(old: Partition, gone: Lot, dying: int) -> bool:
    """A dropped silo always is too much: its words must not stay on the disk."""
    return bool(dying and gone.silos) or old.dead + dying > REWRITE_ABOVE * (old.dead + old.words.passages)


def _write_words(
    folder: Path, old: Partition | None, gone: Lot, added: Sequence[Held], first: int, *, rewrite: bool
) -> None:
    """Let tantivy write: onto the old segments, which are in `folder` already, or all from the start."""
    from tantivy import Index, Query

    writer = Index(schema(), path=str(folder)).writer(heap_size=HEAP, num_threads=1)
    if old is not None and rewrite:
        for stored in old.words.documents(both([], [gone.query()]) if gone else Query.all_query()):
            writer.add_document(stored)
    elif old is not None and gone:
        writer.delete_documents_by_query(gone.query())
    for number, held in enumerate(added, first):
        writer.add_document(document(held, number))
    writer.commit()
    writer.wait_merging_threads()


def _link_words(folder: Path, old: Partition) -> dict[str, str]:
    """Segments never change, so they are shared with the old generation; tantivy's two lists of them are copied."""
    known: dict[str, str] = {}
    for name, digest in old.manifest.files.items():
        if name.startswith("words/"):
            target = folder.parent / name
            if target.suffix == ".json":
                target.write_bytes((old.folder / name).read_bytes())
            else:
                link(old.folder / name, target)
                known[name] = digest
    return known


class _Rows:
    """The rows of an old generation on their way into its successor."""

    def __init__(self, old: Partition | None, gone: Lot, *, rewrite: bool) -> None:
        self._old = old
        self._rewrite = rewrite
        self._kept: Mask = np.zeros(0, dtype=np.bool_)
        if old is not None:
            self._kept = np.ones(len(old.numbers), dtype=np.bool_) if old.alive is None else old.alive.copy()
            if gone:
                self._kept[np.searchsorted(old.numbers, old.words.numbers(gone.query()))] = False

    def write(self, folder: Path, added: Sequence[Held], first: int, dim: int, numpy_up_to: int) -> dict[str, str]:
        """Write them with what is added; the SHA-256 of the segments that are shared."""
        names = np.array([held.passage.id.encode() for held in added], dtype=np.bytes_)
        numbers = np.arange(first, first + len(added), dtype=np.int64)
        old = self._old
        if old is None:
            write_segment(folder, first, [], self._kept, added, dim=dim, numpy_up_to=numpy_up_to)
            _save(folder, numbers, names)
            return {}
        segments = old.rows.all
        taken = len(segments) if self._rewrite else taken_in(segments, len(added)) if added else 0
        shared, merged = segments[: len(segments) - taken], segments[len(segments) - taken :]
        begin = shared[-1].end if shared else 0
        share(shared, old.folder, folder)
        rest = begin + np.flatnonzero(self._kept[begin:])
        start = int(old.numbers[rest[0]]) if len(rest) else first
        write_segment(folder, start, merged, self._kept[begin:], added, dim=dim, numpy_up_to=numpy_up_to)
        # A row that is gone from a shared segment keeps its place, without a name.
        names_before = np.where(self._kept[:begin], old.passages[:begin], b"")
        _save(
            folder,
            np.concatenate([old.numbers[:begin], old.numbers[rest], numbers]),
            np.concatenate([names_before, old.passages[rest], *([names] if added else [])]),
        )
        return {name: old.manifest.files[name] for segment in shared for name in segment.files}


def _save(folder: Path, numbers: NDArray[np.int64], names: NDArray[np.bytes_]) -> None:
    np.save(folder / "numbers.npy", numbers)
    np.save(folder / "passages.npy", names)
