"""What a text is found by."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.model import DocumentId, Kind, Passage, PassageId, SiloName, SourceId
from sensemake.rules.analysis import LONGEST, Token, index_terms, terms, tokens
from sensemake.rules.analysis import words as words_of

languages = st.one_of(st.none(), st.sampled_from(["en", "de-AT", "ru", "fa", "zh", "xx", "", "no"]))
anything = st.text(st.characters(codec=None), max_size=80)  # NUL and lone surrogates among them
identifiers = st.lists(st.sampled_from(["kep", "KEP", "v1", "1234", "foo", "Camel"]), min_size=2, max_size=5)


def words(text: str, language: str | None = None) -> list[str]:
    return [token.term for token in tokens(text, language)]


@settings(max_examples=150, deadline=None)
@given(anything, languages)
def test_offsets_lie_in_the_text_and_terms_are_sound(text: str, language: str | None) -> None:
    found = tokens(text, language)
    for token in found:
        assert 0 <= token.start < token.end <= len(text)
        assert 0 < len(token.term) <= LONGEST
        assert token.term.split() == [token.term]
        token.term.encode()
    assert found == tokens(text, language)


@settings(max_examples=80, deadline=None)
@given(anything, languages)
def test_a_question_asks_for_terms_of_its_own_text_in_order(text: str, language: str | None) -> None:
    asked = terms(text, language)
    indexed = words(text, language)
    assert set(asked) <= set(indexed)
    assert bool(asked) == bool(indexed)
    if len(set(indexed)) == len(indexed):
        assert sorted(asked, key=indexed.index) == list(asked)


def test_what_a_question_says_twice_it_asks_for_twice() -> None:
    assert terms("probes and a probe of the lake") == ("probe", "probe", "lake")


@settings(max_examples=60, deadline=None)
@given(anything, anything)
def test_text_is_analysed_stretch_by_stretch_alike(one: str, other: str) -> None:
    assert words(f"{one} {other}") == words(one) + words(other)


@settings(max_examples=60, deadline=None)
@given(identifiers, st.sampled_from("-_."))
def test_an_identifier_is_found_whole_and_by_its_parts(parts: list[str], joiner: str) -> None:
    whole = joiner.join(parts)
    found = tokens(whole)
    assert found[0] == Token(whole.lower(), 0, len(whole))
    assert [whole[t.start : t.end] for t in found[1:]] == parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kep-1234", ["kep-1234", "kep", "1234"]),
        ("snake_case", ["snake_case", "snake", "case"]),
        ("v1.21", ["v1.21", "v1", "21"]),
        ("CamelCase", ["camelcas", "camel", "case"]),
        ("XMLHttpRequest2", ["xmlhttprequest2", "xml", "http", "request2"]),
        ("OAuth2Client", ["oauth2client", "o", "auth2", "client"]),
        ("parseHTML5", ["parsehtml5", "pars", "html5"]),
        ("iOS15x", ["ios15x", "i", "os", "15x"]),
        ("KEPs", ["kep"]),
        ("K8s", ["k8s"]),
        ("ends. Here", ["end", "here"]),
        ("don't", ["don", "t"]),
        ("ﬁles", ["file"]),
        ("ＡＢＣ", ["abc"]),
        ("東京都に", ["東京", "京都", "都に"]),
        ("猫", ["猫"]),
        ("ｶﾞｷﾞｸﾞ", ["ガギ", "ギグ"]),
        ("hello世界v2", ["hello", "世界", "v2"]),
        ("กินข้าว"[:3], ["กิ", "ิน"]),
        ("кошками", ["кошк"]),
        ("", []),
        ("\x00\ud800 -_.", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_decomposed_accent_belongs_to_its_letter() -> None:
    assert words("e\u0301tude", "fr") == words("étude", "fr") == ["étud"]


def test_each_language_has_its_own_stems() -> None:
    assert words("Häuser", "de") == words("Haus", "de") == ["haus"]
    assert words("Häuser") == words("Häuser", "xx") == ["häuser"]
    assert words("running", "en-GB") == ["run"]


def test_a_long_word_is_cut_and_a_long_identifier_gives_its_parts() -> None:
    assert words("x" * 500) == ["x" * LONGEST]
    assert words("-".join(["ab"] * 40)) == ["ab"] * 40


def test_stop_words_are_left_out_of_questions_in_their_language() -> None:
    assert terms("Who knows about the scheduler?") == ("know", "schedul")
    assert terms("Wie funktioniert die Planung?", "de") == ("funktioniert", "planung")
    assert terms("Hur fungerar det och varför?", "sv") == terms("fungerar", "sv")
    assert terms("Hoe werkt het?", "nl") == terms("werkt", "nl")
    assert terms("Comment l'équipe travaille", "fr") == terms("équipe travaille", "fr")


def test_a_question_of_stop_words_keeps_them() -> None:
    assert terms("The Who") == ("the", "who")


def test_a_question_has_the_terms_of_every_language_that_it_may_be_in() -> None:
    assert words_of("Häuser running", "de", "en") == [("haus", "häuser"), ("running", "run")]
    assert terms("Häuser running", "de", "en") == ("haus", "häuser", "running", "run")
    assert "die" in terms("die houses", "en", "de"), "the stop words are those of the first language"
    assert "die" not in terms("die houses", "de", "en")


def test_a_passage_is_indexed_by_title_headings_and_text() -> None:
    passage = Passage(
        PassageId("p"),
        DocumentId("d"),
        SiloName("s"),
        SourceId("s/x"),
        Kind.PAGE,
        "Häuser",
        "im Wald",
        0,
        headings=("Über Bäume",),
        language="de",
    )
    assert index_terms(passage) == ["haus", "uber", "baum", "im", "wald"]
