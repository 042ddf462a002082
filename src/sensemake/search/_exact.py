"""Passages in memory, and the arithmetic that every index of ours shares, so that equal passages score equal floats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sensemake.errors import ModelError
from sensemake.model import Entry, LexicalQuery, Passage, Scored, Vector, Vectors
from sensemake.rules import bm25
from sensemake.rules.analysis import index_terms

DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Held:
    """A passage as it is searched: with its vector, its partition, its terms counted and their number."""

    passage: Passage
    vector: Vector
    partition: str
    terms: tuple[str, ...]
    frequencies: Mapping[str, int]

    @classmethod
    def of(cls, entry: Entry, dim: int) -> Held:
        terms = tuple(index_terms(entry.passage))
        return cls(entry.passage, checked(entry.vector, dim), entry.partition, terms, Counter(terms))


def statistics_of(query: LexicalQuery, held: Iterable[Held]) -> bm25.Statistics:
    """The statistics of these passages, for the terms of the question."""
    passages, length = 0, 0
    frequencies: Counter[str] = Counter()
    for one in held:
        passages += 1
        length += len(one.terms)
        frequencies.update(term for term in query.terms if term in one.frequencies)
    return bm25.Statistics(passages, length, frequencies)


def scores_of(query: LexicalQuery, held: Iterable[Held], statistics: bm25.Statistics) -> Iterable[Scored]:
    """The score of each of these passages that holds a term of the question."""
    for one in held:
        if not one.frequencies.keys().isdisjoint(query.terms):
            yield Scored(one.passage.id, bm25.score(one.frequencies, len(one.terms), query.terms, statistics))


def similarities(vectors: Vectors, query: Vector) -> list[float]:
    """Inner products of stored float32 rows with a float32 query, summed in float64 and rounded."""
    products = vectors.astype(np.float64) * np.asarray(query, dtype=np.float32).astype(np.float64)
    return [round(float(value), DECIMALS) + 0.0 for value in products.sum(axis=1)]


def best(scored: Iterable[Scored], k: int) -> list[Scored]:
    """The k best, ties by passage id."""
    return sorted(scored, key=lambda s: (-s.score, s.passage))[: max(k, 0)]


def checked(vector: Vector, dim: int) -> Vector:
    """A copy as float32; ModelError when it has another shape or is not finite."""
    row = np.array(vector, dtype=np.float32)
    if row.shape != (dim,) or not np.isfinite(row).all():
        raise ModelError(f"the index holds finite vectors of {dim} numbers, got one of shape {row.shape}; re-embed it")
    return row
