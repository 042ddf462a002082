"""The MCP server, asked by the SDK's own client: in process, over HTTP with tokens, and over stdio."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
import small_home
from fake_workspace import DOCUMENTS, MAP, OWNER, FakeWorkspace
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from sensemake import wire
from sensemake.api.app import create_app
from sensemake.errors import StoreError
from sensemake.mcp.doors import PATH, OnePerson, over_http
from sensemake.mcp.server import server
from sensemake.mcp.shapes import PAGE, fetched
from sensemake.model import Document, Part, Principal, Query, Role

PUBLIC, SECRET = DOCUMENTS[0], DOCUMENTS[3]
TOOLS = {"search", "fetch", "find_experts", "list_themes", "get_theme", "list_silos", "ask", "bridges"}
Talk = Callable[[Client], Awaitable[Any]]


def talk(to: object, what: Talk) -> Any:
    async def whole() -> Any:
        async with Client(to) as client:  # type: ignore[arg-type]
            return await what(client)

    return asyncio.run(whole())


def asked(home: FakeWorkspace, by: Principal, tool: str, **arguments: object) -> Any:
    """What a tool answered: its structure, its text as JSON, or the error."""
    result = talk(server(home, OnePerson(by)), lambda client: client.call_tool(tool, arguments))  # type: ignore[arg-type]
    if result.is_error:
        return result.content[0].text
    return result.structured_content or json.loads(result.content[0].text)


def test_the_tools_only_read() -> None:
    listed = talk(server(FakeWorkspace(), OnePerson(OWNER)), lambda client: client.list_tools()).tools  # type: ignore[arg-type]
    assert {tool.name for tool in listed} == TOOLS
    assert all(tool.annotations.read_only_hint and not tool.annotations.destructive_hint for tool in listed)
    assert all(tool.description and tool.title for tool in listed)


def test_search_and_fetch_have_the_shapes_of_chatgpt() -> None:
    home = FakeWorkspace()
    result = talk(server(home, OnePerson(OWNER)), lambda client: client.call_tool("search", {"query": "tide"}))  # type: ignore[arg-type]
    assert result.structured_content is None
    assert len(result.content) == 1
    first = json.loads(result.content[0].text)["results"][0]
    assert {"id", "title", "url", "text"} <= set(first)
    document = asked(home, OWNER, "fetch", id=first["id"])
    assert set(document) == {"id", "title", "text", "url", "metadata"}
    assert PUBLIC.parts[0].text in document["text"]
    assert document["url"].startswith("sensemake://documents/")


def test_the_others_answer_as_the_contract_does() -> None:
    home = FakeWorkspace()
    assert asked(home, OWNER, "find_experts", topic="tide") == wire.experts_json(home.who(Query("tide", 5), OWNER))
    assert asked(home, OWNER, "get_theme", id="t1") == wire.theme_page_json(home.theme("t1", OWNER))
    themes = asked(home, OWNER, "list_themes")["themes"]
    assert [theme["label"] for theme in themes] == [theme.label for theme in MAP.themes]
    assert asked(home, OWNER, "ask", question="tide") == wire.routing_json(home.ask(Query("tide", 5), OWNER))
    assert asked(home, OWNER, "bridges") == wire.bridges_json(home.bridges(OWNER))
    assert asked(home, OWNER, "list_silos") == wire.silos_json(home.silos(OWNER), with_readers=False)


def test_everybody_reads_with_their_own_rights() -> None:
    home = FakeWorkspace()
    anonymous = home.anonymous()
    assert {each["silo"] for each in asked(home, anonymous, "search", query="tide")["results"]} == {"handbook"}
    hidden, absent = (asked(home, anonymous, "fetch", id=name) for name in (SECRET.id, "nothing"))
    assert hidden.replace(SECRET.id, "nothing") == absent


def test_a_missing_right_is_said() -> None:
    nobody = Principal("nobody", frozenset(), scopes=frozenset())
    assert "search:read" in asked(FakeWorkspace(), nobody, "search", query="tide")


def test_an_error_inside_names_no_folder() -> None:
    home = FakeWorkspace()
    home.fault = StoreError("/home/somebody/secret cannot be read")
    assert "secret" not in asked(home, OWNER, "search", query="tide")


def test_a_long_document_is_read_on() -> None:
    long = Document(PUBLIC.source, "long", PUBLIC.kind, "Long", (Part("a" * (PAGE + 5), None, Role.WROTE),))
    first = fetched(long, 0)
    assert (len(first["text"]), first["metadata"]["next_offset"]) == (PAGE, PAGE)
    rest = fetched(long, PAGE)
    assert (len(rest["text"]), rest["metadata"]["next_offset"]) == (5, None)


# ── over HTTP ────────────────────────────────────────────────────────────────────────────────────


def over(home: FakeWorkspace, headers: dict[str, str], what: Talk) -> Any:
    app = create_app(home, mounted={PATH: over_http(home)})  # type: ignore[arg-type]

    async def whole() -> Any:
        transport = httpx2.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, headers=headers) as http,
            Client(streamable_http_client(f"http://127.0.0.1:8765{PATH}", http_client=http)) as client,
        ):
            return await what(client)

    return asyncio.run(whole())


def bearer(home: FakeWorkspace, *scopes: str, user: str | None = None) -> dict[str, str]:
    secret, _ = home.create_token(
        "assistant", user=user, scopes=frozenset(scopes) or OWNER.scopes, silos=None, days=1, by=OWNER
    )
    return {"Authorization": f"Bearer {secret}"}


def silos_found(home: FakeWorkspace, headers: dict[str, str]) -> set[str]:
    result = over(home, headers, lambda client: client.call_tool("search", {"query": "tide"}))
    return {each["silo"] for each in json.loads(result.content[0].text)["results"]}


def test_over_http_the_token_says_who_asks() -> None:
    home = FakeWorkspace()
    assert silos_found(home, bearer(home)) == {"handbook", "board"}
    assert silos_found(home, {}) == {"handbook"}


def test_over_http_a_wrong_token_is_nobody() -> None:
    app = create_app(FakeWorkspace(), mounted={PATH: over_http(FakeWorkspace())})  # type: ignore[arg-type]

    async def whole() -> httpx2.Response:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8765") as http:
            return await http.post(PATH, json={}, headers={"Authorization": "Bearer smk_wrong"})

    refused = asyncio.run(whole())
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["x-content-type-options"] == "nosniff"


def test_over_http_a_scope_is_asked_for() -> None:
    home = FakeWorkspace()
    result = over(home, bearer(home, "docs:read"), lambda client: client.call_tool("find_experts", {"topic": "tide"}))
    assert result.is_error
    assert "experts:read" in result.content[0].text


# ── over stdio ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return small_home.taken_in(tmp_path, handbook="staff", board="board")


@pytest.mark.parametrize(("who", "silos"), [((), {"handbook", "board"}), (("--as", "bo"), {"handbook"})])
def test_over_stdio(home: Path, who: tuple[str, ...], silos: set[str]) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "sensemake", "--home", str(home), "mcp", *who],
        env={**os.environ, "SENSEMAKE_MODEL": "hashing"},
    )
    result = talk(command, lambda client: client.call_tool("search", {"query": "tide gauge budget", "limit": 20}))
    assert {each["silo"] for each in json.loads(result.content[0].text)["results"]} == silos
