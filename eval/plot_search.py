"""Draws what `bench_search.py` measured against the number of passages, and prints it as a table.

    python eval/plot_search.py RESULT.json … --picture docs/pictures/search-scale.png

Needs matplotlib: `pip install -e '.[eval]'`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Result = dict[str, Any]

BARE = ("bare embedding", "bare tantivy", "bare faiss, exact")
STAGES = ("who is asking", "embedding", "dense", "lexical", "fetch", "near-duplicates", "fusion and the rest")
LINES = ("end to end", *BARE, "bare faiss, IVF and 8 bits", "txtai hybrid")


def main() -> None:
    said = arguments()
    results = sorted((json.loads(path.read_text()) for path in said.results), key=lambda result: result["passages"])
    table(results)
    if said.picture:
        draw(results, said.picture)


def total(result: Result) -> float | None:
    """What the bare libraries take one after the other; None where they were not asked."""
    return sum(float(result[name]["p50"]) for name in BARE) if all(name in result for name in BARE) else None


def table(results: Sequence[Result]) -> None:
    print("| p50 / p95, ms | " + " | ".join(f"{result['passages']:,}" for result in results) + " |")
    print("|---|" + "---|" * len(results))
    for name in LINES:
        _line(name, [_both(result.get(name)) for result in results])
    for name in LINES:
        _line(f"processor, ms: {name}", [str(result.get(name, {}).get("processor", "")) for result in results])
    _line(
        "end to end, over the three bare ones (exact)",
        [f"{_ours(r) / bare:.1f}" if (bare := total(r)) else "" for r in results],
    )
    for name in STAGES:
        _line(f"stage: {name}", [_both(result["stages"].get(name)) for result in results])
    for name in dict.fromkeys(name for result in results for name in result.get("http", ())):
        _line(f"over HTTP, {name}", [_both(result.get("http", {}).get(name)) for result in results])
        _line(
            f"over HTTP, {name}: answers a second",
            [str(result.get("http", {}).get(name, {}).get("a second", "")) for result in results],
        )
    _line("resident, MiB (its own, of files)", [_memory(result["resident MiB"]) for result in results])
    _line("recall@10 of the dense leg", [str(result.get("recall@10", "")) for result in results])
    _line("recall@10 of IVF", [str(result.get("IVF, recall@10", "")) for result in results])


def _line(name: str, cells: Sequence[str]) -> None:
    print(f"| {name} | " + " | ".join(cells) + " |")


def _both(found: dict[str, float] | None) -> str:
    return "" if found is None else f"{found['p50']:.1f} / {found['p95']:.1f}"


def _ours(result: Result) -> float:
    return float(result["end to end"]["p50"])


def _memory(found: dict[str, int]) -> str:
    return f"{found['all']} ({found['own']}, {found['files']})"


def draw(results: Sequence[Result], picture: Path) -> None:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    sizes = [result["passages"] for result in results]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    for name in LINES:
        known = [(size, r[name]["p50"]) for size, r in zip(sizes, results, strict=True) if name in r]
        if known:
            left.plot(*zip(*known, strict=True), marker="o", linewidth=3 if name == "end to end" else 1, label=name)
    left.set(xscale="log", yscale="log", xlabel="passages", ylabel="milliseconds (p50)", title="A question")
    left.legend(fontsize=8)
    for key in ("all", "own"):
        right.plot(sizes, [result["resident MiB"][key] for result in results], marker="o", label=key)
    right.set(xscale="log", xlabel="passages", ylabel="MiB", title="Resident memory", ylim=0)
    right.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(picture, dpi=100)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="+")
    parser.add_argument("--picture", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
