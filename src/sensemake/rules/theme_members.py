"""What a theme's passages are to it: which are its middle, which lie on its border, and how its documents hold it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sensemake.model import DocumentId, Membership, PassageId, Theme
from sensemake.rules.grouping import LOOSE, ROWS, Floats, Labels

SHOWN = 3
"""Passages that are shown of a theme's middle, and of its border."""
OTHERS = 2
"""Themes, beside its own, that a passage may be in."""


@dataclass(frozen=True, slots=True)
class Share:
    """A document in a theme: its passages there, of all that it has, and their mean strength."""

    document: DocumentId
    passages: int
    of: int
    strength: float


def central(theme: Theme, shown: int = SHOWN) -> tuple[Membership, ...]:
    """The strongest passages, each of another document."""
    return _of_many(sorted(theme.members, key=lambda m: (-m.strength, m.passage)), shown)


def borderline(theme: Theme, themes: Sequence[Theme], shown: int = SHOWN) -> tuple[Membership, ...]:
    """The passages that it holds by the least: their strength in it less that in the next of `themes` they lie in too.

    Each is of another document, and none of a document that is shown as central.
    """
    rivals: defaultdict[PassageId, float] = defaultdict(float)
    for other in themes:
        for member in other.also if other.id != theme.id else ():
            rivals[member.passage] = max(rivals[member.passage], member.strength)
    middle = {member.document for member in central(theme, shown)}
    outer = [member for member in theme.members if member.document not in middle]
    return _of_many(sorted(outer, key=lambda m: (m.strength - rivals[m.passage], m.passage)), shown)


def documents(members: Sequence[Membership], passages: Mapping[DocumentId, int]) -> tuple[Share, ...]:
    """Documents and conversations by their passages, the ones that hold most of the theme first.

    `passages` says how many each document has in all.
    """
    counts = Counter(member.document for member in members)
    sums: defaultdict[DocumentId, float] = defaultdict(float)
    for member in members:
        sums[member.document] += member.strength
    shares = [Share(d, n, max(n, passages.get(d, n)), round(sums[d] / n, 4)) for d, n in counts.items()]
    return tuple(sorted(shares, key=lambda s: (-s.strength * s.passages, s.document)))


def beside(rows: Floats, labels: Labels, middles: Floats) -> list[list[tuple[int, float]]]:
    """For each group the rows of other groups that lie in it too, with their cosine to its middle.

    A row lies in a group too when it is as near to its middle as half of its own members are; in OTHERS at most, the
    nearest. A loose row lies nowhere.
    """
    found: list[list[tuple[int, float]]] = [[] for _ in middles]
    if len(middles) < 2:
        return found
    reach = _reach(rows, labels, middles)
    for start in range(0, len(rows), ROWS):
        cosines, own = rows[start : start + ROWS] @ middles.T, labels[start : start + ROWS]
        cosines[np.arange(len(own)), own] = -1.0
        cosines[own == LOOSE] = -1.0
        near = np.argsort(-cosines, axis=1, kind="stable")[:, :OTHERS]
        for row, column in zip(*np.nonzero(np.take_along_axis(cosines >= reach, near, axis=1)), strict=True):
            group = int(near[row, column])
            found[group].append((start + int(row), float(cosines[row, group])))
    return found


def _reach(rows: Floats, labels: Labels, middles: Floats) -> Floats:
    """The median of the members' cosines to their middle, never less than a hundredth."""
    own = [rows[labels == group] @ middle for group, middle in enumerate(middles)]
    return np.array([max(0.01, float(np.median(some))) if len(some) else 2.0 for some in own])


def _of_many(ordered: Sequence[Membership], shown: int) -> tuple[Membership, ...]:
    """The first of each document."""
    firsts: dict[DocumentId, Membership] = {}
    for member in ordered:
        firsts.setdefault(member.document, member)
    return tuple(firsts.values())[:shown]
