"""What should be embedded of a passage, and how long should it be? (docs/decisions/0003)

    python eval/embedded_text.py [DATA] [--limit 900]

Development questions only (see eval/search.py; of SciFact's every second one), each set over a part of its corpus: all
documents that answer, and others up to `--limit`. Both legs are exact (`search.memory`), fused by `rules.fusion.fuse`;
a document is ranked by its best passage. SENSEMAKE_CACHE keeps the vectors.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import peers
import search
from sensemake import registry
from sensemake.config import Settings
from sensemake.evaluation import measures
from sensemake.evaluation.judged import Judged, Text
from sensemake.evaluation.retrieval import SOURCE, document_of
from sensemake.model import Entry, LexicalQuery, Passage, PassageId, Scored, Where
from sensemake.protocols import Embedder
from sensemake.rules import analysis, chunking, fusion
from sensemake.search.memory import MemoryIndex
from sensemake.stores import VectorCache
from sensemake.workspace.engine import model_cache

EVERYWHERE = Where(frozenset({SOURCE.silo}), frozenset({SOURCE.silo}))


@dataclass(frozen=True)
class Variant:
    name: str
    text: Callable[[Passage], str]
    target: int = 900
    longest: int = 1200


def title_and_text(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}" if passage.title else passage.text


VARIANTS = (
    Variant("text", lambda passage: passage.text),
    Variant("title, text", title_and_text),
    Variant("title, text", title_and_text, 600, 800),
    Variant("title, text", title_and_text, 1400, 1800),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=Path("../shared/data"))
    parser.add_argument("--limit", type=int, default=900)
    said = parser.parse_args()
    cache = VectorCache(Path(os.environ["SENSEMAKE_CACHE"])) if "SENSEMAKE_CACHE" in os.environ else None
    embedder = registry.embedder("onnx")(model_cache(Settings(home=Path("unused"))))
    sets = [part(asked, said.limit) for asked in search.english(said.data, search.SETS, dev=True)]
    print("| embedded | passage | " + " | ".join(f"{asked.name}: dense, hybrid" for asked in sets) + " |")
    print("|---|---|" + "---|" * len(sets))
    for variant in VARIANTS:
        cells = [", ".join(f"{value:.3f}" for value in measured(asked, variant, embedder, cache)) for asked in sets]
        print(f"| {variant.name} | {variant.target}–{variant.longest} | {' | '.join(cells)} |", flush=True)


def part(asked: search.Asked, limit: int) -> search.Asked:
    """Fewer questions and documents, so that a variant takes minutes and not an hour."""
    kept = [q for place, q in enumerate(asked.judged.judgements) if asked.name != "scifact" or place % 2 == 0]
    judged = Judged({q: asked.judged.questions[q] for q in kept}, {q: asked.judged.judgements[q] for q in kept})
    needed = {document for documents in judged.judgements.values() for document in documents}
    others = [text for text in asked.texts if text.id not in needed]
    random.Random(7).shuffle(others)  # noqa: S311
    texts = [text for text in asked.texts if text.id in needed] + others[: max(0, limit - len(needed))]
    return search.Asked(asked.name, judged, tuple(texts))


def measured(asked: search.Asked, variant: Variant, embedder: Embedder, cache: VectorCache | None) -> tuple[float, ...]:
    """nDCG@10 of the dense leg and of both."""
    passages = list(_passages(asked.texts, variant))
    vectors = peers.embedded([variant.text(passage) for _, passage in passages], embedder, cache)
    questions = peers.embedded(list(asked.judged.questions.values()), embedder, cache)
    index = MemoryIndex()
    index.put([Entry(passage, vector, "all") for (_, passage), vector in zip(passages, vectors, strict=True)])
    document = {passage.id: id_ for id_, passage in passages}
    rankings: tuple[dict[str, list[str]], ...] = ({}, {})
    for (name, text), vector in zip(asked.judged.questions.items(), questions, strict=True):
        dense = index.dense(vector, peers.DEPTH, EVERYWHERE)
        lexical = index.lexical(LexicalQuery(analysis.terms(text)), peers.DEPTH, EVERYWHERE)
        for ranking, found in zip(rankings, (dense, fusion.fuse(dense, lexical)), strict=True):
            ranking[name] = _documents(found, document)
    values = (measures.per_question(asked.judged.judgements, ranking)["nDCG@10"] for ranking in rankings)
    return tuple(float(np.mean(value)) for value in values)


def _passages(texts: Sequence[Text], variant: Variant) -> Iterator[tuple[str, Passage]]:
    chunking.TARGET, chunking.LONGEST = variant.target, variant.longest
    for text in texts:
        for passage in chunking.split(document_of(text)):
            yield text.id, passage


def _documents(found: Sequence[Scored | fusion.Fused], document: dict[PassageId, str]) -> list[str]:
    return list(dict.fromkeys(document[one.passage] for one in found))


if __name__ == "__main__":
    main()
