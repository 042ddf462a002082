"""What ranks a row beside its vector: where it belongs, and its terms counted; in files, so that nothing is asked for.

    traits-N.npy   a record each row of a segment (`vectors-N.npy`): its document, silo and language, its length in
                   terms, and where its own end in
    terms-N.npy    a number each different term of each row: 40 bits of a digest of the term, 24 of how often it occurs

Reading a stored document out of tantivy takes some twenty times as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensemake.model import DocumentId, SiloName
from sensemake.protocols import Outline
from sensemake.search._exact import Held
from sensemake.search._files import mapped

Numbers = NDArray[np.int64]
Coded = NDArray[np.uint64]

_TIMES = 24
"""Bits of how often; a passage of more than 16 million words would be counted short."""
_MOST = (1 << _TIMES) - 1
_UNKNOWN = b"\xff"
"""A language that is not known: no UTF-8."""
BLOCK = 50_000
"""Rows in memory at a time while a segment is written."""


class Traits:
    """Those of the rows of one segment."""

    def __init__(self, folder: Path, vectors: str) -> None:
        traits, terms = names(vectors)
        self._table: NDArray[Any] = mapped(folder / traits)
        self._terms: Coded = mapped(folder / terms)
        # A view of a field takes as long to make as some rows to read.
        self._outlines = self._table[["document", "silo", "language"]]
        self._lengths: Numbers = self._table["length"]
        self._ends: Numbers = self._table["end"]

    def outlines(self, rows: Numbers) -> list[Outline]:
        return [
            Outline(DocumentId(_text(document)), SiloName(_text(silo)), _spoken(language))
            for document, silo, language in self._outlines[rows].tolist()
        ]

    def lengths(self, rows: Numbers) -> Numbers:
        return self._lengths[rows]

    def frequencies(self, rows: Numbers, codes: Sequence[int]) -> NDArray[np.float64]:
        """How often each of these rows holds each of these terms, shape (rows, terms)."""
        found = np.zeros((len(rows), len(codes)))
        if not codes:
            return found
        places, counts = self._places(rows)
        held = self._terms[places]
        asked = np.array(codes, np.uint64)
        order = np.argsort(asked)
        terms = held >> np.uint64(_TIMES)
        near = order[np.minimum(np.searchsorted(asked, terms, sorter=order), len(codes) - 1)]
        at = np.flatnonzero(asked[near] == terms)
        found[np.searchsorted(np.cumsum(counts), at, side="right"), near[at]] = held[at] & np.uint64(_MOST)
        return found

    def parts(self, rows: Numbers) -> Iterator[tuple[NDArray[Any], Numbers, Coded]]:
        """The records of these rows, the number of each one's terms, and the terms; some rows at a time."""
        for start in range(0, len(rows), BLOCK):
            places, counts = self._places(some := rows[start : start + BLOCK])
            yield self._table[some], counts, self._terms[places]

    def _places(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        """Where the terms of these rows lie, one row's after the other's, and how many each has."""
        ends = self._ends
        begins = np.where(rows > 0, ends[rows - 1], 0)
        counts = ends[rows] - begins
        before = np.cumsum(counts) - counts
        return np.arange(int(counts.sum())) + np.repeat(begins - before, counts), counts


@lru_cache(maxsize=1 << 16)
def code(term: str) -> int:
    """40 bits: that a term of a question and another of a passage have one code is a chance of one in a billion."""
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=5).digest(), "big")


def names(vectors: str) -> tuple[str, str]:
    """The files beside a segment's vectors."""
    return vectors.replace("vectors-", "traits-"), vectors.replace("vectors-", "terms-")


def write_traits(folder: Path, vectors: str, old: Sequence[tuple[Traits, Numbers]], added: Sequence[Held]) -> None:
    """Those of some rows of older segments, and of what is added."""
    parts = [part for traits, rows in old for part in traits.parts(rows)] + ([_of_added(added)] if added else [])
    traits, terms = names(vectors)
    ends = np.cumsum(np.concatenate([counts for _, counts, _ in parts]))
    table = np.concatenate([table for table, _, _ in parts])
    table["end"] = ends
    np.save(folder / traits, table)
    shape = (int(ends[-1]),)
    if not shape[0]:  # nothing can be mapped of an empty file
        np.save(folder / terms, np.zeros(0, np.uint64))
        return
    written = np.lib.format.open_memmap(folder / terms, mode="w+", dtype=np.uint64, shape=shape)
    at = 0
    for _, _, coded in parts:
        written[at : at + len(coded)] = coded
        at += len(coded)
    written.flush()


def _of_added(added: Sequence[Held]) -> tuple[NDArray[Any], Numbers, Coded]:
    columns = {
        "end": np.zeros(len(added), np.int64),
        "length": np.array([one.length for one in added], np.int64),
        "document": np.array([_bytes(one.passage.document) for one in added], np.bytes_),
        "silo": np.array([_bytes(one.passage.silo) for one in added], np.bytes_),
        "language": np.array([_written(one.passage.language) for one in added], np.bytes_),
    }
    table = np.empty(len(added), [(name, column.dtype) for name, column in columns.items()])
    for name, column in columns.items():
        table[name] = column
    counts = np.array([len(one.frequencies) for one in added], np.int64)
    coded = (code(term) << _TIMES | min(times, _MOST) for one in added for term, times in one.frequencies.items())
    return table, counts, np.fromiter(coded, np.uint64, int(counts.sum()))


def _bytes(text: str) -> bytes:
    """With a full stop, for numpy drops zeros from the end."""
    return text.encode("utf-8", "surrogatepass") + b"."


def _text(written: bytes) -> str:
    return written[:-1].decode("utf-8", "surrogatepass")


def _written(language: str | None) -> bytes:
    return _UNKNOWN if language is None else _bytes(language)


def _spoken(written: bytes) -> str | None:
    return None if written == _UNKNOWN else _text(written)
