"""How the time of an ingest is spent: embedding, and everything else (reading, cutting, catalog, index).

    python eval/bench_ingest.py [--data FOLDER] [--files 250]

Takes the first FILES Markdown files (by name) of the data folder, ingests them into a throw-away home with the bundled
model, and prints a table. The embedder is wrapped to add up its time; the rest is what remains of the wall clock.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sensemake.config import Settings
from sensemake.jobs.embedding import NoCache
from sensemake.model import SiloName, Vector, Vectors
from sensemake.protocols import Embedder
from sensemake.stores import open_catalog, sqlite_url
from sensemake.workspace import engine, taking_in

DATA = Path(__file__).parents[2] / "shared" / "data" / "org-kubernetes" / "raw"


class Timed:
    """An embedder that adds up the seconds it takes and the texts it is given."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.seconds = 0.0
        self.texts = 0

    @property
    def model_id(self) -> str:
        return self._inner.model_id

    @property
    def dim(self) -> int:
        return self._inner.dim

    def passages(self, texts: Sequence[str]) -> Vectors:
        began = time.perf_counter()
        vectors = self._inner.passages(texts)
        self.seconds += time.perf_counter() - began
        self.texts += len(texts)
        return vectors

    def query(self, text: str) -> Vector:
        return self._inner.query(text)


def measure(folder: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        catalog = open_catalog(sqlite_url(settings.home), settings.home, create=True)
        made = engine.open_engine(engine.spec_of(settings), settings, catalog, announce=print)
        made.embedder.passages(["warm up: the model is loaded before the clock starts"])
        timed = Timed(made.embedder)
        made.embedder = timed
        request = taking_in.Request((folder,), SiloName("bench"))
        stages: dict[str, float] = {}

        def progress(stage: str, _done: int, _total: int | None) -> None:
            stages[stage] = time.perf_counter()

        began = time.perf_counter()
        report = taking_in.take_in(request, catalog=catalog, engine=made, cache=NoCache(), progress=progress)
        total = time.perf_counter() - began
        again = time.perf_counter()
        taking_in.take_in(request, catalog=catalog, engine=made, cache=NoCache(), progress=progress)
        catalog.close()
        return {
            "documents": report.documents,
            "passages": report.passages,
            "embedded": timed.texts,
            "total s": total,
            "embedding s": timed.seconds,
            "everything else s": total - timed.seconds,
            "everything else %": 100 * (total - timed.seconds) / total,
            "passages/s, embedding alone": timed.texts / timed.seconds,
            "the same again s": time.perf_counter() - again,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--files", type=int, default=250)
    asked = parser.parse_args()
    chosen = sorted(asked.data.rglob("*.md"))[: asked.files]
    if not chosen:
        raise SystemExit(f"no Markdown files under {asked.data}: the reference data is not here")
    with tempfile.TemporaryDirectory() as copy:
        for file in chosen:
            target = Path(copy) / "bench" / file.relative_to(asked.data)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
        print("| what | value |\n|---|---|")
        for name, value in measure(Path(copy) / "bench").items():
            print(f"| {name} | {value:,.1f} |" if isinstance(value, float) else f"| {name} | {value:,} |")


if __name__ == "__main__":
    main()
