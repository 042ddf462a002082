"""Themes on a plane and labels beside them: nothing of it is chance, what stayed stays, and no label covers another."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.model import ThemeId
from sensemake.rules import label_places, layout
from sensemake.rules.label_places import Spot

Centroids = dict[ThemeId, tuple[float, ...]]


def centroids(count: int, seed: int = 1, dim: int = 16) -> Centroids:
    made = np.random.default_rng(seed).normal(size=(count, dim))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return {ThemeId(f"t{n}"): tuple(float(x) for x in row) for n, row in enumerate(made)}


def turned(points: layout.Floats, angle: float, *, mirrored: bool) -> layout.Floats:
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return np.asarray(points @ turn * (np.array([-1.0, 1.0]) if mirrored else 1.0))


def test_few_themes_have_places() -> None:
    assert layout.places({}) == {}
    assert list(layout.places(centroids(1)).values()) == [(0.0, 0.0)]
    (one, other) = layout.places(centroids(2)).values()
    assert math.dist(one, other) > 1.9


def test_themes_that_are_the_same_are_still_apart_enough_to_be_seen_or_at_one_place() -> None:
    same = {ThemeId(f"t{n}"): (1.0, 0.0, 0.0) for n in range(4)}
    assert all(math.isfinite(x) for place in layout.places(same).values() for x in place)


@settings(max_examples=20)
@given(st.integers(3, 30), st.integers(0, 1000))
def test_the_order_of_themes_changes_nothing(count: int, seed: int) -> None:
    made = centroids(count, seed)
    assert layout.places(made) == layout.places(dict(reversed(made.items())))


@settings(max_examples=20)
@given(st.integers(3, 25), st.integers(0, 1000))
def test_an_unchanged_map_stays_where_it_was(count: int, seed: int) -> None:
    made = centroids(count, seed)
    first = layout.places(made)
    for theme, place in layout.places(made, first).items():
        assert math.dist(place, first[theme]) < 0.1


@settings(max_examples=20)
@given(
    count=st.integers(4, 20),
    seed=st.integers(0, 1000),
    angle=st.floats(0, 6.28),
    mirrored=st.booleans(),
    scale=st.floats(0.6, 1.9),
)
def test_alignment_undoes_a_turn_a_mirror_a_scale_and_a_shift(
    *, count: int, seed: int, angle: float, mirrored: bool, scale: float
) -> None:
    fixed = np.random.default_rng(seed).normal(size=(count, 2))
    moving = turned(fixed, angle, mirrored=mirrored) / scale + np.array([3.0, -1.0])
    assert np.allclose(layout.procrustes(moving, fixed, moving), fixed, atol=1e-6)


def test_a_theme_that_comes_leaves_the_others_about_where_they_were() -> None:
    made = centroids(12)
    last = layout.places(made)
    new = ThemeId("new")
    now = layout.places({**made, new: centroids(1, 9)[ThemeId("t0")]}, last)
    alone = layout.places({**made, new: centroids(1, 9)[ThemeId("t0")]})
    moved = np.mean([math.dist(now[t], last[t]) for t in made])
    assert moved < 0.35
    assert moved <= np.mean([math.dist(alone[t], last[t]) for t in made]) + 1e-9


def test_the_plane_keeps_near_what_is_near_better_than_two_components_alone() -> None:
    made = np.array(list(centroids(20, 3).values()))
    wanted = layout.distances(made)
    flat = layout.plane(made)
    better = layout.majorised(wanted, flat)
    assert np.sum((layout.distances(better) - wanted) ** 2) < np.sum((layout.distances(flat) - wanted) ** 2)


SPOTS = st.builds(
    Spot, st.floats(50, 950), st.floats(50, 590), st.floats(13, 40), st.floats(20, 200), st.sampled_from([16.0, 32.0])
)


@settings(max_examples=60)
@given(st.lists(SPOTS, max_size=40))
def test_no_two_labels_overlap_and_all_are_inside(spots: list[Spot]) -> None:
    boxes = label_places.placed(spots, 1000.0, 640.0)
    assert len(boxes) == len(spots)
    there = [box for box in boxes if box]
    for n, box in enumerate(there):
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= 1000
        assert box.y + box.height <= 640
        assert not any(box.overlaps(other) for other in there[n + 1 :])


def test_there_is_room_for_as_many_labels_as_a_report_has() -> None:
    random = np.random.default_rng(4)
    spots = [Spot(float(x), float(y), 20.0, 150.0, 32.0) for x, y in random.uniform((160, 40), (840, 600), (20, 2))]
    assert all(label_places.placed(spots, 1000.0, 640.0))


def test_a_label_covers_no_circle_where_it_can_be_helped() -> None:
    left, right = Spot(300, 300, 20, 100, 16), Spot(400, 300, 20, 100, 16)
    first, second = label_places.placed([left, right], 1000, 640)
    assert first is not None
    assert second is not None
    assert first.x + first.width < 280
    assert second.x > 420
