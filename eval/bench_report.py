"""How long a report takes once its themes exist: the job and its renderers, over a home's passages many times over.

    python eval/bench_report.py HOME [--passages 20000]

Every document of the home is there as often as it takes to reach that many passages, under other ids and by the same
people; its themes grow with it. Not in the time: reading the catalog, and the search for later answers to questions.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sensemake import renderers
from sensemake.config import load
from sensemake.jobs import report as job
from sensemake.jobs.report_reader import Material
from sensemake.model import Document, DocumentId, Membership, PassageId, ThemeMap
from sensemake.workspace import Workspace, sharing


def many(themes: ThemeMap, material: Material, times: int) -> tuple[ThemeMap, Material]:
    """The same, `times` over."""

    def document(name: DocumentId, copy: int) -> DocumentId:
        return DocumentId(f"{name}-{copy}")

    def passage(name: PassageId, copy: int) -> PassageId:
        return PassageId(f"{name}-{copy}")

    copies = range(times)
    passages = [
        replace(p, id=passage(p.id, c), document=document(p.document, c)) for c in copies for p in material.passages
    ]
    documents: dict[DocumentId, Document] = {
        document(name, c): held for c in copies for name, held in material.documents.items()
    }
    grown = tuple(
        replace(
            theme,
            members=tuple(
                Membership(passage(m.passage, c), document(m.document, c), m.strength)
                for m in theme.members
                for c in copies
            ),
        )
        for theme in themes.themes
    )
    return replace(themes, themes=grown), replace(material, passages=passages, documents=documents)


def timed(what: str, work: Callable[[], Any]) -> Any:
    began, used = time.perf_counter(), time.process_time()
    found = work()
    print(f"{what}: {time.perf_counter() - began:.1f} s, of which {time.process_time() - used:.1f} s of processor")
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--passages", type=int, default=20_000)
    asked = parser.parse_args()
    with Workspace.open(load({"home": asked.home})) as workspace:
        catalog, owner = workspace._catalog, workspace.owner()  # noqa: SLF001 -- the job is timed without its assembly
        audience = workspace._audience(owner, ())  # noqa: SLF001
        themes = workspace.build_themes(owner)
        passages = sharing.passages_of(audience.silos, catalog)
        material = Material(
            passages=passages,
            documents=catalog.corpus.documents({p.document for p in passages}),
            people=sharing.people_of(audience.roster),
            unread={},
            version="",
            vectors=lambda keys: catalog.corpus.vectors(themes.settings["model"], keys),
        )
        grown = many(themes, material, -(-asked.passages // len(passages)))
        print(
            f"{len(grown[1].passages)} passages of {len(grown[1].documents)} documents in {len(themes.themes)} themes"
        )
        report = timed("the document", lambda: job.build(*grown))
        for form in renderers.FORMS:
            written = timed(form, lambda form=form: renderers.of(form).render(report))  # type: ignore[misc]
            print(f"  {len(written.encode()) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
