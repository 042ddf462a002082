"""Records the examples of the HTTP interface and writes its description: `python tests/docs/openapi_snapshot.py`.

The answers are those of the fake workspace, so that the same code gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "doors"))
from fake_workspace import DOCUMENTS, OWNER, FakeWorkspace, passage
from fastapi.testclient import TestClient

from sensemake.api import examples
from sensemake.api.app import create_app
from sensemake.config import Settings

ROOT = Path(__file__).parents[2]
SNAPSHOT = ROOT / "docs" / "openapi.json"
EXAMPLES = ROOT / "src" / "sensemake" / "api" / "examples.json"
INTRANET = "https://intranet.example.org"
NAMED = {
    "document": DOCUMENTS[0].id,
    "passage": passage(DOCUMENTS[0]).id,
    "theme": "t1",
    "person": "ada",
    "job": "j0",
    "silo": "handbook",
    "question": "q1",
    "report": "2026-05-1a2b3c4d",
    "token": "laptop",
}
"""What stands in a path, by its name there."""
SPOKEN = {
    "GET /metrics": 'sensemake_http_requests_total{method="POST",route="/api/v1/search",status="200"} 12.0\n',
}
"""Answers that are never the same twice."""


def description() -> dict[str, Any]:
    """The description as the application gives it."""
    found: dict[str, Any] = create_app(FakeWorkspace()).openapi()  # type: ignore[arg-type]
    return found


def record() -> dict[str, Any]:
    """Ask every operation once, as the owner, with the examples of its fields; its answer must be a good one."""
    schema = description()
    with tempfile.TemporaryDirectory() as home:
        workspace = FakeWorkspace(Settings(home=Path(home)))
        app = create_app(workspace, origins=[INTRANET])  # type: ignore[arg-type]
        with TestClient(app, "http://127.0.0.1") as http:
            http.post("/api/v1/ingest", headers=_owner(workspace), **_sent("/api/v1/ingest", None))
            return {
                f"{method.upper()} {path}": _recorded(http, workspace, schema, method.upper(), path)
                for path, operations in sorted(schema["paths"].items())
                for method in sorted(operations)
            }


def as_text(what: object) -> str:
    return json.dumps(what, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _recorded(
    http: TestClient, workspace: FakeWorkspace, schema: dict[str, Any], method: str, path: str
) -> dict[str, Any]:
    operation = schema["paths"][path][method.lower()]
    named = {name: NAMED[name] for name in re.findall(r"{(\w+)}", path)}
    asked = {
        p["name"]: p["schema"]["examples"][0]
        for p in operation.get("parameters", ())
        if p.get("required") and p["in"] == "query"
    }
    body = examples.asked(operation, schema["components"]["schemas"])
    answer = http.request(method, path.format(**named), params=asked, headers=_owner(workspace), **_sent(path, body))
    if not answer.is_success:
        raise SystemExit(
            f"{method} {path} answered {answer.status_code}: give its fields examples that fit\n{answer.text}"
        )
    spoken = SPOKEN.get(f"{method} {path}")
    return {"path": named, "answer": spoken or answer.json()}


def _owner(workspace: FakeWorkspace) -> dict[str, str]:
    secret, _ = workspace.create_token("laptop", user=None, scopes=OWNER.scopes, silos=None, days=1, by=OWNER)
    return {"Authorization": f"Bearer {secret}"}


def _sent(path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    if path == "/api/v1/ingest":
        return {"data": {"silo": "handbook"}, "files": [("files", ("notes.md", b"# Notes"))]}
    return {} if body is None else {"json": body}


if __name__ == "__main__":
    EXAMPLES.write_text(as_text(record()), encoding="utf-8")
    examples.recorded.cache_clear()
    SNAPSHOT.write_text(as_text(description()), encoding="utf-8")
