"""Measures groups of vectors: from a common order of rows to how far a group stands apart and what lies near it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]

Values = TypeVar("Values", Labels, Floats)

LOOSE = -1
"""The label of a vector in no group."""


def canonical_order(vectors: NDArray[np.floating]) -> NDArray[np.intp]:
    """An order of the rows that follows from the rows alone, so that what comes after is blind to how they came."""
    return np.lexsort(np.asarray(vectors).T[::-1])


def centred(vectors: NDArray[np.floating]) -> Floats:
    """Unit vectors seen from their mean, of length 1 again (a vector at the mean stays zero).

    What all texts of an organisation have in common says nothing about their themes. Taking it out also makes
    cosines comparable between models: around 0 for strangers, whatever the model's usual cosine is.
    """
    rows = np.asarray(vectors, np.float64)
    rows = rows - rows.mean(axis=0) if len(rows) else rows
    return unit(rows)


def unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    # A rest of rounding is not a direction.
    scaled: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-6)
    return scaled


def centroids(rows: Floats, labels: Labels) -> Floats:
    """The unit mean of each group, shape (number of groups, dim); labels are 0, 1, … and LOOSE."""
    return unit(_indicator(labels).T @ rows)


def halves(rows: Floats) -> Labels:
    """Unit rows in two groups, 0 the larger: spherical 2-means from the row farthest from the mean and the one farthest
    from that (Dhillon & Modha 2001; the start makes it the same every time)."""
    if len(rows) < 2:
        return np.zeros(len(rows), np.int64)
    one = rows[int(np.argmin(rows @ rows.mean(axis=0)))]
    middles = np.stack([one, rows[int(np.argmin(rows @ one))]])
    labels = np.argmax(rows @ middles.T, axis=1).astype(np.int64)
    for _ in range(50):
        middles = centroids(rows, labels) if len(np.unique(labels)) == 2 else middles
        moved = np.argmax(rows @ middles.T, axis=1).astype(np.int64)
        if np.array_equal(moved, labels):
            break
        labels = moved
    larger_first: Labels = labels if 2 * int(labels.sum()) <= len(labels) else 1 - labels
    return larger_first


def margins(rows: Floats, labels: Labels) -> Floats:
    """For each group, the sum over its members of: mean cosine to the others in it, less that to the next best group.

    The silhouette of Rousseeuw 1987 in cosines and not normalised; strangers count as 0, so that a group that is
    alone is measured too.
    """
    indicator = _indicator(labels)
    sizes = indicator.sum(axis=0)
    if not len(sizes):
        return np.zeros(0)
    sums = rows @ (indicator.T @ rows).T
    inside = indicator > 0
    own = (sums[inside] - 1.0) / np.maximum(sizes[labels[labels >= 0]] - 1.0, 1.0)
    others = np.where(inside, 0.0, sums / sizes)[labels >= 0].max(axis=1)
    stands: Floats = np.zeros(len(sizes))
    np.add.at(stands, labels[labels >= 0], own - np.maximum(others, 0.0))
    return stands


def shapeless(rows: Floats, random: np.random.Generator, *, flatten: float = 1.0) -> Iterator[Floats]:
    """Clouds without groups: as many rows, drawn from the normal distribution with the mean and covariance of `rows`.

    The null model of SigClust (Liu et al. 2008). As many clouds as are asked for. Groups themselves stretch the
    data along a few axes; raising the variances to a power `flatten` below 1 keeps a cloud from having their shape.
    """
    mean = rows.mean(axis=0)
    variances, axes = np.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
    spread = np.maximum(variances, 0.0) ** (flatten / 2.0)
    while True:
        drawn = (random.standard_normal(rows.shape) * spread / max(np.linalg.norm(spread), 1e-12)) @ axes.T
        yield centred(unit(mean + drawn * np.sqrt(np.maximum(variances, 0.0).sum())))


def close_knit(rows: Floats, labels: Labels, cloud: Floats, random: np.random.Generator) -> Labels:
    """Labels without the groups that are no closer than neighbourhoods of their size in a shapeless cloud.

    "Closer" is a mean cosine between members above that of 19 in 20 of a hundred neighbourhoods.
    """
    seeds = random.permutation(len(cloud))[:100]
    nearest = np.argsort(-(cloud[seeds] @ cloud.T), axis=1, kind="stable")
    dissolved = [
        group
        for group in range(int(labels.max(initial=LOOSE)) + 1)
        if (members := rows[labels == group]).size
        and _cohesion(members) <= np.quantile([_cohesion(cloud[near[: len(members)]]) for near in nearest], 0.95)
    ]
    return np.where(np.isin(labels, dissolved), LOOSE, labels).astype(np.int64)


def take_in(rows: Floats, labels: Labels, *, quantile: float = 0.25) -> Labels:
    """Labels in which a loose vector joins the nearest group that it is as near to as that group's outer members.

    "As near as" is the `quantile` of the members' cosines to their centroid; what is farther from all stays loose.
    """
    middles = centroids(rows, labels)
    if not len(middles):
        return labels
    cosines = rows @ middles.T
    reach = np.array([np.quantile(cosines[labels == g, g], quantile) for g in range(len(middles))])
    nearest = cosines.argmax(axis=1)
    joins = (labels == LOOSE) & (cosines.max(axis=1) >= reach[nearest])
    return np.where(joins, nearest, labels).astype(np.int64)


def strengths(rows: Floats, labels: Labels) -> Floats:
    """Each vector's cosine to the centroid of its group, from 0 to 1; 0 for the loose."""
    middles = centroids(rows, labels)
    if not len(middles):
        return np.zeros(len(rows))
    own = np.einsum("ij,ij->i", rows, middles[np.maximum(labels, 0)])
    return np.where(labels >= 0, np.clip(own, 0.0, 1.0), 0.0)


def numbered(labels: Labels, *, minimum: int = 1) -> Labels:
    """Groups as 0, 1, … from the largest, ties by first member; groups under `minimum` are loose."""
    found, first, sizes = np.unique(labels[labels >= 0], return_index=True, return_counts=True)
    order = sorted(range(len(found)), key=lambda i: (-sizes[i], first[i]))
    names = {int(found[i]): rank for rank, i in enumerate(order) if sizes[i] >= minimum}
    return np.array([names.get(int(label), LOOSE) for label in labels], np.int64)


def restored(values: Values, order: NDArray[np.intp]) -> Values:
    """Values of ordered rows, back in the order in which the rows came."""
    back = np.empty_like(values)
    back[order] = values
    return back


def _cohesion(rows: Floats) -> float:
    """The mean cosine of all pairs, found from their sum."""
    total = rows.sum(axis=0)
    return float((total @ total - len(rows)) / max(1, len(rows) * (len(rows) - 1)))


def _indicator(labels: Labels) -> Floats:
    """One column for each group, 1 where a row is in it."""
    groups = int(labels.max()) + 1 if len(labels) else 0
    indicator: Floats = (labels[:, None] == np.arange(groups)).astype(np.float64)
    return indicator
