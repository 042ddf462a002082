"""Jobs over HTTP, on a real home: uploads taken in by a worker, stopped, seen by whoever began them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import small_home
from fastapi.testclient import TestClient

from sensemake.api.app import create_app
from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.model import Filters, Query
from sensemake.workspace import Workspace

ME = "http://127.0.0.1:8765"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=small_home.taken_in(tmp_path, board="board"), model="hashing")) as opened:
        yield opened


@pytest.fixture
def http(workspace: Workspace) -> Iterator[TestClient]:
    """Served without a worker: jobs wait until a test does them."""
    with signed_in(workspace, with_worker=False) as client:
        yield client


def signed_in(workspace: Workspace, *, with_worker: bool) -> TestClient:
    secret, _ = workspace.create_token("mine", by=workspace.owner(), scopes=workspace.owner().scopes)
    app = create_app(workspace, with_worker=with_worker)
    return TestClient(app, ME, headers={"Authorization": f"Bearer {secret}"})


def sent(http: TestClient, *files: tuple[str, bytes], silo: str = "new") -> Any:
    upload = [("files", file) for file in files]
    return http.post("/api/v1/ingest", data={"silo": silo, "readers": ["everyone"]}, files=upload)


def worked(workspace: Workspace) -> int:
    return workspace.jobs.work(threading.Event(), once=True)


def found(workspace: Workspace, text: str) -> list[str]:
    return [hit.passage.title for hit in workspace.search(Query(text), workspace.owner()).hits]


def test_an_upload_becomes_a_job(http: TestClient, workspace: Workspace) -> None:
    begun = sent(http, ("../../etc/a.md", b"# Anchors\n\nWe moor with two anchors."), ("C:\\b.md", b""))
    assert begun.status_code == 202
    assert http.get(begun.headers["location"]).json()["status"] == "queued"
    assert worked(workspace) == 1
    job = http.get(begun.headers["location"]).json()
    assert (job["status"], job["report"]["documents"], job["report"]["failures"][0]["path"]) == ("done", 1, "b.md")
    assert list((workspace.settings.home / "uploads").iterdir()) == []
    assert found(workspace, "anchors")[0] == "Anchors"
    assert [each["id"] for each in http.get("/api/v1/jobs").json()["jobs"]] == [job["id"]]


def test_a_file_that_comes_again_takes_its_own_place(http: TestClient, workspace: Workspace) -> None:
    for text in (b"# Anchors\n\nOne anchor.", b"# Anchors\n\nTwo anchors."):
        sent(http, ("a.md", text))
        worked(workspace)
    assert [silo.name for silo in workspace.silos(workspace.owner())] == ["board", "new"]
    query = Query("anchor", filters=Filters(silos=("new",)))
    assert [hit.passage.text for hit in workspace.search(query, workspace.owner()).hits] == ["Anchors\nTwo anchors."]


def test_a_job_that_fails_says_why(http: TestClient, workspace: Workspace) -> None:
    begun = sent(http, ("a.md", b"# A\n\nText."), silo="board")
    worked(workspace)
    job = http.get(begun.headers["location"]).json()
    assert job["status"] == "failed"
    assert "silo grant" in job["problem"]


def test_what_was_sent_is_not_read_again(http: TestClient, workspace: Workspace) -> None:
    """Its files are gone: an update of all sources passes it over, and of this one says why."""
    sent(http, ("a.md", b"# Anchors\n\nTwo anchors."))
    worked(workspace)
    held = http.get("/api/v1/sources").json()["sources"]
    assert [(each["id"], each["documents"], each["path"]) for each in held if each["silo"] == "new"] == [
        ("new/a.md", 1, "")
    ]
    assert "uploads" not in str(held)
    begun = [http.post("/api/v1/sources/sync", json=body) for body in ({}, {"source": "new/a.md"})]
    worked(workspace)
    every, this = (http.get(each.headers["location"]).json()["synced"] for each in begun)
    assert [each["source"] for each in every] == ["board/board"]
    assert "sent here" in this[0]["error"]
    assert "Anchors" in found(workspace, "anchors")


def test_what_was_sent_and_not_read_says_so_without_where_it_lay(http: TestClient, workspace: Workspace) -> None:
    sent(http, ("bad.pdf", b"%PDF-1.7 no"))
    worked(workspace)

    def told() -> list[dict[str, Any]]:
        kept: list[dict[str, Any]] = http.get("/api/v1/quarantine").json()["quarantine"]
        every = [source for source in http.get("/api/v1/sources").json()["sources"] if source["silo"] == "new"]
        return [*kept, *every[0]["failures"]]

    for entry in told():
        assert entry["path"] == "bad.pdf"
        assert entry["detail"].endswith("send it again")
    begun = http.post("/api/v1/quarantine/retry", json={})
    worked(workspace)
    (left,) = http.get(begun.headers["location"]).json()["retried"]["quarantine"]
    assert (left["path"], left["detail"]) == ("bad.pdf", told()[0]["detail"])
    sent(http, ("bad.pdf", b"%PDF-1.7 no"), ("good.md", b"# Good"))
    worked(workspace)
    assert len(told()) == 2


def test_a_job_that_waits_is_stopped(http: TestClient, workspace: Workspace) -> None:
    begun = sent(http, ("a.md", b"# Anchors\n\nTwo anchors."))
    assert http.post(f"{begun.headers['location']}/cancel").json()["status"] == "cancelled"
    assert worked(workspace) == 0
    assert found(workspace, "anchors") == []


def test_a_job_that_runs_is_stopped(workspace: Workspace, http: TestClient) -> None:
    """The worker asks at each step whether it is still wanted; here it is not from the first step on."""
    begun = sent(http, ("a.md", b"# Anchors\n\nTwo anchors."))

    class StoppedAtOnce(threading.Event):
        def is_set(self) -> bool:
            asked.append(1)
            return len(asked) > 1

    asked: list[int] = []
    workspace.jobs.work(StoppedAtOnce(), once=True)
    job = http.get(begun.headers["location"]).json()
    assert (job["status"], job["problem"]) == ("cancelled", "the worker was stopped; ask again")


def test_jobs_are_seen_by_whoever_began_them(http: TestClient, workspace: Workspace) -> None:
    begun = sent(http, ("a.md", b"# A\n\nText."))
    reader, _ = workspace.create_token("reader", by=workspace.owner(), scopes=frozenset({"docs:read"}))
    refused = http.get(begun.headers["location"], headers={"Authorization": f"Bearer {reader}"})
    assert refused.status_code == 403
    assert http.get("/api/v1/jobs/none").status_code == 404
    assert http.post("/api/v1/jobs/none/cancel").status_code == 404


def test_a_server_with_a_worker_does_its_jobs(workspace: Workspace) -> None:
    with signed_in(workspace, with_worker=True) as http:
        begun = sent(http, ("a.md", b"# Anchors\n\nTwo anchors."))
        for _ in range(600):
            job = http.get(begun.headers["location"]).json()
            if job["finished_at"]:
                break
            time.sleep(0.05)
        assert job["status"] == "done", job


def test_a_worker_of_its_own_does_what_waits(
    http: TestClient, workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    sent(http, ("a.md", b"# Anchors\n\nTwo anchors."))
    assert run(["--home", str(workspace.settings.home), "worker", "--once"]) == 0
    assert capsys.readouterr().err.endswith("did 1 job\n")
    assert found(workspace, "anchors")[0] == "Anchors"
