"""BM25: how well a passage answers the words of a question, by the statistics of what the asker may read.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", Foundations and Trends in Information
Retrieval 3(4), 2009, section 3; with Lucene's idf, which is never negative.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75
DECIMALS = 6
"""Scores are rounded, so that implementations that add in another order still give equal floats, and equal ties."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts over a set of passages: how many, their terms in all, and in how many each term occurs."""

    passages: int = 0
    total_length: int = 0
    document_frequency: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def together(cls, parts: Iterable[Statistics]) -> Statistics:
        """The statistics of sets of which no two share a passage."""
        passages = length = 0
        frequencies: Counter[str] = Counter()
        for part in parts:
            passages += part.passages
            length += part.total_length
            for term, frequency in part.document_frequency.items():
                frequencies[term] += frequency
        return cls(passages, length, frequencies)

    @property
    def mean_length(self) -> float:
        return self.total_length / self.passages if self.passages else 0.0


def idf(term: str, statistics: Statistics) -> float:
    """ln(1 + (N - df + 0.5) / (df + 0.5))."""
    frequency = statistics.document_frequency.get(term, 0)
    return math.log(1 + (statistics.passages - frequency + 0.5) / (frequency + 0.5))


def score(frequencies: Mapping[str, int], length: int, terms: Iterable[str], statistics: Statistics) -> float:
    """How well a passage of `length` terms answers `terms`, rounded to `DECIMALS`; 0 when it holds none of them.

    Σ idf(t) · tf · (k1 + 1) / (tf + k1 · (1 - b + b · length / mean length)): a term that occurs once in a passage
    of mean length weighs its idf. `terms` are summed in the order given, each as often as
    it is given: of a long question, what it says twice matters more.
    """
    norm = K1 * (1 - B + B * length / statistics.mean_length) if statistics.total_length else K1
    total = 0.0
    for term in terms:
        if frequency := frequencies.get(term, 0):
            total += idf(term, statistics) * frequency * (K1 + 1) / (frequency + norm)
    return round(total, DECIMALS)


def scores(
    frequencies: NDArray[np.float64], lengths: NDArray[np.int64], terms: Sequence[str], statistics: Statistics
) -> list[float]:
    """`score` of many passages, to the last bit: `frequencies` has a row each and a column for each different term,
    in the order in which `terms` first has them."""
    mean = statistics.mean_length
    norms = K1 * (1 - B + B * lengths / mean) if statistics.total_length else np.full(len(lengths), K1)
    totals = np.zeros(len(lengths))
    columns = {term: column for column, term in enumerate(dict.fromkeys(terms))}
    for term in terms:
        times = frequencies[:, columns[term]]
        totals += idf(term, statistics) * times * (K1 + 1) / (times + norms)
    return [round(total, DECIMALS) for total in totals.tolist()]
