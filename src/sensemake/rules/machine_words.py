"""What a language model wrote of a theme: what of it may stay, and when it says something of somebody."""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import replace

import regex

from sensemake.model import PassageId, Summary, Theme

STAYED = 0.5
"""The share of the passages that a summary was made from that must still be in its theme."""
GROWN = 2.0
"""A theme with so many times the documents that it had is summarised anew."""
LEAST_NAME = 3
"""Letters of a name; shorter ones are words as well."""
_SENTENCE = regex.compile(r"(?<=[.!?…。！？])\s+")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}_@'’-]+")


def without(theme: Theme, gone: Set[PassageId]) -> Theme:
    """The theme without what was written from any of these: its plain name is back, and it has no summary."""
    if theme.summary and not gone.isdisjoint(theme.summary.saw):
        theme = replace(theme, summary=None)
    if theme.written and not gone.isdisjoint(theme.written.saw):
        theme = replace(theme, label=theme.plain or theme.label, written=None, plain=None)
    return theme


def holds(summary: Summary, theme: Theme) -> bool:
    """Whether it still tells what the theme is about: most of what it saw is in it, and it has not grown out of it."""
    inside = {member.passage for member in theme.members}
    stayed = sum(passage in inside for passage in summary.saw)
    return stayed >= STAYED * len(summary.saw) and theme.size < GROWN * max(1, summary.documents)


def unnamed(text: str, names: Collection[str]) -> str:
    """A text without the sentences that name somebody."""
    known = _Names.of(names)
    return " ".join(sentence for sentence in _SENTENCE.split(text) if not known.stand_in(sentence))


class _Names:
    """Names of several words, in any case, and single ones as they are written: "Hope" is a name and "hope" is none."""

    def __init__(self, several: Set[tuple[str, ...]], single: Set[str]) -> None:
        self._several, self._single = several, single
        self._lengths = {len(name) for name in several}

    @classmethod
    def of(cls, names: Collection[str]) -> _Names:
        words = [tuple(_WORD.findall(name)) for name in names]
        several = {tuple(map(str.casefold, name)) for name in words if len(name) > 1}
        single = {name[0] for name in words if len(name) == 1 and len(name[0]) >= LEAST_NAME and not name[0].islower()}
        return cls(several, single)

    def stand_in(self, sentence: str) -> bool:
        words = _WORD.findall(sentence)
        if not self._single.isdisjoint(words[1:]):
            return True
        plain = [word.casefold() for word in words]
        return any(tuple(plain[n : n + many]) in self._several for many in self._lengths for n in range(len(plain)))
