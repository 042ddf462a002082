"""How well does who-knows rank people, beside the methods it comes from, and what does each ingredient add?

    python eval/experts.py HOME FOLDER --people people.csv [--half even|odd|all] [--titles] [--foreign FOLDER …]

HOME holds the organisation; FOLDER queries.tsv and qrels.tsv. `--half even` are the questions by which weights may be
chosen; report `odd`. All rankings of a run are made from the same passages and the same people. Prints Markdown.

Baselines: the candidate's profile (BM25 over all that somebody had a part in), the document model with CombSUM over 200
documents, by BM25 and by meaning, the same where each passage is a document, and the most active people. `--foreign`
asks questions of other corpora (BEIR folders), which nobody here can answer, and counts who is named nevertheless.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import bm25s
import numpy as np

from sensemake.config import Settings
from sensemake.evaluation import experts as measuring
from sensemake.evaluation import measures
from sensemake.evaluation.experts import Listed, Measured
from sensemake.evaluation.judged import Judged, read_questions
from sensemake.evaluation.measures import OF_PEOPLE
from sensemake.jobs.search import Found
from sensemake.model import Passage, Query, Role
from sensemake.rules import analysis, evidence
from sensemake.rules.evidence import ROLE_WEIGHT, WEIGHTS, Weights
from sensemake.rules.identity import Roster
from sensemake.workspace import Workspace

DOCUMENTS = 200
NAMED = 100
TIMED = 30
"""Questions by which search and who are timed, each of them warm."""
NO_PART = frozenset({Role.ASKED, Role.MENTIONED})
"""In the baselines everybody who had a part counts alike, but for these."""

Ranking = Callable[[str], list[str]]
"""A question's id → person ids, the best first."""


def main() -> None:
    said = arguments()
    with Workspace.open(Settings(home=said.home)) as workspace:
        judged = _half(measuring.read_folder(said.folder, titles=said.titles), said.half)
        listed = Listed(measuring.read_people(said.people))
        asked = Asked(workspace, judged, listed)
        show(judged, asked, said)
        for folder in said.foreign:
            foreign(workspace, folder)


class Asked:
    """The questions with the passages that search found for each: rankings differ in nothing else."""

    def __init__(self, workspace: Workspace, judged: Judged, listed: Listed) -> None:
        owner = workspace.owner()
        self.passages, self.roster = workspace.material(owner)
        self.judged, self.listed = judged, listed
        self.found: dict[str, Sequence[Found]] = {}
        self.seconds: list[float] = []
        self.searching: list[float] = []
        for number, (question, text) in enumerate(judged.questions.items()):
            self.found[question] = workspace.find(Query(text), owner)
            if number < TIMED:
                self.searching.append(_timed(lambda text=text: workspace.search(Query(text), owner)))
                self.seconds.append(_timed(lambda text=text: workspace.who(Query(text), owner)))
        self.product = {q: listed.ranked(workspace.who(Query(t, NAMED), owner)) for q, t in judged.questions.items()}

    def ours(self, weights: Weights, relevant: Callable[[Found], float | None] = lambda f: f.relevance) -> Ranking:
        """The people by these weights; `relevant` tells what a passage is worth, None to leave it out."""

        def ranking(question: str) -> list[str]:
            pairs = [(f.passage, value) for f in self.found[question] if (value := relevant(f)) is not None]
            ranked = evidence.weigh(pairs, self.roster, weights=weights).ranked
            named = (self.listed.id_of(each.person) for each in ranked)
            return list(dict.fromkeys(person for person in named if person))[:NAMED]

        return ranking


def baselines(asked: Asked) -> Iterator[tuple[str, Ranking]]:
    people = [parts(passage, asked.roster, asked.listed) for passage in asked.passages]
    terms = [list(analysis.index_terms(passage)) for passage in asked.passages]
    documents: defaultdict[str, list[int]] = defaultdict(list)
    mine: defaultdict[str, list[int]] = defaultdict(list)
    for place, passage in enumerate(asked.passages):
        documents[passage.document].append(place)
        for person in people[place]:
            mine[person].append(place)
    of_document = {d: {p for n in places for p in people[n]} for d, places in documents.items()}
    activity = {p: float(len({asked.passages[n].document for n in places})) for p, places in mine.items()}
    yield "most active people", lambda _: _ordered(activity)

    def by_words(groups: Mapping[str, Sequence[int]]) -> Callable[[str], list[tuple[str, float]]]:
        names = list(groups)
        index = bm25s.BM25()
        index.index([[t for n in groups[name] for t in terms[n]] for name in names], show_progress=False)

        def scored(question: str) -> list[tuple[str, float]]:
            query = list(analysis.terms(asked.judged.questions[question]))
            scores = index.get_scores(query) if query else np.zeros(len(names))
            return [(names[n], float(scores[n])) for n in np.argsort(-scores, kind="stable") if scores[n] > 0]

        return scored

    profile = by_words(mine)
    yield "candidate profile, BM25", lambda q: [person for person, _ in profile(q)][:NAMED]
    whole = by_words(documents)
    yield "document model, BM25", lambda q: _summed(whole(q)[:DOCUMENTS], of_document)

    def by_meaning(question: str) -> list[tuple[str, float]]:
        best: dict[str, float] = {}
        for f in asked.found[question]:
            if f.fused.dense_rank:
                best[f.passage.document] = max(f.fused.cosine, best.get(f.passage.document, 0.0))
        return sorted(best.items(), key=lambda pair: -pair[1])[:DOCUMENTS]

    yield "document model, dense", lambda q: _summed(by_meaning(q), of_document)
    single = by_words({passage.id: [place] for place, passage in enumerate(asked.passages)})
    of_passage = {passage.id: people[place] for place, passage in enumerate(asked.passages)}
    yield "passages as documents, BM25", lambda q: _summed(single(q)[:DOCUMENTS], of_passage)


def ablations(asked: Asked) -> Iterator[tuple[str, Ranking]]:
    roles = dict.fromkeys(ROLE_WEIGHT, 1.0)
    yield "all roles alike", asked.ours(replace(WEIGHTS, roles=roles))
    yield "asking as answering", asked.ours(replace(WEIGHTS, roles={**ROLE_WEIGHT, Role.ASKED: 1.0}))
    yield "being mentioned as writing", asked.ours(replace(WEIGHTS, roles={**ROLE_WEIGHT, Role.MENTIONED: 1.0}))
    yield "being sent to counts nothing", asked.ours(replace(WEIGHTS, roles={**ROLE_WEIGHT, Role.NAMED: 0.0}))
    yield "no age", asked.ours(replace(WEIGHTS, age_share=0.0))
    yield "every passage of a document in full", asked.ours(replace(WEIGHTS, same_document=1.0))
    yield "one passage of a document", asked.ours(replace(WEIGHTS, same_document=0.0))
    yield "not shared among co-authors", asked.ours(replace(WEIGHTS, together=0.0))
    yield "shared in equal parts", asked.ours(replace(WEIGHTS, together=1.0))
    yield "own words not told apart", asked.ours(replace(WEIGHTS, own_words=0.0))
    yield (
        "meaning alone",
        asked.ours(WEIGHTS, lambda f: (201 - f.fused.dense_rank) / 200 if f.fused.dense_rank else None),
    )
    yield (
        "words alone",
        asked.ours(WEIGHTS, lambda f: (201 - f.fused.lexical_rank) / 200 if f.fused.lexical_rank else None),
    )
    yield "relevance counts nothing", asked.ours(WEIGHTS, lambda _: 1.0)


def _by_rank(rank: int | None) -> float | None:
    return (DOCUMENTS + 1 - rank) / DOCUMENTS if rank else None


def show(judged: Judged, asked: Asked, said: argparse.Namespace) -> None:
    ours = measuring.measured(judged, asked.product)
    others = {name: _measure(judged, ranking) for name, ranking in baselines(asked)}
    print(f"\n**{said.folder.parent.name}**, {said.half} questions ({len(judged.questions)}), ", end="")
    print("titles\n" if said.titles else "titles and descriptions\n")
    print("| | " + " | ".join(OF_PEOPLE) + " | people: MRR | people: R@10 | ours over it: MAP | MRR |")
    print("|---|" + "---|" * (len(OF_PEOPLE) + 4))
    for name, found in {**others, "**ours**": ours}.items():
        print(f"| {name} | {_cells(found)} | {_gain(ours, found, 'MAP')} | {_gain(ours, found, 'MRR')} |")
    print("\nWithout one ingredient (MAP, MRR, nDCG@10, P@5, Recall@10, over people: MRR, R@10):\n")
    for name, ranking in ablations(asked):
        print(f"| {name} | {_cells(_measure(judged, ranking))} |", flush=True)
    low, high = measures.interval(ours.values["MAP"]), measures.interval(ours.values["MRR"])
    print(f"\nours: MAP {low[0]:.3f} to {low[1]:.3f}, MRR {high[0]:.3f} to {high[1]:.3f} (95 %)")
    who, search = median(asked.seconds), median(asked.searching)
    print(f"p50 of who {who * 1000:.0f} ms, of search {search * 1000:.0f} ms: {who / search:.2f}×, ", end="")
    print(f"{len(asked.passages)} passages")


def foreign(workspace: Workspace, folder: Path, count: int = 60) -> None:
    """Who is named for questions that this home cannot answer."""
    texts = list(read_questions(folder).questions.values())
    answers = [workspace.who(Query(text), workspace.owner()) for text in texts[:: max(1, len(texts) // count)][:count]]
    named = sum(bool(a.experts) for a in answers)
    strong = sum(any(e.band == "strong" for e in a.experts) for a in answers)
    weak = sum(bool(a.experts) and all(e.band == "weak" for e in a.experts) for a in answers)
    print(f"\n{folder.name}: of {len(answers)} foreign questions {named} name somebody, ", end="")
    print(f"{strong} with strong evidence, {weak} with weak evidence only")


def parts(passage: Passage, roster: Roster, listed: Listed) -> set[str]:
    """The listed people who had a part in a passage."""
    known = (roster.person(c.handle) for c in passage.contributions if c.role not in NO_PART)
    return {named for person in known if person is not None and (named := listed.id_of(person)) is not None}


def _summed(scored: Sequence[tuple[str, float]], people: Mapping[str, set[str]]) -> list[str]:
    votes: defaultdict[str, float] = defaultdict(float)
    for document, score in scored:
        for person in people[document]:
            votes[person] += max(0.0, score)
    return _ordered(votes)


def _ordered(votes: Mapping[str, float]) -> list[str]:
    return [person for person, _ in sorted(votes.items(), key=lambda pair: (-pair[1], pair[0]))][:NAMED]


def _measure(judged: Judged, ranking: Ranking) -> Measured:
    return measuring.measured(judged, {question: ranking(question) for question in judged.questions})


def _cells(found: Measured) -> str:
    over = measuring.summary(found)["per_expert"]
    figures = [*(found.mean(name) for name in OF_PEOPLE), over["MRR"], over["Recall@10"]]
    return " | ".join(f"{figure:.3f}" for figure in figures)


def _gain(ours: Measured, other: Measured, measure: str) -> str:
    if ours is other:
        return ""
    compared = measures.compare(ours.values[measure], other.values[measure])
    return f"{ours.mean(measure) / max(other.mean(measure), 1e-9) - 1:+.0%} (p {compared.p:.3f})"


def _half(judged: Judged, half: str) -> Judged:
    kept = [q for place, q in enumerate(judged.questions) if half == "all" or (place % 2 == 0) == (half == "even")]
    return Judged({q: judged.questions[q] for q in kept}, {q: judged.judgements[q] for q in kept})


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=Path, required=True)
    parser.add_argument("--half", choices=("even", "odd", "all"), default="odd")
    parser.add_argument("--titles", action="store_true")
    parser.add_argument("--foreign", type=Path, nargs="*", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    main()
