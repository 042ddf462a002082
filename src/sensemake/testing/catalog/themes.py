"""The contract of theme maps and edits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sensemake.model import (
    DocumentId,
    Kind,
    MapId,
    Membership,
    PassageId,
    SiloName,
    Status,
    Summary,
    Theme,
    ThemeEvent,
    ThemeId,
    ThemeMap,
    Written,
)
from sensemake.protocols import Stored, ThemeEdit
from sensemake.testing.catalog.base import CatalogContract
from sensemake.testing.catalog.nouns import OPEN, START, stored

DOCUMENT = stored("tides.md", "The tide is high.", "The tide is low.")
SEEN, OTHER = DOCUMENT.passages


class ThemeLogContract(CatalogContract):
    """Maps and edits of one audience never show in another's."""

    def test_maps_come_back_equal_and_in_order(self, tmp_path: Path) -> None:
        audience = frozenset({OPEN, SiloName("closed")})
        maps = [_map(n, audience) for n in range(3)]
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([DOCUMENT])
            for made in (maps[1], maps[0], maps[2]):
                catalog.themes.save(made)
            catalog.themes.save(_map(7, frozenset({OPEN})))
            assert catalog.themes.history(audience) == tuple(maps)
            assert catalog.themes.latest(audience) == maps[2]
            assert catalog.themes.latest(audience, maps[2].built_at) == maps[1]
            assert catalog.themes.latest(audience, maps[0].built_at) is None
            assert catalog.themes.get(maps[0].id) == maps[0]
            assert catalog.themes.get(MapId("absent")) is None
            assert catalog.themes.latest(frozenset()) is None
            again = replace(maps[1], loose=99)
            catalog.themes.save(again)
            assert catalog.themes.history(audience) == (maps[0], again, maps[2])

    def test_what_a_machine_wrote_goes_with_a_passage_that_it_saw(self, tmp_path: Path) -> None:
        audience = frozenset({OPEN})
        made = _map(0, audience)
        kept = replace(made.themes[0], summary=Summary("Low tide.", "small", (OTHER.id,), 3), written=None, plain=None)
        made = replace(made, themes=(made.themes[0], replace(kept, id=ThemeId("kept"))))
        every = (*made.themes, *made.broader)
        plain = [replace(theme, label="Tide", written=None, plain=None, summary=None) for theme in every]
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([DOCUMENT])
            catalog.themes.save(made)
            catalog.corpus.store([replace(DOCUMENT, digest="other", passages=(OTHER,))])
            left = catalog.themes.get(made.id)
            assert left is not None
            assert left.themes == (plain[0], made.themes[1])
            assert left.broader == (plain[2],)
            assert catalog.themes.history(audience) == (left,)
            catalog.corpus.remove([DOCUMENT.document.id])
            last = catalog.themes.latest(audience)
            assert last is not None
            assert [theme.summary for theme in last.themes] == [None, None]
            catalog.themes.save(made)  # a map whose making began before
            assert catalog.themes.get(made.id) == last

    def test_a_reflection_that_is_told_anew_takes_back_what_a_machine_wrote(self, tmp_path: Path) -> None:
        thought = replace(DOCUMENT.document, kind=Kind.REFLECTION, facets={"consent": "yes"})
        passages = tuple(replace(passage, kind=Kind.REFLECTION) for passage in DOCUMENT.passages)
        made = _map(0, frozenset({OPEN}))
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([Stored(thought, "1", passages)])
            catalog.themes.save(made)
            catalog.corpus.store([Stored(replace(thought, facets={"consent": "no"}), "2", passages)])
            left = catalog.themes.get(made.id)
            assert left is not None
            assert {(t.label, t.written, t.summary) for t in left.themes} == {("Tide", None, None)}

    def test_edits_are_replayed_in_order_and_undone_from_the_end(self, tmp_path: Path) -> None:
        audience, other = frozenset({OPEN}), frozenset({OPEN, SiloName("closed")})
        edits = [ThemeEdit(n, START, "ana", "rename", f"t{n}", {"label": "Tides"}) for n in (1, 2)]
        with self.opened(tmp_path) as catalog:
            for edit in edits:
                catalog.themes.edit(audience, edit)
            catalog.themes.edit(audience, replace(edits[0], number=1))
            assert catalog.themes.edits(audience) == (*edits, replace(edits[0], number=3))
            assert catalog.themes.edits(other) == ()
            assert catalog.themes.undo(other) is None
            assert catalog.themes.undo(audience) == replace(edits[0], number=3)
            assert [catalog.themes.undo(audience) for _ in range(3)] == [edits[1], edits[0], None]

    def test_an_audience_without_a_map_takes_over_that_of_the_most_of_its_silos(self, tmp_path: Path) -> None:
        whole = frozenset({OPEN, SiloName("closed"), SiloName("late")})
        two, other = whole - {SiloName("late")}, frozenset({OPEN, SiloName("elsewhere")})
        edit = ThemeEdit(3, START, "ana", "rename", "t1", {"label": "Tides"})
        with self.opened(tmp_path) as catalog:
            assert catalog.themes.adopt(whole) is None
            for number, silos in enumerate((frozenset({OPEN}), two, two, other, frozenset({OPEN}))):
                catalog.themes.save(_map(number, silos))
            catalog.themes.edit(two, edit)
            for _ in range(2):
                adopted = catalog.themes.adopt(whole)
                assert adopted is not None
                assert (adopted.id, adopted.silos) == ("map 2", two)
                assert catalog.themes.edits(whole) == (edit,)
            assert catalog.themes.latest(whole) is None
            assert catalog.themes.adopt(frozenset({OPEN})) is None, "others may read more"
            assert catalog.themes.undo(whole) == edit
            assert catalog.themes.edits(two) == (edit,)


def _map(number: int, silos: frozenset[SiloName]) -> ThemeMap:
    theme = Theme(
        id=ThemeId(f"theme {number}"),
        label="Tides",
        keyphrases=("high tide", "\U0001f30a"),
        members=(Membership(PassageId("p"), DocumentId("d"), 0.1 + 0.2),),
        people=5,
        silos=(OPEN,),
        centroid=(0.1, -1 / 3, 1e-30),
        parent=ThemeId("theme 0") if number else None,
        status=Status.FADING,
        events=(ThemeEvent("split", {"share": 0.3}, (ThemeId("theme 0"),)),),
        also=(Membership(PassageId("q"), DocumentId("e"), 1 / 3),),
        reach=1 / 7,
        written=Written("small", (SEEN.id,)),
        plain="Tide",
        summary=Summary("Tides come and go.", "small", (SEEN.id,), 3),
    )
    return ThemeMap(
        id=MapId(f"map {number}"),
        built_at=START + timedelta(days=number),
        silos=silos,
        state="open=7",
        settings={"minimum": "5"},
        themes=(theme, replace(theme, id=ThemeId("other"), status=Status.NEW, events=())),
        loose=3,
        outlier_ratio=1 / 7,
        stability=None if number else 0.5,
        gone=(ThemeId("gone"),),
        broader=(replace(theme, id=ThemeId("broad"), level=1, parent=None),),
        middle=(0.1, -1 / 3),
        marks={OPEN: 7},
    )
