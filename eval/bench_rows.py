"""The dense leg by itself, at sizes for which a whole home takes long to make: time, memory and what it misses.

    python eval/bench_rows.py SOURCE --vectors 1000000 [--questions 100]

SOURCE is a home that real data was taken into: its vectors are copied as `bench_home.py` copies them, into a folder of
segments that is removed in the end. Questions are real vectors, moved as a copy is. Beside ours: faiss' exact scan and,
with `--ivf`, IVF with 8-bit codes, one thread each.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from bench_home import moved, nearest, open_home, quantiles_of, read
from bench_search import DEPTH, resident, timed
from sensemake.model import Vectors
from sensemake.search._rows import NUMPY_UP_TO
from sensemake.search._segments import Segments, write_segment

BLOCK = 20_000


def main() -> None:
    said = arguments()
    catalog = open_home(said.source)
    real = read(catalog, said.model)
    catalog.close()
    rng = np.random.default_rng(0)
    order = np.concatenate([rng.permutation(len(real.vectors)) for _ in range(-(-said.vectors // len(real.vectors)))])
    rows = [(int(at), place >= len(real.vectors)) for place, at in enumerate(order[: said.vectors])]
    made = np.empty((said.vectors, real.vectors.shape[1]), np.float32)
    for start in range(0, said.vectors, BLOCK):
        made[start : start + BLOCK] = moved(real, rows[start : start + BLOCK], rng)
    questions = moved(real, [(int(at), True) for at in rng.choice(len(real.vectors), said.questions)], rng)
    print(f"cosine to the nearest: real {quantiles_of(real.near)}, made {quantiles_of(nearest(made, rng))}", flush=True)
    del real
    with tempfile.TemporaryDirectory(dir=said.folder) as folder:
        began = time.perf_counter()
        write_segment(Path(folder), 0, [], np.zeros(0, np.bool_), made, numpy_up_to=NUMPY_UP_TO)
        print(f"ours written in {time.perf_counter() - began:.0f} s", flush=True)
        ours(Path(folder), questions, made)
    exactly(questions, made)
    if said.ivf:
        approximately(questions, made)


def ours(folder: Path, questions: Vectors, made: Vectors) -> None:
    before = resident()
    segments = Segments(folder, [path.name for path in folder.iterdir()])
    number = {str(place): question for place, question in enumerate(questions)}
    found = timed(list(number), lambda place: segments.nearest(number[place], DEPTH, None))
    after = resident()
    exact = _best(questions, made)
    near = [segments.nearest(question, 10, None) for question in questions]
    recall = statistics.mean(len(set(a.tolist()) & set(b.tolist())) / 10 for a, b in zip(exact, near, strict=True))
    grown = {name: after[name] - before[name] for name in after}
    print(f"ours: the {DEPTH} nearest {found} ms, recall@10 {recall:.3f}, resident {grown} MiB more", flush=True)


def exactly(questions: Vectors, made: Vectors) -> None:
    import faiss

    number = {str(place): question[np.newaxis] for place, question in enumerate(questions)}
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(made.shape[1])
    flat.add(made)
    print(f"faiss exact: {timed(list(number), lambda place: flat.search(number[place], DEPTH))} ms", flush=True)


def approximately(questions: Vectors, made: Vectors) -> None:
    import faiss

    number = {str(place): question[np.newaxis] for place, question in enumerate(questions)}
    exact = _best(questions, made)
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    lists = int(4 * len(made) ** 0.5)
    ivf = faiss.index_factory(made.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    ivf.cp.niter, ivf.cp.max_points_per_centroid = 10, 40
    began = time.perf_counter()
    ivf.train(made)
    trained = time.perf_counter() - began
    ivf.add(made)
    print(f"IVF of {lists} lists: trained in {trained:.0f} s, filled in {time.perf_counter() - began - trained:.0f} s")
    faiss.omp_set_num_threads(1)
    for probes in (16, 32, 64, 128):
        ivf.nprobe = probes
        found = timed(list(number), lambda place: ivf.search(number[place], DEPTH))
        near = ivf.search(questions, 10)[1]
        recall = statistics.mean(len(set(a.tolist()) & set(b.tolist())) / 10 for a, b in zip(exact, near, strict=True))
        print(f"  {probes} probes: {found} ms, recall@10 {recall:.3f}", flush=True)


def _best(questions: Vectors, made: Vectors) -> np.ndarray:
    import faiss

    return np.asarray(faiss.knn(questions, made, 10, metric=faiss.METRIC_INNER_PRODUCT)[1])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--model", default="all-MiniLM-L6-v2@53aa5117:int8:256:2", help="whose vectors SOURCE holds")
    parser.add_argument("--ivf", action="store_true")
    parser.add_argument("--folder", type=Path, help="where the segments lie meanwhile")
    return parser.parse_args()


if __name__ == "__main__":
    main()
