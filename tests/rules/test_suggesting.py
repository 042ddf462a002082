"""Suggestions: every one holds a word that begins as typed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.model import Suggestion
from sensemake.rules.suggesting import suggestions

KNOWN = [
    Suggestion("Reading the tide tables", "title", "d1"),
    Suggestion("Tide", "title", "d2"),
    Suggestion("Tide gauges", "theme", "t1"),
    Suggestion("Tido Tann", "person", "p1"),
    Suggestion("Eventide", "title", "d3"),
    Suggestion("tide  gauges", "title", "d4"),
    Suggestion("(Äpfel)", "title", "d5"),
]


def test_what_begins_so_comes_first_then_themes_people_and_short_titles() -> None:
    found = [one.text for one in suggestions("tid", KNOWN, 9)]
    assert found == ["Tide gauges", "Tido Tann", "Tide", "Reading the tide tables"]
    assert [one.text for one in suggestions("TIDE  G", KNOWN, 9)] == ["Tide gauges"]
    assert [one.text for one in suggestions("äpf", KNOWN, 9)] == ["(Äpfel)"]
    assert [one.text for one in suggestions("tid", KNOWN, 2)] == found[:2]


def test_one_letter_suggests_nothing() -> None:
    assert suggestions("t", KNOWN, 9) == suggestions("  ", KNOWN, 9) == []


@given(st.text(max_size=12), st.lists(st.text(max_size=20), max_size=6))
@settings(max_examples=100)
def test_anything_may_be_typed(typed: str, titles: list[str]) -> None:
    known = [Suggestion(title, "title", str(number)) for number, title in enumerate(titles)]
    found = suggestions(typed, known, 3)
    assert len(found) <= 3
    assert all(" ".join(typed.casefold().split()) in " ".join(one.text.casefold().split()) for one in found)
