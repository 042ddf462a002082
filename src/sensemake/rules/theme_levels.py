"""Puts many themes under fewer, broader ones: middles joined pair by pair, cut where what results stands apart."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from sensemake.rules import grouping
from sensemake.rules.grouping import LOOSE, Floats, Labels

MANY = 15
"""More themes than this do not fit on a page: they get broader ones above them."""
LEVELS = 3
"""Of themes at most, the finest counted."""
SPREAD = 1.5
"""There are √n broader themes for n, as in the most even tree, or as many as this times more or less."""


def broader(middles: Floats, weights: Floats) -> Labels:
    """For each theme's unit middle the number of its group, LOOSE for one that stays alone.

    Average linkage (Sokal & Michener 1958) of cosines, every middle counted by its weight; of the cuts with about √n
    groups the one whose groups' mean margin (`grouping.margins`) is largest.
    """
    if len(middles) <= MANY:
        return np.full(len(middles), LOOSE, np.int64)
    most, least = math.sqrt(len(middles)) * SPREAD, math.sqrt(len(middles)) / SPREAD
    cuts = [labels for labels in _merged(middles, weights) if least <= labels.max() + 1 <= most]
    best = max(cuts, key=lambda labels: round(float(grouping.margins(middles, labels).sum()), 9))
    return grouping.numbered(best, minimum=2)


def nearest(middles: Floats, labels: Labels) -> Labels:
    """Labels in which a loose middle joins the group whose own middle is nearest."""
    groups = grouping.centroids(middles, labels)
    if not len(groups):
        return labels
    return np.where(labels == LOOSE, np.argmax(middles @ groups.T, axis=1), labels).astype(np.int64)


def _merged(middles: Floats, weights: Floats) -> Iterator[Labels]:
    """The groups after each merge, numbered from 0."""
    cosines, weights = middles @ middles.T, np.array(weights, np.float64)
    np.fill_diagonal(cosines, -np.inf)
    labels = np.arange(len(middles), dtype=np.int64)
    for _ in range(len(middles) - 1):
        one, other = sorted(map(int, np.unravel_index(int(np.argmax(cosines)), cosines.shape)))
        both = weights[one] + weights[other]
        joined = (weights[one] * cosines[one] + weights[other] * cosines[other]) / both
        cosines[one], cosines[:, one] = joined, joined
        cosines[other], cosines[:, other], cosines[one, one] = -np.inf, -np.inf, -np.inf
        weights[one], labels = both, np.where(labels == other, one, labels)
        yield np.unique(labels, return_inverse=True)[1].astype(np.int64)
