"""Joins a dense and a lexical ranking into one, and says how good an answer is.

Scores, not ranks, are joined: each leg's scores are stretched to 0…1 over its own list (min-max), and averaged
(Bruch, Gai & Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023). Then the best are heard
together: what lies near to other good answers gains (Diaz, "Regularizing Ad Hoc Retrieval Scores", CIKM 2005).
Both were chosen by measurement: docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sensemake.model import Band, DocumentId, PassageId, Scored, Vector
from sensemake.rules.calibration import MEDIUM, STRONG, Background, Calibration

HEARD = 100
"""The best of a fused ranking, which are heard together."""
NEIGHBOURS = 10
SHARE = 0.3
"""How much of a score comes from the neighbours."""
WORDS = 3.0
"""What it counts that a passage holds all words of the question, beside the standard deviations of its cosine."""
WORDS_TO_A_COSINE = 0.25
"""The same beside a bare cosine."""

_DECIMALS = 9
_UNSHARED = 1 << 18
"""Multiplications in one matrix product that BLAS does by itself."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A passage, its joint score from 0 to 1, and its rank from 1 and score in each leg that found it."""

    passage: PassageId
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    cosine: float


def fuse(
    dense: Sequence[Scored],
    lexical: Sequence[Scored],
    *,
    weights: Mapping[PassageId, float] | None = None,
    documents: Mapping[PassageId, DocumentId] | None = None,
) -> list[Fused]:
    """One ranking of all that either leg found, best first, ties by passage id.

    `weights` are the dense leg's shares, where other than a half. Where a passage's document is known, half of its
    score is the document's, the best of its passages in each leg: one may have the meaning and the next the words.

    `cosine` is the dense score; of a passage that only the lexical leg found it is the lowest one that the dense leg
    gave, which is as much as can be said of it (0 where there is no dense leg).
    """
    by_meaning = _with_documents(_stretched(dense), documents or {})
    by_words = _with_documents(_stretched(lexical), documents or {})
    dense_rank = {s.passage: rank for rank, s in enumerate(dense, 1)}
    lexical_rank = {s.passage: rank for rank, s in enumerate(lexical, 1)}
    cosine = {s.passage: s.score for s in dense}
    floor = max(0.0, dense[-1].score) if dense else 0.0
    share = weights or {}
    fused = [
        Fused(
            passage=passage,
            score=_between(by_words(passage), by_meaning(passage), share.get(passage, 0.5)),
            dense_rank=dense_rank.get(passage),
            lexical_rank=lexical_rank.get(passage),
            cosine=cosine.get(passage, floor),
        )
        for passage in dict.fromkeys([*dense_rank, *lexical_rank])
    ]
    return sorted(fused, key=lambda f: (-f.score, f.passage))


def hear_together(fused: Sequence[Fused], question: Vector, vectors: Mapping[PassageId, Vector]) -> list[Fused]:
    """The ranking again, where a part of each score is the mean of its nearest neighbours' among the best.

    Only what has a vector is heard; its cosine is exact from then on. What comes after keeps its order, and its place
    behind.
    """
    heard = [f for f in fused if f.passage in vectors][:HEARD]
    if not heard:
        return list(fused)
    rows = np.stack([vectors[f.passage] for f in heard]).astype(np.float64)
    near = np.maximum(_products(rows), 0.0).round(_DECIMALS)
    np.fill_diagonal(near, 0.0)
    farther = np.argsort(-near, axis=1, kind="stable")[:, NEIGHBOURS:]
    np.put_along_axis(near, farther, 0.0, axis=1)
    scores = np.array([f.score for f in heard])
    around = np.einsum("ij,j->i", near, scores) / np.maximum(near.sum(axis=1), 1e-9)
    joint = ((1 - SHARE) * scores + SHARE * around).round(_DECIMALS)
    cosines = np.einsum("id,d->i", rows, question.astype(np.float64)).round(6)
    placed = {f.passage for f in heard}
    again = [
        Fused(f.passage, score, f.dense_rank, f.lexical_rank, cosine)
        for f, score, cosine in zip(heard, joint.tolist(), cosines.tolist(), strict=True)
    ]
    least = float(joint.min())
    rest = [
        Fused(f.passage, min(least, (1 - SHARE) * f.score), f.dense_rank, f.lexical_rank, f.cosine)
        for f in fused
        if f.passage not in placed
    ]
    return sorted(again + rest, key=lambda f: (-f.score, f.passage))


def _products(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every row with every row, shape (n, n), some rows at a time.

    In one product the BLAS behind it wakes threads, which go on spinning for longer than the whole question takes
    (100,000 passages, two busy cores: 88 ms of processor for a question, 52 ms without). Products as small as these
    OpenBLAS does not share out; a hundred rows take a tenth of the time of `einsum`.
    """
    few = max(1, _UNSHARED // max(1, rows.size))
    return np.concatenate([rows[start : start + few] @ rows.T for start in range(0, len(rows), few)])


def reordered(fused: Sequence[Fused], scores: Sequence[float]) -> list[Fused]:
    """The ranking again, its first `len(scores)` in the order of these scores. Ties keep their order.

    A place keeps its joint score, whoever comes to it: another model's scores are on another scale.
    """
    head = fused[: len(scores)]
    order = sorted(range(len(head)), key=lambda place: -scores[place])
    again = [replace(head[was], score=head[now].score) for now, was in enumerate(order)]
    return again + list(fused[len(head) :])


def evidence(cosine: float, coverage: float, background: Background) -> float:
    """How much speaks for an answer: how far its meaning is nearer than chance, and the share of the question's words
    that it holds."""
    return background.above(cosine) + WORDS * coverage


def answers(cosine: float, coverage: float, known: Calibration) -> bool:
    """Whether so much speaks for a text that a question is taken to be answered by it; never where not measured."""
    return known.answering is not None and cosine + WORDS_TO_A_COSINE * coverage >= known.answering


def band(
    cosine: float, coverage: float, background: Background, known: Calibration, language: str | None = None
) -> Band:
    """How good an answer is. `coverage` is the share of the question's words that it holds.

    Either may carry it: a paraphrase has the meaning without the words, a code or a name the words without the meaning.
    Where the model does not read the passage's language, the words alone count.
    """
    if not known.reads(language):
        return Band.STRONG if coverage >= 0.9 else Band.MEDIUM if coverage >= 0.6 else Band.WEAK
    found = evidence(cosine, coverage, background)
    if found >= STRONG:
        return Band.STRONG
    return Band.MEDIUM if found >= MEDIUM or coverage >= 1 else Band.WEAK


def _between(low: float, high: float, share: float) -> float:
    return share * high + (1 - share) * low


def _with_documents(
    scores: Mapping[PassageId, float], documents: Mapping[PassageId, DocumentId]
) -> Callable[[PassageId], float]:
    """A passage's own score and the best of its document's, half and half."""
    best: dict[DocumentId, float] = {}
    for passage, score in scores.items():
        if passage in documents:
            best[documents[passage]] = max(score, best.get(documents[passage], 0.0))

    def score_of(passage: PassageId) -> float:
        own = scores.get(passage, 0.0)
        return (own + best.get(documents[passage], 0.0)) / 2 if passage in documents else own

    return score_of


def _stretched(ranking: Sequence[Scored]) -> dict[PassageId, float]:
    if not ranking:
        return {}
    best, worst = ranking[0].score, ranking[-1].score
    spread = best - worst
    return {s.passage: (s.score - worst) / spread if spread > 0 else 1.0 for s in ranking}
