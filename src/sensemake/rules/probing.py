"""When somebody asks more in an hour of what is hidden or absent, and of people, than work asks for.

Each bound is some times of what a busy hour of work comes to (eval/probing.py). Hidden and absent are one kind: what is
noted must not tell them apart either.
"""

from __future__ import annotations

from enum import StrEnum

HOUR = 3600


class Sought(StrEnum):
    """A kind of request by whose answer one may learn what there is, or who."""

    ABSENT = "absent or hidden"
    PEOPLE = "people"
    UNANSWERED = "unanswered questions"
    TYPED = "unanswered beginnings"


BOUNDS = {Sought.ABSENT: 50, Sought.PEOPLE: 100, Sought.UNANSWERED: 100, Sought.TYPED: 500}
"""So many in an hour are noted, and again ten times as many."""


def noteworthy(kind: Sought, count: int) -> bool:
    """Whether the request that makes `count` of a kind in its hour is to be noted."""
    bound = BOUNDS[kind]
    while bound < count:
        bound *= 10
    return bound == count
