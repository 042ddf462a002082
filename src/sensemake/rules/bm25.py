"""BM25: how well a passage answers the words of a question, by the statistics of what the asker may read.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", Foundations and Trends in Information
Retrieval 3(4), 2009, section 3; with Lucene's idf, which is never negative.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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

    def __add__(self, other: Statistics) -> Statistics:
        """The statistics of two sets that share no passage."""
        frequencies = Counter(self.document_frequency)
        frequencies.update(other.document_frequency)
        return Statistics(self.passages + other.passages, self.total_length + other.total_length, frequencies)

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
