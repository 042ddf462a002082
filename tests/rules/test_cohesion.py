"""A long talk is cut where its words change, and what is said later moves no cut."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensemake.rules.cohesion import WIDTH, weakest

BEES = (
    "The hive needs a new queen",
    "Our queen lays well this spring",
    "A swarm left the hive",
    "Smoke calms the swarm",
)
BOATS = (
    "The mast is cracked",
    "We varnish the mast and the hull",
    "A sail tore in the gale",
    "The hull leaks at anchor",
)


def talk(subject: tuple[str, ...], count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.sample(chance.choice(subject).split(), 4)) for _ in range(count)]


@pytest.mark.parametrize("before", [18, 25, 33, 44])
def test_the_cut_falls_where_the_subject_changes(before: int) -> None:
    texts = talk(BEES, before, seed=before) + talk(BOATS, 80 - before, seed=1)
    assert abs(weakest(texts, 15, 50) - before) <= 1


def test_without_a_change_the_talk_is_as_long_as_it_may() -> None:
    assert weakest(["word"] * 80, 15, 50) == 50
    assert weakest([""] * 80, 15, 50) == 50
    assert weakest(["one", "two"], 1, 1) == 1


@given(st.lists(st.text(max_size=12), min_size=50 + WIDTH, max_size=90), st.lists(st.text(max_size=12), max_size=20))
def test_what_is_said_beyond_the_comparison_moves_nothing(texts: list[str], more: list[str]) -> None:
    place = weakest(texts, 15, 50)
    assert 15 <= place <= 50
    assert weakest([*texts, *more], 15, 50) == place
