"""Made-up passages for the contract of a SearchIndex, and what is right over them, computed from the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np

from sensemake.model import (
    Contribution,
    DocumentId,
    Entry,
    Handle,
    Kind,
    LexicalQuery,
    Passage,
    PassageId,
    Role,
    Scored,
    SiloName,
    SourceId,
    Vector,
    Where,
    stable_id,
)
from sensemake.protocols import Outline, SearchIndex
from sensemake.rules import bm25, wording
from sensemake.rules.analysis import index_terms, terms

T = TypeVar("T")

DIM = 16
WORDS = [f"{a}{b}" for a in "bdfgklmnprst" for b in ("ando", "ilke", "orun", "ett", "ysm")]
KINDS = (Kind.PAGE, Kind.CONVERSATION, Kind.MAIL, Kind.REFLECTION)
LANGUAGES = (None, "en", "de")
AUTHORS = tuple(Handle("email", f"{name}@example.org") for name in ("ada", "bo", "cy", "dee"))
START = datetime(2024, 1, 1, 12, tzinfo=UTC)
ONE = {SiloName("a"): "p", SiloName("b"): "p", SiloName("c"): "p"}
MANY = {SiloName("a"): "p1", SiloName("b"): "p2", SiloName("c"): "p2", SiloName("d"): "p3"}


class World:
    """Made-up passages, what is right over them, and an index that is told of every change to them."""

    def __init__(self, index: SearchIndex, homes: Mapping[SiloName, str], seed: int = 0) -> None:
        self.index = index
        self.homes = dict(homes)
        self.rng = np.random.default_rng(seed)
        self.entries: dict[PassageId, Entry] = {}
        self.mark = 0
        self._counted: dict[tuple[str, str | None], Counter[str]] = {}

    # ── changing ──

    def put(self, entries: Iterable[Entry]) -> None:
        listed = list(entries)
        self.index.put(listed)
        self.entries.update({entry.passage.id: entry for entry in listed})

    def delete(self, passages: Collection[PassageId]) -> None:
        self.index.delete(passages)
        self.entries = {id_: entry for id_, entry in self.entries.items() if id_ not in set(passages)}

    def drop(self, silo: SiloName) -> None:
        self.index.drop(silo)
        self.entries = {id_: entry for id_, entry in self.entries.items() if entry.passage.silo != silo}

    def fill(self, count: int, silos: Collection[SiloName] = ()) -> None:
        self.put([self.entry(silo) for silo in self.some(sorted(silos or self.homes), count)])

    def change(self) -> None:
        """Delete a sixth, replace a sixth, add a few."""
        ids = self.some(sorted(self.entries), len(self.entries) // 3)
        half = len(ids) // 2
        self.delete(set(ids[:half]))
        self.put([self.replaced(id_) for id_ in set(ids[half:]) & self.entries.keys()])
        self.fill(5)

    def move(self, silo: SiloName, home: str) -> None:
        """What a changed grant does: the silo is forgotten and put again, elsewhere."""
        self.homes[silo] = home
        entries = [replace(e, partition=home) for e in self.entries.values() if e.passage.silo == silo]
        self.drop(silo)
        self.put(entries)

    def generations(self) -> dict[SiloName, tuple[str, int]]:
        self.mark += 1
        return {silo: (home, self.mark) for silo, home in self.homes.items()}

    # ── making ──

    def entry(self, silo: SiloName, text: str | None = None, **changes: object) -> Entry:
        """A passage of one to sixty words; now and then the twin of another, with the same words and vector."""
        number = int(self.rng.integers(1 << 60))
        twin = self.some(sorted(self.entries), 1) if self.entries and self.rng.random() < 0.15 else []
        words = " ".join(self.some(WORDS, int(1 + 59 * self.rng.random() ** 3), skewed=True))
        passage = Passage(
            PassageId(stable_id("passage", silo, str(number))),
            DocumentId(stable_id("document", silo, str(number % 7))),
            silo,
            SourceId(f"{silo}/{'xy'[number % 2]}"),
            KINDS[number % 4],
            "",
            text if text is not None else self.entries[twin[0]].passage.text if twin else words,
            0,
            language=LANGUAGES[number % 3],
            time=None if number % 5 == 0 else START + timedelta(days=number % 10, microseconds=number % 3),
            contributions=tuple(Contribution(author, Role.WROTE) for author in self.some(AUTHORS, number % 3)),
        )
        vector = self.entries[twin[0]].vector if twin else self.vector()
        return Entry(replace(passage, **changes), vector, self.homes[silo])  # type: ignore[arg-type]

    def replaced(self, id_: PassageId) -> Entry:
        old = self.entries[id_]
        new = self.entry(old.passage.silo)
        return replace(new, passage=replace(new.passage, id=id_), partition=old.partition)

    def vector(self) -> Vector:
        row = self.rng.standard_normal(DIM, dtype=np.float32)
        return row / np.float32(np.linalg.norm(row))

    def question(self) -> LexicalQuery:
        words = self.some([*WORDS, "unheard", "of"], int(self.rng.integers(1, 6)), skewed=True)
        return LexicalQuery(terms(" ".join(words + words[: int(self.rng.integers(0, 2))])))

    def some(self, choices: Collection[T], count: int, *, skewed: bool = False) -> list[T]:
        listed = list(choices)
        drawn = self.rng.random(count) ** (3 if skewed else 1)  # small numbers more often
        return [listed[int(part * len(listed))] for part in drawn]

    def where(self) -> Where:
        """Any filters at random."""
        silos = sorted(self.homes)
        readable = frozenset(self.some(silos, len(silos))) if self.rng.random() < 0.7 else frozenset(silos)
        where = Where(readable, readable if self.rng.random() < 0.6 else frozenset(self.some(silos, 2)))
        for narrow in NARROWINGS.values():
            if self.rng.random() < 0.2:
                where = narrow(where)
        return where

    # ── what is right ──

    def dense(self, vector: Vector, k: int, where: Where) -> list[Scored]:
        def score(entry: Entry) -> float:
            return round(float((entry.vector.astype(np.float64) * vector.astype(np.float64)).sum()), 6)

        return _best((Scored(id_, score(e)) for id_, e in self.entries.items() if wording.holds(e.passage, where)), k)

    def lexical(self, query: LexicalQuery, k: int, where: Where) -> list[Scored]:
        counted = {id_: self.counted(entry.passage) for id_, entry in self.entries.items()}
        readable = [id_ for id_, entry in self.entries.items() if entry.passage.silo in where.readable]
        statistics = bm25.Statistics(
            len(readable),
            sum(counted[id_].total() for id_ in readable),
            {term: sum(term in counted[id_] for id_ in readable) for term in query.terms},
        )
        return _best(
            (
                Scored(id_, bm25.score(counted[id_], counted[id_].total(), query.terms, statistics))
                for id_, entry in self.entries.items()
                if wording.holds(entry.passage, where) and any(term in counted[id_] for term in query.terms)
            ),
            k,
        )

    def counted(self, passage: Passage) -> Counter[str]:
        """Its terms; passages here have neither title nor headings."""
        key = (passage.text, passage.language)
        if key not in self._counted:
            self._counted[key] = Counter(index_terms(passage))
        return self._counted[key]

    def check(self, where: Where, k: int = 10, query: LexicalQuery | None = None) -> None:
        query, vector = query or self.question(), self.vector()
        near, answering = self.index.dense(vector, k, where), self.index.lexical(query, k, where)
        assert near == self.dense(vector, k, where)
        assert answering == self.lexical(query, k, where)
        self.check_told([*near, *answering], query.terms)

    def check_told(self, found: Sequence[Scored], asked: Sequence[str]) -> None:
        """What the index tells of what it found."""
        entries = {one.passage: self.entries[one.passage] for one in found}
        passages = {id_: entry.passage for id_, entry in entries.items()}
        assert self.index.outlines(found) == {i: Outline(p.document, p.silo, p.language) for i, p in passages.items()}
        vectors = self.index.vectors(found)
        assert vectors.keys() == entries.keys()
        assert all(np.array_equal(vectors[id_], entry.vector) for id_, entry in entries.items())
        held = self.index.holding(found, asked)
        assert held == {i: frozenset(t for t in asked if t in self.counted(p)) for i, p in passages.items()}

    def check_at_random(self, times: int) -> None:
        for _ in range(times):
            self.check(self.where(), int(self.rng.choice([1, 3, 10, 500])))


NARROWINGS: Mapping[str, Callable[[Where], Where]] = {
    "kinds": lambda where: replace(where, kinds=frozenset({Kind.PAGE, Kind.MAIL})),
    "sources": lambda where: replace(where, sources=frozenset({SourceId("a/x"), SourceId("b/y")})),
    "authors": lambda where: replace(where, authors=frozenset(AUTHORS[:2])),
    "languages": lambda where: replace(where, languages=frozenset({"de"})),
    "since": lambda where: replace(where, since=START + timedelta(days=3, microseconds=1)),
    "until": lambda where: replace(where, until=START + timedelta(days=6, microseconds=1)),
    "phrases": lambda where: replace(where, phrases=frozenset({(WORDS[0],), (WORDS[1], WORDS[0])})),
    "without": lambda where: replace(where, without=frozenset({(WORDS[2],), (WORDS[0], WORDS[0])})),
}


def everything(homes: Mapping[SiloName, str]) -> Where:
    return Where(frozenset(homes), frozenset(homes))


def _best(scored: Iterable[Scored], k: int) -> list[Scored]:
    return sorted(scored, key=lambda one: (-one.score, one.passage))[:k]
