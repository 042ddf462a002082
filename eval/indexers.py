"""How the indexers do on real folders and on hostile files: what is read, what is not and why, and how long it takes.

python eval/indexers.py                    every folder of `shared/data`: read in a child, counted
python eval/indexers.py --only meetings    some of them, by name
python eval/indexers.py --apart            the same folder read in a child and in this process
python eval/indexers.py --hostile          crafted documents and archives (tests/hostile_files.py)
python eval/indexers.py --phases           an ingest with the bundled model: where its time goes; then 1 % changed
python eval/indexers.py --alike            linking of near-duplicates on crafted edits; its share of an ingest
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sensemake import registry
from sensemake.config import Settings
from sensemake.jobs.embedding import NoCache
from sensemake.model import AUTHORING, Document, ReadFailure, SiloName, Source
from sensemake.reading import Reader
from sensemake.rules import likeness
from sensemake.stores import open_catalog, sqlite_url
from sensemake.workspace import engine, taking_in

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
FOLDERS = {
    "kubernetes": "org-kubernetes/raw",
    "documents": "documents/files",
    "mail": "chat-formats/mail",
    "zoom": "chat-formats/zoom",
    "reflections": "reflections",
    "docs": "org-ethereum/raw/docs",
    "calls": "org-ethereum/raw/calls",
    "meetings": "org-ethereum/raw/meetings",
    "ethereum-reflections": "org-ethereum/raw/reflections",
}


def source(path: Path, name: str) -> Source:
    return Source(SiloName("trial"), path.name, name, str(path))


def timed(items: Iterator[Any], spent: Counter[str], phase: str) -> Iterator[Any]:
    """The same items; the time that each took to come is added to a phase."""
    while True:
        began = time.perf_counter()
        item = next(items, None)
        spent[phase] += time.perf_counter() - began  # type: ignore[assignment]
        if item is None:
            return
        yield item


def authored(document: Document) -> bool:
    said = any(part.author is not None for part in document.parts)
    return said or any(each.role in AUTHORING for each in document.contributions)


def real(names: Sequence[str], data: Path) -> None:
    print("| folder | indexer | documents | with an author | not read | by reason | read | s |")
    print("|---|---|---|---|---|---|---|---|")
    for name, where in FOLDERS.items():
        if names and name not in names:
            continue
        path = (data / where).resolve()
        indexer = registry.choose_indexer(path)
        began = time.perf_counter()
        with Reader() as reader:
            items = list(reader.read(indexer, path, source(path, indexer.name)))
        seconds = time.perf_counter() - began
        documents = [item for item in items if isinstance(item, Document)]
        failures = Counter(str(item.reason) for item in items if isinstance(item, ReadFailure))
        signed = sum(map(authored, documents))
        lost = failures.total()
        told = ", ".join(f"{count} {reason}" for reason, count in failures.most_common()) or "–"
        share = len(documents) / max(1, len(documents) + lost)
        print(
            f"| {name} | {indexer.name} | {len(documents):,} | {signed / max(1, len(documents)):.1%} | {lost} | {told} "
            f"| {share:.1%} | {seconds:.1f} |",
            flush=True,
        )


def apart(names: Sequence[str], data: Path) -> None:
    for name in names or ("documents", "kubernetes"):
        path = (data / FOLDERS[name]).resolve()
        indexer = registry.choose_indexer(path)
        spent = {}
        for where in ("child", "here"):
            began = time.perf_counter()
            if where == "here":
                items = list(indexer.read(path, source(path, indexer.name)))
            else:
                with Reader() as reader:
                    other = list(reader.read(indexer, path, source(path, indexer.name)))
            spent[where] = time.perf_counter() - began
        same = items == other
        print(f"{name}: child {spent['child']:.1f} s, here {spent['here']:.1f} s, the same items: {same}")


def hostile(_names: Sequence[str], _data: Path) -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    import hostile_files

    with tempfile.TemporaryDirectory() as place:
        there = Path(place)
        bad = hostile_files.documents(there / "documents")
        archives = hostile_files.archives(there / "archives")
        before = set(there.rglob("*"))
        _read_hostile(there / "documents", "files")
        start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        items, longest, total = _read_hostile(there / "documents", "files")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start
        good = sum(isinstance(i, Document) and "-good" in i.path for i in items)
        print(f"documents: {len(bad)} hostile; {good} of {hostile_files.GOOD} good ones read")
        failures = [i for i in items if isinstance(i, ReadFailure)]
        print("  not read:", dict(Counter(str(i.reason) for i in failures).most_common()))
        print("  faults of ours:", [i.detail for i in failures if "a fault" in i.detail])
        print(f"  longest wait {longest:.1f} s, all {total:.1f} s; this process grew by {grown >> 10} MiB")
        worst = 0.0
        told: Counter[str] = Counter()
        for path in archives:
            items, longest, _ = _read_hostile(path, "slack")
            worst = max(worst, longest)
            whole = any(isinstance(i, Document) for i in items)
            reasons = (
                ", ".join(sorted({str(i.reason) for i in items if isinstance(i, ReadFailure)})) or "nothing refused"
            )
            told[f"{'good channel read' if whole else 'refused whole'}: {reasons}"] += 1
        print(f"archives: {len(archives)}; longest wait {worst:.1f} s;", dict(told.most_common()))
        print("files written beside them:", len(set(there.rglob("*")) - before))


def _read_hostile(path: Path, name: str) -> tuple[list[Any], float, float]:
    longest, items = 0.0, []
    began = last = time.perf_counter()
    with Reader() as reader:
        for item in reader.read(registry.indexer(name), path, source(path, name)):
            items.append(item)
            longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    return items, longest, time.perf_counter() - began


class Timed:
    """Calls something and adds up the time that takes."""

    def __init__(self, inner: Any, spent: Counter[str], phases: dict[str, str]) -> None:
        self._inner, self._spent, self._phases = inner, spent, phases

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._adding(found, self._phases[name]) if name in self._phases else found

    def _adding(self, call: Callable[..., Any], phase: str) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(*given, **named)
            finally:
                self._spent[phase] += time.perf_counter() - began  # type: ignore[assignment]

        return run


def phases(_names: Sequence[str], data: Path, files: int = 100) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, home = Path(place) / "pages", Path(place) / "home"
        folder.mkdir()
        for number, file in enumerate(sorted((data / FOLDERS["kubernetes"]).rglob("*.md"))[:files]):
            shutil.copy(file, folder / f"{number:04}.md")
        catalog = open_catalog(sqlite_url(home), home, create=True)
        made = engine.open_engine(engine.spec_of(Settings(home=home)), Settings(home=home), catalog, announce=print)
        made.embedder.passages(["the model is loaded before the clock starts"])
        spent: Counter[str] = Counter()
        made.embedder = Timed(made.embedder, spent, {"passages": "embedding"})
        read = Reader.read
        Reader.read = lambda self, *given: timed(read(self, *given), spent, "waiting for the child")  # type: ignore[method-assign,assignment]
        request = taking_in.Request((folder,), SiloName("bench"))

        def ingested() -> float:
            spent.clear()
            began = time.perf_counter()
            taking_in.take_in(request, catalog=catalog, engine=made, cache=NoCache(), progress=lambda *_: None)
            return time.perf_counter() - began

        first = ingested()
        print(f"{files} files: {first:.1f} s")
        for phase, seconds in spent.items():
            print(f"  {phase}: {seconds:.2f} s ({seconds / first:.1%})")
        print(f"  everything but embedding: {1 - spent['embedding'] / first:.1%}")
        for file in sorted(folder.iterdir())[:: max(1, files)]:
            file.write_text(
                file.read_text(encoding="utf-8") + "\n\nOne more sentence about the pump.\n", encoding="utf-8"
            )
        again = ingested()
        print(f"again with 1 % changed: {again:.2f} s, {again / first:.1%} of the first")
        catalog.close()


def alike(_names: Sequence[str], data: Path) -> None:
    texts = [file.read_text(errors="replace") for file in sorted((data / FOLDERS["kubernetes"]).rglob("*.md"))[:150]]
    texts = [text for text in texts if len(text.split()) > 200]
    began = time.process_time()
    marks = [likeness.signature([text]) for text in texts]
    cost = time.process_time() - began
    words = sum(len(text.split()) for text in texts)
    print(f"{len(texts)} documents, {words:,} words signed in {cost:.2f} s")
    print("| words changed | linked (of all) | share a band |\n|---|---|---|")
    for share in (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5):
        linked = banded = 0
        for number, (text, mark) in enumerate(zip(texts, marks, strict=True)):
            rng = random.Random(number)  # noqa: S311
            edited = " ".join(f"w{rng.random()}" if rng.random() < share else word for word in text.split())
            other = likeness.signature([edited])
            if mark is None or other is None:
                continue
            linked += likeness.alike(mark, other)
            banded += bool(set(likeness.bands(mark)) & set(likeness.bands(other)))
        print(f"| {share:.0%} | {linked / len(texts):.1%} | {banded / len(texts):.1%} |")
    _precision(data)


def _precision(data: Path) -> None:
    """Linked pairs of different files, against the shingles they truly share; those far apart are not looked at."""
    texts = [file.read_text(errors="replace") for file in sorted((data / FOLDERS["kubernetes"]).rglob("*.md"))]
    signed = {at: mark for at, text in enumerate(texts) if (mark := likeness.signature([text])) is not None}
    places = np.stack(list(signed.values()))
    right = wrong = missed = 0
    for row, (at, one) in enumerate(signed.items()):
        near = np.flatnonzero(np.mean(places == one, axis=1) >= 0.4)
        for other_row in near[near > row]:
            after = list(signed)[other_row]
            a, b = shingles(texts[at]), shingles(texts[after])
            true = len(a & b) / len(a | b) >= likeness.ALIKE
            banded = bool(set(likeness.bands(one)) & set(likeness.bands(signed[after])))
            said = banded and likeness.alike(one, signed[after])
            right, wrong, missed = right + (said and true), wrong + (said and not true), missed + (true and not said)
    print(f"of {len(signed):,} files: {right} pairs rightly linked, {wrong} wrongly, {missed} missed")


def shingles(text: str) -> set[str]:
    words = "".join(c if c.isalnum() or c == "_" else " " for c in text.casefold()).split()
    return {" ".join(words[at : at + likeness.SHINGLE]) for at in range(len(words) - likeness.SHINGLE + 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", nargs="*", default=[])
    for name in ("apart", "hostile", "phases", "alike"):
        parser.add_argument(f"--{name}", action="store_true")
    asked = parser.parse_args()
    chosen = [f for f in (apart, hostile, phases, alike) if getattr(asked, f.__name__)] or [real]
    for each in chosen:
        each(asked.only, asked.data)


if __name__ == "__main__":
    main()
