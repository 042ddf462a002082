"""Joins a dense and a lexical ranking into one, and says how good an answer is.

Scores, not ranks, are joined: each leg's scores are stretched to 0…1 over its own list (min-max), and averaged.
Bruch, Gai & Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (TOIS 2023); measured in
docs/decisions/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sensemake.model import Band, PassageId, Scored


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage, its joint score from 0 to 1, and its rank from 1 and score in each leg that found it."""

    passage: PassageId
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    cosine: float


def fuse(dense: Sequence[Scored], lexical: Sequence[Scored], *, dense_weight: float = 0.5) -> list[Fused]:
    """One ranking of all that either leg found, best first, ties by passage id.

    `cosine` is the dense score; of a passage that only the lexical leg found it is the lowest one that the dense leg
    gave, which is as much as can be said of it (0 where there is no dense leg).
    """
    by_meaning = _stretched(dense)
    by_words = _stretched(lexical)
    dense_rank = {s.passage: rank for rank, s in enumerate(dense, 1)}
    lexical_rank = {s.passage: rank for rank, s in enumerate(lexical, 1)}
    cosine = {s.passage: s.score for s in dense}
    floor = max(0.0, dense[-1].score) if dense else 0.0
    fused = [
        Fused(
            passage=passage,
            score=dense_weight * by_meaning.get(passage, 0.0) + (1 - dense_weight) * by_words.get(passage, 0.0),
            dense_rank=dense_rank.get(passage),
            lexical_rank=lexical_rank.get(passage),
            cosine=cosine.get(passage, floor),
        )
        for passage in dict.fromkeys([*dense_rank, *lexical_rank])
    ]
    return sorted(fused, key=lambda f: (-f.score, f.passage))


def band(cosine: float, coverage: float) -> Band:
    """How good an answer is. `coverage` is the share of the question's words that it holds.

    Either may carry it: a paraphrase has the meaning without the words, a code or a name the words without the meaning.
    """
    if cosine >= 0.5 or (cosine >= 0.35 and coverage >= 0.75):
        return Band.STRONG
    if cosine >= 0.36 or coverage >= 0.75 or (cosine >= 0.28 and coverage >= 0.5):
        return Band.MEDIUM
    return Band.WEAK


def _stretched(ranking: Sequence[Scored]) -> dict[PassageId, float]:
    if not ranking:
        return {}
    best, worst = ranking[0].score, ranking[-1].score
    spread = best - worst
    return {s.passage: (s.score - worst) / spread if spread > 0 else 1.0 for s in ranking}
