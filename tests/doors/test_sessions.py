"""From a report to a room of people and back, through the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import small_home

from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.errors import NotFound, NotPermitted, UsageError
from sensemake.jobs import session
from sensemake.model import Filters, Kind, Query
from sensemake.renderers.session import PAGES
from sensemake.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    small_home.write(tmp_path)
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as opened:
        opened.ingest([tmp_path / "handbook"], "handbook", opened.owner(), readers=frozenset({"staff"}))
        yield opened


def command(workspace: Workspace, *words: str) -> int:
    return run(["--home", str(workspace.settings.home), *words])


@pytest.mark.parametrize("method", session.METHODS)
@pytest.mark.parametrize("language", ["en", "nl", "de", "fr", "sv"])
def test_a_pack_in_every_method_and_language(workspace: Workspace, method: str, language: str) -> None:
    report = workspace.report(workspace.owner())
    for minutes in (60, 90):
        pack = workspace.prepare_session(report, method=method, minutes=minutes, language=language)
        assert tuple(pack) == PAGES
        agenda = session.prepare(report, method, minutes)["agenda"]  # type: ignore[arg-type]
        assert (agenda[0]["since"], agenda[-1]["until"]) == (0, minutes)
        assert all(one["until"] == then["since"] for one, then in pairwise(agenda))
    for name, text in pack.items():
        if name.endswith(".html"):
            assert not re.search(r"<script|<img|<link|src=|@import|url\(|javascript:", text)
            assert "default-src 'none'" in text
            assert f'lang="{language}"' in text
    assert pack == workspace.prepare_session(report, method=method, minutes=90, language=language)


def test_sheets_quote_word_for_word_and_ask_of_nobody(workspace: Workspace) -> None:
    report: Any = workspace.report(workspace.owner())
    made = session.prepare(report, "orid", 60)
    assert made["tables"]
    texts = [part.text for d in workspace._catalog.corpus.documents(
        {p.document for p in workspace.material(workspace.owner())[0]}).values() for part in d.parts]  # fmt: skip
    for table in made["tables"]:
        assert 1 <= len(table["quotes"]) <= 3
        assert all(any(quote["text"] in text for text in texts) for quote in table["quotes"])
        said = json.dumps(table["prompts"])
        assert not any(name in said for name in ("Ada", "Alder", "Bo", "Birch"))


def test_payloads_stay_text(workspace: Workspace) -> None:
    report: Any = dict(workspace.report(workspace.owner()))
    theme = {**report["themes"][0], "label": "<script>alert(1)</script> [x](javascript:y) {asked}"}
    pack = workspace.prepare_session({**report, "themes": [theme]})
    for name, text in pack.items():
        assert "<script>" not in text, name
        assert name.endswith(".html") or not re.search(r"(?<!\\)\]\(javascript", text), name


def test_what_is_no_report_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        workspace.prepare_session({"title": "x"})
    with pytest.raises(UsageError):
        workspace.prepare_session(workspace.report(workspace.owner()), minutes=45)
    with pytest.raises(UsageError):
        workspace.prepare_session(workspace.report(workspace.owner()), method="shouting")
    (tmp_path / "no.json").write_text("[]")
    assert (
        command(workspace, "session", "prepare", "--report", str(tmp_path / "no.json"), "-o", str(tmp_path / "p")) == 2
    )


def filled(form: str, **entries: str) -> str:
    """The form with an entry under the first heading of each sort."""
    for sort, text in entries.items():
        form = re.sub(rf"({{{sort}}}\n\n)-\n", lambda found, said=text: f"{found[1]}- {said}\n", form, count=1)
    return form


def outcomes(workspace: Workspace) -> dict[str, tuple[str, str, str | None]]:
    """What came of sessions: title by outcome, kind and theme."""
    passages = workspace.material(workspace.owner())[0]
    documents = workspace._catalog.corpus.documents({p.document for p in passages}).values()
    return {
        d.title: (str(d.kind), d.facets["outcome"], d.facets.get("theme")) for d in documents if "session" in d.facets
    }


def test_a_harvest_is_taken_in_corrected_and_reported(workspace: Workspace, tmp_path: Path) -> None:
    owner = workspace.owner()
    report: Any = workspace.report(owner)
    theme = report["themes"][0]["theme_id"]
    pack = tmp_path / "pack"
    (tmp_path / "report.json").write_text(json.dumps(report))
    assert command(workspace, "session", "prepare", "--report", str(tmp_path / "report.json"), "-o", str(pack)) == 0
    empty = (pack / "harvest.md").read_text()
    asked = "Who brings the bread to the north station in winter?"
    form = filled(
        empty,
        concluded="Rested dough is lighter.",
        decided="We bake on Mondays.",
        asked=asked,
        todo="Bo Birch: buy flour by 1 July",
    )
    (pack / "harvest.md").write_text(form)
    for _ in range(2):
        assert command(workspace, "session", "harvest", str(pack / "harvest.md"), "--silo", "handbook") == 0
        assert outcomes(workspace) == {
            "Rested dough is lighter.": ("page", "concluded", theme),
            "We bake on Mondays.": ("decision", "decided", theme),
            asked: ("question", "asked", theme),
            "Bo Birch: buy flour by 1 July": ("decision", "todo", theme),
        }
    assert asked in [q.text for q in workspace.questions(owner)]
    again: Any = workspace.report(owner)
    told = {outcome["title"]: outcome for outcome in again["outcomes"]}
    assert {"We bake on Mondays.", "Bo Birch: buy flour by 1 July"} <= set(told)
    assert theme in told["We bake on Mondays."]["themes"]
    (pack / "harvest.md").write_text(filled(empty, decided="We bake on Tuesdays."))
    assert command(workspace, "session", "harvest", str(pack / "harvest.md"), "--silo", "handbook") == 0
    assert outcomes(workspace) == {"We bake on Tuesdays.": ("decision", "decided", theme)}
    hits = workspace.search(Query("bake Tuesdays", filters=Filters(kinds=(Kind.DECISION,))), owner).hits
    assert [hit.document.title for hit in hits] == ["We bake on Tuesdays."]
    assert command(workspace, "session", "prepare", "--report", str(tmp_path / "report.json"), "-o", str(pack)) == 2
    (pack / "harvest.md").write_text(empty)
    assert command(workspace, "session", "harvest", str(pack / "harvest.md"), "--silo", "handbook") == 0
    assert outcomes(workspace) == {}


def test_what_cannot_be_placed_is_told(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    form = tmp_path / "form.md"
    form.write_text("# S {session s1}\n## T {theme t1}\n### D {decided}\n- We bake.\n### Besides\n- And we sing.\n")
    assert command(workspace, "session", "harvest", str(form), "--silo", "handbook", "--json") == 3
    said = json.loads(capsys.readouterr().out)
    assert (said["entries"], [stray["line"] for stray in said["unplaced"]]) == (1, [5, 6])
    assert set(outcomes(workspace)) == {"We bake."}
    form.write_text("# Notes\n- We bake.\n")
    assert command(workspace, "session", "harvest", str(form), "--silo", "handbook") == 2
    assert set(outcomes(workspace)) == {"We bake."}


def test_only_into_what_one_may_read(workspace: Workspace) -> None:
    form = "# S {session s1}\n### D {decided}\n- We bake.\n"
    with pytest.raises(NotFound):
        workspace.harvest_session(form, workspace.owner(), silo="nowhere")
    with pytest.raises(NotPermitted):
        workspace.harvest_session(form, workspace.anonymous(), silo="handbook")
