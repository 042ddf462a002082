"""When two questions are the same one, and how many have to ask it before it is told of."""

from __future__ import annotations

from sensemake.rules import analysis, query_syntax

FLOOR = 5
"""Distinct people below which nothing is told of what was asked, opened or found helpful."""


def key(question: str) -> str:
    """The same for questions of the same words, whatever their order and endings; "" when there is no word in it."""
    return " ".join(sorted(set(analysis.terms(query_syntax.parse(question).text))))
