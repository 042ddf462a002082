"""How well are the right specifications found for questions that people really asked?

    python eval/spec_questions.py [DATA] [--precision int8]

DATA holds `org-ethereum` (default: ../shared/data): its 584 specifications are taken into a throw-away home, and its 84
questions, asked in a chat and answered there with a link to one specification, are asked of them. No setting was
chosen on them. SENSEMAKE_CACHE keeps the vectors between runs. Prints Markdown.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import ir_measures

from sensemake.config import Settings
from sensemake.evaluation.retrieval import ranked
from sensemake.model import DocumentId, Query
from sensemake.rules.query_syntax import prose
from sensemake.workspace import Workspace

MEASURES = {"MRR@10": "RR@10", "nDCG@10": "nDCG@10", "Recall@10": "R@10", "Recall@100": "R@100"}
LEGS = ("lexical", "dense", "hybrid")


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("data", nargs="?", type=Path, default=Path("../shared/data"))
    said.add_argument("--precision", default="int8", choices=("int8", "fp32"))
    given = said.parse_args()
    folder = given.data / "org-ethereum"
    questions = {row["query_id"]: row["question"] for row in table(folder / "eval" / "doc_queries.tsv")}
    wanted = {row["query_id"]: Path(row["document"]).name for row in table(folder / "eval" / "doc_qrels.tsv")}
    rankings = asked(folder / "raw" / "docs", questions, given.precision)
    measures = {ir_measures.parse_measure(written): name for name, written in MEASURES.items()}
    print("| | " + " | ".join(MEASURES) + " |\n|---|" + "---|" * len(MEASURES))
    for leg in LEGS:
        run = {q: {name: -float(place) for place, name in enumerate(rankings[leg][q])} for q in questions}
        found = ir_measures.calc_aggregate(list(measures), {q: {name: 1} for q, name in wanted.items()}, run)
        print(f"| {leg} | " + " | ".join(f"{found[measure]:.3f}" for measure in measures) + " |")


def asked(folder: Path, questions: dict[str, str], precision: str) -> dict[str, dict[str, list[str]]]:
    """Each leg's specifications for each question, the best first."""
    cache = os.environ.get("SENSEMAKE_CACHE")
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(home=Path(place) / "home", precision=precision, cache=Path(cache) if cache else None)  # type: ignore[arg-type]
        with Workspace.open(settings, create=True) as workspace:
            owner = workspace.owner()
            workspace.ingest([folder], "specs", owner)
            rankings: dict[str, dict[str, list[str]]] = {leg: {} for leg in LEGS}
            for question, text in questions.items():
                for leg, documents in ranked(workspace.find(Query(prose(text)), owner)).items():
                    rankings[leg][question] = list(names(documents, workspace))
            return rankings


def names(documents: list[DocumentId], workspace: Workspace) -> Iterator[str]:
    """The names of the files."""
    for document in documents:
        yield Path(workspace.document(document, workspace.owner()).path).name


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


if __name__ == "__main__":
    main()
