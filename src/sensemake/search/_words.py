"""The lexical half of a partition: a tantivy index, opened for reading."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensemake.rules import bm25
from sensemake.search._selection import SAID, both, either, schema, tantivy

# tantivy computes in float32, and a rounded score may be this much above what it is of.
_SLACK = 1e-4
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Bounds:
    """Passages by their numbers, each with what its exact score is at most, falling; `whole` when there are no more."""

    most: NDArray[np.float64]
    numbers: NDArray[np.int64]
    whole: bool


@dataclass(frozen=True, slots=True)
class Weights:
    """The terms of a question, each as often as it is asked, with the idf and the mean length they are scored by."""

    terms: tuple[str, ...]
    idf: Mapping[str, float]
    mean_length: float

    @classmethod
    def of(cls, terms: tuple[str, ...], statistics: bm25.Statistics) -> Weights:
        return cls(terms, {term: bm25.idf(term, statistics) for term in terms}, statistics.mean_length)


_NOTHING = Bounds(np.empty(0), np.empty(0, np.int64), whole=True)


class Words:
    """Reads one tantivy index, which never changes."""

    def __init__(self, folder: Path) -> None:
        from tantivy import Index

        index = Index.open(str(folder))
        index.config_reader("manual")
        self._searcher = index.searcher()
        segments = json.loads((folder / "meta.json").read_text("utf-8"))["segments"]
        self.passages: int = self._searcher.num_docs
        self.dead = sum(segment["max_doc"] for segment in segments) - self.passages
        self._total = self._lengths(None)
        self._norms: tuple[float, float] | None = None
        self._held: tuple[tuple[str, ...], dict[str, int]] = ((), {})

    # ── counting ──

    def count(self, query: Any) -> int:
        return int(self._searcher.search(query, 1).count)

    def statistics(self, terms: tuple[str, ...], scope: Any) -> bm25.Statistics:
        """Those of the living passages that `scope` selects (None: all)."""
        if scope is None:
            # tantivy's own count holds the dead until their segment is merged.
            frequencies = {term: self.count(_term(term)) for term in terms} if self.dead else self._frequencies(terms)
            return bm25.Statistics(self.passages, int(self._total["sum"]), frequencies)
        frequencies = {term: self.count(both([_term(term), scope])) for term in terms}
        return bm25.Statistics(self.count(scope), int(self._lengths(scope)["sum"]), frequencies)

    def _frequencies(self, terms: tuple[str, ...]) -> dict[str, int]:
        """In how many passages each occurs, the dead ones among them; kept, for a question needs it twice."""
        asked, found = self._held
        if asked != terms:
            found = {term: int(self._searcher.doc_freq("terms", term)) for term in terms}
            self._held = (terms, found)
        return found

    def _lengths(self, scope: Any) -> dict[str, float]:
        from tantivy import Query

        wanted = {name: {name: {"field": "length"}} for name in ("sum", "max")}
        answer = self._searcher.aggregate(scope if scope is not None else Query.all_query(), wanted)
        return {name: answer[name]["value"] or 0.0 for name in wanted}

    # ── finding ──

    def bounds(self, weights: Weights, allowed: Any, depth: int) -> Bounds:
        """The `depth` passages that hold a term and may have the best scores.

        Boosts turn tantivy's idf into the one of `weights`. Its mean length remains this partition's own, so
        its score can be too low for a passage of length L by at most the factor (1 + n(L, own)) / (1 + n(L, right))
        with n(L, mean) = k1 · (1 - b + b · L / mean), which is largest for the longest passage.
        """
        held = self._frequencies(weights.terms)
        present = [term for term in weights.terms if held[term]]
        norms = self._own_norms(present)
        if norms is None or not present:
            return _NOTHING
        query = self._boosted(present, weights, held, norms[0], allowed)
        factor = self._factor(norms[1], weights.mean_length) * (1 + _SLACK)
        hits = self._searcher.search(query, depth, count=False).hits
        most = np.array([score for score, _ in hits]) * factor
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        return Bounds(most, np.array(numbers, dtype=np.int64), whole=len(hits) < depth)

    def numbers(self, query: Any) -> NDArray[np.int64]:
        """The numbers of the passages that `query` selects, rising."""
        hits = self._searcher.search(
            tantivy().Query.const_score_query(query, 1.0), max(1, self.passages), count=False
        ).hits
        values = self._searcher.fast_field_values("number", [address for _, address in hits])
        return np.sort(np.array(values, dtype=np.int64))

    def documents(self, query: Any) -> Iterator[Any]:
        """The stored documents that `query` selects, as they were put in."""
        from tantivy import Document

        hits = self._searcher.search(
            tantivy().Query.const_score_query(query, 1.0), max(1, self.passages), count=False
        ).hits
        for _, address in hits:
            yield Document.from_dict(self._searcher.doc(address).to_dict(), schema())

    def _boosted(
        self, terms: Sequence[str], weights: Weights, held: Mapping[str, int], total: float, allowed: Any
    ) -> Any:
        query = tantivy().Query
        boosts = zip(terms, self._own_idf(terms, held, total), strict=True)
        boosted = either([query.boost_query(_term(term), weights.idf[term] / own) for term, own in boosts])
        return boosted if allowed is None else both([boosted, query.const_score_query(allowed, 0.0)])

    def _own_idf(self, terms: Sequence[str], held: Mapping[str, int], total: float) -> list[float]:
        """tantivy's idf of each, which `held` passages hold, in the same steps and the same precision."""
        frequency = np.array([held[term] for term in terms])
        ratio = (total - frequency + 0.5).astype(np.float32) / (frequency + 0.5).astype(np.float32)
        own: list[float] = np.maximum(np.log(np.float32(1) + ratio).astype(np.float64), _TINY).tolist()
        return own

    def _factor(self, own_mean: float, right_mean: float) -> float:
        if own_mean >= right_mean:
            return 1.0
        longest = self._total["max"]
        own, right = (bm25.K1 * (1 - bm25.B + bm25.B * longest / mean) for mean in (own_mean, right_mean))
        return (1 + own) / (1 + right)

    def _own_norms(self, terms: Sequence[str]) -> tuple[float, float] | None:
        """The number of passages and the mean length that tantivy reckons with: the dead count among them.

        It tells them in an explanation only. None when no living passage holds a term.
        """
        if self._norms is None:
            for term in terms:
                query = _term(term)
                if hits := self._searcher.search(query, 1, count=False).hits:
                    facts = _facts(json.loads(query.explain(self._searcher, hits[0][1]).to_json()))
                    self._norms = (facts["N"], facts["avgdl"])
                    break
        return self._norms


def knows_phrases(folder: Path) -> bool:
    """Whether an index has the words in their order."""
    return SAID in {field["name"] for field in json.loads((folder / "meta.json").read_text("utf-8"))["schema"]}


@lru_cache(maxsize=256)
def _term(term: str) -> Any:
    from tantivy import Query

    return Query.term_query(schema(), "terms", term, "freq")


def _facts(explanation: dict[str, Any]) -> dict[str, float]:
    """The named numbers of an explanation: "avgdl, average length of field" is `avgdl`."""
    facts = {explanation["description"].partition(",")[0]: float(explanation["value"])}
    for detail in explanation.get("details", ()):
        facts |= _facts(detail)
    return facts
