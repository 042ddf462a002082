"""What strangers send to a server: too much, too deep, too slowly, through a socket as they would."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fake_workspace import OWNER, FakeWorkspace
from fastapi.responses import PlainTextResponse
from hypothesis import given
from hypothesis import strategies as st

from sensemake.api.app import BODY_BYTES, create_app
from sensemake.api.shallow import DEEPEST, Depth
from sensemake.config import Settings
from sensemake.workspace.asking import SCOPES

HEAD = b"POST /api/v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@contextmanager
def listening(app: Any) -> Iterator[int]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> FakeWorkspace:
    return FakeWorkspace(Settings(home=tmp_path_factory.mktemp("abuse")))


@pytest.fixture(scope="module")
def port(home: FakeWorkspace) -> Iterator[int]:
    with listening(create_app(home)) as port:  # type: ignore[arg-type]
        yield port


@pytest.fixture
def owner(port: int, home: FakeWorkspace) -> Iterator[httpx.Client]:
    secret, _ = home.create_token("t", user=None, scopes=SCOPES, silos=None, days=1, by=OWNER)
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as http:
        yield http


@pytest.fixture
def counted(home: FakeWorkspace) -> Iterator[tuple[int, list[str]]]:
    """A server that counts what it begins to answer, with something large."""
    app, asked = create_app(home), []  # type: ignore[arg-type]
    app.add_api_route("/large", lambda: PlainTextResponse("x" * (1 << 20)))

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope.get("path", ""))
        await app(scope, receive, send)

    with listening(counting) as port:
        yield port, asked


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def test_a_body_too_large_is_refused_before_it_is_sent(port: int) -> None:
    with connected(port) as wire:
        wire.sendall(HEAD + b"Content-Length: 1073741824\r\n\r\n")
        assert wire.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_a_length_is_refused_when_it_gets_too_large(port: int) -> None:
    """No more than the limit and 64 KiB is taken, whatever is promised."""
    piece = b"%x\r\n%s\r\n" % (1 << 14, b"x" * (1 << 14))
    with connected(port) as wire:
        wire.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        wire.settimeout(0.2)
        sent, answered = 0, b""
        while not answered and sent < 4 * BODY_BYTES:
            try:
                wire.sendall(piece)
                sent += 1 << 14
                answered = b"" if sent <= BODY_BYTES else wire.recv(100)
            except (TimeoutError, ConnectionError):
                continue
        assert answered.startswith(b"HTTP/1.1 413 ")
        assert sent <= BODY_BYTES + (1 << 16)


@pytest.mark.parametrize("path", ["/api/v1/search", "/api/v1/themes/build"])
@pytest.mark.parametrize(("opened", "closed"), [("[", "]"), ('{"a":', "}")])
def test_what_is_nested_too_deep_is_not_parsed(port: int, path: str, opened: str, closed: str) -> None:
    for deep in (DEEPEST + 1, 5_000):
        body = opened * deep + "1" + closed * deep
        answer = httpx.post(
            f"http://127.0.0.1:{port}{path}", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in {401, 422}


@given(
    st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)), st.data()
)
def test_depth_is_that_of_the_brackets_however_it_is_cut(value: object, data: st.DataObject) -> None:
    text = json.dumps(value, ensure_ascii=data.draw(st.booleans())).encode()
    text = b"[" * 30 + text + b"]" * 30
    cut = data.draw(st.integers(0, len(text)))
    depth, pieces = Depth(), (text[:cut], text[cut:])
    ends = [depth.read(piece) for piece in pieces]
    assert (ends != [None, None]) == (30 + deepness(value) > DEEPEST)


def deepness(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(deepness, value.values()), default=0)
    return 1 + max(map(deepness, value), default=0) if isinstance(value, list) else 0


def test_a_hundred_slow_clients_keep_nobody_else_waiting(port: int) -> None:
    """Each holds its connection open in the middle of a header, or of a body."""
    with ExitStack() as held:
        for number in range(100):
            slow = held.enter_context(connected(port))
            slow.sendall(HEAD[:40] if number % 2 else HEAD + b"Content-Length: 1000\r\n\r\n{")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as well:
            for _ in range(20):
                assert well.post("/api/v1/search", json={"query": "tide"}, timeout=60).status_code == 200


def test_a_page_of_a_list_and_a_query_have_an_end(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1") as http:
        assert http.get("/suggestions", params={"prefix": "a", "limit": 101}).status_code == 422
        assert http.get("/suggestions", params={"prefix": "a" * 201}).status_code == 422
        assert http.get("/themes", params=[("audience", "a")] * 101).status_code == 422
        assert http.post("/search", json={"query": "a", "authors": ["a" * 301]}).status_code == 422
        assert http.post("/search", json={"query": "a" * 1_001}).status_code == 422
        most = {"silos": 20, "sources": 10, "authors": 10, "kinds": 5, "languages": 5}
        narrowed = {name: ["page"] * many for name, many in most.items()}
        assert http.post("/search", json={"query": "a", **narrowed}).status_code == 200
        for name in most:
            more = {**narrowed, name: [*narrowed[name], "page"]}
            assert http.post("/search", json={"query": "a", **more}).status_code == 422


def test_an_upload_is_not_read_of_whom_may_not_send_it(port: int) -> None:
    """The answer comes before the body does: else anybody could fill the server's memory with files."""
    head = b"POST /api/v1/ingest HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    for more in (b"", b"Authorization: Bearer smk_wrong\r\n"):
        with connected(port) as wire:
            wire.sendall(head + more + b"Content-Length: 100000000\r\n\r\n--x\r\n")
            assert wire.recv(100).startswith(b"HTTP/1.1 401 ")


def test_more_than_twenty_files_are_not_taken(owner: httpx.Client) -> None:
    for count, status in ((20, 202), (21, 400)):
        files = [("files", (f"{number}.md", b"# Page")) for number in range(count)]
        assert owner.post("/api/v1/ingest", files=files, data={"silo": "handbook"}).status_code == status


def test_who_does_not_read_is_not_written_to_without_end(counted: tuple[int, list[str]]) -> None:
    """Many requests on each connection, no answer read: the server stops when what it holds for one is full."""
    port, asked = counted
    with ExitStack() as held:
        for _ in range(5):
            slow = held.enter_context(connected(port))
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 1_000)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as well:
            for _ in range(20):
                assert well.post("/api/v1/search", json={"query": "tide"}, timeout=60).status_code == 200
        assert asked.count("/large") < 5 * 200
