"""Does the rule of "different views" point at what divides people? Comments of pol.is, judged by votes it never sees.

    SENSEMAKE_CACHE=… python eval/tension.py ../shared/data/polis [--draws 2000]

Each folder is a conversation: `comments.csv` goes in (the words only), `participants-votes.csv` judges. A comment's
score is the weight of the heaviest pair of `rules.differing` that it is in, 0 when it is in none: once by what a
report asks of a pair, once by whatever carries a sign. A comment divides when the difference between the two largest
opinion groups in the share of agreement (of those who voted on it, three or more in each) is in its conversation's top
quartile. AUC by ranks, ties half; its interval is a bootstrap over comments. No weight and no word was chosen on these
conversations. Beside it: how far the mere length of a comment gets.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from peers import embedded
from sensemake.config import Settings
from sensemake.embedders.onnx import OnnxEmbedder
from sensemake.rules import differing, language
from sensemake.rules.differing import LOW, Bar, Voice
from sensemake.stores import VectorCache
from sensemake.workspace import engine

Floats = NDArray[np.float64]
VOTERS = 3
"""Votes in each group from which on a comment is judged."""


def comments_of(folder: Path) -> Mapping[str, tuple[str, str]]:
    """Text and author by id; those that the moderators took out are not in."""
    with (folder / "comments.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {r["comment-id"]: (r["comment-body"].strip(), r["author-id"]) for r in rows if r["moderated"] != "-1"}


def divided_of(folder: Path) -> Mapping[str, float]:
    """By comment: how far apart the two largest groups are in their share of agreement, from 0 to 1."""
    with (folder / "participants-votes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    two = [group for group, _ in Counter(r["group-id"] for r in rows if r["group-id"]).most_common(2)]
    votes: defaultdict[str, dict[str, list[float]]] = defaultdict(lambda: {group: [] for group in two})
    for row in rows:
        if row["group-id"] in two:
            for name, vote in row.items():
                if name.isdigit() and vote not in ("", None):
                    votes[name][row["group-id"]].append(float(float(vote) > 0))
    return {
        comment: abs(float(np.mean(by[two[0]])) - float(np.mean(by[two[1]])))
        for comment, by in votes.items()
        if all(len(by[group]) >= VOTERS for group in two)
    }


def scores_of(comments: Mapping[str, tuple[str, str]], bar: Bar) -> Mapping[str, float]:
    texts = [text for text, _ in comments.values()]
    own = Settings()
    cache = VectorCache(own.cache) if own.cache else None
    vectors = embedded(texts, OnnxEmbedder(engine.model_cache(own), precision=own.precision), cache)
    voices = [
        Voice(key, text, language.detect(text), frozenset({author}), key, vector)
        for (key, (text, author)), vector in zip(comments.items(), vectors, strict=True)
    ]
    scores = dict.fromkeys(comments, 0.0)
    for pair in differing.pairs(voices, bar):
        for one in (pair.one, pair.other):
            scores[one.key] = max(scores[one.key], pair.weight)
    return scores


def auc(scores: Floats, divides: NDArray[np.bool_]) -> float:
    """The chance that a dividing comment scores higher than another; a tie is half of one."""
    yes, no = scores[divides], scores[~divides]
    above = (yes[:, None] > no[None, :]).mean() + 0.5 * (yes[:, None] == no[None, :]).mean()
    return float(above)


def interval(scores: Floats, divides: NDArray[np.bool_], draws: int) -> tuple[float, float]:
    random = np.random.default_rng(8)
    found = []
    while len(found) < draws:
        sample = random.integers(0, len(scores), len(scores))
        if 0 < divides[sample].sum() < len(sample):
            found.append(auc(scores[sample], divides[sample]))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def told(name: str, scores: Sequence[float], divides: NDArray[np.bool_], draws: int) -> str:
    some = np.array(scores, dtype=np.float64)
    low, high = interval(some, divides, draws)
    return f"{name} {auc(some, divides):.3f} [{low:.3f}, {high:.3f}], {np.mean(some > 0):.0%} scored"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--draws", type=int, default=2000)
    asked = parser.parse_args()
    for folder in sorted(path for path in asked.data.iterdir() if path.is_dir()):
        comments, divided = comments_of(folder), divided_of(folder)
        judged = [key for key in comments if key in divided]
        apart = np.array([divided[key] for key in judged])
        divides = apart >= np.quantile(apart, 0.75)
        print(f"{folder.name}: {len(comments)} comments, {len(judged)} judged, {divides.sum()} divide")
        for name, bar in (("as told in a report", Bar()), ("whatever it weighs", LOW)):
            scores = scores_of(comments, bar)
            print("  " + told(name, [scores[key] for key in judged], divides, asked.draws))
        print("  " + told("length", [len(comments[key][0]) for key in judged], divides, asked.draws))


if __name__ == "__main__":
    main()
