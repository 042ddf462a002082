"""How long a question takes, and where its time goes, beside the bare libraries that it stands on.

    python eval/bench_search.py HOME --questions QUERIES.tsv [--ivf] [--peer] [--http] [--json RESULT.json]

HOME is one that `bench_home.py` made. `--questions` has a question in its second column. Ours is asked first, through
`Workspace.search`, and its resident memory read; then its stages one by one; then, on the same texts and vectors in
the same process, the bare embedder, a bare tantivy index (its own English stemmer) and bare faiss, exact; with `--ivf`
also IVF with 8-bit codes. `--peer` adds txtai's hybrid, which embeds questions with our model. `--http` asks the same
over HTTP, by one client and by eight. Of each question the quickest of three rounds counts: a busy machine then
disturbs long and short work more alike. `processor` is the mean time of all processors, of the best round: other
people's work hardly touches that. SENSEMAKE_CACHE holds the model.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sensemake import stores
from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.jobs import search as search_job
from sensemake.model import Nearest, Passage, Query, Scored, Vectors, Where
from sensemake.stores import Catalog
from sensemake.workspace import Workspace, asking
from sensemake.workspace.engine import Engine, open_engine, spec_of

DEPTH = search_job.DEPTH
WARM = 8
"""Questions asked before any is counted."""
ROUNDS = 3
CLIENTS = (1, 8)

Result = dict[str, Any]


def main() -> None:
    said = arguments()
    questions = asked(said.questions)[: said.most]
    settings = Settings(
        home=said.home, cache=Path(os.environ["SENSEMAKE_CACHE"]), requests_per_minute=0, log_level="error"
    )
    result: Result = {"questions": len(questions), "cores": os.cpu_count()}
    with Workspace.open(settings) as workspace:
        result["end to end"] = timed(questions, lambda text: workspace.search(Query(text), workspace.owner()))
        result["resident MiB"] = resident()
        if said.http:
            result["http"] = {f"{n} at once": over_http(workspace, questions, n) for n in CLIENTS}
    catalog = stores.open_catalog(stores.sqlite_url(said.home), said.home, create=False)
    engine = open_engine(spec_of(settings), settings, catalog, None)
    result["stages"] = stages(catalog, engine, questions)
    every = frozenset(catalog.corpus.marks())
    result["passages"] = len(catalog.corpus.select(Where(every, every)))
    if not said.stages:
        texts, vectors = everything(catalog, engine.embedder.model_id)
        result |= bare(texts, vectors, engine, questions)
        if said.ivf:
            result |= listed(vectors, engine, questions)
        result["recall@10"] = recall(catalog, engine, questions, vectors)
        if said.peer:
            result["txtai hybrid"] = txtai(texts, vectors, engine, questions)
    print(json.dumps(result, indent=1))
    if said.json:
        said.json.write_text(json.dumps(result, indent=1))


def asked(file: Path) -> list[str]:
    return [line.split("\t")[1] for line in file.read_text("utf-8").splitlines()[1:]]


def timed(questions: Sequence[str], ask: Callable[[str], object]) -> dict[str, float]:
    for text in questions[:WARM]:
        ask(text)
    rounds, processor = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        rounds.append([clocked(ask, text) for text in questions])
        processor.append(1000 * (time.process_time() - began) / len(questions))
    return quantiles(min(of_one) for of_one in zip(*rounds, strict=True)) | {"processor": round(min(processor), 1)}


def clocked(ask: Callable[[str], object], text: str) -> float:
    began = time.perf_counter()
    ask(text)
    return 1000 * (time.perf_counter() - began)


def quantiles(milliseconds: Iterable[float]) -> dict[str, float]:
    taken = list(milliseconds)
    return {"p50": round(statistics.median(taken), 1), "p95": round(statistics.quantiles(taken, n=20)[-1], 1)}


def resident() -> dict[str, int]:
    """What this process holds in memory: its own, and what it has mapped of files, which the system may take back."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {name: int(lines[key].split()[0]) // 1024 for name, key in RESIDENT.items()}


RESIDENT = {"all": "VmRSS", "own": "RssAnon", "files": "RssFile"}


# ── ours, stage by stage ─────────────────────────────────────────────────────────────────────────


@dataclass
class Stage:
    """Times the calls of an object's methods, under the stage that each belongs to."""

    real: Any
    name: str
    taken: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def __getattr__(self, method: str) -> Any:
        found = getattr(self.real, method)
        if not callable(found):
            return found

        def call(*args: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return found(*args, **named)
            finally:
                name = self.name if self.name != "index" else method
                self.taken[name] += 1000 * (time.perf_counter() - began)

        return call


def stages(catalog: Catalog, engine: Engine, questions: Sequence[str]) -> Result:
    """p50 of each stage: the same job as `Workspace.search`, with clocks at its seams."""
    engine.follow(catalog)
    every: defaultdict[str, list[dict[str, float]]] = defaultdict(list)
    rosters, owner = asking.Rosters(catalog, "opt-out"), asking.owner()
    for text in [*questions[:WARM], *(ROUNDS * list(questions))]:
        taken: dict[str, float] = defaultdict(float)
        began = time.perf_counter()
        query = Query(text)
        engine.follow(catalog)
        roster = rosters.of(asking.readable(owner, catalog))
        where = asking.where(owner, query, roster, catalog)
        taken["who is asking"] = 1000 * (time.perf_counter() - began)
        corpus = Stage(catalog.corpus, "fetch", taken)

        def find(text: str, where: Where, corpus: Any = corpus, taken: Any = taken) -> list[search_job.Found]:
            return search_job.retrieve(
                text,
                where,
                index=Stage(engine.index, "index", taken),  # type: ignore[arg-type]
                embedder=Stage(engine.embedder, "embedding", taken),  # type: ignore[arg-type]
                corpus=corpus,
                background=lambda readable: engine.background(readable, catalog),
            )

        search_job.search(
            query, where, find=find, corpus=corpus, likenesses=Stage(catalog.likenesses, "near-duplicates", taken),
            roster=roster, nearest=lambda _: Nearest(),
        )  # fmt: skip
        taken["all"] = 1000 * (time.perf_counter() - began)
        taken["fusion and the rest"] = 2 * taken["all"] - sum(taken.values())
        every[text].append(taken)
    quickest = [min(rounds, key=lambda taken: taken["all"]) for rounds in every.values()]
    return {name: quantiles(taken[name] for taken in quickest) for name in quickest[0]}


def over_http(workspace: Workspace, questions: Sequence[str], clients: int) -> Result:
    import httpx
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(create_app(workspace), port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    secret, token = workspace.create_token("bench", user=None, scopes=asking.READING, by=workspace.owner())
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {secret}"}) as client:

        def ask(text: str) -> None:
            client.post("/api/v1/search", json={"query": text}, timeout=60).raise_for_status()

        for text in questions[:WARM]:
            ask(text)
        began = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            taken = list(pool.map(lambda text: clocked(ask, text), questions))
        seconds = time.perf_counter() - began
    workspace.revoke_token(token.id, workspace.owner())
    server.should_exit = True
    thread.join()
    return quantiles(taken) | {"a second": round(len(taken) / seconds, 1)}


# ── others ───────────────────────────────────────────────────────────────────────────────────────


def everything(catalog: Catalog, model_id: str) -> tuple[list[str], Vectors]:
    every = frozenset(catalog.corpus.marks())
    passages: Sequence[Passage] = catalog.corpus.select(Where(every, every))
    vectors = np.empty((len(passages), 0), np.float32)
    for start in range(0, len(passages), 10_000):
        some = passages[start : start + 10_000]
        known = catalog.corpus.vectors(model_id, {passage.key for passage in some})
        block = np.stack([known[passage.key] for passage in some])
        vectors = np.empty((len(passages), block.shape[1]), np.float32) if not start else vectors
        vectors[start : start + len(block)] = block
    return [passage.embedded for passage in passages], vectors


def bare(texts: Sequence[str], vectors: Vectors, engine: Engine, questions: Sequence[str]) -> Result:
    """The three libraries by themselves, each to the depth that ours goes."""
    import faiss

    vector = {text: engine.embedder.query(text)[np.newaxis] for text in questions}
    found: Result = {"bare embedding": timed(questions, engine.embedder.query)}
    with tempfile.TemporaryDirectory() as folder:
        words = tantivy_over(texts, folder)
        found["bare tantivy"] = timed(questions, words)
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    found["bare faiss, exact"] = timed(questions, lambda text: flat.search(vector[text], DEPTH))
    return found


def listed(vectors: Vectors, engine: Engine, questions: Sequence[str]) -> Result:
    """faiss' inverted lists with 8-bit codes: quicker, and what they miss."""
    import faiss

    vector = {text: engine.embedder.query(text)[np.newaxis] for text in questions}
    found: Result = {}
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    lists = int(4 * len(vectors) ** 0.5)
    ivf = faiss.index_factory(vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    ivf.cp.niter, ivf.cp.max_points_per_centroid, ivf.nprobe = 10, 64, 32
    began = time.perf_counter()
    ivf.train(vectors)
    found["IVF, seconds of training"] = round(time.perf_counter() - began)
    ivf.add(vectors)
    faiss.omp_set_num_threads(1)
    found["bare faiss, IVF and 8 bits"] = timed(questions, lambda text: ivf.search(vector[text], DEPTH))
    best = [set(row[:10]) for row in faiss.knn(_stacked(vector), vectors, 10, metric=faiss.METRIC_INNER_PRODUCT)[1]]
    rows = [ivf.search(asked, 10)[1][0] for asked in vector.values()]
    found["IVF, recall@10"] = round(statistics.mean(len(b & set(r)) / 10 for b, r in zip(best, rows, strict=True)), 3)
    return found


def tantivy_over(texts: Sequence[str], folder: str) -> Callable[[str], object]:
    import tantivy

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("text", tokenizer_name="en_stem")
    schema.add_unsigned_field("number", stored=True)
    index = tantivy.Index(schema.build(), path=folder)
    writer = index.writer(heap_size=256_000_000, num_threads=1)
    for number, text in enumerate(texts):
        writer.add_document(tantivy.Document(text=text.encode("utf-8", "replace").decode(), number=number))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def ask(question: str) -> list[int]:
        plain = "".join(letter if letter.isalnum() else " " for letter in question)
        hits = searcher.search(index.parse_query(plain.lower(), ["text"]), DEPTH).hits
        return [int(searcher.doc(address)["number"][0]) for _, address in hits]

    return ask


def recall(catalog: Catalog, engine: Engine, questions: Sequence[str], vectors: Vectors) -> float:
    """The share of the ten nearest by exact products that our dense leg has among its first ten."""
    every = frozenset(catalog.corpus.marks())
    shares = []
    for text in questions:
        asked = engine.embedder.query(text)
        found: list[Scored] = engine.index.dense(asked, 10, Where(every, every))
        scores = vectors @ asked
        edge = np.partition(scores, -10)[-10]
        shares.append(sum(one.score >= edge - 1e-5 for one in found) / 10)
    return round(statistics.mean(shares), 3)


def txtai(texts: Sequence[str], vectors: Vectors, engine: Engine, questions: Sequence[str]) -> Result:
    from txtai.embeddings import Embeddings

    known = dict(zip(texts, vectors, strict=True))

    def transform(asked: Sequence[str]) -> Vectors:
        return np.stack([known[text] if text in known else engine.embedder.query(text) for text in asked])

    index = Embeddings(method="external", transform=transform, hybrid=True, content=True)
    index.index([(number, text, None) for number, text in enumerate(texts)])
    return timed(questions, lambda text: index.search(text, 10))


def _stacked(vectors: dict[str, Vectors]) -> Vectors:
    return np.concatenate(list(vectors.values()))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--most", type=int, default=84)
    parser.add_argument("--stages", action="store_true", help="ours only, without the bare libraries")
    parser.add_argument("--ivf", action="store_true")
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--http", action="store_true")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
