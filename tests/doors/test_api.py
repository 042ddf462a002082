"""The HTTP interface: the contract's answers, one shape of error, and who is asking."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_workspace import DOCUMENTS, MAP, OWNER, REPORT, FakeWorkspace
from fastapi.testclient import TestClient

from sensemake import wire
from sensemake.api.app import BODY_BYTES, create_app
from sensemake.api.principal import Doorkeeper
from sensemake.errors import Locked, StoreError
from sensemake.model import Query

PUBLIC, SECRET = DOCUMENTS[0], DOCUMENTS[3]
ME = "http://127.0.0.1:8765"


class Settings:
    def __init__(self, home: Path) -> None:
        self.home = home


@pytest.fixture(scope="module")
def served() -> Iterator[TestClient]:
    """One application for all tests here: building its routes takes longer than most of them."""
    app = create_app(FakeWorkspace())  # type: ignore[arg-type]
    with TestClient(app, ME, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


@pytest.fixture
def workspace(tmp_path: Path) -> FakeWorkspace:
    return FakeWorkspace(Settings(tmp_path))


@pytest.fixture
def http(served: TestClient, workspace: FakeWorkspace) -> TestClient:
    """The application over a new workspace, to somebody without a session."""
    served.app.state.workspace = workspace  # type: ignore[attr-defined]
    served.app.state.doorkeeper = Doorkeeper(workspace)  # type: ignore[attr-defined, arg-type]
    served.cookies.clear()
    return served


def token(workspace: FakeWorkspace, *scopes: str, user: str | None = None, once: bool = False) -> dict[str, str]:
    secret, _ = workspace.create_token(
        f"t{len(scopes)}{user}{once}",
        user=user,
        scopes=frozenset(scopes) or OWNER.scopes,
        silos=None,
        days=1,
        by=OWNER,
        once=once,
    )
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def owner(workspace: FakeWorkspace) -> dict[str, str]:
    return token(workspace)


def silos(answer: Any) -> set[str]:
    return {hit["silo"] for hit in answer.json()["hits"]}


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def test_the_answers_are_those_of_the_contract(http: TestClient, owner: dict[str, str]) -> None:
    home = FakeWorkspace()
    search = http.post("/api/v1/search", json={"query": "tide"}, headers=owner)
    assert (search.status_code, search.json()) == (200, wire.search_json(home.search(Query("tide"), OWNER)))
    experts = http.post("/api/v1/experts", json={"topic": "tide"}, headers=owner)
    assert experts.json() == wire.experts_json(home.who(Query("tide"), OWNER))
    assert http.get("/api/v1/themes", headers=owner).json() == wire.themes_json(MAP)
    page = http.get("/api/v1/themes/t1?by=quarter", headers=owner).json()
    assert page == wire.theme_page_json(home.theme("t1", OWNER, step="quarter"))
    assert http.post("/api/v1/themes/build", json={}, headers=owner).json() == wire.themes_json(MAP)
    loose = http.get("/api/v1/themes/loose?limit=1&cursor=c", headers=owner).json()
    assert loose == wire.loose_notes_json(home.loose(OWNER, limit=1))
    assert http.get("/api/v1/reports", headers=owner).json() == REPORT
    assert http.get("/api/v1/reports?format=md", headers=owner).text == "# Themes\n"
    table = http.get("/api/v1/reports?format=quotes.csv&language=nl", headers=owner)
    assert table.headers["content-type"].startswith("text/csv")
    assert table.headers["content-disposition"] == 'attachment; filename="report.quotes.csv"'
    assert http.get(f"/api/v1/documents/{PUBLIC.id}").json() == wire.document_json(PUBLIC)


def test_filters_narrow(http: TestClient, owner: dict[str, str]) -> None:
    assert silos(http.post("/api/v1/search", json={"query": "tide", "silos": ["board"]}, headers=owner)) == {"board"}
    assert len(http.post("/api/v1/search", json={"query": "tide", "limit": 1}, headers=owner).json()["hits"]) == 1


def test_a_reflection_is_created(http: TestClient, owner: dict[str, str]) -> None:
    made = http.post("/api/v1/reflections", json={"text": "learnt", "silo": "handbook"}, headers=owner)
    assert made.status_code == 201
    assert made.headers["location"] == f"/api/v1/documents/{made.json()['document_id']}"


@pytest.mark.parametrize("name", ["..", " ", "a" * 300])
def test_a_file_without_a_plain_name_is_refused(http: TestClient, owner: dict[str, str], name: str) -> None:
    sent = http.post("/api/v1/ingest", data={"silo": "x"}, files=[("files", (name, b"A"))], headers=owner)
    assert sent.status_code == 422


def test_health(http: TestClient, workspace: FakeWorkspace) -> None:
    assert http.get("/livez").json() == http.get("/readyz").json() == {"status": "ok"}
    workspace.fault = StoreError("/home/somebody/secret cannot be read")
    broken = http.get("/readyz")
    assert broken.status_code == 503
    assert "secret" not in broken.text
    assert http.get("/livez").status_code == 200


# ── who is asking ────────────────────────────────────────────────────────────────────────────────


def test_without_a_token_only_what_is_open_to_everyone(http: TestClient) -> None:
    assert silos(http.post("/api/v1/search", json={"query": "tide"})) == {"handbook"}
    assert [silo["name"] for silo in http.get("/api/v1/silos").json()["silos"]] == ["handbook"]
    assert http.get("/api/v1/silos").json()["silos"][0]["readers"] is None


def test_a_token_reads_as_its_user(http: TestClient, workspace: FakeWorkspace) -> None:
    ada = token(workspace, "search:read", user="ada")
    assert silos(http.post("/api/v1/search", json={"query": "tide"}, headers=ada)) == {"handbook", "board"}
    bo = token(workspace, "search:read", "docs:read", user="bo")
    assert silos(http.post("/api/v1/search", json={"query": "tide"}, headers=bo)) == {"handbook"}


def test_hidden_is_the_same_as_absent(http: TestClient, workspace: FakeWorkspace) -> None:
    hidden, absent = http.get(f"/api/v1/documents/{SECRET.id}"), http.get(f"/api/v1/documents/{'0' * 32}")
    assert hidden.status_code == absent.status_code == 404
    same = [
        {**r.json(), "request_id": "", "instance": "", "detail": r.json()["detail"][:-32]} for r in (hidden, absent)
    ]
    assert same[0] == same[1]


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic b3duZXI6", "", "bearer  ", "Bearer \xff"])
def test_a_wrong_token_is_never_anonymous(http: TestClient, header: str) -> None:
    for path in ("/api/v1/silos", "/api/v1/themes"):
        answer = http.get(path, headers={"Authorization": header.encode("latin-1")})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_does_only_what_it_is_for(http: TestClient, workspace: FakeWorkspace) -> None:
    narrow = token(workspace, "search:read", user="ada")
    assert http.get("/api/v1/themes", headers=narrow).status_code == 403
    assert http.post("/api/v1/themes/build", json={}, headers=narrow).status_code == 403
    assert http.post("/api/v1/reflections", json={"text": "x", "silo": "handbook"}, headers=narrow).status_code == 403
    assert http.post("/api/v1/themes/build", json={}).status_code == 401


def test_the_owners_link_works_once(http: TestClient, workspace: FakeWorkspace) -> None:
    secret = token(workspace, once=True)["Authorization"].removeprefix("Bearer ")
    first = http.get(f"/?owner={secret}")
    assert (first.status_code, first.headers["location"]) == (303, "/")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert secret not in cookie
    assert silos(http.post("/api/v1/search", json={"query": "tide"})) == {"handbook", "board"}
    http.cookies.clear()
    assert http.get(f"/?owner={secret}").status_code == 401


def test_a_session_that_is_none_is_never_anonymous(http: TestClient) -> None:
    http.cookies.set("sensemake_session", "made-up")
    assert http.get("/api/v1/silos").status_code == 401
    page = http.get("/")
    assert page.status_code == 303
    assert "sensemake_session=" in page.headers["set-cookie"]
    assert "Max-Age=0" in page.headers["set-cookie"]


@pytest.mark.parametrize(
    "header", [{"Origin": "http://127.0.0.1:3000"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}]
)
def test_another_page_of_this_machine_cannot_act_with_the_cookie(
    http: TestClient, workspace: FakeWorkspace, header: dict[str, str]
) -> None:
    secret = token(workspace, once=True)["Authorization"].removeprefix("Bearer ")
    http.get(f"/?owner={secret}")
    reflection = {"text": "x", "silo": "handbook"}
    assert http.post("/api/v1/reflections", json=reflection, headers=header).status_code == 403
    assert http.post("/api/v1/reflections", json=reflection, headers={"Origin": ME}).status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost:80:80", "[::2]:8765"])
def test_a_name_that_is_not_ours_is_refused(http: TestClient, host: str) -> None:
    answer = http.post("/api/v1/search", json={"query": "tide"}, headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (421, "urn:sensemake:problem:misdirected-request")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8765", "LOCALHOST:1", "[::1]:8765"])
def test_our_names_are_accepted(http: TestClient, host: str) -> None:
    assert http.get("/livez", headers={"Host": host}).status_code == 200


# ── every route ──────────────────────────────────────────────────────────────────────────────────

NAMED = {"document": "0" * 32, "passage": "p9", "theme": "t9", "job": "x", "token": "laptop"}
OPERATIONS = [
    (method.upper(), re.sub(r"{(\w+)}", lambda found: NAMED.get(found[1], "x"), path))
    for path, operations in create_app(FakeWorkspace()).openapi()["paths"].items()  # type: ignore[arg-type]
    for method in operations
] + [("GET", "/"), ("POST", "/")]
BODILESS = re.compile(r"/(cancel|revoke|dismiss|reopen)$")
"""POSTs that say all in their path, of a job, a token or a question."""


def assert_problem(answer: Any, *statuses: int) -> None:
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "instance", "request_id", "errors"}
    assert body["status"] == answer.status_code
    assert body["type"].startswith("urn:sensemake:problem:")
    assert body["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_route_fails_in_one_shape(
    http: TestClient, workspace: FakeWorkspace, owner: dict[str, str], method: str, path: str
) -> None:
    if path not in {"/livez", "/readyz", "/metrics", "/"}:
        assert_problem(http.request(method, path, headers={"Authorization": "Bearer wrong"}), 401)
    if method == "POST" and path != "/" and not (BODILESS.search(path) and path != "/api/v1/silos/revoke"):
        assert_problem(http.post(path, content=b"{", headers={**owner, "Content-Type": "application/json"}), 422)
        assert_problem(http.post(path, content=b"x" * 10, headers={**owner, "Content-Type": "text/plain"}), 422)
    assert_problem(http.request("PATCH", path, headers=owner), 405)
    assert_problem(http.get(path.rstrip("/") + "/nothing/here", headers=owner), 404)
    for fault, status in ((StoreError("in /home/x"), 503), (Locked("busy"), 503), (ZeroDivisionError("text"), 500)):
        workspace.fault = fault
        answer = http.request(method, path, headers=owner, json=_fitting(path), data=None)
        if answer.status_code >= 500:
            assert_problem(answer, status)
            assert "/home/x" not in answer.text
            assert "text" not in answer.json()["detail"]


def _fitting(path: str) -> dict[str, str] | None:
    bodies: dict[str, dict[str, str]] = {
        "/api/v1/search": {"query": "tide"},
        "/api/v1/experts": {"topic": "tide"},
        "/api/v1/themes/build": {},
        "/api/v1/helped": {"passage_id": "p9"},
        "/api/v1/pins": {"question": "tide", "target": "p9"},
        "/api/v1/pins/remove": {"question": "tide"},
        "/api/v1/reflections": {"text": "x", "silo": "handbook"},
    }
    return bodies.get(path)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_has_the_headers(http: TestClient, owner: dict[str, str], method: str, path: str) -> None:
    for answer in (
        http.request(method, path, headers=owner, json=_fitting(path)),
        http.request(method, path, headers={"Host": "evil.example"}),
        http.request("PUT", path),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "server" not in answer.headers


WRONG: list[dict[str, Any]] = [
    {}, {"query": ""}, {"query": "x" * 1001}, {"query": "x", "limit": 0}, {"query": "x", "limit": 101}, {"query": 1},
    {"query": "x", "limt": 1}, {"query": "x", "kinds": ["pages"]}, {"query": "x", "since": "soon"},
    {"query": "x", "silos": "handbook"}, {"query": "x", "silos": [""]}, {"query": "x", "silos": ["a"] * 101},
]  # fmt: skip


@pytest.mark.parametrize("body", WRONG)
def test_what_is_wrong_with_a_request_is_pointed_at(http: TestClient, body: dict[str, Any]) -> None:
    answer = http.post("/api/v1/search", json=body)
    assert_problem(answer, 422)
    if "since" not in body:
        assert answer.json()["errors"]
        assert all(fault["pointer"].startswith("/") for fault in answer.json()["errors"])


def test_an_error_repeats_nothing_of_the_question(http: TestClient) -> None:
    answer = http.post("/api/v1/search", json={"query": "wehaveaproblem" * 100})
    assert "wehaveaproblem" not in answer.text
    answer = http.post(
        "/api/v1/search", content=b'{"query": "\\ud800wehaveaproblem"}', headers={"Content-Type": "application/json"}
    )
    assert_problem(answer, 422)
    assert "wehaveaproblem" not in answer.text


def test_a_body_that_is_too_large(http: TestClient, owner: dict[str, str]) -> None:
    large = b'{"query": "' + b"x" * BODY_BYTES + b'"}'
    as_json = {"Content-Type": "application/json"}
    assert_problem(http.post("/api/v1/search", content=large, headers=as_json), 413)
    assert_problem(http.post("/api/v1/search", content=iter([large]), headers=as_json), 413)
    sent = http.post("/api/v1/ingest", data={"silo": "x"}, files=[("files", ("a.md", large))], headers=owner)
    assert sent.status_code == 202


def test_questions_are_in_no_log_and_no_counter(http: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    http.post("/api/v1/search", json={"query": "wehaveaproblem"})
    http.get("/api/v1/themes?audience=wehaveaproblem")
    http.get("/api/v1/documents/wehaveaproblem")
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("sensemake", "uvicorn"))]
    assert any("/api/v1/documents/{document} 404" in line for line in ours), ours
    assert not any("wehaveaproblem" in line for line in ours)
    metrics = http.get("/metrics").text
    assert 'sensemake_http_requests_total{method="POST",route="/api/v1/search",status="200"}' in metrics
    assert "wehaveaproblem" not in metrics


def test_the_description_names_every_error_in_our_shape(http: TestClient) -> None:
    schema = http.get("/api/v1/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in schema["components"]["schemas"]
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            assert operation["summary"]
            errors = {s: r for s, r in operation["responses"].items() if not s.startswith("2")}
            assert errors, path
            assert all("application/problem+json" in r["content"] for r in errors.values())
            if path.startswith("/api/"):
                assert operation["security"], path


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


def test_the_page_answers_without_a_script(http: TestClient) -> None:
    assert "What do you want to know?" in http.get("/").text
    answer = http.post("/", data={"query": "wipers"})
    assert 'href="https://wiki.example.org/wipers"' in answer.text
    assert "Replace the <mark>wipers</mark> of a probe" in answer.text
    assert answer.text.count("<script") == 1
    assert '<script type="module" src="/widget/page.js">' in answer.text
    assert "Ada Alder" in http.post("/", data={"query": "wipers", "verb": "who"}).text
    assert "Nothing good found." in http.post("/", data={"query": "zzz"}).text
    assert "1 to 1,000 characters" in http.post("/", data={"query": " "}).text


def test_the_page_escapes_what_it_shows(http: TestClient) -> None:
    answer = http.post("/", data={"query": '"><script>alert(1)</script>'})
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
