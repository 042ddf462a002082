"""Where a long talk changes its subject: the place at which the words before and after have least in common.

The block comparison of TextTiling (Hearst, "TextTiling: segmenting text into multi-paragraph subtopic passages",
Computational Linguistics 23(1), 1997), with messages for sentences and words weighed by how few messages hold them. The
place is that of the least similarity, not of the deepest valley: measured, it falls between threads more often
(docs/decisions/0010).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log, log1p, sqrt

from sensemake.rules import analysis
from sensemake.rules.stopwords import STOPWORDS

WIDTH = 15
"""Texts on either side that are compared."""
SHORTEST = 3
"""Characters of a term at least."""

_EMPTY = STOPWORDS.get("en", frozenset())


def weakest(texts: Sequence[str], first: int, last: int, width: int = WIDTH) -> int:
    """The place from `first` to `last` (texts before it) where least is shared; of equal ones the last.

    Only texts up to `last + width` are looked at, so that what is said later moves nothing.
    """
    words = [_words(text) for text in texts[: last + width]]
    held = Counter(word for each in words for word in each)
    rarity = {word: log((len(words) + 1) / count) for word, count in held.items()}
    shared = {place: _shared(words, place, width, rarity) for place in range(first - 1, last + 2)}
    smooth = {place: sum(shared[near] for near in (place - 1, place, place + 1)) for place in range(first, last + 1)}
    return min(smooth, key=lambda place: (round(smooth[place], 9), -place))


def _shared(words: Sequence[Mapping[str, int]], place: int, width: int, rarity: Mapping[str, float]) -> float:
    """The cosine of the words of `width` texts before and after a place, 0 to 1."""
    before = _weighed(words[max(0, place - width) : place], rarity)
    after = _weighed(words[place : place + width], rarity)
    norms = sqrt(sum(w * w for w in before.values()) * sum(w * w for w in after.values()))
    return sum(weight * after.get(word, 0.0) for word, weight in before.items()) / norms if norms else 0.0


def _weighed(block: Sequence[Mapping[str, int]], rarity: Mapping[str, float]) -> dict[str, float]:
    counted: Counter[str] = Counter()
    for each in block:
        counted.update(each)
    return {word: log1p(count) * rarity[word] for word, count in counted.items()}


def _words(text: str) -> Mapping[str, int]:
    return Counter(term for term in analysis.terms(text) if len(term) >= SHORTEST and term not in _EMPTY)
