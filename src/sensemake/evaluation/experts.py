"""How well who-knows names those who are known to know, over a home of one's own."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sensemake.errors import MissingPath, UsageError
from sensemake.evaluation import measures
from sensemake.evaluation.judged import Judged
from sensemake.evaluation.measures import OF_PEOPLE, Rankings, Values
from sensemake.model import ExpertsAnswer, Handle, Person, Principal, Query
from sensemake.rules import directory
from sensemake.rules.query_syntax import prose
from sensemake.workspace import Progress, Workspace, silent

DEPTH = 100
"""People asked for, for each question: average precision looks at all of them."""
ASKED = 1_000
"""Characters of a question, at most."""
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Measured:
    """Each measure, question by question in the order of the judgements, and what became of each judged person.

    `places[person]` are the ranks from 1 at which somebody stood where they should have been named; 0 for not at all.
    """

    questions: tuple[str, ...]
    values: Mapping[str, Values]
    places: Mapping[str, tuple[int, ...]]
    abstained: int
    banded: Mapping[str, tuple[int, int]]

    def mean(self, measure: str) -> float:
        return float(self.values[measure].mean())


def read_folder(folder: Path, *, titles: bool = False) -> Judged:
    """Questions of `queries.tsv` (query_id, title, description) that `qrels.tsv` (query_id, person_id, relevance) has
    an answer to. A question is its title and description, or with `titles` its title alone.
    """
    judgements: dict[str, dict[str, int]] = {}
    for row in _rows(folder / "qrels.tsv", "query_id", "person_id", "relevance"):
        try:
            grade = int(float(row["relevance"]))
        except ValueError as error:
            raise UsageError(f"{folder / 'qrels.tsv'} has a relevance that is no number") from error
        judgements.setdefault(row["query_id"], {})[row["person_id"]] = grade
    questions = {
        row["query_id"]: _question(row, titles=titles)
        for row in _rows(folder / "queries.tsv", "query_id", "title")
        if any(grade > 0 for grade in judgements.get(row["query_id"], {}).values())
    }
    if not questions:
        raise UsageError(f"no question of {folder / 'queries.tsv'} has an answer in qrels.tsv: compare their query_id")
    return Judged(questions, {question: judgements[question] for question in questions})


def read_people(file: Path) -> tuple[Person, ...]:
    """The people who may be ranked: a directory, `people.csv`."""
    try:
        return directory.parse(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise MissingPath(f"there is no {file}: check the path") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as CSV in UTF-8: {type(error).__name__}") from error


def of_home(
    judged: Judged,
    people: Sequence[Person],
    workspace: Workspace,
    by: Principal,
    *,
    progress: Progress = silent,
) -> Measured:
    """Ask every question once, as the product answers it: an abstention names nobody."""
    listed = Listed(people)
    if not any(person in listed.ids for graded in judged.judgements.values() for person in graded):
        raise UsageError("none of the judged people is in that people.csv: compare its person_id with qrels.tsv")
    rankings: dict[str, list[str]] = {}
    abstained = 0
    banded: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for number, (question, text) in enumerate(judged.questions.items(), 1):
        answer = workspace.who(Query(text, limit=DEPTH), by)
        abstained += answer.abstained
        rankings[question] = listed.ranked(answer)
        _count_bands(answer, listed, judged.judgements[question], banded)
        progress("asking", number, len(judged.questions))
    return measured(judged, rankings, abstained=abstained, banded={b: (n, m) for b, (n, m) in banded.items()})


def measured(
    judged: Judged, rankings: Rankings, *, abstained: int = 0, banded: Mapping[str, tuple[int, int]] | None = None
) -> Measured:
    """The figures of rankings of person ids, best first."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for question, graded in judged.judgements.items():
        found = {person: rank for rank, person in enumerate(rankings.get(question, ()), 1)}
        for person, grade in graded.items():
            if grade > 0:
                places[person].append(found.get(person, 0))
    return Measured(
        tuple(judged.judgements),
        measures.per_question(judged.judgements, rankings, OF_PEOPLE),
        {person: tuple(ranks) for person, ranks in places.items()},
        abstained,
        banded or {},
    )


class Listed:
    """The people of a directory, and which of them somebody in an answer is: by id, else by a handle, else by name."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.ids = frozenset(str(person.id) for person in people)
        self._by_handle = _only({(handle_key(h), str(p.id)) for p in people for h in p.handles})
        self._by_name = _only({(p.name.casefold(), str(p.id)) for p in people})

    def id_of(self, person: Person) -> str | None:
        if person.id in self.ids:
            return str(person.id)
        borne = (self._by_handle[key] for key in map(handle_key, person.handles) if key in self._by_handle)
        return next(borne, self._by_name.get(person.name.casefold()))

    def ranked(self, answer: ExpertsAnswer) -> list[str]:
        """Those of an answer, each once; others are passed over, as nothing is known of them."""
        named = (self.id_of(expert.person) for expert in answer.experts)
        return list(dict.fromkeys(person for person in named if person is not None))


def summary(found: Measured) -> dict[str, Any]:
    """The JSON contract: means, intervals, the mean over people, and how often each band was right."""
    ranks = [np.array(places, float) for places in found.places.values()]
    return {
        "questions": len(found.questions),
        "people": len(ranks),
        "abstained": found.abstained,
        **{name: round(found.mean(name), DIGITS) for name in OF_PEOPLE},
        "intervals": {name: _rounded(measures.interval(found.values[name])) for name in OF_PEOPLE},
        "per_expert": {
            "MRR": _mean([float(np.divide(1, r, where=r > 0, out=np.zeros_like(r)).mean()) for r in ranks]),
            "Recall@10": _mean([float(((r > 0) & (r <= 10)).mean()) for r in ranks]),
        },
        "bands": {
            band: {"named": named, "right": round(right / named, DIGITS) if named else 0.0}
            for band, (named, right) in sorted(found.banded.items())
        },
    }


def kept(found: Measured) -> dict[str, Any]:
    """Every question's figures."""
    return {"questions": list(found.questions), "values": {name: v.tolist() for name, v in found.values.items()}}


def handle_key(handle: Handle) -> str:
    return str(handle).casefold()


def _count_bands(
    answer: ExpertsAnswer, listed: Listed, graded: Mapping[str, int], banded: defaultdict[str, list[int]]
) -> None:
    """Of the first five: how many were named in each band, and how many of them are judged to know."""
    for expert in answer.experts[:5]:
        person = listed.id_of(expert.person)
        if person is not None:
            banded[str(expert.band)][0] += 1
            banded[str(expert.band)][1] += graded.get(person, 0) > 0


def _question(row: Mapping[str, str], *, titles: bool) -> str:
    parts = (row["title"],) if titles else (row["title"], row.get("description") or "")
    return ". ".join(prose(part).strip().rstrip(".") for part in parts if part.strip())[:ASKED]


def _rows(file: Path, *columns: str) -> Iterator[dict[str, str]]:
    """The rows of a table with tabs, which quotes nothing."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            if missing := [name for name in columns if name not in (table.fieldnames or ())]:
                raise UsageError(f"{file} has no column {', '.join(missing)}: its first line names the columns")
            yield from ({key: value or "" for key, value in row.items() if key} for row in table)
    except FileNotFoundError as error:
        raise MissingPath(f"there is no {file}: check the path") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read as a table in UTF-8: {type(error).__name__}") from error


def _only(pairs: set[tuple[str, str]]) -> dict[str, str]:
    """What each key means, where it means one."""
    meant: defaultdict[str, set[str]] = defaultdict(set)
    for key, person in pairs:
        meant[key].add(person)
    return {key: next(iter(people)) for key, people in meant.items() if len(people) == 1}


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), DIGITS) if values else 0.0


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [round(bound, DIGITS) for bound in interval]
