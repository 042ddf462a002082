"""Which language a text is in, by py3langid (naive Bayes over byte n-grams; Lui & Baldwin, langid.py, ACL 2012)."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from sensemake.rules.stopwords import STOPWORDS

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LEAST_LETTERS = 24
"""Below, a guess is as good as none."""
SURE = 0.9
"""Of 543 English, German and French sections 2 % were told wrong above it, none of the English ones."""
LIKELY = 0.1
"""A question, being short, may be in any language that is at least so likely."""
READ = 2_000
"""Characters that are looked at."""

_NO_LANGUAGE = "zxx"


def detect(text: str) -> str | None:
    """The ISO 639-1 code (or 639-3, where there is none) of a passage; None when it is short or cannot be told."""
    start = text[:READ]
    if sum(map(str.isalpha, start)) < LEAST_LETTERS:
        return None
    code, probability = _identifier().classify(start)
    return str(code) if probability > SURE and code != _NO_LANGUAGE else None


def likely(text: str, among: Collection[str]) -> tuple[str, ...]:
    """Those languages of `among` that a question may be in, the likeliest first; one at least, if there is any.

    The small words of a question most often tell, and cost nothing to look at.
    """
    told = _by_small_words(text, frozenset(among))
    if told is not None:
        return (told,)
    known = frozenset(among) & _labels()
    if len(among) < 2 or not known:
        return tuple(sorted(among))
    ranked = _restricted(known).rank(text[:READ])
    return tuple(str(code) for place, (code, probability) in enumerate(ranked) if place == 0 or probability > LIKELY)


def _by_small_words(text: str, among: frozenset[str]) -> str | None:
    """The language of `among` of which the text holds two stop words or more, and over twice as many as of another."""
    if len(among) < 2 or not among <= STOPWORDS.keys():
        return None
    words = text.casefold().split()
    counts = sorted(((sum(word in STOPWORDS[code] for word in words), code) for code in among), reverse=True)
    (most, code), (next_most, _) = counts[:2]
    return code if most >= 2 and most > 2 * next_most else None


@cache
def _identifier() -> LanguageIdentifier:
    """Loaded when the first text comes: it takes a third of a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _labels() -> frozenset[str]:
    return frozenset(_identifier().labels)


@lru_cache(maxsize=32)
def _restricted(languages: frozenset[str]) -> LanguageIdentifier:
    """One that knows these languages only; the tables it walks are shared."""
    identifier = copy(_identifier())
    identifier.set_languages(sorted(languages))
    return identifier
