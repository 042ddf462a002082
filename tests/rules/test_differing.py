"""Sentences that may disagree: the same matter, another sign, other people; and what is never paired."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from make import passage
from sensemake.model import Kind
from sensemake.rules import between, differing, outcomes, prompts
from sensemake.rules.differing import Voice


def voice(text: str, key: str = "a", language: str = "en") -> Voice:
    return Voice(key, text, language, frozenset({key}), key)


def signs(one: str, other: str, language: str = "en") -> tuple[str, ...]:
    found = differing.pairs([voice(one, "a", language), voice(other, "b", language)])
    return found[0].signs if found else ()


@pytest.mark.parametrize(
    ("one", "other", "language", "found"),
    [
        ("The copper mesh keeps the lens clean.", "The copper mesh does not keep the lens clean.", "en", "negation"),
        ("The copper mesh keeps the lens clean.", "The copper mesh doesn't keep the lens clean.", "en", "negation"),
        ("Copper mesh makes cleaning the lens easy.", "Copper mesh makes cleaning the lens hard.", "en", "opposite"),
        ("But copper mesh keeps the lens clean.", "Copper mesh keeps the lens clean.", "en", "objection"),
        ("Het kopergaas houdt de lens schoon.", "Het kopergaas houdt de lens niet schoon.", "nl", "negation"),
        ("Das Kupfernetz hält die Linse sauber.", "Das Kupfernetz hält die Linse nie sauber.", "de", "negation"),
        ("La maille garde la lentille propre.", "La maille ne garde jamais la lentille propre.", "fr", "negation"),
        ("Kopparnätet håller linsen ren.", "Kopparnätet håller inte linsen ren.", "sv", "negation"),
    ],
)
def test_the_signs_of_a_difference(one: str, other: str, language: str, found: str) -> None:
    assert signs(one, other, language) == (found,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The copper mesh keeps the lens clean.", "The copper mesh keeps the lens very clean."),
        ("The copper mesh keeps the lens clean.", "We never had lunch before noon on any Friday."),
        (
            "The copper mesh keeps the lens clean.",
            "The copper mesh and the lens we keep clean, as was said in March to the board, which nobody minded.",
        ),
    ],
)
def test_agreement_other_matters_and_far_negations_are_no_difference(one: str, other: str) -> None:
    assert signs(one, other) == ()


def test_nobody_disagrees_with_themselves_nor_a_document_with_itself() -> None:
    one, other = (
        voice("The copper mesh keeps the lens clean."),
        voice("The copper mesh never keeps the lens clean.", "b"),
    )
    assert differing.pairs([one, other])
    same_person = Voice("b", other.text, "en", frozenset({"a"}), "b")
    same_document = Voice("b", other.text, "en", frozenset({"b"}), "a")
    other_language = Voice("b", other.text, "nl", frozenset({"b"}), "b")
    for each in (same_person, same_document, other_language):
        assert differing.pairs([one, each]) == []


def test_what_is_near_weighs_more() -> None:
    one, other = np.array([1, 0], np.float32), np.array([0.8, 0.6], np.float32)
    texts = "The copper mesh keeps the lens clean.", "The copper mesh never keeps the lens clean."
    near, far = (
        differing.pairs([Voice(k, t, "en", frozenset({k}), k, v) for k, t, v in zip("ab", texts, vectors, strict=True)])
        for vectors in ((one, one), (one, other))
    )
    assert near[0].weight > far[0].weight


WORDS = st.sampled_from("the mesh lens clean copper not never but more less keeps good bad wiper water".split())


@settings(max_examples=40)
@given(st.lists(st.lists(WORDS, min_size=3, max_size=9).map(" ".join), max_size=8, unique=True))
def test_pairs_are_of_the_given_voices_heaviest_first_and_the_same_again(texts: list[str]) -> None:
    voices = [voice(text, str(n)) for n, text in enumerate(texts)]
    found = differing.pairs(voices)
    assert found == differing.pairs(voices)
    assert [pair.weight for pair in found] == sorted((pair.weight for pair in found), reverse=True)
    for pair in found:
        assert int(pair.one.key) < int(pair.other.key)
        assert pair.signs


# ── between groups, outcomes, prompts ────────────────────────────────────────────────────────────


def vector(*numbers: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    made = np.array(numbers, np.float32)
    return made / np.linalg.norm(made)


def test_what_is_near_to_two_groups_stands_between_them() -> None:
    groups = {"lab": [vector(1, 0), vector(1, 0.1)], "field": [vector(0, 1), vector(0.1, 1)], "board": [vector(-1, 0)]}
    own, middle = between.nearness(groups, [vector(1, 0), vector(1, 1)])
    assert middle[0] > own[0]
    assert middle[1] == ("field", "lab")
    assert between.nearness({"lab": groups["lab"]}, [vector(1, 1)]) == []


def test_what_an_experiment_showed_is_told_under_its_heading_or_in_the_end() -> None:
    first, second, third = (passage(n, "words") for n in (1, 2, 3))
    some = [replace(p, ordinal=n) for n, p in enumerate((first, second, third))]
    assert outcomes.telling(some, Kind.EXPERIMENT)[0].ordinal == 2
    assert outcomes.telling(some, Kind.DECISION)[0].ordinal == 0
    told = [some[0], replace(some[1], headings=("Trial", "Ergebnisse")), some[2]]
    assert outcomes.telling(told, Kind.EXPERIMENT)[0].ordinal == 1


def test_every_theme_gets_a_prompt_of_each_level() -> None:
    for status in ("new", "growing", "steady", "fading", "returning"):
        asked = prompts.for_theme("Mesh", ["mesh"], ["lab"], status=status, differing=False, asking=False)
        assert tuple(p.level for p in asked) == prompts.LEVELS
    differing_views = prompts.for_theme("Mesh", [], [], status="new", differing=True, asking=True)
    assert [p.key for p in differing_views] == ["reflective_new", "interpretive_views", "decisional_question"]
