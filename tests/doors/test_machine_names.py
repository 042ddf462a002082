"""A name that a language model wrote is marked as such at every door, with the passages that it saw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import small_home

from fake_endpoint import listening
from sensemake import wire
from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.model import Principal, ThemeMap
from sensemake.workspace import Workspace

NAME = "Tables of the sea"


@pytest.fixture
def named(tmp_path: Path) -> Iterator[tuple[Workspace, Principal, ThemeMap]]:
    small_home.write(tmp_path)
    with listening() as endpoint:
        endpoint.reply = NAME
        settings = Settings(home=tmp_path / "home", model="hashing", label_url=endpoint.url, label_model="small-1")
        with Workspace.open(settings, create=True) as home:
            owner = home.owner()
            home.ingest([tmp_path / "handbook"], "handbook", owner)
            yield home, owner, home.build_themes(owner)


def test_json_tells_the_model_and_the_passages(named: tuple[Workspace, Principal, ThemeMap]) -> None:
    _, _, themes = named
    told = wire.themes_json(themes)["themes"]
    (theme,) = [each for each in told if each["label"] == NAME]
    assert theme["written_by"] == "small-1"
    assert 0 < len(theme["written_from"]) <= 10
    assert [(each["written_by"], each["written_from"]) for each in told if each["label"] != NAME] == [(None, [])]


def test_a_report_marks_the_name_in_every_form(named: tuple[Workspace, Principal, ThemeMap]) -> None:
    home, owner, themes = named
    report = home.report(owner)
    by_label = {card["label"]: card["written"] for card in report["themes"]}  # type: ignore[index,attr-defined]
    assert by_label.pop(NAME)["by"] == "small-1"
    assert list(by_label.values()) == [None]
    (theme,) = [each for each in themes.themes if each.label == NAME]
    (page,) = [each for each in report["themes"] if each["label"] == NAME]  # type: ignore[attr-defined]
    assert theme.written is not None
    assert [seen["seen_passage_id"] for seen in page["written"]["saw"]] == list(theme.written.saw)
    for form in ("html", "md"):
        rendered = home.render(report, form)
        assert "This name was written by a machine (small-1). It saw " in rendered
        assert "1 theme’s name, marked, was written by a language model." in rendered
    table = home.render(report, "themes.csv").splitlines()
    assert table[0].endswith("name_written_by")
    assert sum(line.endswith("small-1") for line in table) == 1


def test_the_command_line_marks_it(
    named: tuple[Workspace, Principal, ThemeMap], capsys: pytest.CaptureFixture[str]
) -> None:
    home, _, themes = named
    (theme,) = [each for each in themes.themes if each.label == NAME]
    assert theme.written is not None

    def said(*words: str) -> str:
        capsys.readouterr()
        assert run(["themes", *words], again) == 0
        return capsys.readouterr().out

    def again(_: Settings, **how: Any) -> Workspace:
        return Workspace.open(home.settings, **how)

    assert f"{NAME} (machine-written, small-1)" in said("list").replace("\n", " ")
    assert f"name written by a machine, small-1, from {theme.written.saw[0]}" in said("show", theme.id)
    found = json.loads(said("about", "reading the tide table", "--json"))
    assert {each["written_by"] for each in found["themes"] if each["label"] == NAME} <= {"small-1"}
