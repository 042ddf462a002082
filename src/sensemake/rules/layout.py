"""Themes on a plane: near ones near each other, and each where it was last time as far as that can be.

Metric multidimensional scaling by stress majorisation (SMACOF: Borg and Groenen, "Modern Multidimensional Scaling",
2005, ch. 8) that begins at the last map's places, or at the plane of the first two principal components; then turned,
mirrored, scaled and shifted onto the last map's places by the themes that both hold (Procrustes: Schönemann 1966). No
chance is in it: the same themes give the same places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sensemake.model import ThemeId

Floats = NDArray[np.float64]
Place = tuple[float, float]
ROUNDS = 2000
STILL = 1e-9
"""The share of the stress by which a round must better it to go on."""


def places(
    centroids: Mapping[ThemeId, Sequence[float]], last: Mapping[ThemeId, Place] | None = None
) -> dict[ThemeId, Place]:
    """A place for each theme by its centroid, about (0, 0) with a mean distance of 1 from there when nothing came
    before; else aligned to the `last` places. Rounded to four digits, so that machines agree."""
    names = sorted(centroids)
    if not names:
        return {}
    vectors = np.array([centroids[name] for name in names], dtype=np.float64)
    wanted, before = distances(vectors), last or {}
    flat = scaled(majorised(wanted, _begun(names, plane(vectors), before, wanted)))
    flat = _aligned_to(names, flat, before)
    return {name: (round(float(x), 4), round(float(y), 4)) for name, (x, y) in zip(names, flat, strict=True)}


def plane(vectors: Floats) -> Floats:
    """The first two principal components, shape (n, 2); of each, the largest loading is positive."""
    centred = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    largest = np.take_along_axis(axes, np.argmax(np.abs(axes), axis=1)[:, None], axis=1)
    axes = axes * np.where(largest < 0, -1.0, 1.0)
    flat = np.zeros((len(vectors), 2))
    flat[:, : len(axes)] = centred @ axes.T
    return flat


def distances(vectors: Floats) -> Floats:
    """Euclidean, shape (n, n)."""
    squares = np.sum(vectors**2, axis=1)
    found = squares[:, None] + squares[None, :] - 2.0 * vectors @ vectors.T
    apart = np.sqrt(np.maximum(found, 0.0))
    np.fill_diagonal(apart, 0.0)
    return np.asarray(apart)


def majorised(wanted: Floats, start: Floats) -> Floats:
    """Points on a plane whose distances come near to the wanted ones, from `start` on; all weights are 1."""
    points, before = _apart(start), np.inf
    count = len(points)
    for _ in range(ROUNDS if count > 2 else 0):
        now = distances(points)
        stress = float(np.sum((now - wanted) ** 2))
        if stress >= before * (1.0 - STILL):
            break
        before = stress
        ratio = np.divide(wanted, now, out=np.zeros_like(now), where=now > 1e-12)
        turning = -ratio
        np.fill_diagonal(turning, ratio.sum(axis=1))
        points = turning @ points / count
    return points


def scaled(points: Floats) -> Floats:
    """About the origin, at a mean distance of 1 from it."""
    centred = points - points.mean(axis=0)
    size = float(np.mean(np.linalg.norm(centred, axis=1)))
    return np.asarray(centred / size) if size > 1e-9 else centred


def procrustes(moving: Floats, fixed: Floats, points: Floats) -> Floats:
    """`points` turned, mirrored, scaled and shifted as brings `moving` nearest to `fixed` in least squares."""
    here, there = moving.mean(axis=0), fixed.mean(axis=0)
    one, other = moving - here, fixed - there
    left, sizes, right = np.linalg.svd(one.T @ other)
    size = float(np.sum(one**2))
    scale = float(sizes.sum()) / size if size > 1e-12 else 1.0
    # Few or chance-like pairs shrink the fit towards a point; a map may breathe, but not vanish.
    scale = min(max(scale, 0.5), 2.0)
    return np.asarray(scale * (points - here) @ (left @ right) + there)


def _begun(names: Sequence[ThemeId], flat: Floats, last: Mapping[ThemeId, Place], wanted: Floats) -> Floats:
    """Where the search begins: each theme where it was, new ones where the plane puts them beside these.

    The stress has many valleys; one that begins where the last map ended stays in that map's.
    """
    begun = _aligned_to(names, scaled(flat), last)
    for n, name in enumerate(names):
        begun[n] = last.get(name, begun[n])
    apart = distances(begun)
    size = float(np.sum(apart**2))
    return np.asarray(begun * (float(np.sum(wanted * apart)) / size)) if size > 1e-12 else flat


def _aligned_to(names: Sequence[ThemeId], flat: Floats, last: Mapping[ThemeId, Place]) -> Floats:
    shared = [n for n, name in enumerate(names) if name in last]
    if not shared:
        return flat
    fixed = np.array([last[names[n]] for n in shared], dtype=np.float64)
    if len(shared) == 1:
        return np.asarray(flat + (fixed[0] - flat[shared[0]]))
    return procrustes(flat[shared], fixed, flat)


def _apart(points: Floats) -> Floats:
    """The same points; where two fell together, moved a little, each its own way."""
    angles = np.arange(len(points)) * 2.399963  # the golden angle: no two directions are the same
    size = max(float(np.abs(points).max(initial=0.0)), 1.0)
    return np.asarray(points + 1e-6 * size * np.stack([np.cos(angles), np.sin(angles)], axis=1))
