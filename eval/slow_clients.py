"""Slow clients: 200 that send or read a byte a second, and how long somebody else waits meanwhile (reliability J4).

    python eval/slow_clients.py [--seconds 60] [--clients 200]

A small home is served by a process of its own on loopback. In one run, one client asks: alone, beside the slow ones,
and alone again. A third of these dribble a request's head, a third its body, a third ask for the whole page of what is
found and hardly read the answer. Wanted: no error, and a p95 of at most three times that of the client alone. The
clients run in this process, so the machine's share that they take counts against us.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from sensemake.config import Settings
from sensemake.workspace import Workspace

MOST = 3.0
BODY = b'{"query": "how do we plan a release", "limit": 100}'
HEAD = (
    b"POST /api/v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n"
)


class Slow:
    """A connection that goes on by a byte at a time: of its head (0), its body (1), or of what it reads (2)."""

    def __init__(self, kind: int, port: int, token: str) -> None:
        head = HEAD % token.encode()
        whole = head + b"Content-Length: %d\r\n\r\n" % len(BODY)
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        if kind == 2:  # before it connects would be better, but a small window is kept all the same
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        sent = (head[:30], whole, whole + BODY)[kind]
        self.rest = (whole[30:] * 100, BODY, b"")[kind]
        self.socket.sendall(sent)
        self.socket.settimeout(0)
        self.over = False

    def go_on(self) -> None:
        """A byte there, or a byte back; the server may well have hung up."""
        try:
            if self.rest:
                self.socket.send(self.rest[:1])
                self.rest = self.rest[1:]
            else:
                self.over = self.socket.recv(1) == b""
        except BlockingIOError:
            return
        except OSError:
            self.over = True


@contextmanager
def served(home: Path) -> Iterator[tuple[int, str, int]]:
    """The port, an owner's token and the process."""
    with Workspace.open(Settings(home=home, model="hashing"), create=True) as made:
        made.ingest([Path(str(files("sensemake.demo").joinpath("organisation")))], "demo", made.owner())
        token, _ = made.create_token("slow", by=made.owner(), scopes=made.owner().scopes)
    command = [sys.executable, "-m", "sensemake", "--home", str(home), "serve", "--port", "0"]
    environment = {**os.environ, "SENSEMAKE_MODEL": "hashing", "SENSEMAKE_REQUESTS_PER_MINUTE": "0"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        try:
            yield urlsplit(address).port or 0, token, process.pid
        finally:
            process.terminate()


def asked(port: int, token: str, seconds: float, slow: list[Slow]) -> tuple[list[float], int]:
    """How long each answer took, and how many were none; the slow ones go on once a second meanwhile."""
    took, wrong, ends, beat = [], 0, time.monotonic() + seconds, time.monotonic()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}) as http:
        while time.monotonic() < ends:
            began = time.perf_counter()
            wrong += not http.post("/api/v1/search", json={"query": "who reviews a design"}, timeout=60).is_success
            took.append(time.perf_counter() - began)
            if time.monotonic() - beat >= 1:
                beat = time.monotonic()
                for each in slow:
                    each.go_on()
    return took, wrong


def p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--clients", type=int, default=200)
    chosen = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory() as place,
        served(Path(place) / "home") as (port, token, process),
        ExitStack() as held,
    ):
        asked(port, token, 5, [])
        before, wrong_before = asked(port, token, chosen.seconds / 2, [])
        slow = [Slow(number % 3, port, token) for number in range(chosen.clients)]
        for each in slow:
            held.callback(each.socket.close)
        asked(port, token, 3, slow)  # those who asked for much are answered now, as far as they read
        beside, wrong = asked(port, token, chosen.seconds, slow)
        still = sum(not each.over for each in slow)
        files_open = len(list(Path(f"/proc/{process}/fd").iterdir()))
        for each in slow:
            each.socket.close()
        after, wrong_after = asked(port, token, chosen.seconds / 2, [])
    alone = p95(before + after)
    for name, took in (("alone", before), ("beside slow clients", beside), ("alone again", after)):
        p50 = statistics.median(took)
        print(f"{name:<22} {len(took):6} answers   p50 {p50 * 1000:6.1f}   p95 {p95(took) * 1000:6.1f} ms")
    print(f"{still} of {len(slow)} slow ones still held at the end, the server had {files_open} files open")
    failed = wrong_before + wrong + wrong_after
    print(f"p95 beside them: {p95(beside) / alone:.2f} times that alone (wanted: {MOST:g}); {failed} errors")
    raise SystemExit(int(bool(failed) or p95(beside) > MOST * alone))


if __name__ == "__main__":
    main()
