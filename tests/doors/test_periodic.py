"""A report for each period, made once and kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import small_home
from fastapi.testclient import TestClient

from sensemake import wire
from sensemake.api.app import create_app
from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.errors import NotPermitted, StoreError
from sensemake.workspace import Workspace

JUNE, JULY = datetime(2026, 6, 3, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    small_home.write(tmp_path)
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as opened:
        opened.ingest([tmp_path / "handbook"], "handbook", opened.owner(), readers=frozenset({"staff"}))
        opened.ingest([tmp_path / "board"], "board", opened.owner(), readers=frozenset({"board"}))
        yield opened


def files(workspace: Workspace) -> dict[str, str]:
    shelf = workspace.settings.home / "reports"
    return {str(path.relative_to(shelf)): path.read_text() for path in shelf.rglob("*") if path.is_file()}


def test_a_period_has_one_report(workspace: Workspace) -> None:
    owner = workspace.owner()
    first = workspace.periodic_report("month", owner, now=JUNE)
    assert first is not None
    assert (first.period, first.silos) == ("2026-05", ("board", "handbook"))
    there = files(workspace)
    assert set(there) == {
        "index.json",
        "index.html",
        *(f"{first.folder}/report.{form}" for form in ("html", "md", "json")),
    }
    report = json.loads(there[f"{first.folder}/report.json"])
    assert (report["since"], report["until"][:10]) == ("2026-05-01T00:00:00Z", "2026-05-31")
    assert workspace.periodic_report("month", owner, now=JUNE) is None
    assert workspace.periodic_report("month", owner, now=JUNE, if_due=False) == first
    assert files(workspace) == there
    then = workspace.periodic_report("month", owner, now=JULY)
    assert then is not None
    assert then.period == "2026-06"
    assert [one.period for one in workspace.kept_reports(owner)] == ["2026-06", "2026-05"]
    assert files(workspace)["index.html"].count("report.html") == 2
    assert workspace.periodic_report("quarter", owner, now=JULY) is not None


def test_each_audience_has_its_own_and_sees_no_other(workspace: Workspace) -> None:
    owner, bo = workspace.owner(), workspace.principal_for("bo")
    assert workspace.periodic_report("month", owner, now=JUNE) is not None
    staff = workspace.periodic_report("month", owner, now=JUNE, audience=["staff"])
    assert staff is not None
    assert staff.silos == ("handbook",)
    assert workspace.periodic_report("month", bo, now=JUNE) is None  # it is what bo may read, too
    assert workspace.kept_reports(bo) == (staff,)
    assert len(workspace.kept_reports(owner)) == 2
    assert workspace.kept_reports(workspace.anonymous()) == ()
    with pytest.raises(NotPermitted):
        workspace.periodic_report("month", workspace.anonymous(), now=JUNE)


def test_over_http(workspace: Workspace) -> None:
    owner = workspace.owner()
    whole = workspace.periodic_report("month", owner, now=JUNE)
    staff = workspace.periodic_report("month", owner, now=JUNE, audience=["staff"])
    assert whole is not None
    assert staff is not None
    secret, _ = workspace.create_token("t", user="bo", by=owner)
    with TestClient(create_app(workspace), "http://127.0.0.1", headers={"Authorization": f"Bearer {secret}"}) as http:
        at = "/api/v1/reports/kept"
        assert http.get(at).json() == wire.kept_json([staff])
        assert http.get(f"{at}/{staff.id}").json() == json.loads(workspace.kept_report(staff.id, owner))
        page = http.get(f"{at}/{staff.id}", params={"format": "html"})
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert page.text == workspace.kept_report(staff.id, owner, form="html")
        said = {http.get(f"{at}/{id_}").json()["detail"].replace(id_, "…") for id_ in (whole.id, "2026-05-00000000")}
        assert len(said) == 1
        assert http.get(f"{at}/{whole.id}").status_code == 404


def test_the_shelf_is_for_its_owner_and_says_when_it_is_broken(workspace: Workspace) -> None:
    workspace.periodic_report("month", workspace.owner(), now=JUNE)
    shelf = workspace.settings.home / "reports"
    assert shelf.stat().st_mode & 0o077 == 0
    (shelf / "index.json").write_text("{")
    with pytest.raises(StoreError, match=r"index\.json"):
        workspace.kept_reports(workspace.owner())


def test_from_the_command_line(workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(workspace.settings.home)]
    until = ["--until", "2026-06-10"]
    out = tmp_path / "r.html"
    assert run([*home, "report", "--every", "month", "--if-due", *until, "-o", str(out)]) == 0
    assert "2026-05" in capsys.readouterr().err
    assert out.read_text().startswith("<!doctype html>")
    before = files(workspace)
    out.unlink()
    assert run([*home, "report", "--every", "month", "--if-due", *until, "-o", str(out)]) == 0
    assert "not due" in capsys.readouterr().err
    assert not out.exists()
    assert files(workspace) == before
    assert run([*home, "report", "--kept", "--json"]) == 0
    assert [one["period"] for one in json.loads(capsys.readouterr().out)["reports"]] == ["2026-05"]
    assert run([*home, "report", "--kept"]) == 0
    assert "2026-05" in capsys.readouterr().out
    assert run([*home, "report", "--if-due"]) == 2
    assert run([*home, "report", "--every", "month", "--since", "2026-01-01"]) == 2
