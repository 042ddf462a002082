"""What a template says in document after document, told from the corpus: by its wording and by its sections."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from make import passage
from sensemake.model import DocumentId, Passage, SourceId
from sensemake.rules import boilerplate, grouping
from sensemake.rules.grouping import Floats, Labels
from sensemake.testing.clusterer import noise

ASKED = (
    "Describe how this can be turned off again and what an operator has to watch, which numbers tell that it "
    "went wrong, whom to call then, how long it may take until all is as it was before, and where that was tried last"
)


def of(document: int, ordinal: int, text: str, *headings: str, source: str = "s") -> Passage:
    made = passage(1000 * document + ordinal, text)
    return replace(
        made, document=DocumentId(f"d{document}"), ordinal=ordinal, headings=headings, source=SourceId(source)
    )


def own_words(document: int, ordinal: int) -> str:
    return " ".join(f"w{document}x{ordinal}y{n}" for n in range(20))


def proposals(many: int, *, alike: bool) -> tuple[list[Passage], Floats]:
    """Documents of a summary, and a section that all have; with `alike` they are on one subject, and others are not."""
    random = np.random.default_rng(7)
    subject, section = random.standard_normal((2, 64))
    passages, vectors = [], []
    for document in range(many):
        own = random.standard_normal(64)
        passages += [of(document, 0, own_words(document, 0), "Summary"), of(document, 1, own_words(document, 1), "Off")]
        vectors += [own + (2 * subject if alike else 0), section + 0.5 * random.standard_normal(64)]
        if alike:
            vectors[-1] += 2 * subject
    others = [of(100 + document, 0, own_words(100 + document, 0)) for document in range(4 * many if alike else 0)]
    vectors += list(random.standard_normal((len(others), 64)))
    return [*passages, *others], grouping.centred(np.array(vectors))


def prescribed(passages: list[Passage], rows: Floats) -> boilerplate.Mask:
    return boilerplate.prescribed(passages, rows, boilerplate.means(passages, rows))


def test_a_text_that_stands_in_many_documents_is_a_template() -> None:
    passages = [of(d, o, ASKED if o else own_words(d, o)) for d in range(12) for o in (0, 1)]
    assert boilerplate.repeated(passages).tolist() == [False, True] * 12


def test_a_text_in_few_documents_or_many_times_in_one_is_none() -> None:
    few = [of(d, 0, ASKED if d < boilerplate.LEAST - 1 else own_words(d, 0)) for d in range(30)]
    one = [of(0, o, ASKED) for o in range(30)]
    assert not boilerplate.repeated(few).any()
    assert not boilerplate.repeated(one).any()


def test_a_text_with_mostly_words_of_its_own_is_none() -> None:
    answers = [of(d, 0, f"{ASKED} {own_words(d, 0)} {own_words(d, 1)} {own_words(d, 2)}") for d in range(12)]
    assert not boilerplate.repeated(answers).any()


def test_a_short_text_that_many_say_is_their_own() -> None:
    wishes = [of(d, 0, "More time to read each other's code, please") for d in range(30)]
    assert not boilerplate.repeated(wishes).any()


def test_a_large_source_asks_for_more_documents() -> None:
    rare = [of(d, 0, ASKED if d < 12 else own_words(d, 0)) for d in range(12 * 51)]
    assert not boilerplate.repeated(rare).any()
    assert boilerplate.repeated(rare[:600]).sum() == 12


def test_a_section_that_is_alike_in_documents_that_are_not_is_a_template() -> None:
    passages, rows = proposals(20, alike=False)
    assert prescribed(passages, rows).tolist() == [False, True] * 20


def test_a_section_of_documents_on_one_subject_is_none() -> None:
    assert not prescribed(*proposals(20, alike=True)).any()


def test_a_source_on_one_subject_keeps_the_sections_that_all_of_it_has() -> None:
    passages, rows = proposals(20, alike=True)
    sources = [replace(p, source=SourceId("s" if p.headings else "other")) for p in passages]
    assert not boilerplate.templates(sources, rows).any()


def test_a_template_that_is_half_of_all_there_is_found() -> None:
    passages, rows = proposals(200, alike=False)
    assert boilerplate.templates(passages, rows).tolist() == [False, True] * 200


def test_a_heading_of_few_documents_is_none() -> None:
    assert not prescribed(*proposals(boilerplate.LEAST - 1, alike=False)).any()


def test_documents_of_one_section_each_are_compared_with_nothing() -> None:
    passages = [of(d, 0, own_words(d, 0), "Notes") for d in range(30)]
    assert not prescribed(passages, np.tile([1.0, 0.0], (30, 1))).any()


def test_numbers_and_marks_of_a_heading_say_nothing() -> None:
    passages, rows = proposals(20, alike=False)
    marked = [
        replace(p, headings=(f"{p.document[1:]}. {p.headings[0].upper()}:",)) if p.ordinal else p for p in passages
    ]
    assert prescribed(marked, rows).tolist() == [False, True] * 20


def test_each_source_has_its_own_templates() -> None:
    passages = [of(d, 0, ASKED, source=f"s{d % 2}") for d in range(boilerplate.LEAST * 2 - 2)]
    assert not boilerplate.templates(passages, np.zeros((len(passages), 4))).any()


@given(st.lists(st.tuples(st.integers(0, 25), st.sampled_from([ASKED, ASKED, "short", "", "一二三"])), max_size=60))
@settings(max_examples=40, deadline=None)
def test_the_order_of_passages_and_copies_of_a_passage_change_nothing(said: list[tuple[int, str]]) -> None:
    passages = [of(document, n, text) for n, (document, text) in enumerate(said)]
    found = boilerplate.repeated(passages)
    assert boilerplate.repeated(passages[::-1]).tolist() == found.tolist()[::-1]
    assert boilerplate.repeated(passages + passages).tolist() == found.tolist() * 2


@given(st.integers(0, 60), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_texts_with_words_of_their_own_and_sections_without_a_shape_are_no_template(many: int, seed: int) -> None:
    passages = [of(d, o, own_words(d, o), ("Goals", "Risks")[o]) for d in range(many) for o in (0, 1)]
    rows = np.array(noise(2 * many, dim=64, seed=seed), np.float64)
    assert not boilerplate.templates(passages, rows).any()


# ── asked for within a group ─────────────────────────────────────────────────────────────────────


def gathered(many: int, *, alike: bool, heading: str = "Safety plan") -> tuple[list[Passage], Floats, Labels]:
    """Proposals whose sections of one heading make a group; with `alike` the rest of them is of that group's subject.

    A dozen more have the heading and say something else under it, so that nothing is alike everywhere.
    """
    draw = np.random.default_rng(11)
    subject = draw.standard_normal(64)
    passages: list[Passage] = []
    vectors, groups = [], []
    for document in range(many + 12):
        inside = document < many
        passages += [of(document, 0, "Summary\nOf it", "Summary"), of(document, 1, f"{heading}\nOf it", heading)]
        vectors += [draw.standard_normal(64) + (2 * subject if alike and inside else 0)]
        vectors += [draw.standard_normal(64) + (2 * subject if inside else 0)]
        groups += [-1, 0 if inside else -1]
    others = [of(100 + n, 0, own_words(100 + n, 0)) for n in range(4 * many)]
    vectors += list(draw.standard_normal((len(others), 64)))
    groups += [-1] * len(others)
    return [*passages, *others], grouping.centred(np.array(vectors)), np.array(groups, np.int64)


def test_a_section_that_makes_a_group_of_documents_that_are_unlike_is_asked_for() -> None:
    passages, rows, groups = gathered(14, alike=False)
    assert not prescribed(passages, rows).any()
    assert boilerplate.asked(passages, rows, groups).tolist() == (groups == 0).tolist()


def test_a_section_of_a_group_whose_documents_are_on_its_subject_is_not() -> None:
    assert not boilerplate.asked(*gathered(14, alike=True)).any()


def test_a_heading_that_few_in_the_group_have_is_not_asked_for() -> None:
    assert not boilerplate.asked(*gathered(boilerplate.LEAST - 1, alike=False)).any()


def test_what_is_put_together_with_an_asked_section_or_stands_below_it_is_asked_for_too() -> None:
    passages, rows, groups = gathered(14, alike=False)
    passages[1] = replace(passages[1], headings=("Risks",), text="Risks\nNone\nSafety plan\nTo come")
    passages[3] = replace(passages[3], headings=("Safety plan", "Ladders"), text="Ladders\nAre checked")
    passages[5] = replace(passages[5], headings=("Ladders",), text="Ladders\nWe have a safety plan for these")
    asked = boilerplate.asked(passages, rows, groups)
    assert (asked[1], asked[3], asked[5]) == (True, True, False)


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.lists(st.integers(-1, 3), min_size=144, max_size=144))
def test_only_members_are_asked_for_in_any_order(shuffler: random.Random, drawn: list[int]) -> None:
    passages, rows, _ = gathered(20, alike=False)
    groups = np.array(drawn, np.int64)
    order = shuffler.sample(range(len(passages)), len(passages))
    asked = boilerplate.asked(passages, rows, groups)
    again = boilerplate.asked([passages[n] for n in order], rows[order], groups[order])
    assert again.tolist() == asked[order].tolist()
    assert not asked[groups < 0].any()
