"""Whether a topic is one that somebody hides: by its words, or by its meaning."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from sensemake.model import PersonId, Verb, Wish
from sensemake.rules import analysis

NEAR = 0.6
"""The cosine from which two topics are taken for one: rather one question too many than too few."""


def hiding(topic: str, wishes: Iterable[Wish], nearness: Callable[[str], float]) -> frozenset[PersonId]:
    """Who is not to be named for a topic. `nearness` is the cosine of a hidden topic to it."""
    asked = frozenset(analysis.terms(topic))
    return frozenset(
        wish.person
        for wish in wishes
        if wish.verb is Verb.HIDE and (_holds(asked, wish.topic) or nearness(wish.topic) >= NEAR)
    )


def offers(wishes: Iterable[Wish]) -> dict[PersonId, tuple[str, ...]]:
    """What each person is willing to help with."""
    found: dict[PersonId, tuple[str, ...]] = {}
    for wish in wishes:
        if wish.verb is Verb.HELP:
            found[wish.person] = (*found.get(wish.person, ()), wish.topic)
    return found


def _holds(asked: Collection[str], topic: str) -> bool:
    """Whether one is a part of the other, word for word."""
    hidden = frozenset(analysis.terms(topic))
    return bool(hidden) and bool(asked) and (hidden <= frozenset(asked) or frozenset(asked) <= hidden)
