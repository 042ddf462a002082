"""What people changed about themes."""

from __future__ import annotations

from make import DAY_ZERO
from sensemake.model import Status, Theme, ThemeEvent, ThemeId
from sensemake.protocols import ThemeEdit
from sensemake.rules.theme_edits import plan


def edit(number: int, verb: str, theme: str, **arguments: str) -> ThemeEdit:
    return ThemeEdit(number, DAY_ZERO, "vera", verb, theme, arguments)


def theme(name: str, *events: ThemeEvent) -> Theme:
    return Theme(ThemeId(name), name, (), (), 0, (), (), status=Status.NEW, events=events)


def test_the_last_name_counts() -> None:
    made = plan([edit(2, "rename", "a", label="Second"), edit(1, "rename", "a", label="First")])
    assert made.labels == {"a": "Second"}


def test_an_empty_name_and_an_unknown_verb_do_nothing() -> None:
    made = plan([edit(1, "rename", "a", label=" "), edit(2, "dance", "a"), edit(3, "merge", "a", into="a")])
    assert (made.labels, made.into, made.hidden) == ({}, {}, frozenset())


def test_merges_are_followed_to_the_end_and_never_in_a_circle() -> None:
    made = plan([edit(1, "merge", "a", into="b"), edit(2, "merge", "b", into="c")])
    assert made.home(theme("a")) == "c"
    circle = plan([edit(1, "merge", "a", into="b"), edit(2, "merge", "b", into="a")])
    assert circle.home(theme("a")) in {"a", "b"}


def test_what_splits_from_a_merged_theme_goes_back_into_it() -> None:
    made = plan([edit(1, "merge", "a", into="b")])
    assert made.home(theme("x", ThemeEvent("split", {}, (ThemeId("b"),)))) == "b"
    assert made.home(theme("b", ThemeEvent("split", {}, (ThemeId("x"),)))) == "b"
    assert made.home(theme("y", ThemeEvent("split", {}, (ThemeId("c"),)))) == "y"
