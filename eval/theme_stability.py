"""How far themes keep their ids, and whether words without order make any: through the product's own job.

    SENSEMAKE_CACHE=… python eval/theme_stability.py DATA [--sets keps …] [--most 3000]

For each set: the share of texts in a theme that keep its id when 10 % of the corpus is added, when 10 % is removed, and
when nothing changes; beside it the same when every map is grouped anew and only matched to the last (lineage). Then the
texts with 20 % more whose words are drawn from the whole corpus, and a corpus of such texts alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from sensemake import registry
from sensemake.config import Settings
from sensemake.evaluation import themes as measuring
from sensemake.evaluation.labelled import Labelled
from sensemake.jobs import themes as job
from sensemake.jobs.theme_draft import Material
from sensemake.jobs.theme_names import Tools
from sensemake.model import SiloName, ThemeMap
from sensemake.rules import chunking
from themes import SETS, rows_of, vectors_of

AT = datetime(2026, 1, 1, tzinfo=UTC)


def build(rows: Sequence[Labelled], vectors: Any, last: ThemeMap | None = None, *, anew: bool = False) -> ThemeMap:
    """The map of texts of one passage each. `anew`: matched to the last map only after all is grouped from nothing."""
    passages = [chunking.split(measuring.document_of(row))[0] for row in rows]
    numbers = count(0 if last is None else 1_000_000)
    tools = Tools(
        lambda n: registry.clusterer(job.clusterer_name(n))(),
        registry.labeller("keyphrases")(),
        lambda: f"id{next(numbers)}",
    )
    material = Material(
        silos=frozenset({SiloName("corpus")}),
        state=str(len(rows)),
        model="m",
        passages=passages,
        vectors={p.key: v for p, v in zip(passages, vectors, strict=True)},
        people=lambda _: (),
    )
    if last is not None and anew:
        last = replace(last, settings={**last.settings, "fitted": "1"})
    return job.build(material, tools, last=last, built_at=AT)


def kept(before: ThemeMap, after: ThemeMap, there: set[str]) -> float:
    """The share of passages in a theme, of those in both corpora, that are in the theme of the same id."""
    ids = {m.passage: t.id for t in after.themes for m in t.members}
    held = [(m.passage, t.id) for t in before.themes for m in t.members if m.document in there]
    return float(np.mean([ids.get(passage) == theme for passage, theme in held])) if held else 1.0


def stability(name: str, rows: Sequence[Labelled], vectors: Any) -> str:
    order = np.random.default_rng(1).permutation(len(rows))
    few = np.sort(order[len(rows) // 11 :])
    some, whole = [rows[n] for n in few], list(rows)
    cells = [name, str(len(rows))]
    for anew in (False, True):
        small, large = build(some, vectors[few]), build(whole, vectors)
        there = {measuring.document_of(row).id for row in some}
        added = build(whole, vectors, small, anew=anew)
        removed = build(some, vectors[few], large, anew=anew)
        again = build(whole, vectors, large, anew=anew)
        everything = {measuring.document_of(row).id for row in whole}
        pairs = ((small, added, there), (large, removed, there), (large, again, everything))
        cells += [f"{kept(*pair):.1%}" for pair in pairs]
    return f"| {' | '.join(cells)} |"


def shuffled(
    rows: Sequence[Labelled], share: float, *, seed: int = 7, words_of: Sequence[Labelled] | None = None
) -> list[Labelled]:
    """Texts as long as some of these, each word drawn from all of them, or from all of `words_of`."""
    random = np.random.default_rng(seed)
    words = [word for row in words_of or rows for word in row.text.split()]
    picked = random.permutation(len(rows))[: int(share * len(rows))]
    texts = [" ".join(random.choice(words, len(rows[n].text.split()))) for n in picked]
    return [Labelled(f"shuffled {n}", "", text) for n, text in enumerate(texts)]


def against_chance(name: str, rows: Sequence[Labelled], settings: Settings) -> str:
    odd = shuffled(rows, 0.2)
    whole = [*rows, *odd]
    plain, mixed = build(rows, vectors_of(rows, settings)), build(whole, vectors_of(whole, settings))
    truth = [row.label for row in rows]
    places = [measuring.document_of(row).id for row in whole]
    before = measuring.Agreement.of(truth, measuring.placed(plain, places[: len(rows)], 0))
    found = measuring.placed(mixed, places, 0)
    after = measuring.Agreement.of(truth, found[: len(rows)])
    loose = float(np.mean([group == measuring.LOOSE for group in found[len(rows) :]]))
    cells = [name, f"{loose:.0%}", f"{before.ami:.3f}", f"{after.ami:.3f}", f"{after.ami - before.ami:+.3f}"]
    for size in (8, 20, 60, 100, 500):
        few = odd[:size]
        cells.append(str(len(build(few, vectors_of(few, settings)).themes)) if len(few) == size else "")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--most", type=int)
    asked = parser.parse_args()
    settings = Settings()
    corpora = {name: rows_of(name, asked.data, asked.most) for name in asked.sets}
    print("| set | texts | +10 % | -10 % | same | +10 %, anew | -10 %, anew | same, anew |")
    print("|---|---|---|---|---|---|---|---|")
    for name, rows in corpora.items():
        print(stability(name, rows, vectors_of(rows, settings)), flush=True)
    print("\n| set | shuffled loose | AMI before | with them | change | shuffled alone: 8 | 20 | 60 | 100 | 500 |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, rows in corpora.items():
        print(against_chance(name, rows, settings), flush=True)


if __name__ == "__main__":
    main()
