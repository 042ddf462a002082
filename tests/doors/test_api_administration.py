"""Administration over HTTP: who may read, with which tokens, from which sources; on a real home."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import small_home
from fastapi.testclient import TestClient

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.workspace import Workspace, asking

ME = "http://127.0.0.1:8765"
ASKED = {"query": "tide gauge"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    small_home.write(tmp_path)
    return tmp_path


@pytest.fixture
def workspace(place: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=place / "home", model="hashing"), create=True) as opened:
        owner = opened.owner()
        opened.ingest([place / "handbook"], "handbook", owner, readers=frozenset({"staff"}))
        opened.ingest([place / "board"], "board", owner, readers=frozenset({"board"}))
        yield opened


@pytest.fixture
def http(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(workspace), ME) as client:
        yield client


def bearer(workspace: Workspace, user: str | None = None, silos: frozenset[str] | None = None) -> dict[str, str]:
    secret, _ = workspace.create_token("t", by=workspace.owner(), user=user, scopes=asking.SCOPES, silos=silos)
    return {"Authorization": f"Bearer {secret}"}


def found(http: TestClient, headers: dict[str, str]) -> set[str]:
    hits = http.post("/api/v1/search", json={**ASKED, "limit": 50}, headers=headers).json()["hits"]
    return {hit["silo"] for hit in hits}


def done(http: TestClient, workspace: Workspace, begun: Any, headers: dict[str, str]) -> Any:
    assert begun.status_code == 202, begun.text
    workspace.jobs.work(threading.Event(), once=True)
    ended = http.get(begun.headers["location"], headers=headers).json()
    assert ended["status"] == "done", ended
    return ended


def test_a_grant_holds_from_the_next_request_on(http: TestClient, workspace: Workspace) -> None:
    owner, bo = bearer(workspace), bearer(workspace, "bo")
    change = {"silo": "board", "readers": ["staff"]}
    assert found(http, bo) == {"handbook"}
    granted = http.post("/api/v1/silos/grant", json=change, headers=owner).json()
    assert granted == {"silos": [{"name": "board", "readers": ["board", "staff"]}]}
    assert found(http, bo) == {"handbook", "board"}
    assert http.post("/api/v1/silos/revoke", json=change, headers=owner).status_code == 200
    assert found(http, bo) == {"handbook"}
    actions = [e["action"] for e in http.get("/api/v1/audit?action=silo", headers=owner).json()["events"]]
    assert actions == ["silo.grant", "silo.revoke"]


def test_a_silo_is_made_once(http: TestClient, workspace: Workspace) -> None:
    owner = bearer(workspace)
    made = http.post("/api/v1/silos", json={"silo": "archive", "readers": ["board"]}, headers=owner)
    assert (made.status_code, made.json()["silos"][0]["readers"]) == (201, ["board"])
    assert http.post("/api/v1/silos", json={"silo": "archive"}, headers=owner).status_code == 409
    assert http.post("/api/v1/silos", json={"silo": "a b"}, headers=owner).status_code == 422
    assert http.post("/api/v1/silos/grant", json={"silo": "none", "readers": ["a"]}, headers=owner).status_code == 404


def test_an_empty_silo_is_forgotten(http: TestClient, workspace: Workspace) -> None:
    owner = bearer(workspace)
    http.post("/api/v1/silos", json={"silo": "attic"}, headers=owner)
    narrow = bearer(workspace, silos=frozenset({"board"}))
    assert http.post("/api/v1/silos/remove", json={"silo": "attic"}, headers=narrow).status_code == 404
    assert http.post("/api/v1/silos/remove", json={"silo": "attic"}, headers=owner).json() == {"silos": []}
    assert http.post("/api/v1/silos/remove", json={"silo": "attic"}, headers=owner).status_code == 404
    assert http.post("/api/v1/silos/remove", json={"silo": "board"}, headers=owner).status_code == 409


def test_an_administrators_token_for_one_silo_says_nothing_of_others(
    http: TestClient, workspace: Workspace, place: Path
) -> None:
    """Of the home as a whole it hears nothing, and of jobs, tokens and files only those of its silo."""
    owner, narrow = bearer(workspace), bearer(workspace, silos=frozenset({"board"}))
    files = [("files", ("page.md", b"# Page\n\nWords."))]
    (place / "handbook" / "bad.pdf").write_bytes(b"%PDF-1.7 no")
    other = http.post("/api/v1/sources/sync", json={"source": "handbook/handbook"}, headers=owner)
    done(http, workspace, other, owner)
    assert http.get("/api/v1/quarantine", headers=owner).json()["quarantine"]
    for path in ("quarantine", "jobs", "tokens"):
        assert "handbook" not in http.get(f"/api/v1/{path}", headers=narrow).text, path
    assert http.get(other.headers["location"], headers=narrow).status_code == 404
    (entry,) = http.get("/api/v1/quarantine", headers=owner).json()["quarantine"]
    for verb in ("drop", "retry"):
        asked = {"ids": [entry["id"]]}
        assert http.post(f"/api/v1/quarantine/{verb}", json=asked, headers=narrow).status_code == 404
    assert http.post("/api/v1/ingest", data={"silo": "handbook"}, files=files, headers=narrow).status_code == 404
    sync = {"source": "handbook/handbook"}
    assert http.post("/api/v1/sources/sync", json=sync, headers=narrow).status_code == 404
    for method, path, body in (
        ("GET", "audit", None),
        ("POST", "sources/sync", {}),
        ("POST", "silos", {"silo": "new"}),
    ):
        assert http.request(method, f"/api/v1/{path}", json=body, headers=narrow).status_code == 403, path
    own = http.post("/api/v1/ingest", data={"silo": "board"}, files=files, headers=narrow)
    assert done(http, workspace, own, narrow)["report"]["documents"] == 1
    again = http.post("/api/v1/sources/sync", json={"source": "board/board"}, headers=narrow)
    assert done(http, workspace, again, narrow)["synced"][0]["source"] == "board/board"
    assert http.post("/api/v1/quarantine/drop", json={"ids": [entry["id"]]}, headers=owner).json() == {"dropped": 1}
    assert http.get("/api/v1/quarantine", headers=owner).json() == {"quarantine": []}
    (place / "handbook" / "bad.pdf").unlink()


def test_a_token_is_made_used_and_revoked(http: TestClient, workspace: Workspace) -> None:
    owner = bearer(workspace)
    made = http.post("/api/v1/tokens", json={"name": "laptop", "user": "bo"}, headers=owner)
    assert made.status_code == 201
    token, secret = made.json()["token"], made.json()["secret"]
    theirs = {"Authorization": f"Bearer {secret}"}
    assert found(http, theirs) == {"handbook"}
    listed = http.get("/api/v1/tokens", headers=owner)
    assert token["id"] in {each["id"] for each in listed.json()["tokens"]}
    assert secret not in listed.text
    assert http.post(f"/api/v1/tokens/{token['id']}/revoke", headers=owner).status_code == 200
    assert http.post("/api/v1/search", json=ASKED, headers=theirs).status_code == 401
    assert http.post(f"/api/v1/tokens/{token['id']}/revoke", headers=owner).status_code == 404


def test_nobody_gives_more_than_they_have(http: TestClient, workspace: Workspace) -> None:
    """A token of an administrator that is for one silo makes none for another, and grants no other."""
    narrow = bearer(workspace, silos=frozenset({"board"}))
    for silos, status in ((None, 403), (["handbook"], 403), (["board", "handbook"], 403), (["board"], 201), ([], 201)):
        asked = {"name": "x", "silos": silos}
        assert http.post("/api/v1/tokens", json=asked, headers=narrow).status_code == status, silos
    change = {"silo": "handbook", "readers": ["everyone"]}
    assert http.post("/api/v1/silos/grant", json=change, headers=narrow).status_code == 404
    only_admin, _ = workspace.create_token("a", by=workspace.owner(), scopes=frozenset({"admin"}))
    weak = {"Authorization": f"Bearer {only_admin}"}
    assert http.post("/api/v1/tokens", json={"name": "x", "scopes": ["docs:read"]}, headers=weak).status_code == 403
    assert http.post("/api/v1/tokens", json={"name": "x", "scopes": ["admin"]}, headers=weak).status_code == 201


def test_a_source_is_read_again(http: TestClient, workspace: Workspace, place: Path) -> None:
    owner = bearer(workspace)
    sources = http.get("/api/v1/sources", headers=owner).json()["sources"]
    assert {source["id"] for source in sources} == {"handbook/handbook", "board/board"}
    (place / "board" / "new.md").write_text("# Keel\n\nThe keel is laid in May.\n")
    begun = http.post("/api/v1/sources/sync", json={"source": "board/board"}, headers=owner)
    (synced,) = done(http, workspace, begun, owner)["synced"]
    assert (synced["source"], synced["error"], synced["report"]["documents"]) == ("board/board", None, 2)
    assert http.post("/api/v1/sources/sync", json={"source": "none"}, headers=owner).status_code == 404
    everything = done(http, workspace, http.post("/api/v1/sources/sync", json={}, headers=owner), owner)
    assert len(everything["synced"]) == 2


def test_what_is_in_quarantine_is_tried_again(http: TestClient, workspace: Workspace, place: Path) -> None:
    owner = bearer(workspace)
    (place / "board" / "bad.pdf").write_bytes(b"%PDF-1.7 no")
    done(http, workspace, http.post("/api/v1/sources/sync", json={"source": "board/board"}, headers=owner), owner)
    (entry,) = http.get("/api/v1/quarantine", headers=owner).json()["quarantine"]
    assert entry["path"].endswith("bad.pdf")
    assert http.get("/api/v1/quarantine?source=handbook/handbook", headers=owner).json()["quarantine"] == []
    begun = http.post("/api/v1/quarantine/retry", json={"ids": [entry["id"]]}, headers=owner)
    assert done(http, workspace, begun, owner)["retried"]["tried"] == 1
    assert http.post("/api/v1/quarantine/retry", json={"ids": ["none"]}, headers=owner).status_code == 404
