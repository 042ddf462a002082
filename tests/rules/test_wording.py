"""Phrases and exclusions: words as they are said, one after the other, within one field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.model import DocumentId, Kind, Passage, PassageId, SiloName, SourceId, Where
from sensemake.rules.analysis import plain
from sensemake.rules.query_syntax import sequences
from sensemake.rules.wording import holds

A = frozenset({SiloName("a")})
PASSAGE = Passage(
    PassageId("p"),
    DocumentId("d"),
    SiloName("a"),
    SourceId("a/x"),
    Kind.PAGE,
    "Reading the Tide Tables",
    "See KEP-1234 of the Harbour-Master: ﬁx naïve CamelCase in 東京都庁 now.",
    0,
    headings=("High tide",),
)


@pytest.mark.parametrize(
    "phrase",
    [
        "tide tables",
        "TIDE",
        "see kep-1234",
        "see kep 1234",
        "harbour master",
        "fix naïve camelcase",
        "京都",
        "high tide",
    ],
)
def test_it_says_this(phrase: str) -> None:
    assert holds(PASSAGE, Where(A, A, phrases=sequences([phrase])))
    assert not holds(PASSAGE, Where(A, A, without=sequences([phrase])))


@pytest.mark.parametrize(
    "phrase", ["tables tide", "tide table", "tables high", "tide see", "naive", "camel case", "都京"]
)
def test_it_does_not_say_that(phrase: str) -> None:
    assert not holds(PASSAGE, Where(A, A, phrases=sequences([phrase])))
    assert holds(PASSAGE, Where(A, A, without=sequences([phrase])))


def test_all_phrases_and_the_other_filters_hold_together() -> None:
    where = Where(A, A, phrases=sequences(["tide", "camelcase"]))
    assert holds(PASSAGE, where)
    assert not holds(PASSAGE, replace(where, phrases=sequences(["tide", "budget"])))
    assert not holds(PASSAGE, replace(where, kinds=frozenset({Kind.MAIL})))
    assert not holds(PASSAGE, replace(where, silos=frozenset()))


def test_a_phrase_without_words_asks_for_nothing() -> None:
    assert sequences(["!?", "", "…"]) == frozenset()


@given(st.text(max_size=60), st.integers(0, 8), st.integers(1, 5))
@settings(max_examples=100)
def test_a_passage_says_every_run_of_its_own_words(text: str, start: int, length: int) -> None:
    passage = replace(PASSAGE, text=text)
    run = plain(text)[start : start + length]
    assert holds(passage, Where(A, A, phrases=frozenset({run} if run else ())))
