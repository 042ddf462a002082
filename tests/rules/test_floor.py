"""What fewer than k people reflect on leaves no trace in any number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from hypothesis import given, settings
from hypothesis import strategies as st

from make import day, passage
from sensemake.model import Kind, MapId, Membership, Passage, PersonId, Role, SiloName, Theme, ThemeId, ThemeMap
from sensemake.rules import floor

SILOS = ("retros", "field", "board")


def people(found: Passage) -> Collection[PersonId]:
    return {PersonId(handle.value) for handle in found.authors}


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Passage], list[frozenset[int]]]:
    """Passages, and which of them are in each of three themes."""
    count = draw(st.integers(0, 40))
    passages = [
        passage(
            n,
            silo=draw(st.sampled_from(SILOS)),
            by=[(f"user:u{draw(st.integers(0, 9))}", Role.WROTE)] if draw(st.booleans()) else [],
            kind=draw(st.sampled_from([Kind.REFLECTION, Kind.REFLECTION, Kind.PAGE])),
        )
        for n in range(count)
    ]
    numbers = st.integers(0, max(count - 1, 0)) if count else st.nothing()
    return passages, [draw(st.frozensets(numbers)) for _ in range(3)]


def mapped(passages: list[Passage], groups: list[frozenset[int]], kept: Collection[Passage]) -> ThemeMap:
    """The map of these groups, of the passages that are kept only."""
    themes = []
    for number, group in enumerate(groups):
        members = [passages[n] for n in sorted(group) if passages[n] in kept]
        if members:
            themes.append(
                Theme(
                    ThemeId(f"t{number}"),
                    "",
                    (),
                    tuple(Membership(p.id, p.document, 0.5) for p in members),
                    len({person for p in members for person in people(p)}),
                    tuple(sorted({p.silo for p in members})),
                    (),
                )
            )
    return ThemeMap(MapId("m"), day(0), frozenset(map(SiloName, SILOS)), "7", {}, tuple(themes), 0, 0.0)


def reflecting(passages: Collection[Passage]) -> dict[str, set[str]]:
    who: defaultdict[str, set[str]] = defaultdict(set)
    for each in passages:
        if each.kind is Kind.REFLECTION:
            who[each.silo] |= people(each)  # type: ignore[arg-type]
    return who


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(2, 6))
def test_every_cell_that_is_left_has_k_people(world: tuple[list[Passage], list[frozenset[int]]], k: int) -> None:
    passages, groups = world
    kept = floor.countable(passages, people, k)
    assert all(len(some) >= k for some in reflecting(kept).values())
    known = {p.id: p for p in kept}
    for theme in floor.trimmed(mapped(passages, groups, passages), kept, people, k=k).themes:
        members = [known[m.passage] for m in theme.members]
        assert all(len(some) >= k for some in reflecting(members).values())
        assert theme.people == len({person for p in members for person in people(p)})
        assert set(theme.silos) == {p.silo for p in members}


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(2, 6))
def test_what_is_below_the_floor_changes_no_number(world: tuple[list[Passage], list[frozenset[int]]], k: int) -> None:
    """The same is shown as when it had never been written: nothing is there to be subtracted."""
    passages, groups = world
    kept = floor.countable(passages, people, k)
    assert kept == floor.countable(kept, people, k)
    shown = floor.trimmed(mapped(passages, groups, passages), kept, people, k=k)
    assert shown.themes == floor.trimmed(mapped(passages, groups, kept), kept, people, k=k).themes
    trimmed = {m.passage for theme in shown.themes for m in theme.members}
    without = [group & {n for n, p in enumerate(passages) if p.id in trimmed} for group in groups]
    assert {t.id: t.silos for t in shown.themes} == {
        t.id: t.silos
        for t in floor.trimmed(mapped(passages, without, kept), kept, people, k=k).themes
        if t.id in {theme.id for theme in shown.themes}
    }


@given(worlds())
def test_other_kinds_have_no_floor(world: tuple[list[Passage], list[frozenset[int]]]) -> None:
    passages, groups = world
    pages = [p for p in passages if p.kind is Kind.PAGE]
    assert [p for p in floor.countable(passages, people, 99) if p.kind is Kind.PAGE] == pages
    shown = floor.trimmed(mapped(passages, groups, pages), pages, people, k=99)
    assert shown == mapped(passages, groups, pages)


def test_what_leaves_a_theme_is_loose() -> None:
    two = [passage(n, by=[(f"user:u{n}", Role.WROTE)], kind=Kind.REFLECTION) for n in range(2)]
    pages = [passage(n, by=[("user:u9", Role.WROTE)]) for n in range(2, 5)]
    whole = mapped([*two, *pages], [frozenset(range(5)), frozenset({0, 1})], [*two, *pages])
    (left,) = floor.trimmed(whole, [*two, *pages], people).themes
    assert (left.people, left.size) == (1, 3)
    assert floor.trimmed(whole, [*two, *pages], people).loose == 2


def test_unsigned_reflections_are_nobodys() -> None:
    unsigned = [passage(n, kind=Kind.REFLECTION) for n in range(9)]
    assert floor.countable(unsigned, people) == []
    assert floor.countable(unsigned, floor.voices(people, {p.document for p in unsigned})) == unsigned
    assert floor.countable(unsigned, floor.voices(people, {p.document for p in unsigned[:4]})) == []
