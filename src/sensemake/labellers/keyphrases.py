"""Names a theme after the words that set it apart, without a language model."""

from __future__ import annotations

from collections.abc import Sequence

from sensemake.model import Passage
from sensemake.rules.keyphrases import language_of

AND = {"en": "and", "de": "und", "nl": "en", "fr": "et", "sv": "och", "es": "y", "it": "e", "pt": "e", "da": "og"}
MOST_WORDS = 5
CONSIDERED = 6
"""Keyphrases that a name is made from."""
COVERED = 0.5
"""A phrase that this share of the central passages hold can stand alone."""


class KeyphraseLabeller:
    """Two to five words: the most telling phrase, and a second one when the first is a word or says too little."""

    name = "keyphrases"

    def label(self, keyphrases: Sequence[str], passages: Sequence[Passage]) -> str:
        """`passages` are the theme's, the most central first."""
        ranked = sorted(keyphrases[:CONSIDERED], key=lambda p: -_worth(keyphrases.index(p), p, passages))
        if not ranked:
            return _capital(_words(passages[0].title)) if passages else "Without a name"
        first = ranked[0]
        if len(first.split()) > 1 and _coverage(first, passages) >= COVERED:
            return _capital(first)
        second = next((phrase for phrase in ranked[1:] if _fits(first, phrase)), None)
        return _capital(f"{first} {_and(passages)} {second}" if second else first)


def _worth(rank: int, phrase: str, passages: Sequence[Passage]) -> float:
    """How telling it is, how much of the theme it holds for, and that two words say more than one."""
    return 0.85**rank * (0.5 + _coverage(phrase, passages)) * (1.4 if len(phrase.split()) > 1 else 1.0)


def _fits(first: str, phrase: str) -> bool:
    """A second phrase that says something else, and leaves the label short."""
    ours, theirs = first.casefold().split(), phrase.casefold().split()
    same = any(a.startswith(b) or b.startswith(a) for a in ours for b in theirs)
    return not same and len(ours) + 1 + len(theirs) <= MOST_WORDS


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
