"""Passages that stand between groups: near to what each of them says of a theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sensemake.model import Vector

BUSY = 2
"""Passages of a group from which on it is heard."""


def nearness(groups: Mapping[str, Sequence[Vector]], passages: Sequence[Vector]) -> list[tuple[float, tuple[str, str]]]:
    """For each passage its cosine to the middle of the group it is second nearest to, and the names of both groups.

    High only where a passage is near to two groups. An empty list where fewer than two groups are heard.
    """
    heard = sorted(name for name, vectors in groups.items() if len(vectors) >= BUSY)
    if len(heard) < 2 or not passages:
        return []
    middles = np.stack([_middle(groups[name]) for name in heard])
    cosines = np.stack(passages).astype(np.float64) @ middles.T
    found = []
    for row in cosines:
        first, second = np.argsort(-row, kind="stable")[:2]
        one, other = sorted((heard[int(first)], heard[int(second)]))
        found.append((round(float(row[second]), 6), (one, other)))
    return found


def _middle(vectors: Sequence[Vector]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.stack(vectors).astype(np.float64).mean(axis=0)
    length = float(np.linalg.norm(mean))
    return mean / length if length else mean
