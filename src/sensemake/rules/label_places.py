"""Where labels stand beside their points so that no two of them cover each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: its left upper corner, its width and its height."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True, slots=True)
class Spot:
    """A circle that wants a label of this width and height."""

    x: float
    y: float
    radius: float
    width: float
    height: float


GAP = 4.0
STEPS = 20
"""How far a label is moved up and down, in half its height, before it is left out."""


def placed(spots: Sequence[Spot], width: float, height: float) -> list[Box | None]:
    """A box for each spot's label, inside the frame (0, 0, width, height), or None where there is no room.

    The first spots choose first: to the right of their circle, to the left, below, above, then farther up and down.
    No two boxes overlap; a box covers no circle where that can be helped, or else no circle's middle.
    """
    taken: list[Box] = []
    found: list[Box | None] = []
    circles = [_around(spot, 1.0) for spot in spots]
    middles = [_around(spot, 0.4) for spot in spots]
    for spot in spots:
        free = [box for box in _candidates(spot, width, height) if not any(box.overlaps(other) for other in taken)]
        best = _clear_of(circles, free) or _clear_of(middles, free) or next(iter(free), None)
        found.append(best)
        taken.extend([best] if best else [])
    return found


def _clear_of(others: Sequence[Box], boxes: Sequence[Box]) -> Box | None:
    return next((box for box in boxes if not any(box.overlaps(other) for other in others)), None)


def _around(spot: Spot, share: float) -> Box:
    half = spot.radius * share
    return Box(spot.x - half, spot.y - half, 2 * half, 2 * half)


def _candidates(spot: Spot, width: float, height: float) -> list[Box]:
    """Boxes inside the frame, the best place first."""
    right, left = spot.x + spot.radius + GAP, spot.x - spot.radius - GAP - spot.width
    middle = min(max(spot.x - spot.width / 2, 0.0), width - spot.width)
    line = spot.y - spot.height / 2
    below, above = spot.y + spot.radius + GAP, spot.y - spot.radius - GAP - spot.height
    corners = [(right, line), (left, line), (middle, below), (middle, above)]
    for step in range(1, STEPS):
        away = step * spot.height / 2
        corners += [(x, line + sign * away) for sign in (1, -1) for x in (right, left)]
        corners += [(middle, below + away), (middle, above - away)]
    return [
        Box(x, y, spot.width, spot.height)
        for x, y in corners
        if 0 <= x <= width - spot.width and 0 <= y <= height - spot.height
    ]
