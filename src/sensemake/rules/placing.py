"""Puts new vectors into groups that were found before, without finding them again."""

from __future__ import annotations

import numpy as np

from sensemake.rules import grouping
from sensemake.rules.grouping import LOOSE, Floats, Labels

OUTER = 0.15
"""A vector joins a group when it is as near to its middle as all but this share of its own members."""


def seen_from(vectors: Floats, middle: Floats) -> Floats:
    """Unit vectors as they are seen from the middle of the corpus that the groups were found in."""
    return grouping.unit(np.asarray(vectors, np.float64) - middle)


def reach(members: Floats, middle: Floats) -> float:
    """The cosine to a group's centroid that a newcomer needs: each member is held against the other ones'."""
    if len(members) < 2:
        return 1.0
    others = grouping.unit(members.sum(axis=0) - members)
    cosines = np.einsum("ij,ij->i", seen_from(members, middle), seen_from(others, middle))
    return float(np.quantile(cosines, OUTER))


def place(vectors: Floats, centroids: Floats, reaches: Floats, middle: Floats) -> tuple[Labels, Floats]:
    """For each vector the nearest group, or LOOSE when it lies beyond its reach; and its cosine to that group."""
    if not len(vectors) or not len(centroids):
        return np.full(len(vectors), LOOSE, np.int64), np.zeros(len(vectors))
    cosines = seen_from(vectors, middle) @ seen_from(centroids, middle).T
    nearest, best = cosines.argmax(axis=1), cosines.max(axis=1)
    labels = np.where(best >= reaches[nearest], nearest, LOOSE).astype(np.int64)
    return labels, np.clip(best, 0.0, 1.0)
