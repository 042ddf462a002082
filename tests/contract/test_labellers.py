"""A theme's name: two to five words that its own passages hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from make import passage
from sensemake.labellers.keyphrases import KeyphraseLabeller
from sensemake.model import Passage


def passages(*texts: str, language: str | None = "en") -> list[Passage]:
    return [replace(passage(n, text), language=language) for n, text in enumerate(texts)]


def label(keyphrases: list[str], *texts: str, language: str | None = "en") -> str:
    return KeyphraseLabeller().label(keyphrases, passages(*texts, language=language))


def test_a_phrase_that_most_passages_hold_stands_alone() -> None:
    assert label(["alert budget", "night"], "the alert budget", "our alert budget", "at night") == "Alert budget"


def test_a_single_word_has_company() -> None:
    assert label(["wiper", "slime"], "a wiper", "slime") == "Wiper and slime"


@pytest.mark.parametrize(
    ("language", "word"), [("de", "und"), ("nl", "en"), ("fr", "et"), ("sv-SE", "och"), ("fi", "&")]
)
def test_the_company_is_in_the_language_of_the_passages(language: str, word: str) -> None:
    assert label(["Sonde", "Kabel"], "Sonde", "Kabel", language=language) == f"Sonde {word} Kabel"


def test_one_thing_is_not_said_twice() -> None:
    assert label(["CPU", "CPUs", "limits"], "CPU", "CPUs", "limits") == "CPU and limits"


def test_names_of_things_keep_their_letters() -> None:
    assert label(["eBPF", "probes"], "eBPF probes").startswith("eBPF")


def test_without_keyphrases_the_most_central_title_has_to_do() -> None:
    (one,) = passages("x")
    titled = replace(one, title="a very long title of a page about nothing")
    assert KeyphraseLabeller().label([], [titled]) == "A very long title of"
    assert KeyphraseLabeller().label([], []) == "Without a name"


WORD = st.sampled_from("wiper mesh alert budget lake pH".split())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORD, min_size=1, max_size=3).map(" ".join), unique=True, max_size=8))
def test_a_label_is_short_and_made_of_keyphrases(keyphrases: list[str]) -> None:
    made = label(keyphrases, "wiper mesh", "alert budget of the lake")
    assert 1 <= len(made.split()) <= 5
    if keyphrases:
        assert any(made.casefold().startswith(phrase.casefold()) for phrase in keyphrases)
