"""Themes beside their peers: the same texts and vectors for all, each method in a process of its own.

    SENSEMAKE_CACHE=… python eval/themes.py DATA [--sets keps …] [--methods ours …] [--most 15000]
    SENSEMAKE_CACHE=… python eval/themes.py DATA --sets both --most 20000

DATA holds clustering-banking77, clustering-clinc150 and clustering-keps. "Ours" is `sensemake eval themes`, the
product's own map. The peers get the vectors as they are; what they compile on first use is compiled before the clock
starts. Without a theme is a group of its own, and left out in the second of two figures.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from peers import embedded
from sensemake.config import Settings
from sensemake.embedders.onnx import OnnxEmbedder
from sensemake.evaluation import themes as measuring
from sensemake.evaluation.labelled import Labelled
from sensemake.rules import keyphrases, theme_quality
from sensemake.stores import VectorCache
from sensemake.workspace import engine

SETS = ("keps", "banking77", "clinc150")
METHODS = ("ours", "bertopic", "bertopic, outliers reduced", "evoc", "umap + hdbscan", "k-means, true k")
DOMAINS = "clinc150-domains"
WARM = 4_500
"""Vectors that a peer sees before the clock starts: above UMAP's 4,096, where it turns to another code path."""


def rows_of(name: str, data: Path, most: int | None) -> list[Labelled]:
    """The texts of a set, or as many of them as are wanted, drawn with a fixed seed."""
    if name == "both":
        every = [row for part in ("banking77", "clinc150") for row in rows_of(part, data, None)]
        return _drawn([Labelled(str(n), row.label, row.text) for n, row in enumerate(every)], most)
    if name == DOMAINS:
        told = json.loads((data / "clustering-clinc150" / "domains.json").read_text(encoding="utf-8"))
        domain = {_key(label): domain for domain, labels in told.items() for label in labels}
        return [Labelled(row.id, domain[_key(row.label)], row.text) for row in rows_of("clinc150", data, most)]
    folder = data / f"clustering-{name}"
    if name == "banking77":
        files = [csv.DictReader((folder / f"{part}.csv").open(encoding="utf-8")) for part in ("train", "test")]
        pairs = [(row["category"], row["text"]) for rows in files for row in rows]
    elif name == "clinc150":
        parts = json.loads((folder / "data_small.json").read_text(encoding="utf-8"))
        pairs = [(label, text) for part in ("train", "val", "test") for text, label in parts[part]]
    else:
        with gzip.open(folder / "keps.jsonl.gz", "rt", encoding="utf-8") as lines:
            pairs = [(row["label"], f"{row['title']}. {row['text']}") for row in map(json.loads, lines)]
    return _drawn(
        [Labelled(str(n), label, re.sub(r"\s+", " ", text).strip()) for n, (label, text) in enumerate(pairs)], most
    )


def _key(label: str) -> str:
    return re.sub(r"\W|_", "", label).casefold()


def _drawn(rows: list[Labelled], most: int | None) -> list[Labelled]:
    if most is None or most >= len(rows):
        return rows
    return [rows[n] for n in sorted(np.random.default_rng(0).permutation(len(rows))[:most])]


def vectors_of(rows: Sequence[Labelled], settings: Settings) -> Any:
    """Unit vectors, shape (rows, dim), of the model that the settings name."""
    cache = VectorCache(settings.cache) if settings.cache else None
    embedder = OnnxEmbedder(engine.model_cache(settings), precision=settings.precision)
    return embedded([row.text for row in rows], embedder, cache)


# ── the methods: texts and vectors → a group's number for each text, and each group's words or none ──────────────────

Found = tuple[Sequence[int], list[tuple[str, ...]] | None, float, float]


def clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def since(start: tuple[float, float]) -> tuple[float, float]:
    now = clock()
    return now[0] - start[0], now[1] - start[1]


def bertopic(rows: Sequence[Labelled], vectors: Any, *, reduced: bool, broad: bool) -> Found:
    from bertopic import BERTopic

    texts = [row.text for row in rows]
    BERTopic(embedding_model=None).fit_transform(texts[:WARM], vectors[:WARM])
    start = clock()
    model = BERTopic(embedding_model=None, nr_topics="auto" if broad else None)
    topics, _ = model.fit_transform(texts, vectors)
    if reduced:
        topics = model.reduce_outliers(texts, topics)
    took = since(start)
    words = [tuple(word for word, _ in model.get_topic(t)) for t in sorted(set(topics) - {-1})]
    return list(map(int, topics)), words, *took


def evoc(_: Sequence[Labelled], vectors: Any, *, broad: bool) -> Found:
    import evoc as peer

    peer.EVoC(random_state=42).fit_predict(vectors[:WARM])
    start = clock()
    model = peer.EVoC(random_state=42)
    labels = model.fit_predict(vectors)
    if broad:
        labels = min(model.cluster_layers_, key=lambda layer: layer.max())
    return labels.tolist(), None, *since(start)


def umap_hdbscan(_: Sequence[Labelled], vectors: Any) -> Found:
    from sensemake.clusterers.umap_hdbscan import UmapHdbscanClusterer

    UmapHdbscanClusterer().fit(vectors[:WARM])
    start = clock()
    return UmapHdbscanClusterer().fit(vectors).labels.tolist(), None, *since(start)


def k_means(rows: Sequence[Labelled], vectors: Any) -> Found:
    from sklearn.cluster import KMeans

    start = clock()
    labels = KMeans(len({row.label for row in rows}), n_init=10, random_state=42).fit_predict(vectors)
    return labels.tolist(), None, *since(start)


def found_by(method: str, rows: Sequence[Labelled], vectors: Any, *, broad: bool) -> Found:
    if method.startswith("bertopic"):
        return bertopic(rows, vectors, reduced=method.endswith("reduced"), broad=broad)
    if method == "evoc":
        return evoc(rows, vectors, broad=broad)
    return umap_hdbscan(rows, vectors) if method == "umap + hdbscan" else k_means(rows, vectors)


def one(method: str, rows: Sequence[Labelled], settings: Settings, *, broad: bool = False) -> dict[str, Any]:
    """A method's measures on these texts; `broad`, of its broadest level."""
    if method == "ours":
        vectors_of(rows, settings)  # so that all find their vectors in the cache
        measured = measuring.of_rows(rows, settings)
        told = {**measuring.summary(measured), "processor_seconds": measured.processor_seconds}
        return {**told, **told["levels"][-1]} if broad else told
    vectors = vectors_of(rows, settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, words, seconds, processor = found_by(method, rows, vectors, broad=broad)
    truth = [row.label for row in rows]
    agreement = measuring.Agreement.of(truth, found)
    told = [theme_quality.words(some) for some in words or _words(rows, found)]
    return {
        "groups": len(set(truth)),
        "themes": agreement.groups,
        "ami": agreement.ami,
        "ami_without_outliers": agreement.ami_without,
        "ari": agreement.ari,
        "ari_without_outliers": agreement.ari_without,
        "outlier_ratio": agreement.outlier_ratio,
        "npmi": theme_quality.coherence(told, (row.text for row in rows)),
        "diversity": theme_quality.diversity(told),
        "seconds": seconds,
        "processor_seconds": processor,
        "peak_memory_mb": measuring.peak_memory(),
    }


def _words(rows: Sequence[Labelled], found: Sequence[int]) -> list[tuple[str, ...]]:
    """Our keyphrases for groups that come without words of their own."""
    from sensemake.rules import chunking

    passages = [chunking.split(measuring.document_of(row))[0] for row in rows]
    groups = [
        [p for p, own in zip(passages, found, strict=True) if own == group] for group in sorted(set(found) - {-1})
    ]
    return keyphrases.keyphrases(groups)


HEAD = (
    "| set | method | themes / truth | loose | AMI | without loose | ARI | without loose | NPMI | diversity "
    "| s | processor s | MB |"
)


def line(name: str, method: str, told: dict[str, Any]) -> str:
    cells = [name, method, f"{told['themes']} / {told['groups']}", f"{told['outlier_ratio']:.0%}"]
    cells += [f"{told[k] or 0:.3f}" for k in ("ami", "ami_without_outliers", "ari", "ari_without_outliers", "npmi")]
    cells += [f"{told['diversity'] or 0:.2f}", f"{told['seconds']:.1f}"]
    cells += [f"{told['processor_seconds']:.1f}", f"{told['peak_memory_mb']:.0f}"]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--most", type=int)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        rows = rows_of(asked.sets[0], asked.data, asked.most)
        print(json.dumps(one(asked.methods[0], rows, Settings(), broad=asked.sets[0] == DOMAINS)))
        return
    print(HEAD, "|---" * HEAD.count(" | ") + "|---|", sep="\n", flush=True)
    most = ["--most", str(asked.most)] if asked.most else []
    for name in asked.sets:
        for method in asked.methods:
            call = [sys.executable, __file__, str(asked.data), "--one", "--sets", name, "--methods", method, *most]
            done = subprocess.run(call, capture_output=True, text=True, check=False, env=os.environ)
            if done.returncode:
                print(f"{name}, {method}: {done.stderr.strip().splitlines()[-1:]}", flush=True)
            else:
                print(line(name, method, json.loads(done.stdout.strip().splitlines()[-1])), flush=True)


if __name__ == "__main__":
    main()
