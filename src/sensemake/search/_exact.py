"""Passages in memory, and the arithmetic that every index of ours shares, so that equal passages score equal floats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensemake.errors import ModelError
from sensemake.model import Entry, LexicalQuery, Passage, Scored, Vector, Vectors
from sensemake.protocols import Outline
from sensemake.rules import bm25
from sensemake.rules.analysis import index_terms

DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Held:
    """A passage as it is searched: with its vector, its partition, its terms counted and their number."""

    passage: Passage
    vector: Vector
    partition: str
    frequencies: Mapping[str, int]
    length: int

    @classmethod
    def of(cls, entry: Entry, dim: int) -> Held:
        terms = index_terms(entry.passage)
        return cls(entry.passage, checked(entry.vector, dim), entry.partition, dict(Counter(terms)), len(terms))


def outline_of(passage: Passage) -> Outline:
    return Outline(passage.document, passage.silo, passage.language)


def statistics_of(query: LexicalQuery, held: Iterable[Held]) -> bm25.Statistics:
    """The statistics of these passages, for the terms of the question."""
    asked = set(query.terms)
    passages, length = 0, 0
    frequencies: Counter[str] = Counter()
    for one in held:
        passages += 1
        length += one.length
        frequencies.update(asked & one.frequencies.keys())
    return bm25.Statistics(passages, length, frequencies)


def nearest(vector: Vector, k: int, held: Iterable[Held]) -> list[Scored]:
    """The k of these passages nearest to `vector`."""
    listed = list(held)
    if not listed:
        return []
    scores = similarities(np.stack([one.vector for one in listed]), vector)
    return best((Scored(one.passage.id, score, one) for one, score in zip(listed, scores, strict=True)), k)


def answering(query: LexicalQuery, k: int, held: Iterable[Held], statistics: bm25.Statistics) -> list[Scored]:
    """The k of these passages that answer best, of those that hold a term of the question."""
    return best(
        (
            Scored(one.passage.id, bm25.score(one.frequencies, one.length, query.terms, statistics), one)
            for one in held
            if not one.frequencies.keys().isdisjoint(query.terms)
        ),
        k,
    )


def similarities(vectors: Vectors, query: Vector) -> list[float]:
    """Inner products of stored float32 rows with a float32 query, summed in float64 and rounded."""
    return rounded(products(vectors, query))


def products(vectors: Vectors, query: Vector) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (vectors.astype(np.float64) * query.astype(np.float64)).sum(axis=1)
    return found


def rounded(values: NDArray[np.float64]) -> list[float]:
    return [round(value, DECIMALS) + 0.0 for value in values.tolist()]


def best(scored: Iterable[Scored], k: int) -> list[Scored]:
    """The k best, ties by passage id."""
    return sorted(scored, key=lambda s: (-s.score, s.passage))[: max(k, 0)]


def checked(vector: Vector, dim: int) -> Vector:
    """A copy as float32; ModelError when it has another shape or is not finite."""
    row = np.array(vector, dtype=np.float32)
    if row.shape != (dim,) or not np.isfinite(row).all():
        raise ModelError(f"the index holds finite vectors of {dim} numbers, got one of shape {row.shape}; re-embed it")
    return row
