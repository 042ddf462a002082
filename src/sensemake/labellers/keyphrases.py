"""Names a theme after the words that set it apart, without a language model."""

from __future__ import annotations

from collections.abc import Sequence

from sensemake.model import Kind, Passage
from sensemake.rules.keyphrases import language_of

AND = {"en": "and", "de": "und", "nl": "en", "fr": "et", "sv": "och", "es": "y", "it": "e", "pt": "e", "da": "og"}
MOST_WORDS = 5
CONSIDERED = 6
"""Keyphrases that a name is made from."""
COVERED = 0.5
"""A phrase that this share of the central passages hold can stand alone."""
TOGETHER = 2
"""Passages that must hold two words before a name joins them."""


class KeyphraseLabeller:
    """Two to five words that stand so in the passages: a phrase, or a word and one that is said with it, or a title."""

    name = "keyphrases"

    def label(self, keyphrases: Sequence[str], passages: Sequence[Passage]) -> str:
        """The first of `keyphrases` when all are longer than a word. Of `passages` the most central come first."""
        if keyphrases and all(map(_is_phrase, keyphrases)):
            return _capital(keyphrases[0])
        ranked = sorted(keyphrases[:CONSIDERED], key=lambda p: -_worth(keyphrases.index(p), p, passages))
        if ranked and _is_phrase(ranked[0]) and _coverage(ranked[0], passages) >= COVERED:
            return _capital(ranked[0])
        for phrase in ranked[1:]:
            if _fits(ranked[0], phrase) and _together(ranked[0], phrase, passages) >= TOGETHER:
                return _capital(f"{ranked[0]} {_and(passages)} {phrase}")
        longer = next(filter(_is_phrase, ranked), None)
        # What somebody first said in a conversation is no title.
        titles = (_words(p.title) for p in passages if p.kind is not Kind.CONVERSATION)
        return _capital(longer or next(filter(None, titles), "") or next(iter(ranked), "Without a name"))


def _is_phrase(name: str) -> bool:
    return len(name.split()) > 1


def _worth(rank: int, phrase: str, passages: Sequence[Passage]) -> float:
    """How telling it is, how much of the theme it holds for, and that two words say more than one."""
    return 0.85**rank * (0.5 + _coverage(phrase, passages)) * (1.4 if _is_phrase(phrase) else 1.0)


def _fits(first: str, phrase: str) -> bool:
    """A second phrase that says something else, and leaves the label short."""
    ours, theirs = first.casefold().split(), phrase.casefold().split()
    same = any(a.startswith(b) or b.startswith(a) for a in ours for b in theirs)
    return not same and len(ours) + 1 + len(theirs) <= MOST_WORDS


def _coverage(phrase: str, passages: Sequence[Passage]) -> float:
    return _together(phrase, phrase, passages) / len(passages) if passages else 1.0


def _together(one: str, other: str, passages: Sequence[Passage]) -> int:
    """Passages that hold both."""
    texts = (f"{p.title}\n{p.text}".casefold() for p in passages)
    return sum(one.casefold() in text and other.casefold() in text for text in texts)


def _and(passages: Sequence[Passage]) -> str:
    languages = [language_of(passage) for passage in passages]
    most = max(sorted(set(languages)), key=languages.count) if languages else ""
    return AND.get(most, "&")


def _words(title: str) -> str:
    return " ".join(title.split()[:MOST_WORDS]).rstrip(" -–—:;,.#|(")


def _capital(label: str) -> str:
    """A capital for a plain word; "eBPF" and "iOS" stay as they are."""
    first = label.partition(" ")[0]
    return label[:1].upper() + label[1:] if first.islower() else label
