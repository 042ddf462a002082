"""Who asks one by one what there is: how much of a scripted probe the audit notes, and whether it notes work (J5).

    python eval/probing.py [--requests 10000]

On a small home of the demonstration, in one run: as one token, requests for documents, people and silos that are hidden
or absent, questions by name and typed names; as twenty others, a working hour each. A request of the probe is covered
when the audit notes its user, its kind and its hour. Wanted: 95 in a hundred of the probe, and nobody who works.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.rules.probing import Sought
from sensemake.workspace import Workspace
from sensemake.workspace.accounting import Account

LEAST = 0.95
WORKERS = 20
NAMES = ("ada", "bo", "cleo", "dan", "eva", "finn", "gro", "hal", "ida", "jon", "kim", "lea", "mia", "nils", "ole")
TOPICS = ("how do we plan a release", "budget", "next meeting", "what did we learn", "probe repairs", "tide tables")
Asked = tuple[str, str, dict[str, Any]]


def probe(rng: random.Random, number: int) -> tuple[Sought, Asked]:
    """One request of the probe, and what it is after."""
    name = f"{rng.choice(NAMES)} {rng.choice(NAMES)}son {number}"
    silo = {"query": rng.choice(TOPICS), "silos": [f"{rng.choice(NAMES)}{number}"]}
    return rng.choice(
        (
            (Sought.ABSENT, ("GET", f"documents/{number:012x}", {})),
            (Sought.ABSENT, ("GET", f"people/{name.replace(' ', '.')}", {})),
            (Sought.PEOPLE, ("POST", "experts", {"json": {"topic": name}})),
            (Sought.UNANSWERED, ("POST", "search", {"json": silo})),
            (Sought.TYPED, ("GET", "suggestions", {"params": {"prefix": name[:40]}})),
        )
    )


def working_hour(rng: random.Random) -> Iterator[Asked]:
    """Forty questions, each typed with four looks at suggestions, a quarter about nothing; people, stale links."""
    for number in range(40):
        text = "zymurgy xebec" if number % 4 == 0 else rng.choice(TOPICS)
        for typed in (3, 5, 8, 12):
            yield "GET", "suggestions", {"params": {"prefix": text[:typed]}}
        yield "POST", "search", {"json": {"query": text}}
        if number % 2:
            yield "POST", "experts", {"json": {"topic": text}}
        if number % 8 == 0:
            yield "GET", f"documents/stale{number}", {}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--requests", type=int, default=10_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        people = Path(temporary) / "people.csv"
        people.write_text("person_id,name\n" + "".join(f"{user},Number {user}\n" for user in _users()))
        settings = Settings(home=Path(temporary) / "home", model="hashing")
        with Workspace.open(settings, create=True) as home, TestClient(create_app(home, hosts=None)) as http:
            demo = Path(str(files("sensemake.demo").joinpath("organisation")))
            home.ingest([demo, people], "demo", home.owner(), readers=frozenset({"everyone"}))
            raise SystemExit(_measured(home, http, chosen.requests))


def _measured(home: Workspace, http: TestClient, requests: int) -> int:
    owner, rng = home.owner(), random.Random(9)  # noqa: S311 -- the same requests each time
    prober, *others = _users()
    made: Counter[tuple[str, str]] = Counter()
    headers = _headers(home, prober)
    for number in range(requests):
        kind, asked = probe(rng, number)
        made[kind, _hour()] += 1
        _ask(http, asked, headers)
    for user in others:
        headers = _headers(home, user)
        for asked in working_hour(rng):
            _ask(http, asked, headers)
    noted = home.audit(owner, Account(action="probing.suspected", last=1_000))
    told = {(event.detail["kind"], event.detail["hour"]) for event in noted if event.by == prober}
    covered = sum(count for key, count in made.items() if key in told)
    wrong = {event.by for event in noted} & set(others)
    print(f"{requests} requests of a probe: {covered / requests:.4f} covered by {len(noted)} entries")
    print(f"{len(others)} who work: {len(wrong)} noted")
    return int(covered < LEAST * requests or bool(wrong))


def _users() -> list[str]:
    return [f"user{number}" for number in range(WORKERS + 1)]


def _headers(home: Workspace, user: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {home.create_token('probing', by=home.owner(), user=user)[0]}"}


def _hour() -> str:
    now = int(time.time())
    return f"{datetime.fromtimestamp(now - now % 3600, UTC):%Y-%m-%dT%H:%MZ}"


def _ask(http: TestClient, asked: Asked, headers: dict[str, str]) -> None:
    method, path, more = asked
    status = http.request(method, f"/api/v1/{path}", headers=headers, **more).status_code
    if status not in {200, 404}:
        raise SystemExit(f"{method} {path.split('/')[0]} was answered with {status}")


if __name__ == "__main__":
    main()
