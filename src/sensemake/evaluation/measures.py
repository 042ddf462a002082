"""How good rankings are, by `ir_measures`, with intervals over the questions and a paired test between two of them.

Sakai, "Statistical Reform in Information Retrieval?" (SIGIR Forum 2014): intervals rather than bare means; Smucker,
Allan & Carterette, "A Comparison of Statistical Significance Tests for Information Retrieval Evaluation" (CIKM 2007):
the randomisation test, paired by question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensemake.evaluation.judged import Judgements

MEASURES: Mapping[str, str] = {"nDCG@10": "nDCG@10", "Recall@100": "R@100", "MRR@10": "RR@10", "MAP": "AP"}
"""Our names, and how `ir_measures` writes them."""
OF_PEOPLE: Mapping[str, str] = {"MAP": "AP", "MRR": "RR", "nDCG@10": "nDCG@10", "P@5": "P@5", "Recall@10": "R@10"}
"""Those of rankings of people."""

RESAMPLES = 2_000
SEED = 20260501

Values = NDArray[np.float64]
Rankings = Mapping[str, Sequence[str]]
"""Question → document ids, the best first."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The mean gain of one ranking over another, its 95 % interval, and how often chance alone gives as much."""

    gain: float
    interval: tuple[float, float]
    p: float


def per_question(judgements: Judgements, rankings: Rankings, of: Mapping[str, str] = MEASURES) -> dict[str, Values]:
    """Each measure's value for every judged question, in their order; a question without an answer has 0."""
    import ir_measures

    order = {question: place for place, question in enumerate(judgements)}
    values = {name: np.zeros(len(order)) for name in of}
    wanted = {ir_measures.parse_measure(written): name for name, written in of.items()}
    # The library orders by score: ranks as scores keep our order, ties and all.
    run = {q: {doc: float(-rank) for rank, doc in enumerate(rankings.get(q, ()))} for q in judgements}
    graded = {question: dict(documents) for question, documents in judgements.items()}
    for one in ir_measures.iter_calc(list(wanted), graded, {q: found for q, found in run.items() if found}):
        values[wanted[one.measure]][order[one.query_id]] = one.value
    return values


def interval(values: Values) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean."""
    from scipy.stats import bootstrap

    if len(values) < 2 or np.ptp(values) == 0:
        mean = float(values.mean())
        return mean, mean
    found = bootstrap((values,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=SEED).confidence_interval
    return float(found.low), float(found.high)


def compare(values: Values, others: Values) -> Compared:
    """The gain of `values` over `others` on the same questions (two-sided randomisation test)."""
    from scipy.stats import permutation_test

    gains = values - others
    if len(gains) < 2 or not gains.any():
        return Compared(float(gains.mean()), interval(gains), 1.0)
    tested = permutation_test(
        (values, others), _mean_gain, permutation_type="samples", vectorized=True, n_resamples=RESAMPLES, rng=SEED
    )
    return Compared(float(gains.mean()), interval(gains), float(tested.pvalue))


def _mean_gain(values: Values, others: Values, axis: int = -1) -> Values:
    gain: Values = np.mean(values - others, axis=axis)
    return gain
