"""Spans: what they say and what not, where they go, and that nothing of it is there when nobody wants it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
import small_home
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sensemake.api.app import create_app
from sensemake.api.telemetry import Tracing, tracing
from sensemake.config import Settings
from sensemake.errors import UsageError
from sensemake.workspace import Workspace

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
STAGES = {"follow the catalog", "embed the question", "find by meaning", "find by words", "read passages"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_home.taken_in(tmp_path_factory.mktemp("traced"), handbook="everyone")


@pytest.fixture
def spans(home: Path) -> Iterator[tuple[TestClient, InMemorySpanExporter]]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with Workspace.open(Settings(home=home, model="hashing")) as workspace:
        app = create_app(workspace, tracing=Tracing(provider))
        with TestClient(app, "http://127.0.0.1", raise_server_exceptions=False) as http:
            yield http, exporter


def test_a_request_and_its_stages_are_one_trace(spans: tuple[TestClient, InMemorySpanExporter]) -> None:
    http, exporter = spans
    parent = "0af7651916cd43dd8448eb211c80319c"
    http.post("/api/v1/search", json={"query": "tide"}, headers={"traceparent": f"00-{parent}-b7ad6b7169203331-01"})
    made = {span.name: span for span in exporter.get_finished_spans()}
    assert set(made) == {"POST /api/v1/search", *STAGES}
    request = made["POST /api/v1/search"]
    assert {f"{span.context.trace_id:032x}" for span in made.values()} == {parent}
    assert {made[stage].parent.span_id for stage in STAGES} == {request.context.span_id}
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/api/v1/search",
        "http.response.status_code": 200,
    }


def test_spans_hold_nobodys_words(spans: tuple[TestClient, InMemorySpanExporter]) -> None:
    """No question, path, query string, token, name or message of an error."""
    http, exporter = spans
    asked = [
        http.post("/api/v1/search", json={"query": "zyzzyva"}, headers={"User-Agent": "zyzzyva"}),
        http.get("/api/v1/suggestions", params={"prefix": "zyzzyva"}),
        http.get("/api/v1/documents/zyzzyva"),
        http.get("/zyzzyva/none", headers={"Authorization": "Bearer zyzzyva", "baggage": "a=zyzzyva"}),
        http.post("/api/v1/search", content=b'{"query": zyzzyva'),
        http.post("/mcp/zyzzyva"),
    ]
    assert [answer.status_code for answer in asked] == [200, 200, 404, 404, 422, 404]
    made = exporter.get_finished_spans()
    assert {span.name for span in made} >= {"GET /api/v1/documents/{document}", "GET unknown", "POST unknown"}
    assert not [span.name for span in made if "zyzzyva" in span.to_json()]


def test_a_fault_of_ours_is_marked(home: Path) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    made = Tracing(provider)
    with pytest.raises(ZeroDivisionError), made.stage("find by words"):
        raise ZeroDivisionError("zyzzyva")
    scope = {"type": "http", "method": "GET", "headers": []}
    with pytest.raises(ZeroDivisionError), made.request(scope):
        raise ZeroDivisionError("zyzzyva")
    stage, request = exporter.get_finished_spans()
    assert not stage.status.is_ok
    assert (stage.attributes or {})["error.type"] == "ZeroDivisionError"
    assert not request.status.is_ok
    assert "zyzzyva" not in stage.to_json() + request.to_json()


def test_serve_sends_them_to_where_the_environment_says(home: Path) -> None:
    received: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.path.encode() + b"\n" + self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        process, address = served(home, {ENDPOINT: f"http://127.0.0.1:{receiver.server_port}"})
        try:
            assert httpx.post(f"{address}api/v1/search", json={"query": "tide"}, timeout=60).status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.communicate(timeout=60)[1] == ""
        finally:
            process.kill()
            process.communicate()
            receiver.shutdown()
    assert process.returncode == 0
    paths, bodies = zip(*(each.split(b"\n", 1) for each in received), strict=True)
    assert set(paths) == {b"/v1/traces"}
    groups = [group for body in bodies for group in ExportTraceServiceRequest.FromString(body).resource_spans]
    names = {span.name for group in groups for scope in group.scope_spans for span in scope.spans}
    assert names == {"POST /api/v1/search", *STAGES}
    told = {pair.key: pair.value.string_value for pair in groups[0].resource.attributes}
    assert told["service.name"] == "sensemake"


def served(home: Path, more: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SENSEMAKE_", "OTEL_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "sensemake", "--home", str(home), "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, "SENSEMAKE_MODEL": "hashing", **more},
    )
    assert process.stdout is not None
    said = process.stdout.readline() + process.stdout.readline()
    found = re.search(r"(http://127\.0\.0\.1:\d+/)\?owner=", said)
    assert found, said
    return process, found[1]


@pytest.mark.parametrize(
    "environment",
    [{}, {ENDPOINT: "http://x", "OTEL_SDK_DISABLED": "true"}, {ENDPOINT: "http://x", "OTEL_TRACES_EXPORTER": "none"}],
)
def test_it_is_off_by_itself(environment: dict[str, str]) -> None:
    assert tracing(environment) is None


def test_another_protocol_is_refused() -> None:
    with pytest.raises(UsageError, match="grpc"):
        tracing({ENDPOINT: "http://x", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})


def program(lines: str) -> str:
    """What a fresh Python says; its last line."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OTEL_")}
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, env=environment, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[-1]


def test_when_it_is_off_nothing_of_it_is_imported(home: Path) -> None:
    said = program(
        "import sys\n"
        "from sensemake.api.configured import configured\n"
        "from sensemake.config import Settings\n"
        "from sensemake.mcp.doors import over_http\n"
        "from sensemake.workspace import Workspace\n"
        f"with Workspace.open(Settings(home={str(home)!r}, model='hashing')) as workspace:\n"
        "    configured(workspace, workspace.settings, {'/mcp': over_http})\n"
        "    assert workspace.stage is None\n"
        "heavy = ('opentelemetry.sdk', 'opentelemetry.exporter', 'opentelemetry.proto')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])\n"
    )
    assert said == "[]"


def test_it_says_what_is_missing() -> None:
    said = program(
        "import sys\n"
        "sys.modules['opentelemetry.sdk'] = None\n"
        "from sensemake.api.telemetry import tracing\n"
        "from sensemake.errors import MissingExtra\n"
        "try:\n"
        f"    tracing({{{ENDPOINT!r}: 'http://127.0.0.1:4318'}})\n"
        "except MissingExtra as error:\n"
        "    print(error)\n"
    )
    assert said.endswith("pip install 'sensemake[telemetry]'")
