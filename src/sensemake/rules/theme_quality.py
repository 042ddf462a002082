"""Says how good themes' words are: whether a theme's words go together, and whether themes differ in theirs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

import regex

WORDS = 10
"""Words of a theme that are looked at, the first of its keyphrases."""

_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\p{N}]+")


def words(keyphrases: Sequence[str]) -> tuple[str, ...]:
    """The first words of a theme's keyphrases, each once."""
    return tuple(dict.fromkeys(word for phrase in keyphrases for word in spoken(phrase)))[:WORDS]


def spoken(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def coherence(themes: Sequence[Sequence[str]], texts: Iterable[str]) -> float | None:
    """The mean NPMI of the pairs of each theme's words, from -1 (never in one text) to 1 (always together).

    Bouma 2009; over whole texts as in Lau et al. 2014 ("Machine Reading Tea Leaves"). None when no theme has two words.
    """
    wanted = frozenset(word for theme in themes for word in theme)
    pairs = {pair for theme in themes for pair in combinations(sorted(set(theme)), 2)}
    single, together, total = _counted(wanted, pairs, texts)
    means = [
        math.fsum(_npmi(together[a, b], single[a], single[b], total) for a, b in own) / len(own)
        for theme in themes
        if (own := list(combinations(sorted(set(theme)), 2)))
    ]
    return math.fsum(means) / len(means) if means else None


def diversity(themes: Sequence[Sequence[str]]) -> float | None:
    """The share of different words among all themes' (Dieng et al. 2020); None without any."""
    said = [word for theme in themes for word in theme]
    return len(set(said)) / len(said) if said else None


def _counted(
    wanted: frozenset[str], pairs: set[tuple[str, str]], texts: Iterable[str]
) -> tuple[Counter[str], Counter[tuple[str, str]], int]:
    single: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    total = 0
    for text in texts:
        held = sorted(wanted.intersection(spoken(text)))
        single.update(held)
        together.update(pair for pair in combinations(held, 2) if pair in pairs)
        total += 1
    return single, together, total


def _npmi(both: int, one: int, other: int, total: int) -> float:
    if both == 0:
        return -1.0
    if both == total:
        return 1.0
    share = both / total
    return math.log(share / ((one / total) * (other / total))) / -math.log(share)
