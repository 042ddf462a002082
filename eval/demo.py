"""How well does search find in the demo organisation, and do the floors hold?

    python eval/demo.py            prints the figures beside eval/floors.toml

The organisation is taken in as `sensemake demo` does; the questions are asked by a member of staff. Their judgements
come with the package (src/sensemake/demo/judged).
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from sensemake import demo
from sensemake.config import Settings
from sensemake.evaluation.judged import Judged, read_questions
from sensemake.evaluation.retrieval import Measured, measured
from sensemake.model import Document, DocumentId, Kind, Principal, Query
from sensemake.workspace import Workspace

FLOORS = Path(__file__).with_name("floors.toml")
ASKER = "p003"
"""A member of staff: groups everyone and staff."""


def main() -> None:
    floors = tomllib.loads(FLOORS.read_text(encoding="utf-8"))["retrieval"]["demo"]
    with tempfile.TemporaryDirectory() as folder, organisation(Path(folder)) as workspace:
        found = retrieval(workspace)
    for leg, values in found.legs.items():
        for name, value in values.items():
            floor = floors.get(leg, {}).get(name)
            print(f"{leg:8} {name:11} {np.mean(value):.4f}" + (f"  floor {floor}" if floor is not None else ""))


@contextmanager
def organisation(folder: Path) -> Iterator[Workspace]:
    """The demo organisation, taken in."""
    raw = demo.write(folder)
    with Workspace.open(Settings(home=folder / "home"), create=True) as workspace:
        for step in demo.ingests(raw):
            words = list(step.command)
            silo = words[words.index("--silo") + 1]
            paths = [Path(word) for word in words[1 : words.index("--silo")]]
            readers = frozenset(words[at + 1] for at, word in enumerate(words) if word == "--readers")
            workspace.ingest(paths, silo, workspace.owner(), readers=readers)
        yield workspace


def retrieval(workspace: Workspace) -> Measured:
    asker = workspace.principal_for(ASKER)
    return measured(judged(), lambda question: workspace.find(Query(question), asker), names(workspace, asker))


def judged() -> Judged:
    with as_file(files(demo.__name__) / "judged" / "retrieval") as folder:
        return read_questions(folder)


def names(workspace: Workspace, asker: Principal) -> dict[DocumentId, str]:
    """Our documents by the judgements' names: the path below `organisation/`, of Slack the channel and the thread."""
    ids = {document for found in workspace.named(asker).values() for document in found}
    return {id_: _name(workspace.document(id_, asker)) for id_ in ids}


def _name(document: Document) -> str:
    if document.kind is not Kind.CONVERSATION or not document.uri.startswith("slack:"):
        return document.uri
    return f"slack-export/{document.path.partition('/')[0]}/{document.uri.rpartition('/')[2]}"


if __name__ == "__main__":
    main()
