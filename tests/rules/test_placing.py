"""New vectors in groups that were found before."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.rules import grouping, placing
from sensemake.testing.clusterer import blobs


def test_members_left_out_go_back_to_their_group_and_strangers_stay_out() -> None:
    vectors, truth = (np.array(made) for made in blobs(4, 20))
    old = np.arange(len(truth)) % 4 != 0
    middle = vectors[old].mean(axis=0)
    centroids = grouping.centroids(vectors[old].astype(float), truth[old].astype(np.int64))
    reaches = np.array([placing.reach(vectors[old][truth[old] == n], middle) for n in range(4)])
    labels, strengths = placing.place(vectors[~old], centroids, reaches, middle)
    assert ((labels == truth[~old]) | (labels == grouping.LOOSE)).all()
    assert (labels == truth[~old]).mean() > 0.5
    assert strengths[labels >= 0].min() >= reaches.min()
    odd, _ = placing.place(np.random.default_rng(1).standard_normal((50, vectors.shape[1])), centroids, reaches, middle)
    assert set(odd.tolist()) == {grouping.LOOSE}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 6), st.integers(0, 5))
def test_each_is_placed_by_itself(seed: int, count: int, groups: int) -> None:
    random = np.random.default_rng(seed)
    vectors, centroids = grouping.unit(random.standard_normal((count, 5))), random.standard_normal((groups, 5))
    reaches, middle = random.uniform(-1, 1, groups), random.standard_normal(5) / 5
    labels, strengths = placing.place(vectors, centroids, reaches, middle)
    assert len(labels) == len(strengths) == count
    for n in range(count):
        alone, _ = placing.place(vectors[n : n + 1], centroids, reaches, middle)
        assert alone[0] == labels[n]
