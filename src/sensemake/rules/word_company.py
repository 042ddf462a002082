"""Tells whether groups of texts are more than chance by the company that words keep.

Groups of texts whose words were shuffled over the corpus are near each other too, by the words that they happen to
share; but there no word says which other words stand beside it. So half of the documents tell which words mark a group,
and in the other half it is counted how often two of these are in one text, against how often they would be if every
text had drawn its words by itself (cross-fitting; "you shall know a word by the company it keeps", Firth 1957).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

from sensemake.rules.grouping import LOOSE, Floats, Labels
from sensemake.rules.stopwords import STOPWORDS

MARKS = 10
"""Words that mark a group, at most."""
TWICE = 2
"""Texts of a group that must hold a word for it to be one of them."""
NO_CHANCE = 4.0
"""Standard deviations that chance hardly gives: of 34 corpora of shuffled texts that had groups the most was 1.2."""
TELLING = 2.0
"""Standard deviations from which one group, of groups that are no chance together, speaks for itself."""
LEAST = 1.0
"""Groups near what chance gives need so much at least …"""
EXPECTED = 20.0
"""… where chance would put so many pairs of words together: with fewer, words have no say."""

LONGEST = 40
"""Characters between spaces; what is longer is no word."""

_EDGE = regex.compile(r"^[^\p{L}\p{N}]+|(?:['’]s)?[^\p{L}\p{N}]*$")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*")
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Company:
    """`groups` holds for each group by how many standard deviations its words stand together more often than by chance,
    `whole` the same for all pairs of all groups; `expected` is how many pairs chance would put together."""

    groups: Floats
    whole: float
    expected: float


def words(text: str, language: str | None = None) -> frozenset[str]:
    """What stands between spaces, if it is a word (no link, number or identifier, whose parts always stand together),
    without stop words."""
    stop = STOPWORDS.get((language or "en").split("-")[0], _NONE)
    pieces = (piece for piece in set(text.casefold().split()) if len(piece) <= LONGEST)
    folded = (_EDGE.sub("", piece) for piece in pieces)
    return frozenset(word for word in folded if word not in stop and _WORD.fullmatch(word))


def company(
    texts: Sequence[frozenset[str]], documents: Sequence[Hashable], labels: Labels, *, seed: int = 42
) -> Company:
    """How the words of texts keep company in groups `labels`; the texts of one document are in the same half.

    Of texts with the same words only the first counts: copies say nothing new.
    """
    first = {text: number for number, text in reversed(list(enumerate(texts)))}
    kept = np.array(sorted(number for text, number in first.items() if text), np.int64)
    groups = int(labels.max(initial=LOOSE)) + 1
    side = _sides([documents[n] for n in kept], seed)
    halves = [_Half.of([texts[n] for n in kept[side == s]], labels[kept[side == s]]) for s in (0, 1)]
    found = np.zeros((groups, 3))
    for one, other in (halves, halves[::-1]):
        for group in range(groups):
            found[group] += other.together(one.marks(group))
    whole = found.sum(axis=0)
    return Company(_deviations(found), float(_deviations(whole[None])[0]), float(whole[1]))


def _sides(documents: Sequence[Hashable], seed: int) -> NDArray[np.int64]:
    numbers = {document: number for number, document in enumerate(dict.fromkeys(documents))}
    drawn = np.random.default_rng(seed).permutation(len(numbers)) % 2
    return np.array([drawn[numbers[document]] for document in documents], np.int64)


def _deviations(found: Floats) -> Floats:
    """From rows of pairs seen, pairs expected and their variance."""
    return np.asarray((found[:, 0] - found[:, 1]) / np.sqrt(np.maximum(found[:, 2], 1e-9)) * (found[:, 2] > 0))


@dataclass(frozen=True, slots=True)
class _Half:
    """Half of the texts: where each word is, and how many texts have how many words."""

    where: Mapping[str, NDArray[np.int64]]
    texts: Sequence[frozenset[str]]
    members: Sequence[NDArray[np.int64]]
    lengths: Floats
    often: Floats

    @classmethod
    def of(cls, texts: Sequence[frozenset[str]], labels: Labels) -> _Half:
        where: dict[str, list[int]] = {}
        for number, text in enumerate(texts):
            for word in text:
                where.setdefault(word, []).append(number)
        lengths, often = np.unique([len(text) for text in texts], return_counts=True)
        return cls(
            {word: np.array(places, np.int64) for word, places in where.items() if len(places) >= TWICE},
            texts,
            [np.flatnonzero(labels == group) for group in range(int(labels.max(initial=LOOSE)) + 1)],
            lengths.astype(np.float64),
            often.astype(np.float64),
        )

    def marks(self, group: int) -> list[str]:
        """The words that a group's texts say the most beyond what texts say everywhere (by standard deviations)."""
        inside = self.members[group] if group < len(self.members) else ()
        counts: dict[str, int] = {}
        for number in inside:
            for word in self.texts[number]:
                counts[word] = counts.get(word, 0) + 1
        found: list[tuple[float, str]] = []
        for word, count in counts.items():
            if count < TWICE:
                continue
            share = (len(self.where[word]) + 1) / (len(self.texts) + 2)
            beyond = (count - len(inside) * share) / math.sqrt(len(inside) * share * (1.0 - share))
            if beyond > 1.0:
                found.append((-beyond, word))
        return [word for _, word in sorted(found)[:MARKS]]

    def together(self, marks: Iterable[str]) -> Floats:
        """Pairs of these words in one text: how many there are, would be by chance, and the variance of that."""
        places = [self.where[word] for word in marks if word in self.where]
        if len(places) < 2:
            return np.zeros(3)
        held = np.bincount(np.concatenate(places)).astype(np.float64)
        chances = np.stack([self._chances(len(some)) for some in places])
        two, three, four = _at_once(chances)
        # The square of the pairs among k words is C(k,2) + 6·C(k,3) + 6·C(k,4).
        variance = two + 6.0 * three + 6.0 * four - two**2
        return np.array([(held * (held - 1.0) / 2.0).sum(), two @ self.often, variance @ self.often])

    def _chances(self, count: int) -> Floats:
        """For each length of text the chance that it holds a word which `count` texts hold: 1 − exp(−rate · length)."""
        low, high = 0.0, 50.0
        for _ in range(60):
            rate = (low + high) / 2
            low, high = (rate, high) if self._expected(rate) < count else (low, rate)
        return np.asarray(-np.expm1(-high * self.lengths), np.float64)

    def _expected(self, rate: float) -> float:
        return float(-np.expm1(-rate * self.lengths) @ self.often)


def _at_once(chances: Floats) -> tuple[Floats, Floats, Floats]:
    """For each length, how many pairs, threes and fours of the words to expect: elementary symmetric polynomials."""
    sums = np.zeros((5, chances.shape[1]))
    sums[0] = 1.0
    for each in chances:
        for size in range(4, 0, -1):
            sums[size] += each * sums[size - 1]
    return sums[2], sums[3], sums[4]
