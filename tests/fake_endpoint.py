"""A language model's endpoint on loopback: it answers what it was told to, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

BROKEN = {
    "garbled": "{",
    "empty": "{}",
    "list": "[1]",
    "null": '{"choices": [{"message": {"content": null}}]}',
    "endless": "x" * (1 << 20),
    "deep": "[" * 60_000,
}


class Endpoint(HTTPServer):
    """Answers with `reply`, or as `broken` says, and keeps what it was asked."""

    reply = "Tide tables"
    summary = "The tide is read from a table. Two harbours keep one each."
    broken = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Answering(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        if self.server.broken == "late":
            time.sleep(0.4)
        code = {"down": 500, "moved": 302}.get(self.server.broken, 200)
        wanted = body["messages"][0]["content"].startswith("You say what groups")
        reply = self.server.summary if wanted else self.server.reply
        answer = json.dumps({"choices": [{"message": {"content": reply}}]})
        answer = BROKEN.get(self.server.broken, answer)
        self.send_response(code)
        if code == 302:
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.end_headers()
        try:
            self.wfile.write(answer.encode())
        except (BrokenPipeError, ConnectionResetError):  # whoever asked did not wait
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- its base names it so
        """Nothing to say."""


@contextmanager
def listening() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
