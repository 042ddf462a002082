"""A theme's name: two to five words that its own passages hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from make import passage
from sensemake.labellers.keyphrases import KeyphraseLabeller
from sensemake.model import Kind, Passage


def passages(*texts: str, language: str | None = "en") -> list[Passage]:
    return [replace(passage(n, text), language=language) for n, text in enumerate(texts)]


def label(keyphrases: list[str], *texts: str, language: str | None = "en") -> str:
    return KeyphraseLabeller().label(keyphrases, passages(*texts, language=language))


def test_a_phrase_stands_alone() -> None:
    assert label(["alert budget", "night"], "the alert budget at night", "our alert budget") == "Alert budget"


def test_a_single_word_has_company_that_is_said_with_it() -> None:
    assert label(["wiper", "pH", "slime"], "a wiper, slime", "pH", "slime on a wiper") == "Wiper and slime"


def test_words_that_are_not_said_together_are_not_joined() -> None:
    assert label(["wiper", "slime"], "a wiper", "slime") == "Page 0"
    assert label(["wiper", "slime", "copper mesh"], "a wiper", "slime") == "Copper mesh"


def test_what_was_first_said_in_a_conversation_is_no_name() -> None:
    said = [replace(p, kind=Kind.CONVERSATION, title="#boats: whose key is this?") for p in passages("a wiper")]
    assert KeyphraseLabeller().label(["wiper", "slime"], said) == "Wiper"


@pytest.mark.parametrize(
    ("language", "word"), [("de", "und"), ("nl", "en"), ("fr", "et"), ("sv-SE", "och"), ("fi", "&")]
)
def test_the_company_is_in_the_language_of_the_passages(language: str, word: str) -> None:
    assert label(["Sonde", "Kabel"], "Sonde Kabel", "Kabel, Sonde", language=language) == f"Sonde {word} Kabel"


def test_one_thing_is_not_said_twice() -> None:
    assert label(["CPU", "CPUs", "limits"], "CPUs, limits", "limits of a CPU") == "CPU and limits"


def test_names_of_things_keep_their_letters() -> None:
    assert label(["eBPF probes"], "eBPF probes") == "eBPF probes"


def test_without_keyphrases_the_most_central_title_has_to_do() -> None:
    (one,) = passages("x")
    titled = replace(one, title="a very long title of a page about nothing")
    assert KeyphraseLabeller().label([], [titled]) == "A very long title of"
    assert KeyphraseLabeller().label([], []) == "Without a name"


WORD = st.sampled_from("wiper mesh alert budget lake pH".split())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORD, min_size=1, max_size=3).map(" ".join), unique=True, max_size=8))
def test_a_label_is_short_and_its_words_are_said_together(keyphrases: list[str]) -> None:
    texts = ["wiper mesh", "wiper of mesh", "alert budget of the lake"]
    made = label(keyphrases, *texts)
    assert 1 <= len(made.split()) <= 5
    one, joined, other = made.casefold().partition(" and ")
    if joined:
        assert sum(one in text and other in text for text in texts) >= 2
