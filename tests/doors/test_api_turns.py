"""Many who ask at once: a few are answered at a time, the others wait in turn and keep nothing else from answering."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import small_home
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.mcp.doors import PATH, over_http
from sensemake.model import Query
from sensemake.workspace import Workspace, staged

ME = "http://127.0.0.1:8765"
ASKED = {"query": "tide"}
MANY = 45
"""More than the server has threads for ordinary requests (40)."""
PATIENCE = 60.0


class Held:
    """A stage of finding that holds every question until it is opened, and counts how many it holds."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.most = 0
        self.now = 0
        self._lock = threading.Lock()

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        if name == staged.FOLLOW:
            with self._lock:
                self.now += 1
                self.most = max(self.most, self.now)
            assert self.open.wait(PATIENCE)
        yield
        if name == staged.FOLLOW:
            with self._lock:
                self.now -= 1


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    place = small_home.taken_in(tmp_path_factory.mktemp("turns"), handbook="everyone")
    with Workspace.open(Settings(home=place, model="hashing")) as opened:
        yield opened


@pytest.fixture
def held(home: Workspace) -> Iterator[Held]:
    home.stage = held = Held()
    yield held
    held.open.set()
    home.stage = None


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.005)


def waiting(app: FastAPI) -> int:
    number: int = app.state.turns._places.statistics().tasks_waiting
    return number


def test_two_are_answered_at_a_time_and_light_routes_wait_for_none(home: Workspace, held: Held) -> None:
    app = create_app(home, questions_at_once=2)
    with TestClient(app, ME) as http, ThreadPoolExecutor(MANY) as askers:
        answers = [askers.submit(http.post, "/api/v1/search", json=ASKED) for _ in range(MANY)]
        until(lambda: waiting(app) == MANY - 2 and held.now == 2)
        assert http.get("/livez").status_code == 200
        assert [silo["name"] for silo in http.get("/api/v1/silos").json()["silos"]] == ["handbook"]
        assert not any(answer.done() for answer in answers)
        held.open.set()
        assert {answer.result().status_code for answer in answers} == {200}
    assert held.most == 2


def tool(name: str, **arguments: str) -> dict[str, object]:
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


BOTH = {"Accept": "application/json, text/event-stream"}
ASKING: dict[str, Callable[[TestClient, str], Response]] = {
    "experts": lambda http, _: http.post("/api/v1/experts", json={"topic": "tide"}),
    "ask": lambda http, _: http.post("/api/v1/ask", json={"question": "tide"}),
    "the page": lambda http, _: http.post("/", data={"query": "tide"}),
    "similar": lambda http, passage: http.get(f"/api/v1/passages/{passage}/similar"),
    "search of an assistant": lambda http, _: http.post(PATH, json=tool("search", query="tide"), headers=BOTH),
    "find_experts": lambda http, _: http.post(PATH, json=tool("find_experts", topic="tide"), headers=BOTH),
    "ask of an assistant": lambda http, _: http.post(PATH, json=tool("ask", question="tide"), headers=BOTH),
}


@pytest.fixture(scope="module")
def passage(home: Workspace) -> str:
    return home.search(Query("tide"), home.owner()).hits[0].passage.id


@pytest.mark.parametrize("way", ASKING)
def test_whatever_searches_takes_its_turn(home: Workspace, passage: str, held: Held, way: str) -> None:
    app = create_app(home, questions_at_once=1, mounted={PATH: over_http(home)})
    with TestClient(app, ME) as http, ThreadPoolExecutor(2) as askers:
        first = askers.submit(http.post, "/api/v1/search", json=ASKED)
        until(lambda: held.now == 1)
        second = askers.submit(ASKING[way], http, passage)
        until(lambda: waiting(app) == 1)
        held.open.set()
        assert (first.result().status_code, second.result().status_code) == (200, 200)
    assert held.most == 1


def test_a_token_that_is_revoked_while_it_waits_is_not_answered(home: Workspace, held: Held) -> None:
    owner = home.owner()
    secret, token = home.create_token("waits", by=owner, scopes=frozenset({"search:read"}))
    app = create_app(home, questions_at_once=1)
    with TestClient(app, ME) as http, ThreadPoolExecutor(2) as askers:
        first = askers.submit(http.post, "/api/v1/search", json=ASKED)
        until(lambda: held.now == 1)
        headers = {"Authorization": f"Bearer {secret}"}
        second = askers.submit(http.post, "/api/v1/search", json=ASKED, headers=headers)
        until(lambda: waiting(app) == 1)
        home.revoke_token(token.id, owner)
        held.open.set()
        assert (first.result().status_code, second.result().status_code) == (200, 401)
