"""Names a theme after the words that set it apart, without a language model."""

from __future__ import annotations

from collections.abc import Sequence

from sensemake.model import Passage
from sensemake.rules.keyphrases import language_of

AND = {"en": "and", "de": "und", "nl": "en", "fr": "et", "sv": "och", "es": "y", "it": "e", "pt": "e", "da": "og"}
MOST_WORDS = 5
COVERED = 0.5
"""A phrase that this share of the central passages hold can stand alone."""


class KeyphraseLabeller:
    """Two to five words: the most telling phrase, and a second one when the first is a word or says too little."""

    name = "keyphrases"

    def label(self, keyphrases: Sequence[str], passages: Sequence[Passage]) -> str:
        """`passages` are the theme's, the most central first."""
        if not keyphrases:
            return _capital(_words(passages[0].title)) if passages else "Without a name"
        first = keyphrases[0]
        if len(first.split()) > 1 and _coverage(first, passages) >= COVERED:
            return _capital(first)
        second = next((phrase for phrase in keyphrases[1:] if _fits(first, phrase)), None)
        return _capital(f"{first} {_and(passages)} {second}" if second else first)


def _fits(first: str, second: str) -> bool:
    """A second phrase that says something else, and leaves the label short."""
    words = set(first.casefold().split())
    return words.isdisjoint(second.casefold().split()) and len(words) + 1 + len(second.split()) <= MOST_WORDS


def _coverage(phrase: str, passages: Sequence[Passage]) -> float:
    if not passages:
        return 1.0
    holding = sum(phrase.casefold() in f"{p.title}\n{p.text}".casefold() for p in passages)
    return holding / len(passages)


def _and(passages: Sequence[Passage]) -> str:
    languages = [language_of(passage) for passage in passages]
    most = max(sorted(set(languages)), key=languages.count) if languages else ""
    return AND.get(most, "&")


def _words(title: str) -> str:
    return " ".join(title.split()[:MOST_WORDS]) or "Without a name"


def _capital(label: str) -> str:
    """A capital for a plain word; "eBPF" and "iOS" stay as they are."""
    first = label.partition(" ")[0]
    return label[:1].upper() + label[1:] if first.islower() else label
