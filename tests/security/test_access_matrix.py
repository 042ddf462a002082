"""The access matrix: every kind of caller at every route over HTTP, each cell said in advance.

A route that is not in `RIGHTS` fails: whoever adds one says first who may use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import small_home
from fastapi.testclient import TestClient

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.model import Query, SiloName
from sensemake.workspace import Workspace, asking

ME = "http://127.0.0.1:8765"
INTRANET = "https://intranet.example.org"
READING = ("search:read", "experts:read", "themes:read", "reports:read", "docs:read")

RIGHTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("POST", "/api/v1/search"): ("search:read",),
    ("GET", "/api/v1/passages/{passage}/similar"): ("search:read",),
    ("GET", "/api/v1/suggestions"): ("search:read",),
    ("POST", "/api/v1/helped"): ("search:read",),
    ("POST", "/api/v1/ask"): ("search:read", "experts:read"),
    ("POST", "/api/v1/experts"): ("experts:read",),
    ("GET", "/api/v1/people/{person}"): ("experts:read",),
    ("GET", "/api/v1/bridges"): ("experts:read", "themes:read"),
    ("GET", "/api/v1/themes"): ("themes:read",),
    ("GET", "/api/v1/themes/loose"): ("themes:read",),
    ("GET", "/api/v1/themes/{theme}"): ("themes:read",),
    ("GET", "/api/v1/reports"): ("reports:read",),
    ("GET", "/api/v1/reports/kept"): ("reports:read",),
    ("GET", "/api/v1/reports/kept/{report}"): ("reports:read",),
    ("GET", "/api/v1/documents/{document}"): ("docs:read",),
    ("GET", "/api/v1/silos"): ("docs:read",),
    ("GET", "/api/v1/questions"): ("docs:read",),
    ("POST", "/api/v1/questions/{question}/dismiss"): ("docs:write",),
    ("POST", "/api/v1/questions/{question}/reopen"): ("docs:write",),
    ("POST", "/api/v1/reflections"): ("docs:write",),
    ("POST", "/api/v1/tokens/widget"): ("tokens:mint",),
    ("POST", "/api/v1/themes/build"): ("admin",),
    ("POST", "/api/v1/ingest"): ("admin",),
    ("GET", "/api/v1/jobs"): ("admin",),
    ("GET", "/api/v1/jobs/{job}"): ("admin",),
    ("POST", "/api/v1/jobs/{job}/cancel"): ("admin",),
    ("GET", "/api/v1/insights"): ("admin",),
    ("GET", "/api/v1/pins"): ("admin",),
    ("POST", "/api/v1/pins"): ("admin",),
    ("POST", "/api/v1/pins/remove"): ("admin",),
    ("POST", "/api/v1/silos"): ("admin",),
    ("POST", "/api/v1/silos/grant"): ("admin",),
    ("POST", "/api/v1/silos/revoke"): ("admin",),
    ("POST", "/api/v1/silos/remove"): ("admin",),
    ("GET", "/api/v1/tokens"): ("admin",),
    ("POST", "/api/v1/tokens"): ("admin",),
    ("POST", "/api/v1/tokens/{token}/revoke"): ("admin",),
    ("GET", "/api/v1/sources"): ("admin",),
    ("POST", "/api/v1/sources/sync"): ("admin",),
    ("GET", "/api/v1/quarantine"): ("admin",),
    ("POST", "/api/v1/quarantine/retry"): ("admin",),
    ("POST", "/api/v1/quarantine/drop"): ("admin",),
    ("GET", "/api/v1/audit"): ("admin",),
    ("GET", "/livez"): (),
    ("GET", "/readyz"): (),
    ("GET", "/metrics"): (),
}
"""Each route and the rights that it needs; () is open to anybody."""

BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/search": {"query": "tide gauge"},
    "/api/v1/experts": {"topic": "tide gauge"},
    "/api/v1/ask": {"question": "who reads the tide gauge"},
    "/api/v1/helped": {"query": "tide", "passage_id": "none"},
    "/api/v1/reflections": {"text": "We learnt to moor.", "silo": "handbook"},
    "/api/v1/tokens/widget": {"origin": INTRANET},
    "/api/v1/themes/build": {},
    "/api/v1/silos": {"silo": "matrix"},
    "/api/v1/silos/grant": {"silo": "open", "readers": ["staff"]},
    "/api/v1/silos/revoke": {"silo": "open", "readers": ["staff"]},
    "/api/v1/silos/remove": {"silo": "matrix"},
    "/api/v1/quarantine/drop": {"ids": ["none"]},
    "/api/v1/tokens": {"name": "m"},
    "/api/v1/sources/sync": {},
    "/api/v1/quarantine/retry": {},
    "/api/v1/pins": {"question": "tide", "target": "none"},
    "/api/v1/pins/remove": {"question": "tide", "target": "none"},
}


@dataclass(frozen=True)
class Caller:
    """Somebody who asks: what they send, whether it holds, what they may do and which silos they read."""

    name: str
    headers: dict[str, str]
    holds: bool
    rights: frozenset[str]
    silos: frozenset[str]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    place = tmp_path_factory.mktemp("matrix")
    small_home.write(place)
    (place / "open").mkdir()
    (place / "open" / "visit.md").write_text("# Visitors\n\nVisitors see the tide gauge on Saturdays.\n")
    with Workspace.open(Settings(home=place / "home", model="hashing"), create=True) as opened:
        owner = opened.owner()
        for silo, readers in (("handbook", "staff"), ("board", "board"), ("open", "everyone")):
            opened.ingest([place / silo], silo, owner, readers=frozenset({readers}))
        yield opened


@pytest.fixture(scope="module")
def callers(workspace: Workspace) -> list[Caller]:
    """Twelve kinds of callers."""
    owner = workspace.owner()
    every = frozenset({"handbook", "board", "open"})
    staff, both, nothing = frozenset({"handbook", "open"}), every, frozenset({"open"})
    reading, all_rights = frozenset(READING), asking.SCOPES

    def bearer(user: str | None, *scopes: str, silos: frozenset[str] | None = None, once: bool = False) -> str:
        wanted = frozenset(scopes) or all_rights
        return workspace.create_token("m", by=owner, user=user, scopes=wanted, silos=silos, once=once)[0]

    revoked = bearer("ada")
    workspace.revoke_token(workspace.tokens(owner)[-1].id, owner)
    expired, row = asking.make_token(
        "old", user="ada", scopes=all_rights, silos=None, lifetime=timedelta(seconds=-1), now=asking.utc_now()
    )
    workspace._catalog.access.add_token(row)
    gone, row = asking.make_token(
        "left", user="p999", scopes=all_rights, silos=None, lifetime=None, now=asking.utc_now()
    )
    workspace._catalog.access.add_token(row)
    used = bearer(None, once=True)
    workspace.open_session(used)
    page = workspace.mint_widget_token(INTRANET, owner, user="bo")[0]
    person = reading | {"docs:write"}

    def sending(name: str, secret: str, holds: int, rights: frozenset[str], silos: frozenset[str]) -> Caller:
        return Caller(name, {"Authorization": f"Bearer {secret}"}, bool(holds), rights, silos)

    return [
        Caller("anonymous", {}, holds=True, rights=reading, silos=nothing),
        sending("a person of two groups", bearer("ada"), 1, person, both),
        sending("a person of one group", bearer("bo"), 1, person, staff),
        sending("a token that only searches", bearer("ada", "search:read"), 1, frozenset({"search:read"}), both),
        sending("a token for one silo", bearer("ada", silos=frozenset({"board"})), 1, person, frozenset({"board"})),
        sending(
            "a token for a silo that is not theirs", bearer("bo", silos=frozenset({"board"})), 1, person, frozenset()
        ),
        sending("the owner", bearer(None), 1, all_rights, every),
        sending("a service that mints", bearer(None, "tokens:mint"), 1, frozenset({"tokens:mint"}), every),
        Caller(
            "a page with its token",
            {"Authorization": f"Bearer {page}", "Origin": INTRANET},
            holds=True,
            rights=frozenset({"search:read"}),
            silos=staff,
        ),
        sending("a page's token elsewhere", page, 0, frozenset(), frozenset()),
        sending("an ended token", expired, 0, frozenset(), frozenset()),
        sending("a revoked token", revoked, 0, frozenset(), frozenset()),
        sending("a used link", used, 0, frozenset(), frozenset()),
        sending("somebody who left the directory", gone, 0, frozenset(), frozenset()),
        sending("a mistyped token", "smk_" + "a" * 49, 0, frozenset(), frozenset()),
    ]


@pytest.fixture(scope="module")
def http(workspace: Workspace) -> Iterator[TestClient]:
    app = create_app(workspace, origins=[INTRANET])
    with TestClient(app, ME, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def asked(http: TestClient, caller: Caller, method: str, route: str, **named: str) -> Any:
    path = re.sub(r"{(\w+)}", lambda found: named.get(found[1], "none"), route)
    if route == "/api/v1/ingest":
        files = [("files", ("a.md", b"# A\n\nText."))]
        return http.request(method, path, headers=caller.headers, data={"silo": "new"}, files=files)
    body = BODIES.get(route) if method == "POST" else None
    query = {"prefix": "ti"} if route.endswith("suggestions") else None
    return http.request(method, path, headers=caller.headers, json=body, params=query)


def test_every_route_is_in_the_matrix(http: TestClient) -> None:
    paths = http.get("/api/v1/openapi.json").json()["paths"]
    described = {
        (method.upper(), path): tuple(sorted(next(iter(operation["security"][0].values()))))
        for path, operations in paths.items()
        for method, operation in operations.items()
        if "security" in operation
    } | {(m.upper(), path): () for path, ops in paths.items() for m, o in ops.items() if "security" not in o}
    assert described == {route: tuple(sorted(rights)) for route, rights in RIGHTS.items()}


@pytest.mark.parametrize("route", RIGHTS, ids=" ".join)
def test_every_cell(http: TestClient, callers: list[Caller], route: tuple[str, str]) -> None:
    """Refused are exactly those who lack a right: with 401 when unknown, with 403 when known."""
    needed = frozenset(RIGHTS[route])
    for caller in callers:
        answer = asked(http, caller, *route)
        if not needed:
            wanted = {200}
        elif not caller.holds:
            wanted = {401}
        elif needed <= caller.rights:
            wanted = {200, 201, 202, 404, 422}
        else:
            wanted = {403} if caller.headers else {401}
        assert answer.status_code in wanted, (caller.name, answer.status_code, answer.text)
        if answer.status_code in {401, 403}:
            assert answer.headers["content-type"] == "application/problem+json", caller.name


def test_everybody_searches_their_own_silos(http: TestClient, callers: list[Caller]) -> None:
    for caller in callers:
        if "search:read" in caller.rights:
            hits = asked(http, caller, "POST", "/api/v1/search").json()["hits"]
            assert {hit["silo"] for hit in hits} == caller.silos, caller.name


def test_what_is_hidden_is_absent(http: TestClient, callers: list[Caller], workspace: Workspace) -> None:
    """Byte for byte: the answer to a hidden document is the answer to none, but for the name asked for."""
    documents = {
        SiloName(hit.passage.silo): str(hit.document.id)
        for hit in workspace.search(Query("tide gauge", 50), workspace.owner()).hits
    }
    assert set(documents) == {"handbook", "board", "open"}
    for caller in callers:
        if "docs:read" not in caller.rights:
            continue
        for silo, document in documents.items():
            answer = asked(http, caller, "GET", "/api/v1/documents/{document}", document=document)
            if silo in caller.silos:
                assert answer.status_code == 200, (caller.name, silo)
                continue
            absent = asked(http, caller, "GET", "/api/v1/documents/{document}", document="0" * len(document))
            assert answer.status_code == absent.status_code == 404, (caller.name, silo)
            said, nothing = answer.json(), absent.json()
            for each in (said, nothing):
                each.pop("request_id")
            assert said == {
                name: value.replace("0" * len(document), document) if isinstance(value, str) else value
                for name, value in nothing.items()
            }
