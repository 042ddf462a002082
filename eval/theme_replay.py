"""Months of an organisation replayed one by one: what themes keep, and what they notice, through the product's own job.

    python eval/theme_replay.py HOME --silo kubernetes --since 2019-07 --until 2021-06 [--log 6]
    python eval/theme_replay.py HOME --silo discord --holding EIP --since 2022-09 --until 2023-03 --bursts FILE

HOME is a copy of a home that holds the organisation (opening it may migrate it). A document is there from the month of
its first passage on; without a date it is left out. The first map is made at `--since`, then one for each month. FILE
holds dated bursts (`burst_month`, `eip`): a burst is noticed when the theme that most of that month's passages with its
number are in is new or growing in that month or the next. Two plain baselines: each month's numbers that are said in
at least 10 of the month's documents and 3 times as often as in the three months before (nearly how the truth was
made), and each month's words, of any kind, whose documents lie Z standard deviations above the mean of the months
before (Poisson).
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sensemake import registry, stores
from sensemake.config import Settings
from sensemake.embedders.onnx import OnnxEmbedder
from sensemake.jobs import themes as job
from sensemake.jobs.theme_draft import Material
from sensemake.jobs.theme_names import Tools
from sensemake.model import DocumentId, Filters, Passage, SiloName, Status, ThemeMap
from sensemake.rules import visibility
from sensemake.workspace import asking, engine

RISING = {Status.NEW, Status.GROWING}
NUMBER = re.compile(r"(?<![\d.])(\d{3,5})(?![\d.])")
"""What names a proposal in talk, with and without "EIP" before it."""
SPLIT = 0.2
"""The share of a theme's passages that make a split of it."""
LEAST, TIMES, BEFORE = 10, 3.0, 3
"""The baseline of numbers: documents in the month, against the mean of so many months before."""
WORD = re.compile(r"\w{3,}")
Z, MEMORY = 4.0, 6
"""The baseline of words: standard deviations above the mean of so many months before."""


@dataclass
class Kept:
    """What one organisation's replay came to; shares are over all members of all months."""

    stayed: float = 0.0
    held: int = 0
    splits: int = 0
    relabelled: int = 0
    continued: int = 0
    statuses: Counter[str] = field(default_factory=Counter)


def month_of(number: int) -> str:
    return f"{number // 12:04}-{number % 12 + 1:02}"


def number_of(month: str) -> int:
    year, part = month.split("-")
    return int(year) * 12 + int(part) - 1


def read(
    home: Path, silos: Sequence[str], holding: str | None
) -> tuple[dict[DocumentId, int], list[Passage], dict[Any, Any], set[str]]:
    """Documents with their months, their passages and vectors, and words that name people."""
    catalog = stores.open_catalog(stores.sqlite_url(home), home, create=False)
    meant = frozenset(map(SiloName, silos))
    passages = catalog.corpus.select(visibility.where(meant, Filters()))
    persons = asking.roster(meant, catalog, "all").persons.values()
    names = {word for p in persons for word in (p.name, *(handle.value for handle in p.handles))}
    months: dict[DocumentId, int] = {}
    for p in passages:
        if p.time is not None:
            month = p.time.year * 12 + p.time.month - 1
            months[p.document] = min(month, months.get(p.document, month))
    if holding:
        named = {p.document for p in passages if re.search(holding, p.text)}
        months = {document: month for document, month in months.items() if document in named}
    kept = [p for p in passages if p.document in months]
    settings = Settings()
    model = OnnxEmbedder(engine.model_cache(settings), precision=settings.precision).model_id
    vectors = dict(catalog.corpus.vectors(model, {p.key for p in kept}))
    catalog.close()
    return months, kept, vectors, names


def build(
    passages: Sequence[Passage], vectors: dict[Any, Any], names: set[str], month: int, last: ThemeMap | None, ids: Any
) -> ThemeMap:
    at = datetime(month // 12, month % 12 + 1, 28, tzinfo=UTC)
    tools = Tools(
        lambda n: registry.clusterer(job.clusterer_name(n))(),
        registry.labeller("keyphrases")(),
        lambda: f"t{next(ids)}",
    )
    material = Material(
        silos=frozenset(p.silo for p in passages),
        state=month_of(month),
        model="m",
        passages=passages,
        vectors=vectors,
        people=lambda p: {str(handle) for handle in p.authors},  # type: ignore[arg-type]
        names=names,
    )
    return job.build(material, tools, last=last, built_at=at)


def compare(before: ThemeMap, after: ThemeMap, kept: Kept) -> None:
    """A split that nobody asked for is false: a fifth of a theme's passages, and three at least, in another theme."""
    now = {m.passage: t.id for t in after.themes for m in t.members}
    for theme in before.themes:
        members = [m for m in theme.members if m.passage in now]
        kept.held += len(theme.members)
        kept.stayed += sum(now[m.passage] == theme.id for m in members)
        parts = Counter(now[m.passage] for m in members if now[m.passage] != theme.id)
        kept.splits += any(n >= max(3, SPLIT * len(members)) for n in parts.values())
    labels = {theme.id: theme.label for theme in after.themes}
    kept.continued += sum(theme.id in labels for theme in before.themes)
    kept.relabelled += sum(labels.get(theme.id, theme.label) != theme.label for theme in before.themes)
    kept.statuses.update(str(theme.status) for theme in after.themes)


def tell(themes: ThemeMap, month: int) -> None:
    print(
        f"\n{month_of(month)}: {len(themes.themes)} themes, {themes.outlier_ratio:.0%} loose, {len(themes.gone)} gone"
    )
    for theme in themes.themes:
        if theme.status is not Status.STEADY or theme.events:
            events = "; ".join(f"{e.name} {dict(e.numbers)}" for e in theme.events)
            print(f"  {theme.status:<9} {theme.id:<6} {theme.label} ({theme.size}) {events}")


# ── bursts ───────────────────────────────────────────────────────────────────────────────────────


class Bursts:
    """Numbers by month, as they were talked of and as they were noticed."""

    def __init__(self, file: Path, months: dict[DocumentId, int], passages: Sequence[Passage]) -> None:
        with file.open(encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t"))
        self.true = {(number_of(row["burst_month"]), row["eip"]) for row in rows}
        self._said: defaultdict[tuple[int, str], set[DocumentId]] = defaultdict(set)
        self._words: defaultdict[str, defaultdict[int, set[DocumentId]]] = defaultdict(lambda: defaultdict(set))
        for p in passages:
            for number in set(NUMBER.findall(p.text)):
                self._said[months[p.document], number].add(p.document)
            for word in set(WORD.findall(p.text.casefold())):
                self._words[word][months[p.document]].add(p.document)
        self.noticed: set[tuple[int, str]] = set()
        self.flagged: set[tuple[int, str]] = set()
        self.right: set[tuple[int, str]] = set()

    def see(self, themes: ThemeMap, month: int) -> None:
        """Which themes are rising now, and which burst of this month or the last they are of."""
        risen = {str(t.id) for t in themes.themes if t.status in RISING}
        self.flagged |= {(month, theme) for theme in risen}
        home = {d: str(t.id) for t in themes.themes for d in t.documents}
        for burst in self.true:
            if burst[0] in {month, month - 1}:
                themes_of = Counter(home[d] for d in self._said[burst] if d in home)
                most = themes_of.most_common(1)
                if most and most[0][0] in risen:
                    self.noticed.add(burst)
                    self.right.add((month, most[0][0]))

    def baseline(self, first: int, last: int) -> set[tuple[int, str]]:
        found = set()
        for (month, number), documents in self._said.items():
            before = sum(len(self._said.get((month - n, number), ())) for n in range(1, BEFORE + 1)) / BEFORE
            if first < month <= last and len(documents) >= LEAST and len(documents) >= TIMES * max(before, 1.0):
                found.add((month, number))
        return found

    def words(self, first: int, last: int) -> set[tuple[int, str]]:
        found = set()
        for word, by_month in self._words.items():
            for month in range(first + 1, last + 1):
                now = len(by_month.get(month, ()))
                mean = sum(len(by_month.get(month - n, ())) for n in range(1, MEMORY + 1)) / MEMORY
                if now >= LEAST and now - mean >= Z * max(mean, 1.0) ** 0.5:
                    found.add((month, word))
        return found

    def table(self, first: int, last: int) -> None:
        true = {burst for burst in self.true if first < burst[0] <= last}
        plain, words = self.baseline(first, last), self.words(first, last)
        print(f"\nbursts from {month_of(first)} to {month_of(last)}: {len(true)}")
        for month, eip in sorted(true):
            seen = " ".join("x" if (month, eip) in found else "-" for found in (self.noticed, plain, words))
            print(
                f"  {month_of(month)} {eip}: in {len(self._said[month, eip])} documents; themes, numbers, words: {seen}"
            )
        print("| method | recall | precision | noticed a month |\n|---|---|---|---|")
        months = last - first
        for name, hits, right, all_ in (
            ("new or growing themes", len(self.noticed & true), len(self.right), len(self.flagged)),
            ("numbers said 3 times as often", len(plain & true), len(plain & true), len(plain)),
            ("words", len(words & true), len(words & true), len(words)),
        ):
            print(f"| {name} | {hits}/{len(true)} | {right}/{all_} | {all_ / max(1, months):.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--silo", action="append", required=True)
    parser.add_argument("--holding")
    parser.add_argument("--since", required=True)
    parser.add_argument("--until", required=True)
    parser.add_argument("--bursts", type=Path)
    parser.add_argument("--log", type=int, default=0, help="print the events of so many of the last months")
    asked = parser.parse_args()
    months, passages, vectors, names = read(asked.home, asked.silo, asked.holding)
    first, last = number_of(asked.since), number_of(asked.until)
    bursts = Bursts(asked.bursts, months, passages) if asked.bursts else None
    kept, themes, ids, began = Kept(), None, count(), time.perf_counter()
    for month in range(first, last + 1):
        there = [p for p in passages if months[p.document] <= month]
        made = build(there, vectors, names, month, themes, ids)
        if themes is not None:
            compare(themes, made, kept)
            if bursts:
                bursts.see(made, month)
        if month > last - asked.log:
            tell(made, month)
        print(f"{month_of(month)}: {len(there)} passages, {time.perf_counter() - began:.0f} s", flush=True)
        themes = made
    steps = last - first
    print(f"\n{', '.join(asked.silo)}: {len(months)} documents, {steps} months, {time.perf_counter() - began:.0f} s")
    print("| ids kept | false splits | labels changed | new | growing | steady | fading | returning |")
    print("|---|---|---|---|---|---|---|---|")
    shares = [f"{kept.stayed / max(1, kept.held):.1%}", str(kept.splits), f"{kept.relabelled}/{kept.continued}"]
    print(f"| {' | '.join(shares + [str(kept.statuses[str(s)]) for s in Status])} |")
    if bursts:
        bursts.table(first, last)


if __name__ == "__main__":
    main()
