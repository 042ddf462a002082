"""Non-interference over HTTP and MCP: every route that reads, and every tool, answers the same in both worlds.

World A holds what the asker may read; world B the same and hidden silos, by the same people, about the same things.
The answers are compared byte for byte, headers and all, but for the request's own id. `TWO_WORLD_REQUESTS` says how
many are made; `make nightly` makes 20,000, and `TWO_WORLD_SEED` gives others, so that they may be made in parts.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
import small_home
from fastapi.testclient import TestClient
from test_two_worlds import WORDS, write_silo

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.mcp.doors import PATH, over_http
from sensemake.model import Query
from sensemake.workspace import Workspace, asking

ME = "http://127.0.0.1:8765"
REQUESTS = int(os.environ.get("TWO_WORLD_REQUESTS", "300"))
SEED = int(os.environ.get("TWO_WORLD_SEED", "23"))
CANARIES = ("zyzzyva", "quorumhall", "privatebook")
"""A word of the hidden silos that is nowhere else, and their names: nobody who may not read them hears of any."""
PEOPLE = {"p0": "staff", "p1": "staff", "p2": "staff", "p3": "visitors", "p4": "leadership"}
READERS: Sequence[tuple[str | None, frozenset[str] | None]] = (
    (None, None), ("p0", None), ("p1", frozenset({"handbook"})), ("p2", frozenset({"quorumhall"})), ("p3", None),
)  # fmt: skip
"""Who asks: nobody, and people by their tokens, some for one silo only (even for one that is not theirs)."""


@dataclass
class World:
    """A home behind its application, and the tokens that are the same in both."""

    home: Workspace
    http: TestClient

    def asked(self, request: dict[str, Any]) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        answer = self.http.request(**request)
        headers = tuple(sorted((k, v) for k, v in answer.headers.items() if k not in {"x-request-id", "date"}))
        body = re.sub(rb'"request_id": ?"[0-9a-f]+"', b'"request_id":""', answer.content)
        return answer.status_code, headers, body


@dataclass
class Both:
    """The two worlds; who asks, by headers; what there is to be asked about."""

    visible: World
    everything: World
    callers: list[dict[str, str]]
    documents: list[str]
    passages: list[str]
    hidden: list[str]
    themes: list[str]
    kept: list[str]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    tmp = tmp_path_factory.mktemp("worlds")
    with Workspace.open(Settings(home=tmp / "a", model="hashing"), create=True) as a:
        small_home.write(tmp)
        handbook, eng = tmp / "handbook", write_silo(tmp / "eng", 40, 2)
        write_silo(handbook / "more", 25, 1)
        people = [f"{p},{n} Falk,{n.lower()}@example.org,{PEOPLE[p]}" for p, n in zip(PEOPLE, NAMES, strict=True)]
        (handbook / "people.csv").write_text("\n".join(["person_id,name,emails,groups", *people]) + "\n")
        a.ingest([handbook], "handbook", a.owner(), readers=frozenset({"everyone"}))
        a.ingest([eng], "engineering", a.owner(), readers=frozenset({"staff"}))
        callers = [_caller(a, *reader) for reader in READERS]
        for reader in (a.anonymous(), a.principal_for("p0"), a.owner()):
            a.build_themes(replace(reader, scopes=asking.SCOPES))
            a.periodic_report("quarter", replace(reader, scopes=asking.SCOPES), now=JULY)
    shutil.copytree(tmp / "a", tmp / "b")
    with ExitStack() as open_now:
        homes = [open_now.enter_context(Workspace.open(Settings(home=tmp / name, model="hashing"))) for name in "ab"]
        b = homes[1]
        hidden = write_silo(tmp / "secret", 60, 3, canary="zyzzyva")
        for page in [*sorted((tmp / "eng").glob("*.md"))[:20], *sorted((tmp / "handbook" / "more").glob("*.md"))[:10]]:
            (hidden / f"copy-{page.name}").write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
        b.ingest([hidden], "quorumhall", b.owner(), readers=frozenset({"leadership"}))
        b.ingest([write_silo(tmp / "own", 30, 4, canary="zyzzyva")], "privatebook", b.owner())
        b.periodic_report("quarter", b.owner(), now=JULY)
        b.pin("merger sensor", b.search(Query("zyzzyva"), b.owner()).hits[0].document.id, b.owner())
        worlds = [World(home, open_now.enter_context(_served(home))) for home in homes]
        seen = homes[0].search(Query("sensor probe", 100), homes[0].owner()).hits
        secret = [h for h in b.search(Query("zyzzyva merger", 100), b.owner()).hits if h.passage.silo in CANARIES]
        themes = homes[0].themes(homes[0].anonymous())
        yield Both(
            *worlds,
            callers,
            [hit.document.id for hit in seen],
            [hit.passage.id for hit in seen],
            [name for hit in secret for name in (hit.document.id, hit.passage.id)],
            [theme.id for theme in themes.themes] if themes else [],
            [one.id for one in b.kept_reports(b.owner())],
        )


JULY = datetime(2026, 7, 3, tzinfo=UTC)
NAMES = ("Ada", "Bo", "Cy", "Di", "Eva")


def _caller(home: Workspace, user: str | None, silos: frozenset[str] | None) -> dict[str, str]:
    if user is None:
        return {}
    secret, _ = home.create_token("w", by=home.owner(), user=user, scopes=asking.READING, silos=silos)
    return {"Authorization": f"Bearer {secret}"}


def _served(home: Workspace) -> TestClient:
    return TestClient(create_app(home, mounted={PATH: over_http(home)}), ME, raise_server_exceptions=False)


def requests(both: Both, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Random requests, without end, each with what it is of."""
    rng = random.Random(seed)
    while True:
        kind = rng.choice(list(MADE))
        made = MADE[kind](both, rng)
        yield kind, {**made, "headers": {**made.get("headers", {}), **rng.choice(both.callers)}}


def text(rng: random.Random) -> str:
    said = [*WORDS, "zyzzyva", "merger", "in:quorumhall", "in:handbook", "kind:decision", "-sensor", '"pump valve"']
    return " ".join(rng.choices(said, k=rng.randint(1, 5)))


def narrowed(rng: random.Random) -> dict[str, Any]:
    filters: list[dict[str, Any]] = [
        {}, {}, {"silos": ["quorumhall"]}, {"silos": ["handbook"]}, {"authors": ["Eva Falk"]}, {"since": "2026-04-01"},
        {"sources": ["secret"]}, {"sources": ["eng"]}, {"limit": 50}, {"limit": 1},
    ]  # fmt: skip
    return rng.choice(filters)


def name(both: Both, rng: random.Random) -> str:
    return rng.choice([*both.documents, *both.passages, *both.hidden, *both.hidden, "0" * 32, "none"])


def theme(both: Both, rng: random.Random) -> str:
    return rng.choice([*both.themes, "none"])


def audience(rng: random.Random) -> dict[str, str]:
    return rng.choice([{}, {}, {"audience": "staff"}, {"audience": "leadership"}, {"audience": "everyone"}])


def few(rng: random.Random) -> dict[str, int]:
    return {"limit": rng.choice([1, 5, 20])}


def get(path: str, **asked: Any) -> dict[str, Any]:
    return {"method": "GET", "url": f"/api/v1/{path}", "params": asked}


def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"method": "POST", "url": f"/api/v1/{path}", "json": body}


def tool(name: str, **arguments: Any) -> dict[str, Any]:
    called = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    accepted = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    return {"method": "POST", "url": PATH, "json": called, "headers": accepted}


MADE: dict[str, Callable[[Both, random.Random], dict[str, Any]]] = {
    "POST /api/v1/search": lambda _, r: post("search", {"query": text(r), **narrowed(r)}),
    "POST /api/v1/experts": lambda _, r: post(
        "experts", {"topic": text(r), "explain": r.random() < 0.3, **narrowed(r)}
    ),
    "POST /api/v1/ask": lambda _, r: post("ask", {"question": text(r), **narrowed(r)}),
    "GET /api/v1/passages/{passage}/similar": lambda b, r: get(f"passages/{name(b, r)}/similar", **few(r)),
    "GET /api/v1/suggestions": lambda _, r: get("suggestions", prefix=text(r)[: r.randint(1, 4)], **few(r)),
    "POST /api/v1/helped": lambda b, r: post("helped", {"passage_id": name(b, r), "query": text(r)}),
    "GET /api/v1/documents/{document}": lambda b, r: get(f"documents/{name(b, r)}"),
    "GET /api/v1/silos": lambda _, __: get("silos"),
    "GET /api/v1/questions": lambda _, r: get("questions", **few(r)),
    "GET /api/v1/themes": lambda _, r: get("themes", **audience(r)),
    "GET /api/v1/themes/loose": lambda _, r: get("themes/loose", **audience(r), **few(r)),
    "GET /api/v1/themes/{theme}": lambda b, r: get(f"themes/{theme(b, r)}", **audience(r)),
    "GET /api/v1/reports": lambda _, r: get("reports", format=r.choice(["json", "md", "html"]), **audience(r)),
    "GET /api/v1/reports/kept": lambda _, __: get("reports/kept"),
    "GET /api/v1/reports/kept/{report}": lambda b, r: get(
        f"reports/kept/{r.choice([*b.kept, 'none'])}", format=r.choice(["json", "md", "html"])
    ),
    "GET /api/v1/people/{person}": lambda _, r: get(f"people/{r.choice([*PEOPLE, 'nobody', 'Eva Falk'])}"),
    "GET /api/v1/bridges": lambda _, r: get("bridges", names=r.choice(["true", "false"])),
    "POST /": lambda _, r: {
        "method": "POST",
        "url": "/",
        "data": {"query": text(r), "verb": r.choice(["search", "who"])},
    },
    "refused": lambda _, r: get(r.choice(["jobs", "pins", "insights", "audit", "sources", "quarantine", "tokens"])),
    "mcp search": lambda _, r: tool("search", query=text(r), **few(r)),
    "mcp fetch": lambda b, r: tool("fetch", id=name(b, r)),
    "mcp find_experts": lambda _, r: tool("find_experts", topic=text(r), **few(r)),
    "mcp ask": lambda _, r: tool("ask", question=text(r), **few(r)),
    "mcp bridges": lambda _, __: tool("bridges"),
    "mcp list_silos": lambda _, __: tool("list_silos"),
    "mcp list_themes": lambda _, __: tool("list_themes"),
    "mcp get_theme": lambda b, r: tool("get_theme", id=theme(b, r)),
}
"""A request of each kind. `helped` and `questions` write or count nothing that another asker would see."""


def test_every_route_that_reads_is_among_them(both: Both) -> None:
    paths = both.visible.http.get("/api/v1/openapi.json").json()["paths"]
    reading = {
        f"{method.upper()} {path}"
        for path, operations in paths.items()
        for method, operation in operations.items()
        if {} in operation.get("security", ())
    }
    assert reading <= set(MADE), reading - set(MADE)


@pytest.mark.timeout(7200)
def test_no_answer_tells_the_worlds_apart(both: Both) -> None:
    made = requests(both, SEED)
    good: Counter[str] = Counter()
    for _ in range(REQUESTS):
        kind, request = next(made)
        one, other = both.visible.asked(request), both.everything.asked(request)
        assert one == other, (kind, request)
        said, answered = json.dumps(request).lower(), f"{other[1]} {other[2].decode()}".lower()
        for canary in CANARIES:  # nor is one told of what one did not say oneself
            assert canary in said or canary not in answered, (kind, canary)
        good[kind] += other[0] < 300 and b'"isError":true' not in other[2]
    assert not good["refused"]
    assert REQUESTS < 2_000 or {kind for kind in MADE if not good[kind]} == {"refused"}, good


def test_the_worlds_are_two(both: Both) -> None:
    """Or else the test above proves nothing: the owner, and one who may, are told different things."""
    b = both.everything.home
    leader = _caller(b, "p4", None)
    request = {**post("search", {"query": "zyzzyva merger", "limit": 50}), "headers": leader}
    assert b"zyzzyva" in both.everything.asked(request)[2]
    assert both.hidden
    assert both.themes


def test_counters_and_health_tell_nothing_either(both: Both) -> None:
    for path in ("/metrics", "/readyz", "/livez", "/api/v1/openapi.json"):
        text = both.everything.http.get(path).text.lower()
        assert not any(f"{canary} " in text or f'"{canary}"' in text for canary in CANARIES), path
