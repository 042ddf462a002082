"""Groups that do not stand apart: joined to the one they belong to, or given up."""

from __future__ import annotations

import numpy as np
import pytest
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


def test_agreement_is_one_for_the_same_groups_and_about_none_for_chance() -> None:
    random = np.random.default_rng(4)
    one = random.integers(0, 5, 400).astype(np.int64)
    assert grouping.agreement(one, 4 - one) == 1.0
    assert abs(grouping.agreement(one, random.permutation(one)) or 0.0) < 0.05
    other = np.where(random.random(400) < 0.8, one, random.integers(0, 5, 400))
    from sklearn.metrics import adjusted_rand_score

    assert grouping.agreement(one, other) == pytest.approx(adjusted_rand_score(one, other))
    assert grouping.agreement(np.append(one, -1), np.append(other, 0)) == grouping.agreement(one, other)
    assert grouping.agreement(one[:1], other[:1]) is None


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_rows_have_one_order_however_they_come(seed: int) -> None:
    """Also where they differ only in their last numbers."""
    random = np.random.default_rng(seed)
    rows = np.repeat(random.standard_normal((6, 20)), 5, axis=0)
    rows[:, 17:] = random.integers(0, 2, (30, 3))
    moved = rows[random.permutation(30)]
    assert np.array_equal(rows[grouping.canonical_order(rows)], moved[grouping.canonical_order(moved)])
    assert np.array_equal(grouping.canonical_order(rows), np.lexsort(rows.T[::-1]))


def test_a_mean_margin_is_that_of_all_rows() -> None:
    vectors, truth = blobs(5, 30)
    rows, labels = grouping.centred(vectors), np.asarray(truth, np.int64)
    labels[:20] = grouping.LOOSE
    labels = grouping.numbered(labels)
    assert grouping.mean_margin(rows, labels) == pytest.approx(grouping.margins(rows, labels).sum() / len(rows))
    assert grouping.mean_margin(rows, np.full(150, grouping.LOOSE)) == 0.0
