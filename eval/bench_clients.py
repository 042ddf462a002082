"""What a question costs over HTTP: one client and several, beside the same question inside the process.

    python eval/bench_clients.py HOME --questions QUERIES.tsv [--clients 1 2 8] [--workers 1] [--at-once 1000 2]

HOME is copied. The same questions are asked of `Workspace.search` in this process, then of `sensemake serve`, a
process of its own, by threads of this one that do nothing but wait; with each of `--at-once`
(SENSEMAKE_QUESTIONS_AT_ONCE) in turn, round after round, so that a busy machine disturbs all alike.
Beside the clients `/livez` is asked ten times a second. Of the rounds the best counts. `processor` is the server's.
SENSEMAKE_CACHE holds the model.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from bench_api import processor
from bench_search import asked, clocked
from sensemake.config import Settings
from sensemake.model import Query
from sensemake.workspace import Workspace, asking

WARM = 8
ROUTES = {
    "search": lambda text: ("/api/v1/search", {"query": text}),
    "who": lambda text: ("/api/v1/experts", {"topic": text}),
}


def main() -> None:
    said = arguments()
    questions = asked(said.questions)[: said.most]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder) / "home"
        shutil.copytree(said.home, home, ignore=shutil.ignore_patterns("locks"))
        settings = Settings(home=home, cache=Path(os.environ["SENSEMAKE_CACHE"]), log_level="error")
        with Workspace.open(settings) as workspace:
            secret, _ = workspace.create_token("bench", user=None, scopes=asking.READING, by=workspace.owner())
            inside(workspace, questions)
        servers = {
            number: stack.enter_context(serving(home, said.port + place, said.workers, number))
            for place, number in enumerate(said.at_once)
        }
        for port, _ in servers.values():
            read(port, secret, questions[:WARM] * said.workers, 2 * said.workers, said.route)
        best: dict[tuple[int, int], dict[str, float]] = {}
        for _, clients, (number, (port, pid)) in itertools.product(range(said.rounds), said.clients, servers.items()):
            before = processor(pid)
            found = read(port, secret, questions, clients, said.route)
            found["processor"] = 1000 * (processor(pid) - before) / len(questions)
            known = best.get((number, clients))
            if known is None or found["a second"] > known["a second"]:
                best[number, clients] = found
        for (number, clients), found in sorted(best.items()):
            figures = "   ".join(f"{name} {value:7.1f}" for name, value in found.items())
            print(f"{number} at once, {clients} clients: {figures}", flush=True)


def inside(workspace: Workspace, questions: Sequence[str]) -> None:
    """The same questions without HTTP, by one caller."""

    def ask(text: str) -> None:
        workspace.search(Query(text), workspace.owner())

    for text in questions[:WARM]:
        ask(text)
    began = time.process_time()
    taken = [clocked(ask, text) for text in questions]
    spent = 1000 * (time.process_time() - began) / len(questions)
    print(f"inside the process: p50 {statistics.median(taken):7.1f}   processor {spent:7.1f}", flush=True)


@contextmanager
def serving(home: Path, port: int, workers: int, at_once: int) -> Iterator[tuple[int, int]]:
    """A server of its own; its port and process."""
    environment = {
        **os.environ,
        "SENSEMAKE_REQUESTS_PER_MINUTE": "0",
        "SENSEMAKE_QUESTIONS_AT_ONCE": str(at_once),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-m", "sensemake", "--home", str(home), "serve", "--port", str(port)]
    command += ["--workers", str(workers)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        while not alive(port):
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def alive(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    except OSError:
        return False


def read(port: int, secret: str, questions: Sequence[str], clients: int, route: str) -> dict[str, float]:
    """Each question once, by so many clients together."""
    waiting, taken, light = iter(questions), [], []
    lock, over = threading.Lock(), threading.Event()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

        def ask(text: str) -> None:
            path, body = ROUTES[route](text)
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{path} answers {answer.status}")

        while True:
            with lock:
                text = next(waiting, None)
            if text is None:
                return
            taken.append(clocked(ask, text))

    def living() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

        def ask(_: str) -> None:
            connection.request("GET", "/livez")
            connection.getresponse().read()

        while not over.wait(0.1):
            light.append(clocked(ask, ""))

    threads: list[Any] = [threading.Thread(target=client) for _ in range(clients)]
    other = threading.Thread(target=living)
    began = time.perf_counter()
    for thread in (*threads, other):
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    over.set()
    other.join()
    cut = statistics.quantiles(taken, n=20)
    return {
        "p50": statistics.median(taken),
        "p95": cut[-1],
        "a second": len(taken) / seconds,
        "livez p50": statistics.median(light or [0.0]),
        "livez most": max(light or [0.0]),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--route", choices=sorted(ROUTES), default="search")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 2, 8])
    parser.add_argument("--at-once", type=int, nargs="+", default=[1000, 2])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--most", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--port", type=int, default=8810)
    return parser.parse_args()


if __name__ == "__main__":
    main()
