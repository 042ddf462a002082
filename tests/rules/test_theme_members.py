"""The middle and the border of a theme, what lies in several, and broader themes above many."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.model import DocumentId, Membership, PassageId, Theme, ThemeId
from sensemake.rules import grouping, theme_levels, theme_members
from sensemake.testing.clusterer import blobs


def member(n: int, strength: float, document: int | None = None) -> Membership:
    return Membership(PassageId(f"p{n}"), DocumentId(f"d{n if document is None else document}"), strength)


def theme(name: str, *members: Membership, also: tuple[Membership, ...] = ()) -> Theme:
    return Theme(ThemeId(name), name, (), members, 3, (), (), also=also)


def test_the_middle_and_the_border_show_a_document_once() -> None:
    own = theme("a", *(member(n, 1 - n / 10, n // 2) for n in range(10)))
    assert [m.passage for m in theme_members.central(own)] == ["p0", "p2", "p4"]
    assert [m.passage for m in theme_members.borderline(own, [])] == ["p9", "p7"]


def test_what_another_theme_holds_nearly_as_well_is_on_the_border() -> None:
    own = theme("a", *(member(n, 0.9 - n / 100) for n in range(8)))
    rival = theme("b", member(20, 0.9), also=(member(5, 0.84),))
    assert theme_members.borderline(own, [own, rival])[0].passage == "p5"


def test_documents_are_told_with_their_share() -> None:
    shares = theme_members.documents([member(1, 0.8, 1), member(2, 0.4, 1), member(3, 0.5)], {DocumentId("d1"): 4})
    assert [(s.document, s.passages, s.of, s.strength) for s in shares] == [("d1", 2, 4, 0.6), ("d3", 1, 1, 0.5)]


def test_a_row_between_two_groups_lies_in_both() -> None:
    wide = [[0, 1, 2], [0, 1, -2], [0, 1, 1], [0, 1, -1]]
    rows = grouping.unit(np.array([[1, 0, 0], [1, -0.3, 0], *wide, [1, 1, 0]], float))
    labels = np.array([0, 0, 1, 1, 1, 1, 0], np.int64)
    found = theme_members.beside(rows, labels, grouping.centroids(rows, labels))
    assert [n for n, _ in found[1]] == [6]
    assert found[0] == []


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 5))
def test_nothing_lies_in_its_own_group_again_and_the_loose_lie_nowhere(seed: int, groups: int) -> None:
    random = np.random.default_rng(seed)
    rows = grouping.unit(random.standard_normal((40, 6)))
    labels = grouping.numbered(random.integers(-1, groups, 40).astype(np.int64))
    found = theme_members.beside(rows, labels, grouping.centroids(rows, labels))
    for group, some in enumerate(found):
        assert all(labels[n] not in {group, grouping.LOOSE} for n, _ in some)
    often = np.bincount([n for some in found for n, _ in some], minlength=40)
    assert often.max() <= theme_members.OTHERS


def test_many_themes_are_put_under_the_subjects_that_they_share() -> None:
    subjects, truth = (np.array(made) for made in blobs(5, 6))
    labels = theme_levels.broader(grouping.centred(subjects), np.ones(30))
    assert [set(labels[truth == n]) for n in range(5)] == [{labels[truth == n][0]} for n in range(5)]
    assert len(set(labels.tolist())) == 5


def test_few_themes_have_nothing_above_them() -> None:
    assert set(theme_levels.broader(np.eye(theme_levels.MANY), np.ones(theme_levels.MANY))) == {grouping.LOOSE}


@settings(max_examples=20, deadline=None)
@given(st.integers(16, 60), st.integers(0, 1000))
def test_broader_themes_are_about_the_root_of_many_and_hold_two_at_least(count: int, seed: int) -> None:
    middles = grouping.unit(np.random.default_rng(seed).standard_normal((count, 8)))
    labels = theme_levels.broader(middles, np.ones(count))
    sizes = np.bincount(labels[labels >= 0])
    assert sizes.min() >= 2
    assert len(sizes) <= np.sqrt(count) * theme_levels.SPREAD
    assert np.array_equal(labels, theme_levels.broader(middles, np.ones(count)))
    assert (theme_levels.nearest(middles, labels) >= 0).all()
