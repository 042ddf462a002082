"""When is an answer no answer? Error rates of the bands, for `rules.calibration`.

    python eval/calibrate.py [DATA] [--dev] [--documents 10 50 250] [--home HOME]

Each corpus (SciFact, Cranfield, CISI, the English sections of the languages) is asked a hundred of its own
questions and those of the others, of which it knows nothing. Printed for each threshold of `rules.fusion.evidence`:
how often a question of its own is refused, and how often one of another corpus is answered. With `--dev` the
questions are those that settings are chosen on; without, the others.

With `--documents` each corpus is so small: documents that answer some of its questions, and as many others. With
`--home` the questions are asked of a home, which is to know nothing of them. The last row is the rule of before, which
knew nothing of what chance gives.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import search
from sensemake.config import Settings
from sensemake.evaluation.judged import Judged, Text
from sensemake.evaluation.retrieval import SOURCE, document_of
from sensemake.jobs.search import Found, best_of_documents
from sensemake.model import Band, Query
from sensemake.rules import fusion
from sensemake.rules.query_syntax import prose
from sensemake.workspace import Workspace

QUESTIONS = 100
SHOWN = 10
THRESHOLDS = (3.0, 3.4, 3.6, 3.8, 4.0, 4.5, 5.0, 5.5, 6.0)


@dataclass(frozen=True)
class Shown:
    """What was found, worked out while its home was there."""

    band: Band
    evidence: float
    bare: float
    """The cosine, and a quarter of the share of the words."""
    all_words: bool

    @classmethod
    def of(cls, found: Found) -> Shown:
        held = found.coverage
        return cls(found.band, found.evidence, found.fused.cosine + fusion.WORDS_TO_A_COSINE * held, held >= 1)


Answers = dict[tuple[str, str], list[list[Shown]]]


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("data", nargs="?", type=Path, default=Path("../shared/data"))
    said.add_argument("--dev", action="store_true")
    said.add_argument("--documents", nargs="+", type=int, default=[])
    said.add_argument("--home", type=Path)
    given = said.parse_args()
    sets = search.english(given.data, search.SETS, dev=given.dev)
    sets += [one for one in search.languages(given.data, (), dev=given.dev) if one.name == "en alone"]
    if given.home:
        foreign = {one.name: _some(list(one.judged.questions.values())) for one in sets}
        with Workspace.open(_settings(given.home)) as workspace:
            for name, some in foreign.items():
                found = asked(workspace, some)
                print(f"| {name} | {_rate(found, _answered):.1%} | {_rate(found, _answered_before):.1%} |", flush=True)
        return
    for number in given.documents:
        print(f"\n{number} documents")
        table([smaller(one, number) for one in sets])
    if not given.documents:
        table(sets)


def table(sets: Sequence[search.Asked]) -> None:
    questions = {one.name: _some(list(one.judged.questions.values())) for one in sets}
    answers: Answers = {}
    for one in sets:
        answers |= ask(one.name, one.texts, questions)
    show("as it is", answers, lambda found: found.band is not Band.WEAK)
    show("strong", answers, lambda found: found.band is Band.STRONG)
    for least in THRESHOLDS:
        show(f"evidence {least:.1f}", answers, lambda found, least=least: found.evidence >= least)
        show(f"evidence {least:.1f} or all words", answers, lambda f, least=least: f.evidence >= least or f.all_words)
    show("before", answers, lambda found: found.bare >= 0.5 or found.all_words)


def smaller(whole: search.Asked, number: int) -> search.Asked:
    """So many documents, half of which answer a question each; the other questions are left out."""
    rng = random.Random(number)  # noqa: S311
    questions = sorted(whole.judged.questions)
    rng.shuffle(questions)
    held = {text.id for text in whole.texts}
    answering = {q: sorted(held & whole.judged.judgements[q].keys())[:1] for q in questions}
    chosen = {q: documents[0] for q, documents in answering.items() if documents}
    chosen = dict(list(chosen.items())[: number // 2])
    others = sorted(held - set(chosen.values()))
    kept = {*chosen.values(), *rng.sample(others, number - len(set(chosen.values())))}
    judged = Judged({q: whole.judged.questions[q] for q in chosen}, {q: {d: 1} for q, d in chosen.items()})
    return search.Asked(whole.name, judged, tuple(text for text in whole.texts if text.id in kept))


def ask(name: str, texts: tuple[Text, ...], questions: dict[str, list[str]]) -> Answers:
    with tempfile.TemporaryDirectory() as folder, Workspace.open(_settings(Path(folder) / "home"), create=True) as home:
        home.take_in(map(document_of, texts), SOURCE, home.owner())
        return {(name, other): asked(home, some) for other, some in questions.items()}


def asked(home: Workspace, questions: Sequence[str]) -> list[list[Shown]]:
    owner = home.owner()
    return [
        [Shown.of(one) for one in best_of_documents(home.find(Query(prose(text)), owner))[:SHOWN]] for text in questions
    ]


def _settings(home: Path) -> Settings:
    cache = os.environ.get("SENSEMAKE_CACHE")
    return Settings(home=home, cache=Path(cache) if cache else None)


def _answered(found: list[Shown]) -> bool:
    return any(one.band is not Band.WEAK for one in found)


def _answered_before(found: list[Shown]) -> bool:
    return any(one.bare >= 0.5 or one.all_words for one in found)


def show(what: str, answers: Answers, good: Callable[[Shown], bool]) -> None:
    names = sorted({name for name, _ in answers})
    refused = [_rate(answers[name, name], lambda found: not any(map(good, found))) for name in names]
    answered = [
        _rate(
            [f for (here, there), some in answers.items() if here == name != there for f in some],
            lambda found: any(map(good, found)),
        )
        for name in names
    ]
    print(f"| {what} | {_row(refused)} | {_row(answered)} |")


def _rate(some: list[list[Shown]], is_so: Callable[[list[Shown]], bool]) -> float:
    return sum(map(is_so, some)) / len(some)


def _row(rates: list[float]) -> str:
    return f"{sum(rates) / len(rates):.1%} ({' · '.join(f'{rate:.1%}' for rate in rates)})"


def _some(questions: list[str]) -> list[str]:
    return random.Random(1).sample(questions, min(QUESTIONS, len(questions)))  # noqa: S311


if __name__ == "__main__":
    main()
