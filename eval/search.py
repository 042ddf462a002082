"""How well does search find, beside others?

    python eval/search.py [DATA] [--sets scifact cranfield cisi] [--dev] [--precision int8]
        [--languages | --pairs]

DATA holds `retrieval-*` folders in BEIR layout (default: ../shared/data). Settings were chosen on the questions that
`--dev` takes: SciFact's train split, the even question ids of Cranfield and CISI, every second question of the
languages. Without it the others are asked: report those, never choose by them.

With `--pairs` questions of one language are asked of texts in another; name a model that reads both (SENSEMAKE_MODEL).
Ours goes through a home: ingest, catalog, index, `Workspace.find`. SENSEMAKE_CACHE keeps the vectors between runs.
Prints Markdown. The peers need `pip install -e '.[eval]'`; one that is not installed is left out.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np

import peers
from sensemake import registry
from sensemake.config import Settings
from sensemake.evaluation import measures
from sensemake.evaluation.judged import Judged, Text, read_folder
from sensemake.evaluation.measures import Values
from sensemake.evaluation.retrieval import of_folder
from sensemake.stores import VectorCache
from sensemake.workspace.engine import model_cache

SETS = ("scifact", "cranfield", "cisi")
PROTOTYPE = next(iter(peers.PEERS))
FIELDS = ("nDCG@10", "Recall@100", "MRR@10", "MAP")

Table = dict[str, Mapping[str, Values]]


@dataclass(frozen=True)
class Asked:
    """One set's questions, of the part that is asked, and its corpus."""

    name: str
    judged: Judged
    texts: tuple[Text, ...]


def main() -> None:
    said = arguments()
    settings = Settings(home=Path("unused"), precision=said.precision, cache=_cache_folder())
    made = languages if said.languages else pairs if said.pairs else english
    for asked in made(said.data, said.sets, dev=said.dev):
        table: Table = dict(of_folder(asked.judged, asked.texts, settings).legs)
        if made is english:
            table |= beside(asked, settings)
        show(asked, table)


def english(data: Path, sets: Sequence[str], *, dev: bool) -> list[Asked]:
    return [_english(data / f"retrieval-{name}", name, dev=dev) for name in sets]


def _english(folder: Path, name: str, *, dev: bool) -> Asked:
    if name == "scifact":
        return Asked(name, *read_folder(folder, split="train" if dev else "test"))
    judged, texts = read_folder(folder)
    return Asked(name, _only(judged, lambda _, question: (int(question) % 2 == 0) == dev), texts)


def languages(data: Path, sets: Sequence[str], *, dev: bool) -> list[Asked]:  # noqa: ARG001
    """Each language alone, and each in a home that holds all three."""
    folder = data / "retrieval-multilingual"
    made = []
    for code in ("en", "de", "fr"):
        for name, language in ((f"{code} alone", code), (f"{code} among three", None)):
            judged, texts = read_folder(folder, split=f"{code}-to-{code}", language=language)
            unmarked = tuple(Text(text.id, text.title, text.text) for text in texts)
            made.append(Asked(name, _only(judged, lambda place, _: (place % 2 == 0) == dev), unmarked))
    return made


def pairs(data: Path, sets: Sequence[str], *, dev: bool) -> list[Asked]:  # noqa: ARG001
    """Questions of one language, asked of texts in another."""
    folder = data / "retrieval-multilingual"
    made = []
    for asking, answering in permutations(("en", "de", "fr"), 2):
        judged, texts = read_folder(folder, split=f"{asking}-to-{answering}", language=answering)
        unmarked = tuple(Text(text.id, text.title, text.text) for text in texts)
        half = _only(judged, lambda place, _: (place % 2 == 0) == dev)
        made.append(Asked(f"{asking} to {answering}", half, unmarked))
    return made


def beside(asked: Asked, settings: Settings) -> Table:
    """The peers' values on the same questions."""
    cache = VectorCache(settings.cache) if settings.cache else None
    embedder = registry.embedder("onnx")(model_cache(settings), precision=settings.precision)
    texts = [f"{text.title}\n{text.text}" if text.title else text.text for text in asked.texts]
    corpus = peers.Corpus(texts, list(asked.judged.questions.values()), embedder, cache)
    table: Table = {}
    for name, ranked in peers.PEERS.items():
        try:
            found = ranked(corpus)
        except ModuleNotFoundError as missing:
            print(f"(without {name}: {missing.name} is not installed)")
            continue
        rankings = {
            question: [asked.texts[place].id for place in row]
            for question, row in zip(asked.judged.questions, found, strict=True)
        }
        table[name] = measures.per_question(asked.judged.judgements, rankings)
    return table


def show(asked: Asked, table: Table) -> None:
    print(f"\n**{asked.name}**, {len(asked.judged.questions)} questions, {len(asked.texts)} documents\n")
    print("| | " + " | ".join(FIELDS) + " | hybrid's gain in nDCG@10 (95 %, p) |")
    print("|---|" + "---|" * (len(FIELDS) + 1))
    for name, values in table.items():
        cells = [f"{values[field].mean():.3f}" for field in FIELDS]
        print(f"| {name} | " + " | ".join(cells) + f" | {_gain(table['hybrid'], values)} |")


def _gain(ours: Mapping[str, Values], others: Mapping[str, Values]) -> str:
    if ours is others:
        low, high = measures.interval(ours["nDCG@10"])
        return f"(itself {low:.3f} to {high:.3f})"
    found = measures.compare(ours["nDCG@10"], others["nDCG@10"])
    return f"{found.gain:+.3f} ({found.interval[0]:+.3f} to {found.interval[1]:+.3f}, {found.p:.3f})"


def _only(judged: Judged, wanted: Callable[[int, str], bool]) -> Judged:
    kept = [q for place, q in enumerate(judged.judgements) if wanted(place, q)]
    return Judged({q: judged.questions[q] for q in kept}, {q: judged.judgements[q] for q in kept})


def _cache_folder() -> Path | None:
    folder = os.environ.get("SENSEMAKE_CACHE")
    return Path(folder) if folder else None


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--dev", action="store_true")
    parser.add_argument("--precision", default="int8", choices=("int8", "fp32"))
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--languages", action="store_true")
    which.add_argument("--pairs", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    main()
