"""One theme in full: only what is still there, and what its documents say of it."""

from __future__ import annotations

from dataclasses import replace

from make import DAY_ZERO, passage
from sensemake.jobs import theme_page
from sensemake.model import MapId, Membership, Passage, PersonId, SiloName, Theme, ThemeId, ThemeMap

PASSAGES = [passage(n, f"text {n}", on=n) for n in range(8)]


def members(*numbers: int) -> tuple[Membership, ...]:
    return tuple(Membership(PASSAGES[n].id, PASSAGES[n].document, 0.9 - n / 20) for n in numbers)


def theme(name: str, *numbers: int, parent: str | None = None, level: int = 0, also: tuple[int, ...] = ()) -> Theme:
    up = ThemeId(parent) if parent else None
    return Theme(ThemeId(name), name, (), members(*numbers), 0, (), (), level, up, also=members(*also))


A, B = theme("a", 0, 1, 2, 3, 4, parent="top"), theme("b", 5, 6, 7, parent="top", also=(4,))
TOP = theme("top", *range(8), level=1)
MAP = ThemeMap(MapId("m"), DAY_ZERO, frozenset({SiloName("handbook")}), "1", {}, (A, B), 0, 0.0, broader=(TOP,))


def page(of: Theme, passages: list[Passage]) -> theme_page.ThemePage:
    return theme_page.page(of, MAP, theme_page.Material(passages, lambda p: {PersonId(p.id)}))


def test_a_page_tells_the_middle_the_border_and_what_is_above() -> None:
    found = page(A, PASSAGES)
    assert [p.id for p, _ in found.central] == [PASSAGES[n].id for n in (0, 1, 2)]
    assert [p.id for p, _ in found.borderline] == [PASSAGES[n].id for n in (4, 3)]
    assert found.broader == TOP
    assert [t.id for t in page(TOP, PASSAGES).narrower] == ["a", "b"]
    assert [share.document for share, _ in page(B, PASSAGES).also] == [PASSAGES[4].document]
    assert found.course.silos[PASSAGES[0].silo].people == 5


def test_what_may_no_longer_be_read_is_not_told() -> None:
    found = page(A, PASSAGES[1:3])
    told = {p.id for p, _ in (*found.central, *found.borderline)} | {s.document for s, _ in found.documents}
    assert told == {p.id for p in PASSAGES[1:3]} | {p.document for p in PASSAGES[1:3]}
    assert sum(count.passages for count in found.course.periods.values()) == 2


def test_a_document_is_told_with_how_much_of_it_is_here() -> None:
    long = [replace(p, document=PASSAGES[0].document) if n in {6, 7} else p for n, p in enumerate(PASSAGES)]
    shares = {share.document: share for share, _ in page(A, long).documents}
    assert (shares[PASSAGES[0].document].passages, shares[PASSAGES[0].document].of) == (1, 3)
