"""How much memory an ingest of many passages takes, at its peak.

    python eval/bench_memory.py [--passages 100000] [--model hashing:384]

Writes made-up pages, ingests them into a throw-away home in a child process and prints the child's largest resident
size. The default model hashes words into vectors as long as the bundled model's: what the catalog, the index and the
passages in memory take is the same, and embedding does not cost an hour. With `--model bundled` it does.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("n", "ring", "sel", "tor", "x", "de")]

CHILD = """
import sys
from pathlib import Path
from sensemake.config import Settings
from sensemake.workspace import Workspace
with Workspace.open(Settings(home=Path(sys.argv[1]), model=sys.argv[3]), create=True) as ws:
    report = ws.ingest([Path(sys.argv[2])], "bench", ws.owner())
print(report.documents, report.passages)
"""


def write_pages(folder: Path, passages: int) -> None:
    """Pages of ten sections, each a passage of about 120 words."""
    rng = random.Random(1)  # noqa: S311 -- made-up text, no secret
    for page in range(passages // 10):
        sections = (f"## Part {n}\n\n{' '.join(rng.choices(WORDS, k=120))}\n" for n in range(10))
        file = folder / f"{page // 500}" / f"{page}.md"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"# Page {page}\n\n" + "\n".join(sections), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--model", default="hashing:384")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        pages = Path(tmp) / "pages"
        pages.mkdir()
        write_pages(pages, asked.passages)
        began = time.perf_counter()
        child = [sys.executable, "-c", CHILD, f"{tmp}/home", str(pages), asked.model]
        done = subprocess.run(child, check=True, capture_output=True, text=True)
        documents, passages = done.stdout.split()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
        print("| documents | passages | largest resident size, GiB | seconds |\n|---|---|---|---|")
        print(f"| {int(documents):,} | {int(passages):,} | {peak:.2f} | {time.perf_counter() - began:.0f} |")


if __name__ == "__main__":
    main()
