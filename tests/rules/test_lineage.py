"""Themes of one map followed into the next."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from make import DAY_ZERO, day
from sensemake.model import DocumentId, MapId, Membership, PassageId, Status, Theme, ThemeId, ThemeMap
from sensemake.rules import lineage


def theme(name: str, documents: Sequence[int], *, centroid: tuple[float, ...] = (), label: str = "") -> Theme:
    members = tuple(Membership(PassageId(f"p{n}"), DocumentId(f"d{n}"), 0.5) for n in documents)
    return Theme(ThemeId(name), label or f"about {name}", (), members, 3, (), centroid)


def a_map(*themes: Theme, loose: int = 0) -> ThemeMap:
    return ThemeMap(MapId("m"), DAY_ZERO, frozenset(), "1", {}, themes, loose, 0.0)


def by_id(followed: lineage.Followed) -> dict[str, Theme]:
    return {t.id: t for t in followed.themes}


def test_a_theme_keeps_its_id_and_label() -> None:
    last = a_map(theme("old", range(10), label="Alert budget"))
    (now,) = lineage.follow(last, [theme("x", range(1, 12), label="Pages")], loose=0).themes
    assert (now.id, now.label, now.status) == ("old", "Alert budget", Status.STEADY)


def test_a_theme_without_a_forebear_is_new() -> None:
    followed = lineage.follow(a_map(theme("old", range(10))), [theme("x", range(20, 30))], loose=0)
    assert followed.themes[0].id == "x"
    assert followed.themes[0].status is Status.NEW
    assert followed.themes[0].events[0].numbers == {"documents": 10.0}
    assert followed.gone == ("old",)


def test_when_all_passages_were_rewritten_the_centroid_tells() -> None:
    last = a_map(theme("old", range(5), centroid=(1.0, 0.0)), theme("other", range(5, 9), centroid=(0.0, 1.0)))
    (now,) = lineage.follow(last, [theme("x", range(50, 55), centroid=(0.98, 0.2))], loose=0).themes
    assert now.id == "old"


def test_centroids_of_two_models_say_nothing() -> None:
    last = a_map(theme("old", range(5), centroid=(1.0, 0.0)))
    assert lineage.follow(last, [theme("x", range(50, 55), centroid=(1.0, 0.0, 0.0))], loose=0).gone == ("old",)


def test_many_arrivals_make_it_growing() -> None:
    last = a_map(theme("old", range(10)), theme("calm", range(100, 140)))
    followed = by_id(lineage.follow(last, [theme("x", range(18)), theme("y", range(100, 141))], loose=0))
    assert followed["old"].status is Status.GROWING
    assert followed["old"].events[0].numbers == {"documents": 18.0, "before": 10.0, "came": 8.0, "left": 0.0}
    assert followed["calm"].status is Status.STEADY


def test_one_or_two_arrivals_are_not_growth() -> None:
    assert (
        lineage.follow(a_map(theme("old", range(3))), [theme("x", range(5))], loose=0).themes[0].status is Status.STEADY
    )


def test_growing_with_the_corpus_is_steady() -> None:
    last = a_map(theme("a", range(20)), theme("b", range(100, 120)))
    followed = lineage.follow(last, [theme("x", range(30)), theme("y", range(100, 130))], loose=0)
    assert {t.status for t in followed.themes} == {Status.STEADY}


def test_silence_while_the_corpus_grows_is_fading_and_an_arrival_returning() -> None:
    busy = [theme("b", range(100, 110)), theme("c", range(200, 210))]
    busier = [theme("y", range(100, 115)), theme("z", range(200, 215))]
    followed = lineage.follow(a_map(theme("a", range(10)), *busy), [theme("x", range(10)), *busier], loose=0)
    assert by_id(followed)["a"].status is Status.FADING
    later = lineage.follow(a_map(*followed.themes), [theme("w", range(18)), *busier], loose=0)
    assert by_id(later)["a"].status is Status.RETURNING


def test_a_split_is_told_on_both_sides() -> None:
    followed = by_id(
        lineage.follow(a_map(theme("a", range(12))), [theme("x", range(8)), theme("y", range(8, 12))], loose=0)
    )
    assert set(followed) == {"a", "y"}
    (left,) = [e for e in followed["a"].events if e.name == "split"]
    (came,) = [e for e in followed["y"].events if e.name == "split"]
    assert (left.related, came.related) == (("y",), ("a",))
    assert came.numbers == {"moved": 4.0, "of": 12.0}


def test_a_merge_is_told_and_the_smaller_is_gone() -> None:
    last = a_map(theme("a", range(10)), theme("b", range(10, 15)))
    followed = lineage.follow(last, [theme("x", range(15))], loose=0)
    assert followed.gone == ("b",)
    (event,) = [e for e in followed.themes[0].events if e.name == "merged"]
    assert (event.related, event.numbers["moved"]) == (("b",), 5.0)


def test_two_documents_that_move_are_no_split() -> None:
    followed = lineage.follow(a_map(theme("a", range(12))), [theme("x", range(10)), theme("y", [10, 11, 50])], loose=0)
    assert not any(e.name == "split" for t in followed.themes for e in t.events)


MAPS = st.lists(st.sets(st.integers(0, 40), min_size=1, max_size=12), max_size=6).map(
    lambda sets: [theme(f"t{n}", sorted(documents)) for n, documents in enumerate(sets)]
)
FEW = settings(max_examples=80, deadline=None)


@FEW
@given(MAPS)
def test_the_same_map_is_steady_and_keeps_its_ids(themes: list[Theme]) -> None:
    themes = [t for n, t in enumerate(themes) if t.members not in [u.members for u in themes[:n]]]
    renamed = [replace(t, id=ThemeId(f"new-{t.id}")) for t in themes]
    followed = lineage.follow(a_map(*themes), renamed, loose=0)
    assert [t.id for t in followed.themes] == [t.id for t in themes]
    assert {t.status for t in followed.themes} <= {Status.STEADY}
    assert followed.gone == ()


@FEW
@given(MAPS, MAPS, st.integers(0, 30))
def test_every_theme_is_followed_once_or_gone(old: list[Theme], new: list[Theme], loose: int) -> None:
    fresh = [replace(t, id=ThemeId(f"new-{t.id}")) for t in new]
    followed = lineage.follow(a_map(*old), fresh, loose=loose)
    ids = [t.id for t in followed.themes]
    assert len(set(ids)) == len(ids) == len(new)
    assert {t.id for t in old} == {i for i in ids if not i.startswith("new-")} | set(followed.gone)
    assert all((t.status is Status.NEW) == t.id.startswith("new-") for t in followed.themes)


@FEW
@given(MAPS, MAPS, st.randoms(use_true_random=False))
def test_orders_do_not_matter(old: list[Theme], new: list[Theme], shuffler: random.Random) -> None:
    fresh = [replace(t, id=ThemeId(f"new-{t.id}")) for t in new]

    def shuffled(themes: list[Theme]) -> list[Theme]:
        mixed = [replace(t, members=tuple(shuffler.sample(t.members, len(t.members)))) for t in themes]
        shuffler.shuffle(mixed)
        return mixed

    straight = lineage.follow(a_map(*old), fresh, loose=0)
    mixed = lineage.follow(a_map(*shuffled(old)), shuffled(fresh), loose=0)
    assert {(t.id, t.status, t.documents and frozenset(t.documents)) for t in straight.themes} == {
        (t.id, t.status, t.documents and frozenset(t.documents)) for t in mixed.themes
    }
    assert set(straight.gone) == set(mixed.gone)


def test_stability_counts_the_members_that_stayed() -> None:
    last = a_map(theme("a", range(4)), theme("b", range(4, 8)))
    now = [theme("a", range(3)), theme("b", [3, 4, 5])]
    present = frozenset(PassageId(f"p{n}") for n in range(7))
    assert lineage.stability(last, now, present) == pytest.approx(5 / 7)
    assert lineage.stability(a_map(), now, present) is None


# ── by dates ─────────────────────────────────────────────────────────────────────────────────────

EVERYTHING = [day(n) for n in range(91)]


@pytest.mark.parametrize(
    ("days", "status"),
    [
        ([70, 75, 80, 90], Status.NEW),
        ([5, 40, 62, 65, 70, 75, 80], Status.GROWING),
        ([0, 5, 10, 15, 20, 25, 30, 40], Status.FADING),
        ([1, 2, 20, 80, 85, 90], Status.RETURNING),
        ([5, 20, 35, 50, 65, 80], Status.STEADY),
        ([80, 90], Status.STEADY),
        ([], Status.STEADY),
    ],
)
def test_dates_tell_how_a_theme_moves(days: list[int], status: Status) -> None:
    assert lineage.by_dates([day(n) for n in days], EVERYTHING) is status


def test_a_corpus_of_one_moment_does_not_move() -> None:
    assert lineage.by_dates([day(1)] * 5, [day(1)] * 9) is Status.STEADY


@pytest.mark.parametrize(
    ("each", "status"), [((1500, 1500, 1500), Status.STEADY), ((1000, 1000, 3000), Status.GROWING)]
)
def test_thousands_of_dates_tell_as_well_as_a_few(each: tuple[int, ...], status: Status) -> None:
    times = [day(third * 100 + n % 100) for third, count in enumerate(each) for n in range(count)]
    assert lineage.by_dates(times, [day(n) for n in range(300)] * 40) is status


@FEW
@given(st.lists(st.integers(0, 90).map(day), max_size=20), st.integers(1, 400))
def test_moving_all_dates_changes_nothing(times: list[datetime], by: int) -> None:
    shift = day(by) - day(0)
    moved = lineage.by_dates([t + shift for t in times], [t + shift for t in EVERYTHING])
    assert moved is lineage.by_dates(times, EVERYTHING)


def test_documents_that_only_moved_make_no_theme_grow() -> None:
    last = a_map(theme("old", range(10)), theme("other", range(50, 62)), theme("calm", range(100, 140)), loose=8)
    last = replace(last, unplaced=tuple(PassageId(f"p{n}") for n in range(70, 78)))
    moved = [
        theme("x", [*range(10), *range(58, 62), *range(70, 78)]),
        theme("y", range(50, 58)),
        theme("z", range(100, 140)),
    ]
    followed = by_id(lineage.follow(last, moved, loose=0))
    assert followed["old"].status is Status.STEADY
    new = [theme("x", [*range(10), *range(80, 92)]), theme("y", range(50, 62)), theme("z", range(100, 140))]
    assert by_id(lineage.follow(last, new, loose=8))["old"].status is Status.GROWING


def test_what_a_template_asks_makes_no_theme_grow_or_fade() -> None:
    last = a_map(theme("old", range(10)), theme("calm", range(100, 140)))
    themes = [theme("x", range(18)), theme("y", range(100, 141))]
    asked = {PassageId(f"p{n}") for n in range(8, 17)}
    moved = by_id(lineage.follow(last, themes, loose=0, asked=asked))["old"]
    assert (moved.status, moved.size) == (Status.STEADY, 18)
    fewer = [theme("x", range(9)), theme("y", range(100, 145))]
    asked = {PassageId(f"p{n}") for n in range(1, 10)}
    assert by_id(lineage.follow(last, fewer, loose=0, asked=asked))["old"].status is Status.STEADY


def test_arrivals_beside_a_template_count_and_the_log_says_what_did_not() -> None:
    last = a_map(theme("old", range(10)), theme("calm", range(100, 140)))
    themes = [theme("x", range(18)), theme("y", range(100, 141))]
    asked = {PassageId(f"p{n}") for n in (0, 1, 10)}
    (event,) = by_id(lineage.follow(last, themes, loose=0, asked=asked))["old"].events
    assert event.name == "growing"
    assert event.numbers == {"documents": 15.0, "before": 8.0, "came": 7.0, "left": 0.0, "not counted": 3.0}


@FEW
@given(MAPS, MAPS, st.integers(0, 5), st.sets(st.integers(0, 40)))
def test_what_is_asked_changes_how_themes_moved_and_never_which_they_are(
    old: list[Theme], new: list[Theme], loose: int, numbers: set[int]
) -> None:
    new = [replace(t, id=ThemeId(f"new-{t.id}")) for t in new]
    asked = {PassageId(f"p{n}") for n in numbers}
    plain = lineage.follow(a_map(*old), new, loose=loose)
    counted = lineage.follow(a_map(*old), new, loose=loose, asked=asked)
    assert counted.gone == plain.gone
    assert [(t.id, t.label, t.members) for t in counted.themes] == [(t.id, t.label, t.members) for t in plain.themes]
    assert lineage.follow(a_map(*old), new, loose=loose, asked=set()) == plain
