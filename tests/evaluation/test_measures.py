"""Measures, their intervals and the paired test, on rankings whose figures can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sensemake.evaluation import measures

JUDGED = {"q1": {"a": 2, "b": 1}, "q2": {"c": 1}, "q3": {"d": 1}}
FOUND = {"q1": ["b", "x", "a"], "q2": ["x", "c"], "q3": []}


def test_figures_worked_out_by_hand() -> None:
    found = measures.per_question(JUDGED, FOUND)
    ideal = 2 + 1 / math.log2(3)
    assert found["nDCG@10"] == pytest.approx([(1 + 2 / math.log2(4)) / ideal, 1 / math.log2(3), 0])
    assert found["MRR@10"] == pytest.approx([1, 1 / 2, 0])
    assert found["MAP"] == pytest.approx([(1 + 2 / 3) / 2, 1 / 2, 0])
    assert found["Recall@100"] == pytest.approx([1, 1, 0])


def test_only_the_first_ten_count_for_ndcg_and_mrr() -> None:
    late = measures.per_question({"q": {"a": 1}}, {"q": [*map(str, range(10)), "a"]})
    assert (late["nDCG@10"][0], late["MRR@10"][0], late["Recall@100"][0]) == (0, 0, 1)


def test_an_interval_holds_the_mean_and_narrows_with_more_questions() -> None:
    few = np.random.default_rng(1).random(20)
    low, high = measures.interval(few)
    assert low < few.mean() < high
    more = measures.interval(np.tile(few, 20))
    assert more[1] - more[0] < (high - low) / 3
    assert measures.interval(np.array([0.5])) == (0.5, 0.5)


def test_a_steady_gain_is_told_from_chance() -> None:
    chance = np.random.default_rng(2)
    base = chance.random(60)
    better = measures.compare(base + 0.05 + 0.02 * chance.standard_normal(60), base)
    assert better.interval[0] > 0
    assert better.p < 0.01
    same = measures.compare(base + 0.3 * chance.standard_normal(60), base)
    assert same.interval[0] < 0 < same.interval[1]
    assert same.p > 0.05
    assert measures.compare(base, base) == measures.Compared(0.0, (0.0, 0.0), 1.0)
