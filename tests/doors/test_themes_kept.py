"""Themes between two maps, through a home: what is taken in after a map was made is in it all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import small_home

from sensemake.config import Settings
from sensemake.errors import Conflict, NotFound, UsageError
from sensemake.model import EVERYONE
from sensemake.workspace import Workspace


def test_a_new_page_is_in_its_theme_before_the_next_map(tmp_path: Path) -> None:
    small_home.write(tmp_path)
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as home:
        owner = home.owner()
        home.ingest([tmp_path / "handbook"], "handbook", owner)
        built = home.build_themes(owner)
        text = small_home.TOPICS["bread"][1].format("quay")
        (tmp_path / "handbook" / "bread-quay.md").write_text(f"---\ntitle: bread quay\n---\n{text}\n")
        (tmp_path / "handbook" / "odd.md").write_text("---\ntitle: Odd\n---\nQuarterly insolvency of glass zebras.\n")
        home.ingest([tmp_path / "handbook"], "handbook", owner)
        shown = home.themes(owner)
        assert shown is not None
        assert (shown.id, [t.id for t in shown.themes]) == (built.id, [t.id for t in built.themes])
        sizes = {t.id: t.size for t in built.themes}
        grown = [theme for theme in shown.themes if theme.size > sizes[theme.id]]
        assert [theme.size - sizes[theme.id] for theme in grown] == [1]
        page = home.theme(grown[0].id, owner)
        assert "bread quay" in {passage.title for _, passage in page.documents}
        assert shown.loose == built.loose + 1
        (tmp_path / "handbook" / "bread-quay.md").unlink()
        home.ingest([tmp_path / "handbook"], "handbook", owner)
        after = home.themes(owner)
        assert after is not None
        assert {t.id: t.size for t in after.themes} == sizes


def test_themes_live_on_when_a_silo_is_added(tmp_path: Path) -> None:
    small_home.write(tmp_path)
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as home:
        owner = home.owner()
        home.ingest([tmp_path / "handbook"], "handbook", owner)
        first = home.build_themes(owner)
        named = home.edit_theme("rename", first.themes[0].id, {"label": "What we do every day"}, owner)
        for station in small_home.STATIONS:
            text = f"Sailing {station}: hoist the sail, trim the sail, reef the sail when the wind freshens."
            (tmp_path / "board" / f"sail-{station}.md").write_text(f"---\ntitle: sail {station}\n---\n{text}\n")
        home.ingest([tmp_path / "board"], "board", owner)
        wider = home.build_themes(owner)
        assert wider.silos > first.silos
        assert {t.id: t.label for t in named.themes}.items() <= {t.id: t.label for t in wider.themes}.items()
        [new] = [theme for theme in wider.themes if theme.id not in {t.id for t in named.themes}]
        assert new.silos == ("board",)
        assert not [event.name for theme in wider.themes for event in theme.events if event.name in {"new", "growing"}]
        undone = home.edit_theme("undo", "", {}, owner)
        assert {t.id: t.label for t in first.themes}.items() <= {t.id: t.label for t in undone.themes}.items()


def test_a_theme_keeps_a_name_of_its_own_and_does_not_go_into_itself(tmp_path: Path) -> None:
    small_home.write(tmp_path)
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as home:
        owner = home.owner()
        home.ingest([tmp_path / "handbook"], "handbook", owner)
        one, other, *_ = home.build_themes(owner).themes
        for verb, arguments in (
            ("rename", {"label": "  "}),
            ("rename", {"label": other.label}),
            ("merge", {"into": one.id}),
        ):
            with pytest.raises(UsageError):
                home.edit_theme(verb, one.id, arguments, owner)
        renamed = home.edit_theme("rename", one.id, {"label": one.label}, owner)
        assert {t.label for t in renamed.themes} >= {one.label, other.label}


def test_what_is_in_no_theme_is_listed_page_by_page_to_those_who_may_read_it(tmp_path: Path) -> None:
    small_home.write(tmp_path)
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as home:
        owner = home.owner()
        home.ingest([tmp_path / "handbook"], "handbook", owner, readers=frozenset({EVERYONE}))
        for name in ("glass", "brass"):
            text = f"Quarterly insolvency of {name} zebras."
            (tmp_path / "board" / f"{name}.md").write_text(f"---\ntitle: {name}\ndate: 2026-05-01\n---\n{text}\n")
        home.ingest([tmp_path / "board"], "board", owner, readers=frozenset({"board"}))
        staff = home.principal_for("bo")
        with pytest.raises(NotFound):
            home.loose(owner)
        for asker in (owner, staff):
            built = home.build_themes(replace(asker, scopes=owner.scopes))
            whole = home.loose(asker, limit=100)
            assert (whole.count, len(whole.notes), whole.next_cursor) == (built.loose, built.loose, None)
            inside = {d for theme in built.themes for d in theme.documents}
            assert not inside & {note.passage.document for note in whole.notes}
            times = [note.passage.time for note in whole.notes if note.passage.time]
            assert times == sorted(times, reverse=True)
            one_by_one, cursor = [], None
            for _ in range(whole.count):
                page = home.loose(asker, limit=1, cursor=cursor)
                one_by_one += page.notes
                cursor = page.next_cursor
            assert (tuple(one_by_one), cursor) == (whole.notes, None)
            odd = {note.passage.title for note in whole.notes} & {"glass", "brass"}
            assert odd == ({"glass", "brass"} if asker is owner else set())
        first = home.loose(owner, limit=1)
        with pytest.raises(Conflict):
            home.loose(staff, cursor=first.next_cursor)
        (tmp_path / "board" / "glass.md").unlink()
        home.ingest([tmp_path / "board"], "board", owner, allow_removals=True)
        later = home.loose(owner, limit=100, cursor=first.next_cursor)
        assert later.changed
        assert home.loose(owner).count == first.count - 1
