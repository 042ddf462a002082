"""A theme over time and over an organisation's parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from make import passage
from sensemake.model import Kind, Passage, PersonId, SiloName
from sensemake.rules import theme_course
from sensemake.rules.theme_course import Course, Said, Step


def said(
    n: int, *people: str, on: str | None = "2026-05-01", silo: str = "handbook", kind: Kind = Kind.PAGE
) -> tuple[Passage, frozenset[PersonId]]:
    time = None if on is None else datetime.fromisoformat(on).replace(tzinfo=UTC)
    made = replace(passage(n, f"text {n}", kind=kind), silo=SiloName(silo), time=time)
    return made, frozenset(map(PersonId, people))


def course(own: Said, others: Said = (), *, silos: int = 2, step: Step = "month") -> Course:
    everything = [p for p, _ in (*own, *others)]
    return theme_course.course(own, everything, silos=silos, language=lambda _: "en", step=step)


def test_periods_run_from_the_first_to_the_last_and_keep_the_empty_ones() -> None:
    found = course([said(1, on="2025-11-30"), said(2, on="2026-02-01"), said(3, on="2026-02-28"), said(4, on=None)])
    assert {name: count.documents for name, count in found.periods.items()} == {
        "2025-11": 1,
        "2025-12": 0,
        "2026-01": 0,
        "2026-02": 2,
    }
    assert found.undated == 1
    assert list(course([said(1, on="2025-11-30"), said(2, on="2026-02-01")], step="quarter").periods) == [
        "2025-Q4",
        "2026-Q1",
    ]


def test_few_people_are_not_counted() -> None:
    assert course([said(1, "a"), said(2, "b")]).periods["2026-05"].people is None
    assert course([said(1, "a", "b"), said(2, "c")]).periods["2026-05"].people == 3
    assert course([said(1), said(2)]).periods["2026-05"].people == 0


def test_reflections_of_four_people_are_left_out_of_what_is_told_by_part() -> None:
    four = [said(n, f"p{n}", kind=Kind.REFLECTION) for n in range(4)]
    found = course([*four, said(9, "a", kind=Kind.PAGE)])
    assert found.periods["2026-05"].passages == 1
    assert list(found.kinds) == ["page"]
    five = course([*four, said(4, "p4", kind=Kind.REFLECTION)])
    assert five.kinds["reflection"].people == 5
    assert course(four).silos == {}


def test_concentration_is_one_in_one_silo_and_nothing_when_even() -> None:
    assert course([said(1), said(2)]).concentration.silos == 1.0
    assert course([said(1), said(2, silo="chat")]).concentration.silos == 0.0
    assert course([said(1), said(2)], silos=1).concentration.silos is None


def test_concentration_on_people_tells_nothing_of_two() -> None:
    assert course([said(1, "a"), said(2, "b")]).concentration.people is None
    even = course([said(n, f"p{n}") for n in range(4)]).concentration.people
    one = course([said(n, "a") for n in range(20)] + [said(21, "b"), said(22, "c")]).concentration.people
    assert even == 0.0
    assert one is not None
    assert one > 0.5


def test_a_theme_that_grows_faster_than_the_rest_has_more_momentum() -> None:
    rest = [said(n, on=f"2026-0{1 + n % 6}-05") for n in range(100, 160)]
    early = [said(n, f"p{n}", on="2026-02-05") for n in range(8)]
    late = [said(n, f"p{n}", on="2026-05-05") for n in range(8)]
    fading, growing = course(early, rest).momentum, course(late, rest).momentum
    assert fading is not None
    assert growing is not None
    assert growing.growth > 0.8
    assert fading.growth < 0.2
    assert growing.whole > fading.whole
    assert course([said(1, on=None)]).momentum is None


def test_growing_as_the_corpus_does_is_half() -> None:
    own = [said(n, on="2026-02-05") for n in range(9)] + [said(n, on="2026-05-05") for n in range(10, 29)]
    rest = [said(n, on="2026-02-05") for n in range(100, 140)] + [said(n, on="2026-05-05") for n in range(200, 280)]
    found = course(own, rest).momentum
    assert found is not None
    assert abs(found.growth - 0.5) < 0.05


people = st.sets(st.sampled_from("abcdefg"))
told = st.lists(
    st.tuples(
        people,
        st.sampled_from([None, "2025-12-31", "2026-01-01", "2026-03-31", "2026-07-15"]),
        st.sampled_from(["handbook", "chat", "board"]),
        st.sampled_from([Kind.PAGE, Kind.REFLECTION]),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(told, st.sampled_from(["month", "quarter"]))
def test_whatever_is_said(drawn: list[tuple[set[str], str | None, str, Kind]], step: Step) -> None:
    own = [said(n, *some, on=on, silo=silo, kind=kind) for n, (some, on, silo, kind) in enumerate(drawn)]
    found = course(own, silos=3, step=step)
    assert found == course(list(reversed(own)), silos=3, step=step)
    plain = [p for p, _ in own if p.kind is Kind.PAGE]
    assert sum(c.passages for c in found.silos.values()) >= len(plain)
    assert sum(c.passages for c in found.periods.values()) + found.undated <= len(own)
    for count in (*found.periods.values(), *found.silos.values(), *found.kinds.values()):
        assert count.people is None or count.people == 0 or count.people >= theme_course.PEOPLE
    for share in (found.concentration.silos, found.concentration.people):
        assert share is None or 0.0 <= share <= 1.0
    if found.momentum:
        parts = (found.momentum.activity, found.momentum.people, found.momentum.growth, found.momentum.breadth)
        assert all(0.0 <= part <= 1.0 for part in (*parts, found.momentum.whole))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=8))
def test_evenness_is_between_one_and_nothing(shares: list[int]) -> None:
    assert 0.0 <= theme_course.evenness(shares, len(shares)) <= 1.0
    assert theme_course.evenness([5] * len(shares), len(shares)) == pytest.approx(float(len(shares) > 1))
