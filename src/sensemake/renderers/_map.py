"""The map of themes as a drawing: circles, the names beside them, and where they came from."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sensemake.rules import label_places
from sensemake.rules.label_places import Box, Spot

WIDTH, HEIGHT = 1000.0, 640.0
SIDE, STRETCH = 520.0, 1.3
"""The square of the layout, and how much wider it is drawn: names need room to the sides."""
SMALLEST, LARGEST = 13.0, 36.0
LINE, CHARACTER, LONGEST = 16.0, 7.4, 26
AWAY = 9.0
"""From so far off a line leads to a label."""
FAR = 3
"""Hundredths of the map's width from which on a way is drawn."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A circle, the lines of its label by their height (none: no room was left), where it came from, and a line to
    a label that stands away from it."""

    place: Mapping[str, Any]
    x: float
    y: float
    radius: float
    lines: tuple[tuple[float, str], ...]
    text_x: float
    came: tuple[float, float] | None
    lead: tuple[float, float, float, float] | None


def drawn(places: Sequence[Mapping[str, Any]]) -> Sequence[Drawn]:
    """The themes in the order of the report; the largest circles come first, so that small ones lie on top."""
    most = max((place["documents"] for place in places), default=1) or 1
    ordered = sorted(places, key=lambda place: -place["documents"])
    spots, wrapped = [], []
    for place in ordered:
        x, y = _at(place["x"], place["y"])
        lines = _wrapped(place["label"])
        radius = round(max(SMALLEST, LARGEST * math.sqrt(place["documents"] / most)), 1)
        width = max(_width(line) for line in lines) + 4
        spots.append(Spot(x, y, radius, width, LINE * len(lines)))
        wrapped.append(lines)
    boxes = label_places.placed(spots, WIDTH, HEIGHT)
    return [
        Drawn(
            place,
            spot.x,
            spot.y,
            spot.radius,
            tuple((round(box.y + LINE * (n + 0.78), 1), line) for n, line in enumerate(lines)) if box else (),
            round(box.x + 2, 1) if box else 0.0,
            _at(*place["was"]) if place["was"] and (place["moved"] or 0) >= FAR else None,
            _lead(spot, box) if box else None,
        )
        for place, spot, lines, box in zip(ordered, spots, wrapped, boxes, strict=True)
    ]


def _lead(spot: Spot, box: Box) -> tuple[float, float, float, float] | None:
    """From the circle's rim to the nearest point of its label, when that is not beside it."""
    x = min(max(spot.x, box.x), box.x + box.width)
    y = min(max(spot.y, box.y), box.y + box.height)
    away = math.dist((x, y), (spot.x, spot.y))
    if away <= spot.radius + AWAY:
        return None
    share = spot.radius / away
    rim = spot.x + (x - spot.x) * share, spot.y + (y - spot.y) * share
    return (round(rim[0], 1), round(rim[1], 1), round(x, 1), round(y, 1))


def _at(x: float, y: float) -> tuple[float, float]:
    return (
        round(WIDTH / 2 + (x - 0.5) * SIDE * STRETCH, 1),
        round(HEIGHT / 2 + (y - 0.5) * SIDE, 1),
    )


def _wrapped(label: str) -> list[str]:
    """At most two lines; what is longer is cut, and whole in the title and the table."""
    lines = [""]
    for word in label.split() or [""]:
        grown = f"{lines[-1]} {word}".strip()
        if len(grown) <= LONGEST or not lines[-1]:
            lines[-1] = grown
        else:
            lines.append(word)
    whole = [line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…" for line in lines[:2]]
    return whole if len(lines) <= 2 else [whole[0], f"{whole[1].rstrip('…')}…"]


def _width(line: str) -> float:
    """At the drawing's letter size; East Asian letters are twice as wide."""
    return CHARACTER * sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
