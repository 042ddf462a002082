"""The words that set one theme apart."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from make import passage
from sensemake.model import Passage
from sensemake.rules.keyphrases import NAMES, described, keyphrases, language_of

ALGAE = ["The blue-green algae are back in the lake.", "Warn the bathers when blue-green algae bloom.", "Algae again."]
BOATS = ["Two of us on every boat, and a life jacket.", "The life jacket was too old.", "A boat needs two."]


def passages(texts: list[str], start: int = 0) -> list[Passage]:
    return [replace(passage(start + n, text), title="") for n, text in enumerate(texts)]


def test_a_theme_is_told_by_its_own_phrases() -> None:
    algae, boats = keyphrases([passages(ALGAE), passages(BOATS, 10)])
    assert algae[0] == "blue-green algae"
    assert boats[:2] == ("life jacket", "boat")


def test_a_phrase_that_three_documents_say_names_a_theme() -> None:
    texts = ["A life jacket for each boat.", "The life jacket was too old.", "Bring a life jacket, and a boat."]
    algae, boats = described([passages(ALGAE), passages(texts, 10)])
    assert boats.names[0] == "life jacket"
    assert algae.names == ()  # two documents say "blue-green algae", too few
    assert algae.phrases[0] == "blue-green algae"


def test_a_phrase_that_others_say_as_often_names_nobody() -> None:
    meeting = "The weekly meeting was about"
    groups = [[f"{meeting} {word} {n}" for n in range(4)] for word in ("wipers", "boats", "lakes")]
    told = described([passages(texts, 10 * n) for n, texts in enumerate(groups)])
    assert [each.names for each in told] == [()] * 3


def test_a_phrase_names_the_theme_that_it_is_worth_most_for() -> None:
    much, little = ["The alert budget is used up."] * 5, ["The alert budget?"] * 3 + ["Copper mesh on a wiper."] * 4
    rest = passages([f"Nothing of the kind {n}" for n in range(20)], 50)
    ours, theirs = described([passages(much), passages(little, 10)], rest=rest)
    assert ours.names[0] == "alert budget"
    assert theirs.names[0] == "Copper mesh"


def test_no_stop_word_nor_bare_number_is_in_a_phrase() -> None:
    (found,) = keyphrases([passages(["In 2026 the 38 stations of the river were 7 days off"] * 3)])
    words = {word for phrase in found for word in phrase.casefold().split()}
    assert words.isdisjoint({"in", "the", "of", "were", "2026", "38", "7", "off"})
    assert "stations" in words


def test_units_say_nothing() -> None:
    (found,) = keyphrases([passages(["drift of 0.4 mV a day", "drift, 12 mV", "a drift of 3mV in 5 min"])])
    assert found == ("drift",)


def test_a_phrase_ends_at_punctuation() -> None:
    (found,) = keyphrases([passages(["Use the queue, comparator (beta) daily."] * 3)])
    assert not any("queue comparator" in phrase or "comparator beta" in phrase for phrase in found)


def test_names_are_left_out() -> None:
    texts = ["Mirjam Oosterbaan calibrates the probe", "ask mirjam about the probe", "probe of Oosterbaan"]
    (found,) = keyphrases([passages(texts)], exclude=["Mirjam Oosterbaan"])
    assert found == ("probe",)


def test_links_code_and_addresses_say_nothing() -> None:
    texts = ["see https://example.org/wisdom/tooth `wisdom` tooth@wisdom.example docs/wisdom.md for wipers"] * 3
    (found,) = keyphrases([passages(texts)])
    assert found == ("wipers",)


def test_a_phrase_is_written_as_people_mostly_write_it() -> None:
    texts = [
        "Calibration first.",
        "our calibration by the NATS queue",
        "no calibration without NATS",
        "NATS calibration",
    ]
    (found,) = keyphrases([passages(texts)])
    assert "calibration" in found
    assert "Calibration" not in found
    assert "NATS" in found


def test_plurals_are_one_phrase() -> None:
    (found,) = keyphrases([passages(["the flaky tests again", "one flaky test", "our flaky tests"])])
    assert found == ("flaky tests",)


def test_what_is_said_in_one_document_only_is_not_shared() -> None:
    texts = [*ALGAE, "zooplankton " * 30]
    assert not any("zooplankton" in phrase for phrase in keyphrases([passages(texts)])[0])


def test_what_everybody_says_sets_nobody_apart() -> None:
    own, rest = [f"meeting about wipers {n}" for n in range(5)], [f"meeting about topic{n}x" for n in range(40)]
    (found,) = keyphrases([passages(own)], rest=passages(rest, 100))
    assert found == ("wipers",)


def test_a_language_is_known_by_its_small_words() -> None:
    assert language_of(passage(1, "Wer hat den Schlüssel von der Schleuse und wo ist er?")) == "de"
    assert language_of(passage(1, "Het water is te warm voor de boot")) == "nl"
    assert language_of(passage(1, "…")) == "en"
    assert language_of(replace(passage(1, "the key"), language="sv-SE")) == "sv"


def test_stop_words_follow_the_language() -> None:
    texts = ["Der Schlüssel und die Schleuse", "den Schlüssel von der Schleuse", "Wo ist der Schlüssel der Schleuse?"]
    (found,) = keyphrases([passages(texts)])
    assert set(found) == {"Schlüssel", "Schleuse"}


WORDS = st.lists(
    st.sampled_from("wiper copper boat lake queue alert the of and 7 don't a.b Ärger 水".split()), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS.map(" ".join), max_size=4), max_size=4))
def test_any_texts_give_each_group_its_phrases(groups: list[list[str]]) -> None:
    made = [passages(texts, 100 * n) for n, texts in enumerate(groups)]
    found = keyphrases(made)
    assert len(found) == len(groups)
    assert found == keyphrases([list(reversed(group)) for group in made])
    for phrases, group in zip(found, made, strict=True):
        said = " ".join(p.text for p in group).casefold()
        assert len(set(phrases)) == len(phrases) <= 8
        assert all(1 <= len(phrase.split()) <= 3 and phrase.casefold() in said for phrase in phrases)


SAID = st.lists(st.sampled_from("wiper mesh alert budget lake the of boat".split()), max_size=8).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(SAID, min_size=1, max_size=6), max_size=4))
def test_a_name_of_two_words_stands_in_three_documents_and_is_one_themes_alone(groups: list[list[str]]) -> None:
    material = [passages(texts, 10 * n) for n, texts in enumerate(groups)]
    told = described(material)
    assert [each.phrases for each in told] == keyphrases(material)
    for each, texts in zip(told, groups, strict=True):
        assert all(" " in name and sum(name in text for text in texts) >= NAMES for name in each.names)
    firsts = [each.names[0] for each in told if each.names]
    assert len(set(firsts)) == len(firsts)
