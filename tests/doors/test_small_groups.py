"""The floor of reflections in what people are shown: below it a report is the same as if they had not been written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import small_home

from sensemake.config import Settings
from sensemake.workspace import Workspace


def write_reflections(folder: Path, people: int, *, unsigned: bool = False) -> Path:
    folder.mkdir()
    for number in range(people):
        author = "" if unsigned else f"author: Person {number} <p{number}@example.org>\n"
        text = "Baking at the north station: knead the dough, let the dough rest, bake the bread and share the loaf."
        (folder / f"r{number}.md").write_text(
            f"---\nkind: reflection\nconsent: yes\n{author}date: 2026-03-0{number + 1}\n---\n{text}\n"
        )
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    small_home.write(tmp_path)
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as opened:
        opened.ingest([tmp_path / "handbook"], "handbook", opened.owner())
        yield opened


def reported(workspace: Workspace) -> Any:
    return json.loads(json.dumps(workspace.report(workspace.owner())))


def said(report: Any) -> str:
    """All of it but for how it was made, which tells of the map's own state, and who is not in the data."""
    return json.dumps({k: v for k, v in report.items() if k in {"coverage", "cards", "themes", "quiet", "questions"}})


@pytest.mark.parametrize(("people", "unsigned", "floor", "counted"), [
    (4, False, 5, False),
    (5, False, 5, True),
    (5, True, 5, False),
    (3, False, 3, True),
])  # fmt: skip
def test_reflections_are_counted_from_the_floor_on(
    tmp_path: Path,
    workspace: Workspace,
    *,
    people: int,
    unsigned: bool,
    floor: int,
    counted: bool,
) -> None:
    workspace.ingest([write_reflections(tmp_path / "retros", people, unsigned=unsigned)], "retros", workspace.owner())
    with Workspace.open(Settings(home=workspace.settings.home, model="hashing", reflections_floor=floor)) as opened:
        found = reported(opened)
    kinds = {kind["name"]: kind["count"] for kind in found["coverage"]["kinds"]}
    assert kinds.get("reflection", 0) == (people if counted else 0)
    (retros,) = (silo for silo in found["coverage"]["silos"] if silo["silo"] == "retros")
    assert (retros["documents"], retros["people"]) == ((people, people) if counted else (0, 0))
    assert found["coverage"]["documents"] == sum(silo["documents"] for silo in found["coverage"]["silos"])
    bars = {silo["name"] for card in found["cards"] for silo in card["silos"]}
    assert ("retros" in bars) == counted


def test_below_the_floor_the_words_are_nowhere(tmp_path: Path, workspace: Workspace) -> None:
    folder = write_reflections(tmp_path / "retros", 4)
    for page in folder.iterdir():
        page.write_text(page.read_text().replace("share the loaf.", "share the zyzzyva loaf, which everybody liked."))
    workspace.ingest([folder], "retros", workspace.owner())
    assert "zyzzyva" not in said(reported(workspace))
    assert '"reflection"' not in said(reported(workspace))
