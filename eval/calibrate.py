"""When is an answer no answer? Error rates of the bands, for `rules.calibration`.

    python eval/calibrate.py [DATA] [--dev]

Each corpus (SciFact, Cranfield, CISI, the English sections of the languages) is asked a hundred of its own
questions and those of the others, of which it knows nothing. Printed for each threshold of `rules.fusion.evidence`:
how often a question of its own is refused, and how often one of another corpus is answered. With `--dev` the
questions are those that settings are chosen on; without, the others.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import search
from sensemake.config import Settings
from sensemake.evaluation.judged import Text
from sensemake.evaluation.retrieval import SOURCE, document_of
from sensemake.jobs.search import Found, best_of_documents, coverage
from sensemake.model import Band, Query
from sensemake.rules import fusion
from sensemake.workspace import Workspace

QUESTIONS = 100
SHOWN = 10
THRESHOLDS = (0.40, 0.44, 0.48, 0.50, 0.52, 0.56, 0.60, 0.65, 0.70)

Answers = dict[tuple[str, str], list[list[Found]]]


def main() -> None:
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("data", nargs="?", type=Path, default=Path("../shared/data"))
    said.add_argument("--dev", action="store_true")
    given = said.parse_args()
    sets = search.english(given.data, search.SETS, dev=given.dev)
    sets += [one for one in search.languages(given.data, (), dev=given.dev) if one.name == "en alone"]
    questions = {one.name: _some(list(one.judged.questions.values())) for one in sets}
    answers: Answers = {}
    for one in sets:
        answers |= ask(one.name, one.texts, questions)
    show("as it is", answers, lambda found: found.band is not Band.WEAK)
    show("strong", answers, lambda found: found.band is Band.STRONG)
    for least in THRESHOLDS:
        show(f"evidence {least:.2f}", answers, lambda found, least=least: _evidence(found) >= least)
        show(f"evidence {least:.2f} or all words", answers, lambda f, least=least: _evidence(f) >= least or _all(f))


def ask(name: str, texts: tuple[Text, ...], questions: dict[str, list[str]]) -> Answers:
    with tempfile.TemporaryDirectory() as folder:
        cache = os.environ.get("SENSEMAKE_CACHE")
        settings = Settings(home=Path(folder) / "home", cache=Path(cache) if cache else None)
        with Workspace.open(settings, create=True) as workspace:
            owner = workspace.owner()
            workspace.take_in(map(document_of, texts), SOURCE, owner)
            return {
                (name, other): [best_of_documents(workspace.find(Query(text), owner))[:SHOWN] for text in asked]
                for other, asked in questions.items()
            }


def show(what: str, answers: Answers, good: Callable[[Found], bool]) -> None:
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


def _rate(some: list[list[Found]], is_so: Callable[[list[Found]], bool]) -> float:
    return sum(map(is_so, some)) / len(some)


def _row(rates: list[float]) -> str:
    return f"{sum(rates) / len(rates):.1%} ({' · '.join(f'{rate:.1%}' for rate in rates)})"


def _evidence(found: Found) -> float:
    return fusion.evidence(found.fused.cosine, coverage(found.passage, found.words))


def _all(found: Found) -> bool:
    return coverage(found.passage, found.words) >= 1


def _some(questions: list[str]) -> list[str]:
    return random.Random(1).sample(questions, min(QUESTIONS, len(questions)))  # noqa: S311


if __name__ == "__main__":
    main()
