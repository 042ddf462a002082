"""What a language model wrote is marked as such at every door, with the passages that it saw, and goes with them."""

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
from sensemake.model import Principal, Query, ThemeMap
from sensemake.workspace import Workspace

NAME = "Tables of the sea"
SUMMARY = "The sea is read from tables & nowhere else."


@pytest.fixture
def named(tmp_path: Path) -> Iterator[tuple[Workspace, Principal, ThemeMap]]:
    small_home.write(tmp_path)
    with listening() as endpoint:
        endpoint.reply = NAME
        endpoint.summary = SUMMARY
        settings = Settings(
            home=tmp_path / "home",
            model="hashing",
            label_url=endpoint.url,
            label_model="small-1",
            label_summaries=True,
        )
        with Workspace.open(settings, create=True) as home:
            owner = home.owner()
            home.ingest([tmp_path / "handbook"], "handbook", owner, readers=frozenset({"staff"}))
            yield home, owner, home.build_themes(owner)


def test_json_tells_the_model_and_the_passages(named: tuple[Workspace, Principal, ThemeMap]) -> None:
    _, _, themes = named
    told = wire.themes_json(themes)["themes"]
    (theme,) = [each for each in told if each["label"] == NAME]
    assert theme["written_by"] == "small-1"
    assert 0 < len(theme["written_from"]) <= 10
    assert [(each["written_by"], each["written_from"]) for each in told if each["label"] != NAME] == [(None, [])]
    assert [(each["summary"], each["summary_by"]) for each in told] == [(SUMMARY, "small-1")] * len(told)
    assert theme["summary_from"] == theme["written_from"]


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
        row = next(line for line in rendered.splitlines() if "row-" in line or line.startswith("| ") if NAME in line)
        assert f"{NAME} (machine-written)" in row.replace("\\", "")
        assert "This summary was written by a machine (small-1). It saw " in rendered
        assert "summaries, marked, were written by a language model." in rendered
        assert ("tables &amp; nowhere" in rendered) == (form == "html")
    table = home.render(report, "themes.csv").splitlines()
    assert table[0].endswith("name_written_by,summary,summary_written_by")
    assert sum(f",small-1,{SUMMARY},small-1" in line for line in table) == 1
    assert sum(line.endswith(f"{SUMMARY},small-1") for line in table) == len(report["themes"])  # type: ignore[arg-type]


def test_the_command_line_marks_it(
    named: tuple[Workspace, Principal, ThemeMap], capsys: pytest.CaptureFixture[str]
) -> None:
    home, _, themes = named
    (theme,) = [each for each in themes.themes if each.label == NAME]
    assert theme.written is not None
    assert theme.summary is not None

    def said(*words: str) -> str:
        capsys.readouterr()
        assert run(["themes", *words], again) == 0
        return capsys.readouterr().out

    def again(_: Settings, **how: Any) -> Workspace:
        return Workspace.open(home.settings, **how)

    assert f"{NAME} (machine-written, small-1)" in said("list").replace("\n", " ")
    assert f"name written by a machine, small-1, from {theme.written.saw[0]}" in said("show", theme.id)
    assert "gave no name for 1 themes (the next map asks again)" in said("list").replace("\n", " ")
    shown = said("show", theme.id)
    assert SUMMARY in shown
    assert f"summary written by a machine, small-1, from {theme.summary.saw[0]}" in shown
    assert json.loads(said("show", theme.id, "--json"))["summary"] == SUMMARY
    found = json.loads(said("about", "reading the tide table", "--json"))
    assert {each["written_by"] for each in found["themes"] if each["label"] == NAME} <= {"small-1"}


def test_what_people_know_and_what_links_silos_bears_the_mark(
    named: tuple[Workspace, Principal, ThemeMap], capsys: pytest.CaptureFixture[str]
) -> None:
    home, owner, themes = named
    marked = {theme.label: theme.written_by for theme in themes.themes}
    assert marked[NAME] == "small-1"
    told = [{known.label: known.written_by for known in home.profile(person, owner).themes} for person in ("ada", "bo")]
    assert {label: by for each in told for label, by in each.items()} == marked
    profile = wire.profile_json(home.profile("ada", owner))
    assert {each["label"]: each["written_by"] for each in profile["themes"]}.items() <= marked.items()
    rests = home.bridges(owner)
    assert {each.label: each.written_by for each in rests.single}.items() <= marked.items()
    assert rests.single
    capsys.readouterr()
    for words in (["person", "show", "ada"], ["person", "show", "bo"], ["bridges"]):
        run(words, lambda _, **how: Workspace.open(home.settings, **how))
    assert capsys.readouterr().out.count(f"{NAME} (machine-written, small-1)") >= 2


def test_suggestions_and_what_is_nearest_bear_the_mark(
    named: tuple[Workspace, Principal, ThemeMap], capsys: pytest.CaptureFixture[str]
) -> None:
    home, owner, themes = named
    told = wire.suggestions_json("tab", home.suggest("tab", owner))["suggestions"]
    assert [(each["text"], each["written_by"]) for each in told if each["kind"] == "theme"] == [(NAME, "small-1")]
    assert [each["written_by"] for each in told if each["kind"] != "theme"] == [None] * (len(told) - 1)
    nearest = home.search(Query("zzzz qqqq"), owner).nearest
    assert nearest.written == (NAME,)
    assert set(nearest.themes) == {theme.label for theme in themes.themes}

    def again(_: Settings, **how: Any) -> Workspace:
        return Workspace.open(home.settings, **how)

    run(["suggest", "tab"], again)
    assert f"{NAME} (machine-written, small-1) (theme)" in capsys.readouterr().out
    run(["search", "zzzz qqqq"], again)
    assert f"{NAME} (machine-written)" in capsys.readouterr().out


def test_a_session_bears_the_mark_on_every_page(named: tuple[Workspace, Principal, ThemeMap]) -> None:
    home, owner, _ = named
    pack = home.prepare_session(home.report(owner), method="orid", minutes=60, language="en")
    for name, page in pack.items():
        if NAME in page:
            assert "This name was written by a machine (small-1)." in page, name
    assert sum(NAME in page for page in pack.values()) >= 4


def test_what_a_machine_wrote_goes_with_a_page_that_it_saw(
    named: tuple[Workspace, Principal, ThemeMap], tmp_path: Path
) -> None:
    home, owner, themes = named
    (theme,) = [each for each in themes.themes if each.label == NAME]
    assert theme.summary is not None
    (passage,) = [p for p in home.material(owner)[0] if p.id == theme.summary.saw[0]]
    (page,) = [
        p for p in (tmp_path / "handbook").glob("*.md") if p.name in passage.document or passage.text in p.read_text()
    ]
    page.unlink()
    home.ingest([tmp_path / "handbook"], "handbook", owner, allow_removals=True)
    after = home.themes(owner)
    assert after is not None
    assert NAME not in {each.label for each in after.themes}
    assert {each.label for each in after.themes} == {each.plain or each.label for each in themes.themes}
    assert [each.summary for each in after.themes if each.id == theme.id] == [None]
    assert all(each.summary for each in after.themes if each.id != theme.id)
    held = b"".join(path.read_bytes() for path in home.settings.home.glob("catalog.sqlite*"))
    assert NAME.encode() not in held


def test_another_audience_never_sees_what_was_written_for_one(
    named: tuple[Workspace, Principal, ThemeMap], tmp_path: Path
) -> None:
    home, owner, themes = named
    home.ingest([tmp_path / "board"], "board", owner)
    assert home.themes(owner) is None  # the map of the handbook is not one of all that the owner reads now
    both = home.build_themes(owner)
    ada = home.principal_for("ada")
    shown = home.themes(ada)
    assert shown is not None
    assert (shown.id, both.silos - shown.silos) == (themes.id, {"board"})
    readable = {passage.id for passage in home.material(ada)[0]}
    assert all(theme.summary and readable.issuperset(theme.summary.saw) for theme in shown.themes)


def test_asking_for_summaries_later_makes_another_map(tmp_path: Path) -> None:
    small_home.write(tmp_path)
    plain = Settings(home=tmp_path / "home", model="hashing")
    with Workspace.open(plain, create=True) as home:
        home.ingest([tmp_path / "handbook"], "handbook", home.owner())
        first = home.build_themes(home.owner())
    with listening() as endpoint:
        asking = plain.model_copy(update={"label_url": endpoint.url, "label_model": "small-1"})
        with Workspace.open(asking) as home:
            named = home.build_themes(home.owner())
            assert {t.id for t in named.themes} == {t.id for t in first.themes}
            assert sum(t.written is not None for t in named.themes) == 1
        with Workspace.open(asking.model_copy(update={"label_summaries": True})) as home:
            summed = home.build_themes(home.owner())
            assert {t.summary and t.summary.text for t in summed.themes} == {endpoint.summary}
            asked = len(endpoint.asked)
            assert home.build_themes(home.owner()).id == summed.id
            assert len(endpoint.asked) == asked
