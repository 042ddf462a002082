"""Coherence and diversity: words that go together, and themes that say different things."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.rules import theme_quality

WORD = st.sampled_from(["tide", "gauge", "bread", "dough", "boat"])


def test_words_are_the_first_of_the_phrases_each_once() -> None:
    assert theme_quality.words(("Tide gauge", "high tide", "a 3 m")) == ("tide", "gauge", "high")


def test_words_that_are_always_together_cohere_and_those_that_never_are_do_not() -> None:
    texts = ["tide gauge", "the gauge, and the tide", "bread", "dough"]
    assert theme_quality.coherence([("tide", "gauge")], texts) == pytest.approx(1.0)
    assert theme_quality.coherence([("bread", "dough")], texts) == -1.0
    assert theme_quality.coherence([("tide", "gauge"), ("bread", "dough")], texts) == pytest.approx(0.0)


def test_words_together_as_often_as_by_chance_have_no_npmi() -> None:
    assert theme_quality.coherence([("tide", "boat")], ["tide boat", "tide", "boat", "bread"]) == pytest.approx(0.0)


def test_without_words_there_is_nothing_to_say() -> None:
    assert theme_quality.coherence([("tide",)], ["tide"]) is None
    assert theme_quality.coherence([], []) is None
    assert theme_quality.diversity([()]) is None


def test_diversity_is_the_share_of_different_words() -> None:
    assert theme_quality.diversity([("tide", "boat"), ("tide", "bread")]) == 0.75


@settings(max_examples=40)
@given(st.lists(st.lists(WORD, max_size=4), max_size=3), st.lists(st.lists(WORD).map(" ".join), max_size=8))
def test_measures_stay_in_their_ranges(themes: list[list[str]], texts: list[str]) -> None:
    coherent, diverse = theme_quality.coherence(themes, texts), theme_quality.diversity(themes)
    assert coherent is None or -1.0 <= coherent <= 1.0 + 1e-9
    assert diverse is None or 0.0 < diverse <= 1.0
