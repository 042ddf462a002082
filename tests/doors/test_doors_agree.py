"""Python, the command line and HTTP give the same answers over the same home, for all five verbs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import small_home
from command_line import Done
from fastapi.testclient import TestClient

from sensemake import wire
from sensemake.api.app import create_app
from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.model import Filters, Kind, Principal, Query
from sensemake.workspace import Workspace

QUESTIONS = ["tide tables", "when do we repair a probe", "algae", "zzzz qqqq", "budget"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organisation")
    small_home.write(folder)
    return folder


@pytest.fixture(scope="module")
def workspace(place: Path) -> Iterator[Workspace]:
    with Workspace.open(settings(place / "home"), create=True) as opened:
        owner = opened.owner()
        opened.ingest([place / "handbook"], "handbook", owner, readers=frozenset({"everyone"}))
        opened.ingest([place / "board"], "board", owner, readers=frozenset({"board"}))
        opened.build_themes(owner)
        yield opened


def settings(home: Path) -> Settings:
    return Settings(home=home, model="hashing")


@pytest.fixture(scope="module")
def http(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(workspace), "http://127.0.0.1") as client:
        yield client


class Doors:
    """One question through each door, as one principal."""

    def __init__(self, workspace: Workspace, http: TestClient, user: str | None, capture: Any) -> None:
        self.workspace, self._http, self._user, self._capture = workspace, http, user, capture
        secret, _ = workspace.create_token("t", user=user, scopes=ALL, by=workspace.owner())
        self._headers = {"Authorization": f"Bearer {secret}"}

    @property
    def by(self) -> Principal:
        return self.workspace.principal_for(self._user) if self._user else self.workspace.owner()

    def cli(self, *words: str) -> Any:
        done = command(
            self._capture, self.workspace.settings.home, *words, *(["--as", self._user] if self._user else [])
        )
        return json.loads(done.out) if done.code == 0 else done.code

    def post(self, path: str, **body: Any) -> Any:
        return self._http.post(f"/api/v1{path}", json=body, headers=self._headers).json()

    def get(self, path: str) -> Any:
        return self._http.get(f"/api/v1{path}", headers=self._headers).json()


ALL = frozenset({"search:read", "experts:read", "themes:read", "reports:read", "docs:read", "docs:write", "admin"})


def command(capture: pytest.CaptureFixture[str], home: Path, *words: str) -> Done:
    capture.readouterr()
    code = run(["--home", str(home), "--json", *words])
    return Done(code, *capture.readouterr())


@pytest.fixture(params=[None, "ada", "bo"])
def doors(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    http: TestClient,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Doors:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    return Doors(workspace, http, request.param, capsys)


@pytest.mark.parametrize("text", QUESTIONS)
def test_search(doors: Doors, text: str) -> None:
    here = wire.search_json(doors.workspace.search(Query(text, 3), doors.by))
    assert here == doors.cli("search", text, "-n", "3") == doors.post("/search", query=text, limit=3)


def test_search_narrowed(doors: Doors) -> None:
    filters = Filters(("handbook",), (Kind.PAGE,), authors=("Ada Alder",), since=wire.since("2026-04-01"))
    here = wire.search_json(doors.workspace.search(Query("tide", 5, filters), doors.by))
    words = "--silo handbook --kind page --since 2026-04-01 -n 5".split()
    assert here == doors.cli("search", "tide", *words, "--author", "Ada Alder")
    asked = {"silos": ["handbook"], "kinds": ["page"], "authors": ["Ada Alder"], "since": "2026-04-01"}
    assert here == doors.post("/search", query="tide", limit=5, **asked)
    assert here["hits"]


@pytest.mark.parametrize("text", QUESTIONS)
def test_who(doors: Doors, text: str) -> None:
    here = wire.experts_json(doors.workspace.who(Query(text, 3), doors.by))
    assert here == doors.cli("who", text, "-n", "3") == doors.post("/experts", topic=text, limit=3)


def test_who_explained(doors: Doors) -> None:
    answer = doors.workspace.who(Query("tide tables", 3), doors.by)
    here = wire.experts_json(answer, explain=True)
    assert here == doors.cli("who", "tide tables", "-n", "3", "--explain")
    assert here == doors.post("/experts", topic="tide tables", limit=3, explain=True)
    first = here["experts"][0]["evidence"][0]
    assert set(first["explain"]) == {"relevance", "role", "age", "own_words", "shared", "again"}
    assert "explain" not in wire.experts_json(answer)["experts"][0]["evidence"][0]


def test_themes(doors: Doors) -> None:
    latest = doors.workspace.themes(doors.by)
    if latest is None:
        assert (doors.cli("themes", "list"), doors.get("/themes")["status"]) == (1, 404)
        latest = doors.workspace.build_themes(doors.by)
    here = wire.themes_json(latest)
    assert here == doors.cli("themes", "list") == doors.get("/themes")
    rest = wire.loose_notes_json(doors.workspace.loose(doors.by))
    assert rest == doors.cli("themes", "loose") == doors.get("/themes/loose")
    assert rest["loose"] == here["loose"]


def test_report(doors: Doors) -> None:
    here = json.loads(json.dumps(doors.workspace.report(doors.by)))
    assert here == doors.cli("report") == doors.get("/reports")


def test_documents_and_silos(doors: Doors) -> None:
    hit = doors.workspace.search(Query("tide", 1), doors.by).hits[0]
    assert doors.get(f"/documents/{hit.document.id}") == wire.document_json(
        doors.workspace.document(hit.document.id, doors.by)
    )
    names = [silo["name"] for silo in doors.get("/silos")["silos"]]
    assert names == [silo["name"] for silo in doors.cli("silo", "list")["silos"]]
    assert ("board" in names) == (doors.by.user != "bo")


def test_ingest(place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    pages = sorted((place / "handbook").glob("*.md"))
    with Workspace.open(settings(place / "python"), create=True) as here:
        reports = [wire.ingest_json(here.ingest(pages, "a", here.owner(), readers=frozenset({"everyone"})))]
    reports.append(
        command(capsys, place / "cli", "ingest", *map(str, pages), "--silo", "a", "--readers", "everyone").json
    )
    with Workspace.open(settings(place / "http"), create=True) as there:
        reports.append(uploaded(there, pages))
    assert [counts(r) for r in reports] == [counts(reports[0])] * 3
    assert reports[0]["documents"] == len(pages)


def uploaded(workspace: Workspace, pages: list[Path]) -> Any:
    """The report of a first upload; a second one of the same files is the same sources again."""
    secret, _ = workspace.create_token("t", user=None, scopes=ALL, by=workspace.owner())
    with TestClient(create_app(workspace), "http://127.0.0.1", headers={"Authorization": f"Bearer {secret}"}) as http:
        first, second = uploaded_once(http, pages), uploaded_once(http, pages)
    assert second["unchanged"] == second["documents"] == len(pages)
    return first


def uploaded_once(http: TestClient, pages: list[Path]) -> Any:
    files = [("files", (page.name, page.read_bytes())) for page in pages]
    job = http.post("/api/v1/ingest", data={"silo": "a", "readers": ["everyone"]}, files=files)
    app: Any = http.app
    app.state.workspace.jobs.work(threading.Event(), once=True)
    ended = http.get(job.headers["location"]).json()
    assert ended["status"] == "done", ended
    return ended["report"]


def counts(report: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in report.items() if name != "seconds"}
