"""What a change of the catalog costs the next search, in processor time.

    python eval/bench_after_change.py HOME

HOME is copied. A search, a search after a reflection of the same process, and one after a reflection of another
opening of the same home: what those take more is what follows from the catalog being another one (who is who, what
chance gives, what the index does not hold yet). Each is the median of five. Processor time says the same on a machine
that others use.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sensemake.config import Settings
from sensemake.model import Query
from sensemake.workspace import Workspace

QUESTIONS = ("how do we plan a release", "budget", "flaky tests", "rate limits", "who reviews a design")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("home", type=Path)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary) / "home"
        shutil.copytree(chosen.home, home, ignore=shutil.ignore_patterns("locks"))
        settings = Settings(home=home)
        with Workspace.open(settings) as here, Workspace.open(settings) as elsewhere:
            _measure(here, elsewhere)


def _measure(here: Workspace, elsewhere: Workspace) -> None:
    owner = here.owner()
    here.add_silo("bench", frozenset({"staff"}), owner)
    for question in QUESTIONS:
        here.search(Query(question), owner)

    def reflect(home: Workspace) -> None:
        home.reflect(f"What we learnt at {time.time()}.", owner, silo="bench")

    for name, before in (
        ("a search", lambda: None),
        ("after a reflection of this process", lambda: reflect(here)),
        ("after a reflection of another", lambda: reflect(elsewhere)),
    ):
        spent = [_processor(before, lambda q=question: here.search(Query(q), owner)) for question in QUESTIONS]
        print(f"{name:<36} {statistics.median(spent) * 1000:6.0f} ms of processor", flush=True)


def _processor(before: Callable[[], object], act: Callable[[], object]) -> float:
    before()
    began = time.process_time()
    act()
    return time.process_time() - began


if __name__ == "__main__":
    main()
