"""This theme map against the last: which theme is which, how each has moved, what was split, merged or gone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median_low

import numpy as np
from numpy.typing import NDArray

from sensemake.model import DocumentId, PassageId, Status, Theme, ThemeEvent, ThemeId, ThemeMap

SHARED = 0.25
"""Two themes of two maps can be one when they share this much (Dice: twice the common members over all members) …"""
ALIKE = 0.9
"""… or, sharing no member, when their centroids have this cosine and are each other's nearest."""
FEWEST = 3
"""Documents that must move before a split, a merge, growing or fading is spoken of."""
UNLIKELY = 0.05
"""A theme has moved when chance would move it as far less often than this."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The new map's themes under their lasting ids and labels, and the old themes that none of them continues."""

    themes: tuple[Theme, ...]
    gone: tuple[ThemeId, ...]


def follow(
    last: ThemeMap, themes: Sequence[Theme], *, loose: int, asked: Collection[PassageId] = frozenset()
) -> Followed:
    """Give each new theme the id and label of the old one that it continues, its status and its events.

    One to one: a theme continues at most one other. `loose` are the new map's documents in no theme. A document that is
    in a theme only by passages that are `asked` for (`boilerplate.asked`) makes it neither grow nor fade.
    """
    continued = matches(last.themes, themes)
    ids = {theme.id: continued.get(theme.id, theme).id for theme in themes}
    events = _events(last.themes, themes, continued)
    counted = {theme.id: _without(theme, asked) for theme in themes}
    before = {after: _without(theme, asked) for after, theme in continued.items()}
    growth = _Growth.between(last, themes, counted, before, loose)
    moved = {theme.id: _moved(counted[theme.id], before.get(theme.id), growth, whole=theme) for theme in themes}
    followed = tuple(
        replace(
            theme,
            id=ids[theme.id],
            label=continued[theme.id].label if theme.id in continued else theme.label,
            status=moved[theme.id].status,
            events=(
                *moved[theme.id].events,
                *(replace(e, related=tuple(ids.get(r, r) for r in e.related)) for e in events[theme.id]),
            ),
        )
        for theme in themes
    )
    kept = {theme.id for theme in continued.values()}
    return Followed(followed, tuple(theme.id for theme in last.themes if theme.id not in kept))


def _without(theme: Theme, asked: Collection[PassageId]) -> Theme:
    return replace(theme, members=tuple(m for m in theme.members if m.passage not in asked)) if asked else theme


# ── which is which ───────────────────────────────────────────────────────────────────────────────


def matches(old: Sequence[Theme], new: Sequence[Theme]) -> dict[ThemeId, Theme]:
    """For each new theme's id the old theme that it continues, if any; the closest pairs first, each theme once."""
    pairs = sorted(_pairs(old, new), key=lambda pair: (-pair[0], -pair[1], pair[2].id, pair[3].id))
    taken: set[ThemeId] = set()
    found: dict[ThemeId, Theme] = {}
    for _, _, before, after in pairs:
        if before.id not in taken and after.id not in found:
            taken.add(before.id)
            found[after.id] = before
    return found


def _pairs(old: Sequence[Theme], new: Sequence[Theme]) -> list[tuple[float, float, Theme, Theme]]:
    """Pairs that may be one theme: (shared members, cosine, old, new)."""
    cosines = _cosines(old, new)
    found = []
    for i, before in enumerate(old):
        for j, after in enumerate(new):
            shared, cosine = _dice(_members(before), _members(after)), float(cosines[i, j])
            nearest = cosine >= max(cosines[i].max(), cosines[:, j].max())
            if shared >= SHARED or (shared == 0.0 and cosine >= ALIKE and nearest):
                found.append((shared, cosine, before, after))
    return found


def _cosines(old: Sequence[Theme], new: Sequence[Theme]) -> NDArray[np.float64]:
    """Shape (old, new). A centroid of another length is another model's: nothing can be said of it."""
    cosines = np.zeros((len(old), len(new)))
    for i, before in enumerate(old):
        for j, after in enumerate(new):
            if len(before.centroid) == len(after.centroid):
                cosines[i, j] = float(np.dot(before.centroid, after.centroid))
    return cosines


def _dice(a: frozenset[PassageId], b: frozenset[PassageId]) -> float:
    return 2.0 * len(a & b) / (len(a) + len(b)) if a or b else 0.0


def _members(theme: Theme) -> frozenset[PassageId]:
    return frozenset(member.passage for member in theme.members)


# ── what happened ────────────────────────────────────────────────────────────────────────────────


def _events(
    old: Sequence[Theme], new: Sequence[Theme], continued: Mapping[ThemeId, Theme]
) -> dict[ThemeId, tuple[ThemeEvent, ...]]:
    """`split` on a theme that left another and on the one it left; `merged` on a theme that took another in.

    Most of the smaller one's documents must be those that moved, and at least FEWEST of them.
    """
    events: dict[ThemeId, list[ThemeEvent]] = {theme.id: [] for theme in new}
    heirs = {before.id: after for after in new if (before := continued.get(after.id))}
    for before in old:
        for after in new:
            if heirs.get(before.id) is after:
                continue
            moved = len(set(before.documents) & set(after.documents))
            heir = heirs.get(before.id)
            if heir is not None and after.id not in continued and _most(moved, after.size):
                numbers = {"moved": float(moved), "of": float(before.size)}
                events[after.id].append(ThemeEvent("split", numbers, (heir.id,)))
                events[heir.id].append(ThemeEvent("split", numbers, (after.id,)))
            if heir is None and after.id in continued and _most(moved, before.size):
                numbers = {"moved": float(moved), "of": float(before.size)}
                events[after.id].append(ThemeEvent("merged", numbers, (before.id,)))
    return {theme: tuple(found) for theme, found in events.items()}


def _most(moved: int, size: int) -> bool:
    return moved >= FEWEST and moved >= 0.5 * size


# ── how it moved ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Growth:
    """How many documents came for each that was there: in the whole corpus, and in a theme like most.

    Where all that came went to one theme, the others are not fading.
    """

    corpus: float
    usual: float
    there: frozenset[DocumentId]

    @classmethod
    def between(
        cls,
        last: ThemeMap,
        themes: Sequence[Theme],
        counted: Mapping[ThemeId, Theme],
        before: Mapping[ThemeId, Theme],
        loose: int,
    ) -> _Growth:
        were = _documents(last.themes) + last.loose
        there = _there(last, themes)
        came = [_came(then, counted[after], there) / then.size for after, then in before.items() if then.size]
        corpus = max(0, _documents(themes) + loose - were) / max(1, were)
        return cls(corpus, min(corpus, median_low(came)) if came else corpus, there)


def _came(before: Theme, after: Theme, there: Collection[DocumentId] = ()) -> int:
    """Documents of one that the other has not, and that were not `there` in another theme or loose."""
    return len(set(after.documents) - set(before.documents) - set(there))


def _there(last: ThemeMap, themes: Sequence[Theme]) -> frozenset[DocumentId]:
    """Documents that the last map was made from: what only moved makes no theme grow."""
    loose = set(last.unplaced)
    were = {member.document for theme in themes for member in theme.members if member.passage in loose}
    return frozenset(were.union(*(theme.documents for theme in last.themes)))


def _documents(themes: Sequence[Theme]) -> int:
    return len({document for theme in themes for document in theme.documents})


@dataclass(frozen=True, slots=True)
class _Moved:
    """A theme's status and the numbers that say so."""

    status: Status
    numbers: Mapping[str, float]

    @property
    def events(self) -> tuple[ThemeEvent, ...]:
        return () if self.status is Status.STEADY else (ThemeEvent(str(self.status), self.numbers),)


def _moved(theme: Theme, before: Theme | None, growth: _Growth, *, whole: Theme) -> _Moved:
    """New without a forebear; else by the documents that came, against those that came to the whole corpus.

    Growing and fading need a number of arrivals that chance (Poisson) would make rarer than UNLIKELY; a theme that
    lost two in five of its documents fades too. A theme that was fading and grows is returning.
    """
    if before is None:
        return _Moved(Status.NEW, {"documents": float(whole.size)})
    arrived, left = _came(before, theme, growth.there), _came(theme, before)
    numbers = {
        "documents": float(theme.size),
        "before": float(before.size),
        "came": float(arrived),
        "left": float(left),
    }
    if whole.size > theme.size:
        numbers["not counted"] = float(whole.size - theme.size)
    if arrived >= FEWEST and _at_least(arrived, before.size * growth.corpus) < UNLIKELY:
        return _Moved(Status.RETURNING if before.status is Status.FADING else Status.GROWING, numbers)
    if _at_most(arrived, before.size * growth.usual) < UNLIKELY or (
        left - arrived >= FEWEST and theme.size <= 0.6 * before.size
    ):
        return _Moved(Status.FADING, numbers)
    return _Moved(Status.STEADY, numbers)


def by_dates(times: Sequence[datetime], everything: Sequence[datetime]) -> Status:
    """How a theme moves when there is no earlier map: the last third of the corpus' time against the rest.

    `times` are its documents', `everything` the whole corpus'. New: all of it in the last third. Returning: silent in
    the middle third, there before and after. Growing and fading: a share in the last third that chance (binomial, with
    the corpus' own share) would make rarer than one in ten. Time runs from the oldest to the newest document, never
    to the clock, but for one in fifty at either end: a few stray dates must not make the last third empty.
    """
    first, newest = _ends(everything) if everything else (None, None)
    if first is None or newest is None or len(times) < FEWEST or first == newest:
        return Status.STEADY
    thirds = Counter(max(0, min(2, int(3 * ((time - first) / (newest - first))))) for time in times)
    recent, count = thirds[2], len(times)
    if recent == count:
        return Status.NEW
    if min(thirds[0], recent) >= 2 and thirds[1] == 0 and count >= 5:
        return Status.RETURNING
    late = sum(3 * (time - first) >= 2 * (newest - first) for time in everything) / len(everything)
    usual = min(max(late, 0.1), 0.9)
    if recent >= FEWEST and 1.0 - _binomial(recent - 1, count, usual) < 0.1:
        return Status.GROWING
    if count >= 5 and _binomial(recent, count, usual) < 0.1:
        return Status.FADING
    return Status.STEADY


def _ends(times: Sequence[datetime]) -> tuple[datetime, datetime]:
    ordered = sorted(times)
    stray = len(ordered) // 50
    return ordered[stray], ordered[-1 - stray]


def _at_most(count: int, mean: float) -> float:
    """P(X ≤ count) for a Poisson X."""
    if mean <= 0.0:
        return 1.0 if count >= 0 else 0.0
    return sum(math.exp(k * math.log(mean) - math.lgamma(k + 1) - mean) for k in range(count + 1))


def _at_least(count: int, mean: float) -> float:
    return 1.0 - _at_most(count - 1, mean)


def _binomial(count: int, draws: int, chance: float) -> float:
    """P(X ≤ count) for a binomial X, of a chance that is neither 0 nor 1: by logarithms, for there may be thousands."""
    ways = (math.lgamma(draws + 1) - math.lgamma(k + 1) - math.lgamma(draws - k + 1) for k in range(count + 1))
    odds = math.log(chance) - math.log1p(-chance)
    return math.fsum(math.exp(way + k * odds + draws * math.log1p(-chance)) for k, way in enumerate(ways))


def stability(last: ThemeMap, themes: Sequence[Theme], present: frozenset[PassageId]) -> float | None:
    """Share of the last map's members, of those still there, that are in the theme of the same id; None without any."""
    now = {member.passage: theme.id for theme in themes for member in theme.members}
    held = [(m.passage, theme.id) for theme in last.themes for m in theme.members if m.passage in present]
    return sum(now.get(passage) == theme for passage, theme in held) / len(held) if held else None
