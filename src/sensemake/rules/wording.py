"""Whether a passage may be found: by what it is (`Where.holds`), and by the words that it must and must not say."""

from __future__ import annotations

from collections.abc import Sequence

from sensemake.model import Passage, Where
from sensemake.rules import analysis

BETWEEN = "|"
"""Stands between the fields of a passage, so that no phrase reaches from its title into its text. No word holds it."""


def holds(passage: Passage, where: Where) -> bool:
    """The whole of what `where` asks: the definition that every index must agree with."""
    if not where.holds(passage):
        return False
    if not where.phrases and not where.without:
        return True
    said = sequence(passage)
    return all(_says(said, phrase) for phrase in where.phrases) and not any(_says(said, one) for one in where.without)


def sequence(passage: Passage) -> list[str]:
    """The words of a passage as they are said (`analysis.plain`): title, headings and text, with marks in between."""
    fields = (passage.title, *passage.headings, passage.text)
    said = [word for field in fields for word in (BETWEEN, *analysis.plain(field))]
    return said[1:]


def _says(said: Sequence[str], phrase: Sequence[str]) -> bool:
    length = len(phrase)
    return any(tuple(said[at : at + length]) == tuple(phrase) for at in range(len(said) - length + 1))
