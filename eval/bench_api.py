"""Load on the HTTP interface: eight readers for a minute, idle and while an ingest runs and reflections are added.

    python eval/bench_api.py HOME [--seconds 60] [--clients 8] [--workers 1]

HOME is copied; the copy is served by a process of its own on loopback. In one run: a bare FastAPI route, readers alone,
and readers beside an ingest (by a third process) and a reflection a second. Readers search, ask who knows and look at
suggestions, as the owner, one request after the other. Every figure is of that run.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

QUESTIONS = (
    "how do we plan a release",
    "who reviews a design",
    "what was decided about storage",
    "flaky tests",
    "open questions of the group",
    "roadmap for next year",
    "how to join a meeting",
    "security disclosure",
    "scaling limits",
    "migration to a new version",
    "budget",
    "what did we learn from the incident",
    "documentation of the interface",
    "rate limits",
    "network policy",
    "deprecations",
)
BARE = (
    "import uvicorn; from fastapi import FastAPI; app = FastAPI(); app.get('/')(lambda: {'status': 'ok'}); "
    "uvicorn.run(app, port=%d, log_level='critical')"
)


class Load:
    """What readers measured: seconds by kind of request, and everything that was no 200."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.errors: Counter[str] = Counter()
        self.took = 0.0
        self.processor = 0.0

    def said(self, name: str) -> str:
        cut = statistics.quantiles(self.seconds, n=100)
        p50, p95, p99 = (cut[at - 1] * 1000 for at in (50, 95, 99))
        rate = len(self.seconds) / self.took
        wrong = dict(self.errors) or 0
        each = f"   processor {self.processor / len(self.seconds) * 1000:.0f} ms a request" if self.processor else ""
        times = f"p50 {p50:7.1f}   p95 {p95:7.1f}   p99 {p99:7.1f} ms"
        return f"{name:<34} {rate:7.1f} requests/s   {times}   errors {wrong}{each}"

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.seconds, n=100)[94]


def read(base: str, headers: dict[str, str], clients: int, seconds: float, ask: Callable[..., httpx.Response]) -> Load:
    """So many readers for so long."""
    load, ends, began = Load(), time.monotonic() + seconds, time.monotonic()

    def reader(number: int) -> None:
        rng = random.Random(number)  # noqa: S311
        with httpx.Client(base_url=base, headers=headers, timeout=30) as http:
            while time.monotonic() < ends:
                start = time.perf_counter()
                try:
                    status = str(ask(http, rng).status_code)
                except httpx.HTTPError as error:
                    status = type(error).__name__
                load.seconds.append(time.perf_counter() - start)
                if status != "200":
                    load.errors[status] += 1

    readers = [threading.Thread(target=reader, args=(n,)) for n in range(clients)]
    for thread in readers:
        thread.start()
    for thread in readers:
        thread.join()
    load.took = time.monotonic() - began
    return load


def question(http: httpx.Client, rng: random.Random) -> httpx.Response:
    """Six of ten search, two ask who knows, two type."""
    text, kind = rng.choice(QUESTIONS), rng.random()
    if kind < 0.6:
        return http.post("/api/v1/search", json={"query": text})
    if kind < 0.8:
        return http.post("/api/v1/experts", json={"topic": text})
    return http.get("/api/v1/suggestions", params={"prefix": text[:4]})


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def processor(pid: int) -> float:
    """Seconds of a server's processes so far: unlike the clock they say the same on a machine that others use."""
    spent = 0.0
    for each in (pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        spent += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def ready(url: str) -> None:
    for _ in range(600):
        try:
            httpx.get(url, timeout=1)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{url} does not answer")


def pages(folder: Path, count: int) -> Path:
    """Something to take in: so many pages of words that are in no home yet."""
    rng = random.Random(3)  # noqa: S311
    words = [f"{a}{b}" for a in ("mar", "tel", "gor", "pin", "sul", "vek") for b in ("on", "ida", "eth", "us", "ara")]
    folder.mkdir()
    for number in range(count):
        text = "\n\n".join(" ".join(rng.choices(words, k=120)) for _ in range(6))
        (folder / f"{number:05}.md").write_text(f"# Page {number}\n\n{text}\n")
    return folder


@contextmanager
def writing(
    base: str, headers: dict[str, str], home: Path, place: Path, environment: dict[str, str]
) -> Iterator[Counter[str]]:
    """An ingest by another process, again and again, and a reflection a second; what became of the reflections."""
    kept: Counter[str] = Counter()
    stop = threading.Event()
    sensemake = [sys.executable, "-m", "sensemake", "--home", str(home)]

    def ingesting() -> None:
        for number in range(1_000):
            folder = pages(place / f"pages{number}", 400)
            command = [*sensemake, "ingest", str(folder), "--silo", "bench"]
            with running(command, environment) as process:
                while process.poll() is None and not stop.wait(0.1):
                    pass
            kept["ingests"] += process.returncode == 0
            if stop.is_set():
                return

    def reflecting() -> None:
        with httpx.Client(base_url=base, headers=headers, timeout=30) as http:
            while not stop.wait(1):
                said = {"silo": "bench", "text": f"What we learnt at {time.time()}."}
                kept[f"reflections {http.post('/api/v1/reflections', json=said).status_code}"] += 1

    threads = [threading.Thread(target=target) for target in (ingesting, reflecting)]
    for thread in threads:
        thread.start()
    try:
        yield kept
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("home", type=Path)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--clients", type=int, default=8)
    arguments.add_argument("--workers", type=int, default=1, help="processes of the server")
    arguments.add_argument("--port", type=int, default=8799)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        home = place / "home"
        shutil.copytree(chosen.home, home, ignore=shutil.ignore_patterns("locks"))
        _measure(home, place, chosen)


def _measure(home: Path, place: Path, chosen: argparse.Namespace) -> None:
    from sensemake.config import Settings
    from sensemake.workspace import Workspace

    with Workspace.open(Settings(home=home)) as workspace:
        owner = workspace.owner()
        workspace.add_silo("bench", frozenset({"staff"}), owner)
        secret, _ = workspace.create_token("bench", by=owner, scopes=owner.scopes)
        held = sum(status.documents for status in workspace.sources(owner))
    headers = {"Authorization": f"Bearer {secret}"}
    environment = {**os.environ, "SENSEMAKE_REQUESTS_PER_MINUTE": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    base, bare = f"http://127.0.0.1:{chosen.port}", f"http://127.0.0.1:{chosen.port + 1}"
    server = [sys.executable, "-m", "sensemake", "--home", str(home), "serve", "--port", str(chosen.port)]
    server += ["--workers", str(chosen.workers)]
    print(f"{held} documents; {chosen.clients} readers for {chosen.seconds:.0f} s each", flush=True)
    with running([sys.executable, "-c", BARE % (chosen.port + 1)], environment):
        ready(bare)
        load = read(bare, {}, chosen.clients, chosen.seconds / 4, lambda http, _: http.get("/"))
        print(load.said("a bare FastAPI route"), flush=True)
    with running(server, environment) as process:
        ready(f"{base}/livez")
        httpx.post(f"{base}/api/v1/search", json={"query": "warm"}, headers=headers, timeout=600)
        before = processor(process.pid)
        idle = read(base, headers, chosen.clients, chosen.seconds, question)
        idle.processor = processor(process.pid) - before
        print(idle.said("readers alone"), flush=True)
        with writing(base, headers, home, place, environment) as kept:
            before = processor(process.pid)
            busy = read(base, headers, chosen.clients, chosen.seconds, question)
            busy.processor = processor(process.pid) - before
        print(busy.said("readers, an ingest, reflections"), dict(kept), flush=True)
    print(f"p95 while written to: {busy.p95 / idle.p95:.2f} × idle")


if __name__ == "__main__":
    main()
