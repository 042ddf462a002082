"""Groups that do not stand apart: joined to the one they belong to, or given up."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.rules import grouping
from sensemake.testing.clusterer import blobs


def test_halves_of_one_group_become_one_again() -> None:
    vectors, truth = (np.array(made) for made in blobs(4, 30))
    cut = np.where((truth == truth[0]) & (np.arange(len(truth)) % 2 == 0), truth.max() + 1, truth)
    found = grouping.apart(grouping.centred(vectors), grouping.numbered(np.asarray(cut, np.int64)))
    assert len(set(found.tolist())) == 4
    assert grouping.LOOSE not in found
    assert len(set(found[truth == truth[0]].tolist())) == 1


def test_a_group_of_strangers_is_given_up() -> None:
    vectors, truth = (np.array(made) for made in blobs(3, 30))
    odd = grouping.unit(np.random.default_rng(3).standard_normal((30, vectors.shape[1])))
    rows = grouping.unit(np.vstack([vectors, odd]))
    labels = np.append(truth, np.full(30, truth.max() + 1)).astype(np.int64)
    found = grouping.apart(rows, labels)
    assert set(found[-30:].tolist()) == {grouping.LOOSE}
    assert np.array_equal(found[:-30], truth)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 8))
def test_only_whole_groups_move(seed: int, groups: int) -> None:
    random = np.random.default_rng(seed)
    rows = grouping.unit(random.standard_normal((50, 5)))
    labels = grouping.numbered(random.integers(-1, groups, 50).astype(np.int64))
    found = grouping.apart(rows, labels)
    for group in set(labels.tolist()):
        assert len(set(found[labels == group].tolist())) == 1
    assert (found[labels == grouping.LOOSE] == grouping.LOOSE).all()
