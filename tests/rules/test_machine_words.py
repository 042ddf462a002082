"""What a language model wrote of a theme: what of it may stay, and when it names somebody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensemake.model import DocumentId, Membership, PassageId, Summary, Theme, ThemeId, Written
from sensemake.rules import machine_words

IDS = [PassageId(f"p{n}") for n in range(6)]


def theme(inside: int = 6) -> Theme:
    members = tuple(Membership(p, DocumentId(f"d{p}"), 1.0) for p in IDS[:inside])
    return Theme(
        *(ThemeId("t"), "Tables of the sea", ("tide",), members, 3, (), ()),
        written=Written("small", (IDS[0], IDS[1])),
        plain="Tide",
        summary=Summary("The sea has tables.", "small", (IDS[1], IDS[2]), 6),
    )


@given(st.sets(st.sampled_from(IDS)))
def test_words_go_with_what_they_saw_and_with_nothing_else(gone: set[PassageId]) -> None:
    left = machine_words.without(theme(), gone)
    assert (left.summary is None) == bool(gone & {IDS[1], IDS[2]})
    assert (left.written is None) == (left.plain is None) == bool(gone & {IDS[0], IDS[1]})
    assert left.label == ("Tide" if left.written is None else "Tables of the sea")
    assert machine_words.without(left, gone) == left


@pytest.mark.parametrize(("inside", "documents", "stays"), [(6, 6, True), (2, 2, True), (1, 6, False), (6, 3, False)])
def test_a_summary_holds_while_its_theme_is_much_the_same(inside: int, documents: int, *, stays: bool) -> None:
    summary = Summary("The sea has tables.", "small", (IDS[1], IDS[2]), documents)
    assert machine_words.holds(summary, theme(inside)) is stays


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("The tide turns. Ada Alder says so. It is high.", "The tide turns. It is high."),
        ("ADA  ALDER says so.", ""),
        ("The one who knows is Hope.", ""),
        ("There is hope for the tide.", "There is hope for the tide."),
        ("Hope is what we need.", "Hope is what we need."),
        ("They asked U12 about it.", ""),
        ("", ""),
    ],
)
def test_sentences_that_name_somebody_go(text: str, left: str) -> None:
    assert machine_words.unnamed(text, ["Ada Alder", "Hope", "U12", "ada", "of"]) == left
