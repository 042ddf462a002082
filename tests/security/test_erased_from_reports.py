"""What is erased, or changed at its source, leaves the reports that were kept; so does who is not to be named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from fake_endpoint import listening
from sensemake.config import Settings
from sensemake.jobs.report_schema import report_schema
from sensemake.workspace import Workspace

JUNE = datetime(2026, 6, 3, tzinfo=UTC)
SECRET, STAYS = "quokkabeacon", "lanternfish"
PEOPLE = "person_id,name,email,groups\nada,Ada Falk,ada@example.org,staff\nbo,Bo Lund,bo@example.org,staff\n"


def write(folder: Path, word: str, who: str, count: int) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        words = f"{word} storage pools and how the {word} storage cluster is repaired in the cellar, part {number}."
        (folder / f"{word}{number}.md").write_text(
            f"---\ntitle: {word} {number}\nauthor: {who}@example.org\ndate: 2026-05-{number + 2:02}\n---\n\n{words}\n\n"
            f"How should the {word} storage be kept, number {number}?\n"
        )


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    write(tmp_path / "in" / "gone", SECRET, "ada", 12)
    write(tmp_path / "in" / "stays", STAYS, "bo", 12)
    (tmp_path / "in" / "people.csv").write_text(PEOPLE)
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as opened:
        opened.ingest([tmp_path / "in"], "handbook", opened.owner())
        yield opened


def shelf(workspace: Workspace) -> str:
    return "".join(p.read_text() for p in (workspace.settings.home / "reports").rglob("*") if p.is_file())


def quoted(value: object) -> list[str]:
    """Every text and title that a report cites."""
    if isinstance(value, dict):
        own = [value["title"], value.get("text", "")] if "document_id" in value else []
        return own + [text for each in value.values() for text in quoted(each)]
    return [text for each in value for text in quoted(each)] if isinstance(value, list) else []


def kept(workspace: Workspace, language: str = "en") -> str:
    one = workspace.periodic_report("month", workspace.owner(), now=JUNE, language=language)
    assert one is not None
    cited = " ".join(quoted(json.loads(workspace.kept_report(one.id, workspace.owner()))))
    assert SECRET in cited
    assert STAYS in cited
    return one.id


def whole(workspace: Workspace, id_: str) -> str:
    """A kept report holds to its schema; what it cites."""
    report = json.loads(workspace.kept_report(id_, workspace.owner()))
    jsonschema.validate(report, report_schema())
    return " ".join(quoted(report))


def test_what_was_removed_at_its_source(workspace: Workspace, tmp_path: Path) -> None:
    id_ = kept(workspace, "de")
    for path in (tmp_path / "in" / "gone").iterdir():
        path.unlink()
    workspace.ingest([tmp_path / "in"], "handbook", workspace.owner(), allow_removals=True)
    assert SECRET not in whole(workspace, id_)
    assert STAYS in whole(workspace, id_)
    for form in ("html", "md"):
        assert "the quokkabeacon storage" not in workspace.kept_report(id_, workspace.owner(), form=form)
    assert '<html lang="de"' in workspace.kept_report(id_, workspace.owner(), form="html")
    assert [event.action for event in workspace.audit(workspace.owner())].count("report.emend") == 1
    before = shelf(workspace)
    workspace.ingest([tmp_path / "in"], "handbook", workspace.owner())
    assert shelf(workspace) == before


def test_words_that_were_changed(workspace: Workspace, tmp_path: Path) -> None:
    id_ = kept(workspace)
    for number, path in enumerate((tmp_path / "in" / "gone").iterdir()):
        path.write_text(
            f"---\ntitle: Plain {number}\ndate: 2026-05-0{number % 9 + 1}\n---\n\nNothing to see, {number}.\n"
        )
    workspace.sync(None, workspace.owner(), allow_removals=True)
    assert SECRET not in whole(workspace, id_)
    assert STAYS in whole(workspace, id_)


def test_a_source_that_was_removed(workspace: Workspace) -> None:
    id_ = kept(workspace)
    (source,) = workspace.sources(workspace.owner())
    workspace.remove_source(source.source.id, workspace.owner())
    assert not whole(workspace, id_)


def test_somebody_who_is_not_to_be_named(workspace: Workspace) -> None:
    id_ = kept(workspace)
    assert "Ada Falk" in shelf(workspace)
    workspace.set_listed("ada", listed=False, by=workspace.owner())
    assert "Ada Falk" not in shelf(workspace)
    assert "Bo Lund" in shelf(workspace)
    assert SECRET in whole(workspace, id_)


def test_a_report_that_nobody_can_emend_is_taken_away(workspace: Workspace) -> None:
    id_ = kept(workspace)
    folder = workspace.settings.home / "reports" / id_
    earlier = json.loads((folder / "report.json").read_text())
    (folder / "report.json").write_text(json.dumps({**earlier, "report_version": 1}))
    workspace.set_listed("ada", listed=False, by=workspace.owner())
    assert not folder.exists()
    assert workspace.kept_reports(workspace.owner()) == ()
    assert "Ada Falk" not in shelf(workspace)


def test_what_a_machine_wrote_from_what_is_gone(tmp_path: Path) -> None:
    write(tmp_path / "in" / "gone", SECRET, "ada", 12)
    write(tmp_path / "in" / "stays", STAYS, "bo", 12)
    with listening() as endpoint:
        endpoint.reply, endpoint.summary = "Pools of the cellar", "Pools are repaired in the cellar."
        asking = Settings(home=tmp_path / "home", model="hashing", label_url=endpoint.url, label_summaries=True)
        with Workspace.open(asking, create=True) as home:
            home.ingest([tmp_path / "in"], "handbook", home.owner())
            id_ = kept(home)
            cards = json.loads(home.kept_report(id_, home.owner()))["cards"]
            (named,) = [card for card in cards if card["written"]]
            assert (named["label"], named["summary"]["text"]) == (endpoint.reply, endpoint.summary)
            (path,) = (tmp_path / "in").rglob(named["written"]["saw"][0]["title"].replace(" ", "") + ".md")
            path.unlink()
            home.ingest([tmp_path / "in"], "handbook", home.owner(), allow_removals=True)
            assert shelf(home).count(endpoint.reply) == 0
            whole(home, id_)
            after = {card["theme_id"]: card for card in json.loads(home.kept_report(id_, home.owner()))["cards"]}
            label = after[named["theme_id"]]["label"]
            assert label == named["written"]["plain"]
            lost = {theme for theme, card in after.items() if card["summary"] is None}
            assert lost == {named["theme_id"]}
