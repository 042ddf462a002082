"""How fast is embedding, and how near is int8 to full precision?

    python eval/bench_embed.py FOLDER [--passages 2000] [--rounds 2] [--threads 2]

FOLDER holds Markdown files; passages of 100 to 200 words are cut from them. The bundled weights embed the same
passages on ONNX Runtime (int8 and fp32: `OnnxEmbedder`) and on torch (`sentence_transformers`, batches of 32), in
turn, as many rounds as asked. Prints a Markdown table and a line of JSON; writes nothing but a temporary model cache.

Passages a second depend on what else the machine does: compare the rows of one run, and processor time, which
depends on it less.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sensemake.embedders import _export
from sensemake.embedders.onnx import OnnxEmbedder
from sensemake.model import Vectors


@dataclass
class Row:
    name: str
    embed: Callable[[list[str]], Vectors]
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    vectors: Vectors | None = None

    def measure(self, texts: list[str]) -> None:
        wall, processor = time.perf_counter(), time.process_time()
        self.vectors = self.embed(texts)
        self.wall.append(time.perf_counter() - wall)
        self.processor.append(time.process_time() - processor)


def main() -> None:
    arguments = parsed()
    texts = list(passages(arguments.folder, arguments.passages))
    with tempfile.TemporaryDirectory() as cache:
        rows = made(Path(cache), arguments.threads)
        for row in rows:
            row.embed(texts[:8])
        for round_ in range(arguments.rounds):
            for row in rows:
                row.measure(texts)
                print(f"round {round_ + 1}: {row.name} {row.wall[-1]:.1f} s", file=sys.stderr)
    results = [result(row, rows[-1], rows[1], len(texts)) for row in rows]
    print(table(results))
    words = sum(len(text.split()) for text in texts) / len(texts)
    alone = dependence(rows[0], texts[:50])
    print(json.dumps({"passages": len(texts), "mean_words": round(words), "alone_differs": alone, "rows": results}))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def passages(folder: Path, count: int) -> Iterator[str]:
    """At most 20 of one file, so that many hands are in it; the same ones each time."""
    chance = random.Random(1)  # noqa: S311
    files = sorted(folder.rglob("*.md"))
    chance.shuffle(files)
    for file in files:
        words = file.read_text("utf-8", "replace").split(" ")
        for _ in range(20):
            length = chance.randint(100, 200)
            if len(words) < length or count == 0:
                break
            yield " ".join(words[:length])
            words, count = words[length:], count - 1


def made(cache: Path, threads: int) -> list[Row]:
    int8, fp32 = (OnnxEmbedder(cache, precision=precision, threads=threads) for precision in ("int8", "fp32"))
    return [
        Row("ours, int8", int8.passages),
        Row("ours, fp32", fp32.passages),
        Row("sentence-transformers, torch fp32", torch_encoder(threads)),
    ]


def torch_encoder(threads: int) -> Callable[[list[str]], Vectors]:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(str(_export.bundled()), device="cpu")
    return lambda texts: model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)


def result(row: Row, torch: Row, full: Row, count: int) -> dict[str, object]:
    assert row.vectors is not None
    assert full.vectors is not None
    cosines = (row.vectors * full.vectors).sum(axis=1)
    return {
        "name": row.name,
        "passages_per_second": [round(count / wall, 1) for wall in row.wall],
        "times_torch": round(sum(torch.wall) / sum(row.wall), 2),
        "processor_ms_per_passage": round(1000 * min(row.processor) / count, 1),
        "processor_times_torch": round(min(torch.processor) / min(row.processor), 2),
        "cosine_to_fp32_mean": round(float(cosines.mean()), 5),
        "cosine_to_fp32_least": round(float(cosines.min()), 5),
    }


def dependence(row: Row, texts: list[str]) -> float:
    """The largest difference of a component between a text embedded alone and in company; 0 is promised."""
    together, alone = row.embed(texts), np.concatenate([row.embed([text]) for text in texts])
    return float(np.abs(together - alone).max())


def table(results: list[dict[str, object]]) -> str:
    heads = list(results[0])
    lines = [f"| {' | '.join(head.replace('_', ' ') for head in heads)} |", "|---" * len(heads) + "|"]
    lines += [f"| {' | '.join(shown(row[head]) for head in heads)} |" for row in results]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return "\n".join([*lines, "", f"Peak memory of this process (torch and two models in it): {peak} MB"])


def shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


if __name__ == "__main__":
    main()
