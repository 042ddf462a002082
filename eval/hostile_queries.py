"""Hostile questions: 5,000 strings that a parser, an index or a database may stumble over, and how long each takes.

    python eval/hostile_queries.py [--home FOLDER] [--questions 5000]

Each is put to the HTTP interface, as a search and as a suggestion, between ordinary questions. An answer of 500 or
more is an error of ours; the slowest may take 20 times the median of the ordinary ones. On a machine that others use
one question may wait for them, so the slowest are asked three times more at the end, and their best time counts.
Without `--home` a small one is made.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from fastapi.testclient import TestClient

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.workspace import Workspace

SLOWEST = 20
ONCE_MORE = 40
"""So many of the slowest are asked again."""
ORDINARY = (
    "how do we plan a release",
    "who reviews a design",
    "when is the next meeting",
    "what did we learn",
    "budget",
)
PIECES = (
    '"',
    '""',
    "'",
    "\\",
    "(",
    ")",
    "((((",
    "))))",
    "*",
    "**",
    "?",
    "~",
    "^",
    "^9",
    ":",
    "::",
    "+",
    "-",
    "--",
    "!",
    "&&",
    "||",
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    "TO",
    "[",
    "]",
    "{",
    "}",
    "[a TO z]",
    "<",
    ">",
    "/",
    "/.*/",
    "(a+)+$",
    "title:",
    "body:",
    "_id:1",
    "in:",
    'in:"',
    "author:",
    "kind:x",
    "before:",
    "after:9999-99-99",
    "lang:",
    "%",
    "%00",
    "\0",
    "\x01",
    "\x7f",
    "\u0085",
    "\u2028",
    "\u200b",
    "\u202e",
    "\ufeff",
    "\ufffd",
    "\U0010ffff",
    "e\u0301" * 20,
    "ﷺ" * 20,
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿" * 9,
    "a" * 900,
    "a " * 450,
    "ab" * 300,
    '"a b" ' * 99,
    "- " * 99,
    "日本語",
    "ไทย",
    "עברית",
    "مرحبا",
    "ß",
    "İ",
    "ǅ",
    "Ⅷ",
    "１２３",
    "1e309",
    "-1",
    "NaN",
    "null",
    "true",
    "0x7f",
    "../../etc/passwd",
    "'; DROP TABLE passages; --",
    "1 OR 1=1",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "<script>",
    "`id`",
    "$(id)",
    "\r\nX: y",
    "SELECT",
    "🙂",
    "http://x/?a=b#c",
    "a@b.c",
    "C++",
    ".NET",
    "#1",
)


def questions(count: int, seed: int = 5) -> Iterator[str]:
    """Pieces alone, and pieces together, at most 1,000 characters each."""
    rng = random.Random(seed)  # noqa: S311 -- the same questions each time
    yield from PIECES
    for _ in range(count - len(PIECES)):
        glue = rng.choice(["", " "])
        yield glue.join(rng.choices((*PIECES, *ORDINARY), k=rng.randint(2, 12)))[:1_000]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path)
    arguments.add_argument("--questions", type=int, default=5_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = chosen.home or _small(Path(temporary))
        settings = Settings(home=home) if chosen.home else Settings(home=home, model="hashing")
        with Workspace.open(settings) as workspace, TestClient(create_app(workspace, hosts=None)) as http:
            secret, _ = workspace.create_token("hostile", by=workspace.owner())
            http.headers["Authorization"] = f"Bearer {secret}"
            raise SystemExit(_measured(http, chosen.questions))


def _small(place: Path) -> Path:
    with Workspace.open(Settings(home=place, model="hashing"), create=True) as made:
        made.ingest([Path(str(files("sensemake.demo").joinpath("organisation")))], "demo", made.owner())
    return place


def _measured(http: TestClient, count: int) -> int:
    ordinary: list[float] = []
    hostile: list[tuple[float, str]] = []
    statuses: Counter[int] = Counter()
    for text in (*ORDINARY, *ORDINARY):
        _asked(http, text)
    for number, text in enumerate(questions(count)):
        if number % 5 == 0:
            ordinary.append(_asked(http, ORDINARY[number // 5 % len(ORDINARY)])[0])
        seconds, status = _asked(http, text)
        hostile.append((seconds, text))
        statuses[status] += 1
        statuses[http.get("/api/v1/suggestions", params={"prefix": text[:200]}).status_code] += 1
    median = statistics.median(ordinary)
    first = max(hostile)[0]
    again = sorted(hostile, reverse=True)[:ONCE_MORE]
    slowest, text = max((min(seconds, *(_asked(http, text)[0] for _ in range(3))), text) for seconds, text in again)
    ours = sum(n for status, n in statuses.items() if status >= 500)
    print(f"{len(hostile)} hostile questions: {dict(statuses)}; errors of ours: {ours}")
    print(f"ordinary: median {median * 1000:.1f} ms, slowest {max(ordinary) * 1000:.1f} ms")
    print(f"hostile: median {statistics.median(s for s, _ in hostile) * 1000:.1f} ms, slowest {first * 1000:.1f} ms")
    print(f"the slowest, the best of four times: {slowest / median:.1f} × the median of ordinary ones: {text[:60]!r}")
    return int(ours > 0 or slowest > SLOWEST * median)


def _asked(http: TestClient, text: str) -> tuple[float, int]:
    began = time.perf_counter()
    status = http.post("/api/v1/search", json={"query": text}).status_code
    return time.perf_counter() - began, status


if __name__ == "__main__":
    main()
