"""Is what the register of open questions lists really a question that nobody answered? A sample for a person to judge.

    python eval/questions.py HOME… [--seed 1] [-n 50] [--but FILE] [--note FILE]

Takes `n` of the open questions of these homes (copies: opening one may upgrade it), seeded, without those whose ids
stand in FILE, and prints each with the message that holds it and the six that follow in its channel or thread;
`--note` adds their ids to a file. Searches in vain and the search for answers are left out. What it prints is
people's words: keep it out of the repository. The register's precision is the share that a reader confirms.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sensemake.config import Settings
from sensemake.jobs import questions as register
from sensemake.model import Document, Filters, OpenQuestion, Part
from sensemake.rules import visibility
from sensemake.workspace import Workspace, asking
from sensemake.workspace.registering import KINDS

FOLLOWING = 6
WIDTH = 300

Talk = Mapping[str, Sequence[tuple[datetime, Part]]]


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("homes", nargs="+", type=Path)
    said.add_argument("--seed", type=int, default=1)
    said.add_argument("-n", type=int, default=50)
    said.add_argument("--but", type=Path)
    said.add_argument("--note", type=Path)
    given = said.parse_args()
    but = set(given.but.read_text().split()) if given.but and given.but.exists() else set()
    found: list[tuple[OpenQuestion, Talk]] = []
    held = 0
    for home in given.homes:
        documents = read(home)
        held += len(documents)
        talk = talks(documents)
        asked = register.asked(documents, dismissed=(), only=lambda *_: True)
        found += [(question, talk) for question in asked]
    new = [(question, talk) for question, talk in found if question.id not in but]
    sample = random.Random(given.seed).sample(sorted(new, key=lambda pair: pair[0].id), min(given.n, len(new)))  # noqa: S311
    for number, (question, talk) in enumerate(sample, 1):
        print("\n".join(lines(number, question, talk)))
    if given.note:
        with given.note.open("a") as note:
            note.writelines(f"{question.id}\n" for question, _ in sample)
    print(f"{len(sample)} of {len(new)} not seen before, of {len(found)} open, in {held} documents")


def read(home: Path) -> list[Document]:
    with Workspace.open(Settings(home=home.absolute())) as workspace:
        catalog = workspace._catalog  # noqa: SLF001 -- the sample is drawn before the search for answers
        where = visibility.where(asking.readable(workspace.owner(), catalog), Filters(kinds=KINDS))
        ids = {passage.document for passage in catalog.corpus.select(where)}
        return sorted(catalog.corpus.documents(ids).values(), key=lambda document: document.id)


def talks(documents: Sequence[Document]) -> Talk:
    """What was said in each channel (of mail: in each thread), in order of time."""
    said: defaultdict[str, list[tuple[datetime, Part]]] = defaultdict(list)
    for document in documents:
        for part in document.parts:
            if (time := part.time or document.time) is not None:
                said[place(document)].append((time, part))
    return {name: sorted(turns, key=lambda turn: turn[0]) for name, turns in said.items()}


def place(document: Document) -> str:
    channel = document.facets.get("channel")
    return f"{document.source.id} {channel}" if channel else document.id


def lines(number: int, question: OpenQuestion, talk: Talk) -> Iterator[str]:
    document = question.document
    assert document is not None
    yield f"--- {number} {question.id} {document.silo} {question.time:%Y-%m-%d}" if question.time else f"--- {number}"
    yield f"  Q: {question.text}"
    holding = next((p for p in document.parts if question.text in p.text and p.locator == question.locator), None)
    if holding is not None:
        yield f"  in: {_short(holding.text)} [by {holding.author}]"
    if question.time is not None:
        after = [turn for turn in talk[place(document)] if turn[0] > question.time]
        for time, part in after[:FOLLOWING]:
            hours = (time - question.time).total_seconds() / 3600
            yield f"    +{hours:.1f} h {part.author}: {_short(part.text)}"


def _short(text: str) -> str:
    return " / ".join(text.split("\n"))[:WIDTH]


if __name__ == "__main__":
    main()
