"""Giving account, at the command line over a real home: who may read what and why, and who did what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import small_home

from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.model import Query
from sensemake.stores.audit import AUDIT_FILE
from sensemake.workspace import Workspace


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    monkeypatch.setenv("SENSEMAKE_HOME", str(tmp_path / "home"))
    small_home.write(tmp_path)
    with opened(tmp_path / "home") as workspace:
        owner = workspace.owner()
        workspace.ingest([tmp_path / "handbook"], "handbook", owner, readers=frozenset({"staff"}))
        workspace.ingest([tmp_path / "board"], "board", owner, readers=frozenset({"board"}))
        workspace.add_silo("empty", frozenset(), owner)
    return tmp_path / "home"


def opened(home: Path) -> Workspace:
    return Workspace.open(Settings(home=home, model="hashing"), create=True)


def document_in(home: Path, silo: str) -> str:
    with opened(home) as workspace:
        hits = workspace.search(Query("tide gauge budget", 50), workspace.owner()).hits
        return next(hit.document.id for hit in hits if hit.passage.silo == silo)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = run(list(words))
    return code, "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("user", "silo", "may", "because"),
    [
        ("ada", "board", True, "ada is in board, which reads board"),
        ("bo", "board", False, "bo is in none of the groups that read board: board"),
        ("anonymous", "handbook", False, "anonymous is in none of the groups that read handbook: staff"),
    ],
)
def test_access_is_explained(
    home: Path, capsys: pytest.CaptureFixture[str], user: str, silo: str, may: int, because: str
) -> None:
    code, out = said(capsys, "access", "explain", user, document_in(home, silo), "--json")
    found = json.loads(out)
    assert (code, found["may_read"], found["because"]) == (0, may, because)


def test_who_may_read_what_is_for_its_owner_to_know(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--as", "bo", "access", "explain", "ada", document_in(home, "board"))[0] == 5
    assert said(capsys, "--as", "bo", "audit")[0] == 5
    assert said(capsys, "access", "explain", "ada", "nothing")[0] == 1


def test_what_was_done_is_in_the_audit_log(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "silo", "grant", "board", "staff")
    said(capsys, "--as", "bo", "who", "replace the wipers of a probe")
    events = json.loads(said(capsys, "audit", "--json")[1])["events"]
    assert ("owner", "silo.grant", "board") in {(e["by"], e["action"], e["about"]) for e in events}
    shown = json.loads(said(capsys, "audit", "--action", "experts", "--json")[1])["events"]
    assert [(event["by"], event["action"]) for event in shown] == [("bo", "experts.show")]
    about = shown[0]["about"].split()
    assert "wipers" not in json.dumps(events)
    assert json.loads(said(capsys, "audit", "--about", about[0], "--json")[1])["events"][-1] == shown[0]


def test_the_last_so_many_and_since(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    every = json.loads(said(capsys, "audit", "--json")[1])["events"]
    assert json.loads(said(capsys, "audit", "--last", "1", "--json")[1])["events"] == every[-1:]
    assert json.loads(said(capsys, "audit", "--since", "2999-01-01", "--json")[1])["events"] == []


def test_tampering_shows(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "audit", "--verify") == (0, "the audit log is whole\n")
    log = home / AUDIT_FILE
    log.write_text(log.read_text().replace("silo.add", "silo.odd", 1))
    code, out = said(capsys, "audit", "--verify")
    assert (code, "was changed or is missing" in out) == (1, True)


def test_an_empty_silo_can_go(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "silo", "remove", "empty")[0] == 0
    assert "empty" not in said(capsys, "silo", "list")[1]
    code, out = said(capsys, "silo", "remove", "board")
    assert (code, "remove its sources first" in out) == (2, True)
    assert said(capsys, "silo", "remove", "empty")[0] == 1
