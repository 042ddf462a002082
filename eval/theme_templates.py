"""What is set aside as a template's in a real organisation, and whether two halves of its documents agree on that.

    python eval/theme_templates.py HOME --silo kubernetes

HOME is a copy of a home (opening it may migrate it). Headings are compared that WIDE documents of both halves have.
"""

from __future__ import annotations

import argparse
import zlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sensemake import stores
from sensemake.config import Settings
from sensemake.embedders.onnx import OnnxEmbedder
from sensemake.model import DocumentId, Filters, Passage, SiloName
from sensemake.rules import boilerplate, grouping, visibility
from sensemake.workspace import engine

WIDE = 15


def read(home: Path, silos: Sequence[str]) -> tuple[list[Passage], grouping.Floats]:
    catalog = stores.open_catalog(stores.sqlite_url(home), home, create=False)
    passages = catalog.corpus.select(visibility.where(frozenset(map(SiloName, silos)), Filters()))
    settings = Settings()
    model = OnnxEmbedder(engine.model_cache(settings), precision=settings.precision).model_id
    vectors = catalog.corpus.vectors(model, {p.key for p in passages})
    catalog.close()
    kept = [p for p in passages if p.key in vectors]
    return kept, grouping.centred(np.array([vectors[p.key] for p in kept]))


def headings(passages: Sequence[Passage]) -> dict[str, set[DocumentId]]:
    held: defaultdict[str, set[DocumentId]] = defaultdict(set)
    for p in passages:
        if p.headings:
            held[p.headings[-1].casefold()].add(p.document)
    return held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--silo", action="append", required=True)
    asked = parser.parse_args()
    passages, rows = read(asked.home, asked.silo)
    aside = boilerplate.templates(passages, rows)
    print(f"{len(passages)} passages, {int(aside.sum())} set aside ({aside.mean():.1%})")
    told, wide = [], []
    for half in (0, 1):
        own = np.array([i for i, p in enumerate(passages) if zlib.crc32(p.document.encode()) % 2 == half])
        mine = [passages[i] for i in own]
        found = boilerplate.templates(mine, rows[own])
        flags = headings([p for p, out in zip(mine, found, strict=True) if out])
        everywhere = headings(mine)
        wide.append({h for h, documents in everywhere.items() if len(documents) >= WIDE})
        told.append({h for h, documents in flags.items() if len(documents) > 0.5 * len(everywhere[h])})
    shared = wide[0] & wide[1]
    both, either = shared & told[0] & told[1], shared & (told[0] | told[1])
    print(
        f"{len(shared)} headings in {WIDE} documents of both halves; aside in one: {len(either)}, in both: {len(both)}"
    )
    print("in one only:", ", ".join(sorted(either - both)) or "none")


if __name__ == "__main__":
    main()
