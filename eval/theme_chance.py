"""Whether words without order make themes, and real ones do: many draws of texts, through the product's own job.

    SENSEMAKE_CACHE=… python eval/theme_chance.py DATA [--sets keps …] [--sizes 60 110 628] [--draws 10]
    SENSEMAKE_CACHE=… python eval/theme_chance.py HOME --silo discord [--sizes 300 1500 6000] [--real-only]

For each size: how many of the draws show any theme, and how many themes, of real texts and of the same texts with each
word drawn from all of them (the texts of HOME are whole documents, cut as they are; HOME is a copy of a home, for
opening it may migrate it). Draws differ by their seed alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from sensemake.config import Settings
from sensemake.embedders.onnx import OnnxEmbedder
from sensemake.evaluation.labelled import Labelled
from sensemake.model import Passage, ThemeMap
from sensemake.workspace import engine
from theme_replay import build as build_passages
from theme_replay import read
from theme_stability import build as build_rows
from theme_stability import shuffled
from themes import SETS, rows_of, vectors_of


def said(maps: Sequence[ThemeMap]) -> str:
    """How many of these maps have themes, and how many (the median); how many of these were told by words alone."""
    numbers = [len(one.themes) for one in maps]
    told = sum(one.settings.get("talk") == "by words" for one in maps)
    return f"{sum(n > 0 for n in numbers)} of {len(numbers)} ({int(np.median(numbers))} themes; {told} by words)"


def of_set(name: str, rows: Sequence[Labelled], size: int, draws: int, settings: Settings) -> str:
    real, odd = [], []
    for seed in range(draws):
        picked = np.random.default_rng(1_000 + seed).permutation(len(rows))[:size]
        some = [rows[n] for n in np.sort(picked)]
        mixed = shuffled(some, 1.0, seed=seed, words_of=rows)
        real.append(build_rows(some, vectors_of(some, settings)))
        odd.append(build_rows(mixed, OnnxEmbedder(engine.model_cache(settings)).passages([row.text for row in mixed])))
    return f"| {name} | {size} | {draws} | {said(real)} | {said(odd)} |"


def of_home(passages: Sequence[Passage], vectors: dict[Any, Any], size: int, draws: int, *, real_only: bool) -> str:
    maps, odd = [], []
    documents = sorted({p.document for p in passages})
    for seed in range(draws):
        picked = np.random.default_rng(1_000 + seed).permutation(len(documents))[:size]
        there = {documents[n] for n in picked}
        some = [p for p in passages if p.document in there]
        maps.append(build_passages(some, vectors, set(), 24_000, None, count()))
        if real_only:
            continue
        rows = [Labelled(str(n), "", p.text) for n, p in enumerate(some)]
        mixed = shuffled(rows, 1.0, seed=seed)
        settings = Settings()
        odd.append(build_rows(mixed, OnnxEmbedder(engine.model_cache(settings)).passages([row.text for row in mixed])))
    return f"| home | {size} | {draws} | {said(maps)} | {said(odd) if odd else ''} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--silo", action="append")
    parser.add_argument("--sizes", nargs="+", type=int, default=[60, 110, 628])
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--real-only", action="store_true")
    asked = parser.parse_args()
    print("| texts | size | draws | real: with themes | shuffled: with themes |")
    print("|---" * 5 + "|", flush=True)
    if asked.silo:
        _, passages, vectors, _ = read(asked.data, asked.silo, None)
        for size in asked.sizes:
            print(of_home(passages, vectors, size, asked.draws, real_only=asked.real_only), flush=True)
        return
    for name in asked.sets:
        rows = rows_of(name, asked.data, None)
        for size in asked.sizes:
            print(of_set(name, rows, size, asked.draws, Settings()), flush=True)


if __name__ == "__main__":
    main()
