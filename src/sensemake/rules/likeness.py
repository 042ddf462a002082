"""Documents that are nearly the same, by MinHash: signatures that agree as often as the documents share their words.

Broder, "On the resemblance and containment of documents" (1997): the share of equal places of two signatures estimates
the Jaccard index of the two sets of shingles. Bands (Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4) find
pairs without comparing all: two documents that share three quarters of their shingles share a band with 99 %.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import regex
from numpy.typing import NDArray

Signature = NDArray[np.uint32]
"""Shape (PLACES,)."""

SHINGLE = 3
"""Words in a row that are compared; a changed word changes three of them."""
FEWEST = 30
"""Different shingles that a document must have: of less, chance and phrases make twins."""
BANDS, ROWS = 20, 5
PLACES = BANDS * ROWS
ALIKE = 0.65
"""Share of equal places from which on two are near-duplicates (docs/decisions/0018)."""

_WORD = regex.compile(r"\w+")
Key = TypeVar("Key")


def _coefficients() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Of hash functions `a * x + b` modulo 2^64, the upper half counting (multiply-shift).

    Drawn once for good: signatures are kept, so these may never change."""
    random = np.random.Generator(np.random.PCG64(20_261_123))
    factors, offsets = (random.integers(0, 1 << 64, (PLACES, 1), np.uint64, endpoint=False) for _ in range(2))
    return factors | np.uint64(1), offsets


_FACTORS, _OFFSETS = _coefficients()


def signature(texts: Iterable[str]) -> Signature | None:
    """Of a document's passages in order, whatever their case and punctuation; None when they say too little."""
    words = [word.encode("utf-8", "surrogatepass") for text in texts for word in _WORD.findall(text.casefold())]
    shingles = {zlib.crc32(b" ".join(words[at : at + SHINGLE])) for at in range(len(words) - SHINGLE + 1)}
    if len(shingles) < FEWEST:
        return None
    hashes = np.fromiter(shingles, np.uint64, len(shingles))
    least = np.full(PLACES, np.iinfo(np.uint64).max)
    for start in range(0, len(hashes), 4096):  # bounds the memory of a book
        hashed = _FACTORS * hashes[None, start : start + 4096] + _OFFSETS  # modulo 2^64, as is meant
        least = np.minimum(least, hashed.min(axis=1))
    return (least >> np.uint64(32)).astype(np.uint32)


def bands(of: Signature) -> tuple[int, ...]:
    """Numbers by which near-duplicates are looked up; one in common makes a candidate."""
    rows = of.astype("<u4").reshape(BANDS, ROWS)
    return tuple(
        zlib.crc32(row.tobytes(), number) | (zlib.crc32(struct.pack("<B", number) + row.tobytes()) & 0x7FFFFFFF) << 32
        for number, row in enumerate(rows)
    )


def likeness(one: Signature, other: Signature) -> float:
    """The estimated share of shingles in common, from 0 to 1 (standard error at most 0.05)."""
    return float(np.mean(one == other))


def alike(one: Signature, other: Signature) -> bool:
    return likeness(one, other) >= ALIKE


def twins(one: Signature, others: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of these, a signature each row, share a band with this one and are much like it."""
    same = others == one
    share: NDArray[np.bool_] = same.reshape(-1, BANDS, ROWS).all(axis=2).any(axis=1)
    found: NDArray[np.bool_] = share & (same.mean(axis=1) >= ALIKE)
    return found


def packed(of: Signature) -> bytes:
    return of.astype("<u4").tobytes()


def unpacked(data: bytes) -> Signature:
    return np.frombuffer(data, "<u4").astype(np.uint32)


def representatives(
    ranked: Sequence[Key], document: Callable[[Key], str], signatures: Mapping[Any, Signature], most: int
) -> list[Key]:
    """The first `most` of a ranking, those left out that are much like one that stands before them.

    It follows from what is in the ranking alone: what one may not see decides nothing.
    """
    kept: list[Key] = []
    seen: list[Signature] = []
    for item in ranked:
        mark = signatures.get(document(item))
        if mark is not None:
            if seen and bool((np.mean(np.stack(seen) == mark, axis=1) >= ALIKE).any()):
                continue
            seen.append(mark)
        kept.append(item)
        if len(kept) == most:
            break
    return kept
