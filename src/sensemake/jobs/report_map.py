"""The map of a report: its themes on a plane, and where they were last time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sensemake.jobs.report_reader import Reader
from sensemake.jobs.report_shape import PlaceJSON
from sensemake.model import Theme, ThemeId, ThemeMap
from sensemake.rules import layout

SHOWN = 24
"""Themes on the map, the busiest: more cannot be told apart."""
NEAR = 3


def places(reader: Reader, last: ThemeMap | None) -> list[PlaceJSON]:
    """The themes of the report, the busiest first, each where the map's layout puts it in the frame."""
    shown = reader.themes[:SHOWN]
    here = _laid_out(shown)
    if not here:
        return []
    there = {theme.id: theme.place for theme in (last.themes if last else ()) if theme.place is not None}
    frame = _Frame.around([*here.values(), *(there[t.id] for t in shown if t.id in there)])
    near = _near(shown)
    return [
        {
            "theme_id": theme.id,
            "label": theme.label,
            "written": reader.named(theme),
            "status": str(theme.status),
            "documents": len(reader.documents(theme)),
            "people": len({person for p in reader.members(theme) for person in reader.material.people(p)}),
            "x": frame.x(here[theme.id]),
            "y": frame.y(here[theme.id]),
            "was": [frame.x(there[theme.id]), frame.y(there[theme.id])] if theme.id in there else None,
            "moved": frame.moved(there[theme.id], here[theme.id]) if theme.id in there else None,
            "near": near[theme.id],
        }
        for theme in shown
        if theme.id in here
    ]


def _laid_out(themes: Sequence[Theme]) -> Mapping[ThemeId, layout.Place]:
    """The places that were stored with the map; those of a map from before there were any are found now."""
    stored = {theme.id: theme.place for theme in themes if theme.place is not None}
    rest = {theme.id: theme.centroid for theme in themes if theme.centroid}
    return stored if len(stored) == len(themes) else layout.places(rest, stored)


class _Frame:
    """From the layout's plane to a square of side 1, downwards; the layout's own scale is kept in both directions."""

    def __init__(self, left: float, top: float, side: float) -> None:
        self._left, self._top, self._side = left, top, side

    @classmethod
    def around(cls, some: Sequence[layout.Place]) -> _Frame:
        xs, ys = [x for x, _ in some], [y for _, y in some]
        side = max(max(xs) - min(xs), max(ys) - min(ys)) or 1.0
        return cls((max(xs) + min(xs) - side) / 2, (max(ys) + min(ys) - side) / 2, side)

    def x(self, place: layout.Place) -> float:
        return round((place[0] - self._left) / self._side, 4)

    def y(self, place: layout.Place) -> float:
        return round(1.0 - (place[1] - self._top) / self._side, 4)

    def moved(self, one: layout.Place, other: layout.Place) -> int:
        return round(100 * math.dist(one, other) / self._side)


def _near(themes: Sequence[Theme]) -> Mapping[ThemeId, list[str]]:
    placed = [theme for theme in themes if theme.centroid]
    if len({len(theme.centroid) for theme in placed}) != 1:
        return {theme.id: [] for theme in themes}
    vectors = np.array([theme.centroid for theme in placed])
    cosines = np.round(vectors @ vectors.T, 6)
    np.fill_diagonal(cosines, -2.0)
    order = np.argsort(-cosines, axis=1, kind="stable")[:, : min(NEAR, len(placed) - 1)]
    found = {theme.id: [str(placed[int(n)].id) for n in row] for theme, row in zip(placed, order, strict=True)}
    return {theme.id: found.get(theme.id, []) for theme in themes}
