"""Is what is hidden told from what is absent by the time that an answer takes (reliability H6)?

    python eval/timing_apart.py [--calls 3000] [--slice K/N]

A home with a silo that the asker may read and a larger one that they may not. For each kind of request, calls about
what is hidden and about what is nowhere are made in turn, in random order within each pair, and compared: the
difference of the medians (wanted: at most 2 ms) and a Mann-Whitney test (wanted: p > 0.01, so that whoever asks so
often still cannot tell). The application is asked in this process: a network would only add noise.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from scipy.stats import mannwhitneyu

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.model import Query
from sensemake.workspace import Workspace, asking

MOST = 0.002
LEAST_P = 0.01
WORDS = "sensor probe valve pump gauge tide lake report meeting budget plan repair algae boat north harbour".split()
SECRET = [f"zyz{a}{b}" for a in ("zy", "mo", "ra", "ku") for b in ("va", "len", "tor", "pid")]
NOWHERE = [f"qux{a}{b}" for a in ("zy", "mo", "ra", "ku") for b in ("va", "len", "tor", "pid")]

Ask = Callable[[random.Random], dict[str, Any]]


def write(folder: Path, count: int, words: list[str], seed: int) -> Path:
    rng = random.Random(seed)  # noqa: S311 -- the same pages each time
    folder.mkdir()
    for number in range(count):
        text = "\n\n".join(" ".join(rng.choices(words, k=40)) for _ in range(3))
        (folder / f"{number:03}.md").write_text(f"---\nauthor: Person {number % 7}\n---\n# Page {number}\n\n{text}\n")
    return folder


@contextmanager
def world(place: Path) -> Iterator[tuple[TestClient, list[tuple[str, Ask, Ask]]]]:
    """The application, a reader's token in its client, and what is asked: of what is hidden, of what is nowhere."""
    with Workspace.open(Settings(home=place / "home", model="hashing"), create=True) as home:
        owner = home.owner()
        home.ingest([write(place / "open", 150, WORDS, 1)], "open", owner, readers=frozenset({"everyone"}))
        home.ingest([write(place / "secret", 300, WORDS + SECRET, 2)], "secret", owner)
        hits = home.search(Query(" ".join(SECRET[:5]), 50), owner).hits
        documents = [str(hit.document.id) for hit in hits if hit.passage.silo == "secret"]
        passages = [str(hit.passage.id) for hit in hits if hit.passage.silo == "secret"]
        nobody = home.create_token("t", by=owner, scopes=asking.READING, silos=frozenset({"open"}))[0]
        with TestClient(create_app(home), "http://127.0.0.1", raise_server_exceptions=False) as http:
            http.headers["Authorization"] = f"Bearer {nobody}"
            yield http, pairs(documents, passages)


def pairs(documents: list[str], passages: list[str]) -> list[tuple[str, Ask, Ask]]:
    def absent(like: list[str]) -> Callable[[random.Random], str]:
        return lambda rng: "".join(rng.choices("0123456789abcdef", k=len(like[0])))

    def document(of: Callable[[random.Random], str]) -> Ask:
        return lambda rng: {"method": "GET", "url": f"/api/v1/documents/{of(rng)}"}

    def similar(of: Callable[[random.Random], str]) -> Ask:
        return lambda rng: {"method": "GET", "url": f"/api/v1/passages/{of(rng)}/similar"}

    def search(words: list[str]) -> Ask:
        return lambda rng: {
            "method": "POST",
            "url": "/api/v1/search",
            "json": {"query": " ".join(rng.choices(words, k=3))},
        }

    def narrowed(silo: str) -> Ask:
        body = {"query": "tide gauge", "silos": [silo]}
        return lambda _: {"method": "POST", "url": "/api/v1/search", "json": body}

    def suggest(words: list[str]) -> Ask:
        return lambda rng: {"method": "GET", "url": "/api/v1/suggestions", "params": {"prefix": rng.choice(words)[:5]}}

    def experts(words: list[str]) -> Ask:
        return lambda rng: {"method": "POST", "url": "/api/v1/experts", "json": {"topic": rng.choice(words)}}

    return [
        ("a document", document(lambda rng: rng.choice(documents)), document(absent(documents))),
        ("passages like one", similar(lambda rng: rng.choice(passages)), similar(absent(passages))),
        ("a search for its words", search(SECRET), search(NOWHERE)),
        ("a search in the silo", narrowed("secret"), narrowed("secreu")),
        ("who knows its words", experts(SECRET), experts(NOWHERE)),
        ("what begins so", suggest(SECRET), suggest(NOWHERE)),
    ]


def measured(http: TestClient, hidden: Ask, absent: Ask, calls: int, seed: int) -> tuple[list[float], list[float]]:
    """Seconds of so many calls of each, and every pair of answers alike in status."""
    rng = random.Random(seed)  # noqa: S311
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(calls + 20):
        status = {}
        for which in rng.sample((0, 1), 2):
            request = (hidden, absent)[which](rng)
            began = time.perf_counter()
            status[which] = http.request(**request).status_code
            if number >= 20:  # the first ones fill caches
                seconds[which].append(time.perf_counter() - began)
        assert status[0] == status[1], status
    return seconds


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--calls", type=int, default=3_000)
    arguments.add_argument("--slice", default="1/1", metavar="K/N", help="only these kinds of request")
    chosen = arguments.parse_args()
    part, parts = map(int, chosen.slice.split("/"))
    apart = 0
    with tempfile.TemporaryDirectory() as temporary, world(Path(temporary)) as (http, asked):
        for name, hidden, absent in asked[part - 1 :: parts]:
            one, other = measured(http, hidden, absent, chosen.calls, 7)
            difference = statistics.median(one) - statistics.median(other)
            p = float(mannwhitneyu(one, other).pvalue)
            told = abs(difference) > MOST or p <= LEAST_P
            apart += told
            medians = f"{statistics.median(one) * 1000:.2f} and {statistics.median(other) * 1000:.2f} ms"
            print(
                f"{name:<24} hidden and absent: medians {medians}, difference {difference * 1000:+.3f} ms, "
                f"p {p:.3f}{'  TOLD APART' if told else ''}",
                flush=True,
            )
    print(f"{chosen.calls} calls of each; {apart} told apart")
    raise SystemExit(apart > 0)


if __name__ == "__main__":
    main()
