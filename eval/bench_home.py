"""Makes a home of as many passages as one likes, out of a real one, for `bench_search.py`.

    python eval/bench_home.py SOURCE HOME --passages 100000 [--silos 30]

Documents of SOURCE, a home that real data was taken into, are drawn in any order, first as they are, then again and
again as copies. In a copy one word in four is another passage's, so that it is no near-duplicate. Its vector is
the real one, moved by noise that has the real vectors' covariance, so far that they are as near as a real vector and
its nearest neighbour; the quantiles of both are printed. Nothing is embedded. With `--silos` each has readers of
its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sensemake import stores
from sensemake.config import Settings
from sensemake.model import (
    EVERYONE,
    Document,
    DocumentId,
    Part,
    Passage,
    PassageId,
    Silo,
    SiloName,
    Source,
    Vectors,
    Where,
    stable_id,
)
from sensemake.protocols import Stored
from sensemake.stores import Catalog
from sensemake.workspace.engine import open_engine, spec_of

BATCH = 2_000
LOOKED_UP = 500
"""Documents of the source that are read together: those that are drawn, not all."""
OTHERS = 0.25
"""The share of words that come from another passage."""
SAMPLE = 1_000
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class Real:
    """What is drawn from: documents as their passages, and all passages' vectors by their place."""

    catalog: Catalog
    documents: Sequence[tuple[DocumentId, Sequence[tuple[int, Passage]]]]
    texts: Sequence[list[str]]
    vectors: Vectors
    near: NDArray[np.float32]
    """Cosines to the nearest neighbour, of a sample."""
    spread: NDArray[np.float32]
    """Turns white noise into noise with the vectors' covariance, shape (dim, dim)."""


def main() -> None:
    said = arguments()
    began = time.perf_counter()
    settings = Settings(home=said.home)
    with_source = open_home(said.source)
    real = read(with_source, open_engine(spec_of(settings), settings, with_source, None).embedder.model_id)
    rng = np.random.default_rng(said.seed)
    catalog = open_home(said.home, create=True)
    engine = open_engine(spec_of(settings), settings, catalog, None)
    silos = [SiloName(f"silo-{number}") for number in range(said.silos)]
    for silo in silos:
        catalog.access.add_silo(Silo(silo, frozenset({EVERYONE if len(silos) == 1 else f"readers-of-{silo}"})))
    sample = fill(catalog, engine.embedder.model_id, real, silos, said.passages, rng)
    with_source.close()
    stored = time.perf_counter()
    print(f"{said.passages:,} passages in {stored - began:.0f} s", flush=True)
    engine.catch_up(catalog, durable=True)
    catalog.close()
    print(f"indexed in {time.perf_counter() - stored:.0f} s")
    print("cosine to the nearest neighbour, quantiles " + ", ".join(f"{part:.2f}" for part in QUANTILES))
    print(f"real {quantiles_of(real.near)}\nmade {quantiles_of(sample)}")
    (said.home / "nearest.json").write_text(json.dumps({"real": quantiles_of(real.near), "made": quantiles_of(sample)}))


def open_home(home: Path, *, create: bool = False) -> Catalog:
    home.mkdir(parents=True, exist_ok=True)
    return stores.open_catalog(stores.sqlite_url(home), home, create=create)


def read(catalog: Catalog, model_id: str) -> Real:
    every = frozenset(catalog.corpus.marks())
    passages = catalog.corpus.select(Where(every, every))
    known = catalog.corpus.vectors(model_id, {passage.key for passage in passages})
    passages = [passage for passage in passages if passage.key in known]
    vectors = np.stack([known[passage.key] for passage in passages])
    grouped = [(id_, list(some)) for id_, some in groupby(enumerate(passages), lambda pair: pair[1].document)]
    rng = np.random.default_rng(0)
    some = vectors[rng.choice(len(vectors), min(len(vectors), 4 * vectors.shape[1]), replace=False)]
    values, directions = np.linalg.eigh(np.cov(some.T))
    return Real(
        catalog,
        grouped,
        [passage.text.split(" ") for passage in passages],
        vectors,
        nearest(vectors, rng),
        (directions * np.sqrt(np.clip(values, 0, None))).T.astype(np.float32),
    )


def nearest(vectors: Vectors, rng: np.random.Generator) -> NDArray[np.float32]:
    """For a sample of vectors, the cosine to the nearest other."""
    import faiss

    sample = rng.choice(len(vectors), min(SAMPLE, len(vectors)), replace=False)
    found, rows = faiss.knn(vectors[sample], vectors, 2, metric=faiss.METRIC_INNER_PRODUCT)
    return np.where(rows[:, 0] == sample, found[:, 1], found[:, 0]).astype(np.float32)


def fill(
    catalog: Catalog,
    model_id: str,
    real: Real,
    silos: Sequence[SiloName],
    wanted: int,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Put so many passages into the catalog; the cosines to the nearest neighbour of a sample."""
    made = np.empty((wanted, real.vectors.shape[1]), np.float32)
    count = 0
    batch: list[Stored] = []
    rows: list[tuple[int, bool]] = []
    for stored, places in drawn(real, silos, wanted, rng):
        batch.append(stored)
        rows += places
        if len(batch) == BATCH or count + len(rows) >= wanted:
            passages = [passage for one in batch for passage in one.passages]
            vectors = moved(real, rows, rng)
            made[count : count + len(rows)] = vectors
            catalog.corpus.store(batch)
            catalog.corpus.keep_vectors(model_id, {p.key: v for p, v in zip(passages, vectors, strict=True)})
            count += len(rows)
            batch, rows = [], []
    return nearest(made, rng)


def drawn(
    real: Real, silos: Sequence[SiloName], wanted: int, rng: np.random.Generator
) -> Iterator[tuple[Stored, list[tuple[int, bool]]]]:
    """Each document once before any comes twice; with its passages' places in `real`, and whether it is a copy."""
    count = copies = 0
    while True:
        order = rng.permutation(len(real.documents)).tolist()
        for start in range(0, len(order), LOOKED_UP):
            some = order[start : start + LOOKED_UP]
            documents = real.catalog.corpus.documents([real.documents[number][0] for number in some])
            for number in some:
                id_, listed = real.documents[number]
                listed = listed[: wanted - count]
                stored = copy_of(documents[id_], listed, silos[number % len(silos)], copies, real, rng)
                yield stored, [(at, copies > 0) for at, _ in listed]
                count += len(listed)
                if count == wanted:
                    return
        copies += 1


def copy_of(
    document: Document, listed: Sequence[tuple[int, Passage]], silo: SiloName, copy: int, real: Real,
    rng: np.random.Generator,
) -> Stored:  # fmt: skip
    source = Source(silo, "bench", "files", "bench")
    texts = (
        [passage.text for _, passage in listed]
        if copy == 0
        else [mixed(real.texts[at], real.texts[int(rng.integers(len(real.texts)))], rng) for at, _ in listed]
    )
    parts = tuple(
        Part(text, next(iter(sorted(passage.authors)), None), time=passage.time, locator=passage.locator)
        for text, (_, passage) in zip(texts, listed, strict=True)
    )
    made = replace(document, source=source, uri=f"{document.silo}/{document.uri}/{copy}", parts=parts, room=None)
    passages = tuple(
        replace(
            passage,
            id=PassageId(stable_id("bench", made.id, str(ordinal))),
            document=made.id,
            silo=silo,
            source=source.id,
            text=text,
            ordinal=ordinal,
        )
        for ordinal, (text, (_, passage)) in enumerate(zip(texts, listed, strict=True))
    )
    return Stored(made, hashlib.sha256("".join(texts).encode("utf-8", "surrogatepass")).hexdigest(), passages)


def mixed(words: list[str], others: list[str], rng: np.random.Generator) -> str:
    drawn = rng.random(len(words))
    return " ".join(
        others[place % len(others)] if chance < OTHERS else word
        for place, (word, chance) in enumerate(zip(words, drawn.tolist(), strict=True))
    )


def moved(real: Real, rows: Sequence[tuple[int, bool]], rng: np.random.Generator) -> Vectors:
    """These vectors; a copy's is as near to the real one as a real one is to its nearest."""
    places, copied = np.array([at for at, _ in rows]), np.array([copy for _, copy in rows])
    noise = rng.standard_normal((len(rows), real.vectors.shape[1]), dtype=np.float32) @ real.spread
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    near = np.clip(real.near[places % len(real.near)], 0.3, 0.999)  # the same for all copies of one
    made = real.vectors[places] + (copied * np.sqrt(1 / near**2 - 1))[:, None] * noise
    unit: Vectors = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return unit


def quantiles_of(cosines: NDArray[np.float32]) -> list[float]:
    return [round(float(value), 3) for value in np.quantile(cosines, QUANTILES)]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("home", type=Path)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--silos", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
