"""How well a passage answers a question."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.rules.bm25 import Statistics, idf, score, scores

counts = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 9))


def statistics_of(passages: list[dict[str, int]]) -> Statistics:
    frequency = {t: sum(t in p for p in passages) for t in "abcde" if any(t in p for p in passages)}
    return Statistics(len(passages), sum(sum(p.values()) for p in passages), frequency)


def test_a_worked_example() -> None:
    statistics = Statistics(3, 30, {"a": 1})
    assert idf("a", statistics) == math.log(1 + 2.5 / 1.5)
    assert score({"a": 1}, 10, ("a",), statistics) == round(math.log(1 + 2.5 / 1.5), 6)
    # tf 2 in a passage twice the mean length: 2 · 2.2 / (2 + 1.2 · (0.25 + 0.75 · 2))
    assert score({"a": 2, "b": 18}, 20, ("a",), statistics) == round(math.log(1 + 2.5 / 1.5) * 4.4 / 4.1, 6)


@settings(max_examples=60)
@given(st.lists(counts, max_size=5), st.lists(counts, max_size=5))
def test_statistics_of_two_sets_add_up(some: list[dict[str, int]], others: list[dict[str, int]]) -> None:
    assert Statistics.together([statistics_of(some), statistics_of(others)]) == statistics_of(some + others)


@settings(max_examples=60)
@given(st.lists(counts, min_size=1, max_size=6))
def test_every_passage_with_a_term_scores_and_the_others_do_not(passages: list[dict[str, int]]) -> None:
    statistics = statistics_of(passages)
    for passage in passages:
        found = score(passage, sum(passage.values()), ("a", "b"), statistics)
        assert (found > 0) == bool(passage.keys() & {"a", "b"})


def test_more_occurrences_and_rarer_terms_and_shorter_passages_score_higher() -> None:
    statistics = Statistics(10, 100, {"rare": 1, "common": 9})
    assert score({"rare": 1}, 10, ("rare",), statistics) > score({"common": 1}, 10, ("common",), statistics) > 0
    assert score({"rare": 2}, 10, ("rare",), statistics) > score({"rare": 1}, 10, ("rare",), statistics)
    assert score({"rare": 1}, 5, ("rare",), statistics) > score({"rare": 1}, 50, ("rare",), statistics)


def test_nothing_scores_nothing() -> None:
    assert score({}, 0, ("a",), Statistics()) == 0
    assert score({"a": 1}, 1, (), Statistics(1, 1, {"a": 1})) == 0


@given(
    held=st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 70)), min_size=1, max_size=6),
    asked=st.lists(st.sampled_from("abcd"), min_size=1, max_size=6),
    padding=st.integers(0, 300),
)
def test_many_score_as_each_does(held: list[dict[str, int]], asked: list[str], padding: int) -> None:
    lengths = [sum(one.values()) + padding for one in held]
    counted = {term: sum(term in one for one in held) for term in asked}
    statistics = Statistics(len(held) + 3, sum(lengths) + 7, counted)
    columns = list(dict.fromkeys(asked))
    frequencies = np.array([[one.get(term, 0) for term in columns] for one in held], np.float64)
    assert scores(frequencies, np.array(lengths), asked, statistics) == [
        score(one, length, asked, statistics) for one, length in zip(held, lengths, strict=True)
    ]
