"""Whoever asks one by one what there is, and who, is in the audit; whoever works is not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import small_home
from fastapi.testclient import TestClient
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.mcp.doors import PATH, over_http
from sensemake.model import Filters, Query
from sensemake.protocols import AuditEvent
from sensemake.rules.probing import BOUNDS, Sought, noteworthy
from sensemake.stores.rates import FileRates
from sensemake.workspace import Workspace
from sensemake.workspace.accounting import Account

ME = "http://127.0.0.1:8765"
NOTHING = "xylophone quasar zeppelin"
ABOUT_THE_BOARD = Query("confidential budget of the board", 5, Filters(silos=("board",)))


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    home = small_home.taken_in(tmp_path, handbook="everyone", board="board")
    with Workspace.open(Settings(home=home, model="hashing")) as opened:
        yield opened


@pytest.fixture
def http(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(workspace), ME) as opened:
        yield opened


def noted(workspace: Workspace) -> tuple[AuditEvent, ...]:
    return workspace.audit(workspace.owner(), Account(action="probing"))


def kinds(workspace: Workspace) -> dict[str, list[int]]:
    told: dict[str, list[int]] = {}
    for event in noted(workspace):
        told.setdefault(event.detail["kind"], []).append(int(event.detail["count"]))
    return told


def as_user(workspace: Workspace, user: str) -> dict[str, str]:
    secret, _ = workspace.create_token("t", by=workspace.owner(), user=user)
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("kind", Sought)
def test_the_bound_is_noted_once_and_then_each_tenfold(kind: Sought) -> None:
    bound = BOUNDS[kind]
    assert [n for n in range(1, bound * 100 + 1) if noteworthy(kind, n)] == [bound, bound * 10, bound * 100]


def test_asking_for_what_is_absent_is_noted_once(workspace: Workspace, http: TestClient) -> None:
    headers = as_user(workspace, "bo")
    for number in range(BOUNDS[Sought.ABSENT] - 1):
        assert http.get(f"/api/v1/documents/d{number}", headers=headers).status_code == 404
    assert not noted(workspace)
    for number in range(10):
        http.get(f"/api/v1/documents/e{number}", headers=headers)
    (event,) = noted(workspace)
    assert (event.by, event.about) == ("bo", "bo")
    assert event.detail["kind"] == Sought.ABSENT
    assert event.detail["count"] == str(BOUNDS[Sought.ABSENT])


def test_hidden_and_absent_are_noted_alike(workspace: Workspace, http: TestClient) -> None:
    hidden = workspace.search(ABOUT_THE_BOARD, workspace.owner()).hits[0].document.id
    for user, document in (("bo", hidden), ("cleo", "absent")):
        headers = as_user(workspace, user)
        for _ in range(BOUNDS[Sought.ABSENT]):
            assert http.get(f"/api/v1/documents/{document}", headers=headers).status_code == 404
    first, second = noted(workspace)
    assert (first.by, second.by) == ("bo", "cleo")
    assert first.detail == second.detail


def test_several_tokens_of_one_user_count_together(workspace: Workspace, http: TestClient) -> None:
    tokens = [as_user(workspace, "bo") for _ in range(5)]
    for number in range(BOUNDS[Sought.ABSENT]):
        http.get(f"/api/v1/documents/d{number}", headers=tokens[number % 5])
    assert len(noted(workspace)) == 1


def test_nobody_in_particular_is_noted_by_the_address(workspace: Workspace, http: TestClient) -> None:
    for _ in range(BOUNDS[Sought.ABSENT]):
        http.get("/api/v1/documents/d")
    (event,) = noted(workspace)
    assert (event.by, event.about) == ("anonymous", "testclient")


def test_people_asked_for_one_by_one_are_noted(workspace: Workspace, http: TestClient) -> None:
    for number in range(BOUNDS[Sought.PEOPLE] // 2):
        assert http.post("/api/v1/experts", json={"topic": f"Person {number}"}).status_code == 200
        assert http.get("/api/v1/people/ada").status_code == 200
    assert kinds(workspace) == {Sought.PEOPLE: [BOUNDS[Sought.PEOPLE]]}


def test_questions_and_beginnings_in_vain_are_noted(workspace: Workspace, http: TestClient) -> None:
    for number in range(BOUNDS[Sought.UNANSWERED]):
        asked = {"query": NOTHING} if number % 2 else {"query": "budget", "silos": [f"silo{number}"]}
        assert http.post("/api/v1/search", json=asked).json()["abstained"]
    for _ in range(BOUNDS[Sought.TYPED] - 5):
        workspace.sought(Sought.TYPED, workspace.anonymous(), address="testclient")
    for _ in range(5):
        http.get("/api/v1/suggestions", params={"prefix": "zzzz"})
    assert kinds(workspace) == {Sought.UNANSWERED: [100], Sought.TYPED: [500]}


def test_the_page_and_its_address_are_counted_too(workspace: Workspace, http: TestClient) -> None:
    for _ in range(BOUNDS[Sought.PEOPLE]):
        assert http.post("/", data={"query": "tide", "verb": "who"}).status_code == 200
        assert http.post("/", data={"query": NOTHING}).status_code == 200
    assert set(kinds(workspace)) == {Sought.PEOPLE, Sought.UNANSWERED}


def test_an_assistant_is_counted_too(workspace: Workspace) -> None:
    app = create_app(workspace, mounted={PATH: over_http(workspace)})

    async def asked() -> None:
        transport = httpx2.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport) as inner,
            Client(streamable_http_client(f"{ME}{PATH}", http_client=inner)) as client,
        ):
            for number in range(BOUNDS[Sought.PEOPLE]):
                await client.call_tool("find_experts", {"topic": f"Person {number}"})
                await client.call_tool("search", {"query": NOTHING})
                if number % 2:
                    await client.call_tool("fetch", {"id": f"d{number}"})

    asyncio.run(asked())
    assert set(kinds(workspace)) == {Sought.PEOPLE, Sought.UNANSWERED, Sought.ABSENT}


def test_a_busy_hour_of_work_is_not_noted(workspace: Workspace, http: TestClient) -> None:
    """Sixty questions with a third in vain, typed with beginnings, thirty who-questions, a few stale links."""
    headers = as_user(workspace, "bo")
    for number in range(60):
        http.post("/api/v1/search", json={"query": NOTHING if number % 3 == 0 else "tide tables"}, headers=headers)
        for prefix in ("ti", "zz"):
            http.get("/api/v1/suggestions", params={"prefix": prefix}, headers=headers)
        if number % 2:
            http.post("/api/v1/experts", json={"topic": "tide"}, headers=headers)
        if number % 10 == 0:
            http.get("/api/v1/documents/stale", headers=headers)
    assert not noted(workspace)


def test_who_is_refused_learns_nothing_and_is_not_counted(workspace: Workspace, http: TestClient) -> None:
    for _ in range(BOUNDS[Sought.ABSENT] * 2):
        assert http.get("/api/v1/documents/d", headers={"Authorization": "Bearer smk_wrong"}).status_code == 401
        assert http.get("/nothing-here").status_code == 404
    assert not noted(workspace)


def test_a_file_that_cannot_be_used_keeps_no_answer_back(workspace: Workspace, http: TestClient) -> None:
    workspace._catalog.rates.close()
    for file in workspace.settings.home.glob("rates.sqlite*"):
        file.unlink()
    (workspace.settings.home / "rates.sqlite").write_bytes(b"this is no database" * 500)
    assert http.get("/api/v1/documents/d").status_code == 404
    assert http.post("/api/v1/experts", json={"topic": "tide"}).status_code == 200


def test_the_audit_shows_it(workspace: Workspace, http: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    from sensemake.cli.edge import run

    for _ in range(BOUNDS[Sought.ABSENT]):
        http.get("/api/v1/documents/d")
    assert run(["--home", str(workspace.settings.home), "audit", "--action", "probing"]) == 0
    said = capsys.readouterr().out
    assert "probing.suspected testclient" in said
    assert f"count={BOUNDS[Sought.ABSENT]}" in said


def test_windows_are_counted_apart_and_forgotten(tmp_path: Path) -> None:
    one, two = FileRates(tmp_path), FileRates(tmp_path)
    assert [rates.count("a", 0) for rates in (one, two, one)] == [1, 2, 3]
    assert one.count("b", 0) == 1
    assert one.count("a", 3600) == 1
    assert two.count("a", 0) == 1  # forgotten
    for rates in (one, two):
        rates.close()
