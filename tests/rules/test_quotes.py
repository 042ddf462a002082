"""Sentences that can stand for a passage."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from make import passage
from sensemake.model import Contribution, Handle, Role, Span
from sensemake.rules.quotes import LONGEST, SHORTEST, sentences, weight


def texts(text: str, **changes: object) -> list[str]:
    return [s.text for s in sentences(replace(passage(1, text), **changes))]  # type: ignore[arg-type]


def test_sentences_are_found_word_for_word() -> None:
    text = "The wiper at LW-12 got stuck again. Did anybody see it happen on Monday? Nobody did, not even the camera!"
    assert texts(text) == [
        "The wiper at LW-12 got stuck again.",
        "Did anybody see it happen on Monday?",
        "Nobody did, not even the camera!",
    ]


def test_bullets_and_numbers_of_lists_are_left_out() -> None:
    assert texts("- The bottles now have caps in two colours.\n2. Nobody swaps the bottles any more.") == [
        "The bottles now have caps in two colours.",
        "Nobody swaps the bottles any more.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Too short.",
        "| a table | has rows that are long | and many | of them |",
        "see https://wiki.example/a/very/long/path/to/something for the rest of it",
        "one " * 200,
        "12 34 56 78 90 12 34 56 78 90 12 34 56",
        "<script>this is not a sentence but markup</script>",
        "",
    ],
)
def test_what_does_not_read_is_not_quoted(text: str) -> None:
    assert texts(text) == []


def test_headings_are_not_sentences() -> None:
    heading = "What we know and do not know about algae"
    assert texts(f"{heading}\nAlgae bloom when the lake is warm and still.", headings=(heading,)) == [
        "Algae bloom when the lake is warm and still."
    ]


def test_a_sentence_belongs_to_the_one_who_said_it() -> None:
    one, two = (Contribution(Handle("slack", name), Role.WROTE) for name in ("U1", "U2"))
    first, second = "the wiper is stuck again at the mill", "i will go there on thursday morning"
    spans = (Span(0, len(first), one), Span(len(first) + 1, len(first) + 1 + len(second), two))
    made = replace(passage(1, f"{first}\n{second}"), contributions=(one, two), spans=spans)
    assert [(s.text, s.passage.contributions) for s in sentences(made)] == [(first, (one,)), (second, (two,))]


def test_a_telling_sentence_weighs_more() -> None:
    telling, other = sentences(passage(1, "The wiper and the copper mesh. Somebody had lunch at the river."))
    assert weight(telling, ["wiper", "copper mesh"]) > weight(other, ["wiper", "copper mesh"])


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400))
def test_every_sentence_is_a_part_of_the_text(text: str) -> None:
    found = list(sentences(passage(1, text)))
    assert all(text[s.start : s.end] == s.text == s.text.strip() for s in found)
    assert all(SHORTEST <= len(s.text) <= LONGEST and "\n" not in s.text for s in found)
    assert [s.start for s in found] == sorted(s.start for s in found)
