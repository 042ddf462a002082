"""Security headers on every route of the application, also on those that its description leaves out (pages, MCP)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.mcp.doors import PATH, over_http
from sensemake.workspace import Workspace

PUBLIC = "https://memory.example.org"
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    home = Settings(home=tmp_path_factory.mktemp("headers"), model="hashing")
    with Workspace.open(home, create=True) as workspace:
        yield create_app(workspace, hosts=None, mounted={PATH: over_http(workspace)}, public_url=PUBLIC)


def paths(app: FastAPI) -> set[str]:
    """Every path: those described, the pages and files beside them, what is mounted, and one that is none."""
    return {
        *app.openapi()["paths"],
        "/",
        "/embed",
        "/sign-in/provider",
        "/sign-in/return",
        PATH,
        "/none",
        "/favicon.ico",
    }


def test_every_answer_of_every_route_has_them(app: FastAPI) -> None:
    with TestClient(app, PUBLIC, raise_server_exceptions=False, follow_redirects=False) as http:
        asked = [(method, path) for path in sorted(paths(app)) for method in ("GET", "POST", "DELETE", "OPTIONS")]
        asked.remove(("GET", PATH))  # a stream without end
        assert len(asked) > 150
        for method, path in asked:
            answer = http.request(method, path)
            for name, value in EVERYWHERE.items():
                assert answer.headers.get(name) == value, (method, path, name)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, (method, path)
            assert "base-uri 'none'" in policy, (method, path)
            assert "frame-ancestors 'none'" in policy, (method, path)
            assert answer.headers["cross-origin-resource-policy"] == "same-origin", (method, path)
            assert answer.headers["cache-control"] == "no-store", (method, path)
