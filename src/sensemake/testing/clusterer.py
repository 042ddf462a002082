"""The contract of a Clusterer, as tests that every implementation runs.

    class TestMine(ClustererContract):
        def make_clusterer(self): return MyClusterer()

Needs pytest and numpy and nothing else.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from sensemake.model import Vectors
from sensemake.protocols import Clusterer, Clustering


class ClustererContract:
    """Subclass it in a test module under a name that starts with `Test`."""

    minimum = 3
    """No group is smaller."""

    def make_clusterer(self) -> Clusterer:
        raise NotImplementedError

    def test_it_has_a_name(self) -> None:
        assert self.make_clusterer().name

    @pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 20, 60])
    def test_any_number_of_shapeless_vectors_is_answered(self, count: int) -> None:
        found = self.make_clusterer().fit(noise(count))
        self._check(found, count)

    @pytest.mark.parametrize("count", [1, 2, 3, 7, 40])
    def test_vectors_that_are_all_the_same_are_answered(self, count: int) -> None:
        self._check(self.make_clusterer().fit(np.repeat(noise(1), count, axis=0)), count)

    def test_noise_gives_few_groups_or_none(self) -> None:
        found = self.make_clusterer().fit(noise(60))
        assert (found.labels >= 0).mean() <= 0.2

    @pytest.mark.parametrize(("groups", "each"), [(3, 20), (6, 15), (12, 30)])
    def test_plain_groups_are_found(self, groups: int, each: int) -> None:
        vectors, truth = blobs(groups, each)
        found = self.make_clusterer().fit(vectors)
        self._check(found, len(vectors))
        assert agreement(found, truth) >= 0.9

    def test_the_same_vectors_give_the_same_groups(self) -> None:
        vectors, _ = blobs(5, 20)
        first, second = self.make_clusterer().fit(vectors), self.make_clusterer().fit(vectors.copy())
        assert np.array_equal(first.labels, second.labels)
        assert np.array_equal(first.strengths, second.strengths)
        assert first.settings == second.settings

    def test_the_order_of_the_vectors_does_not_matter(self) -> None:
        vectors, _ = blobs(5, 20)
        order = np.random.default_rng(9).permutation(len(vectors))
        straight, shuffled = self.make_clusterer().fit(vectors), self.make_clusterer().fit(vectors[order])
        assert _partition(straight.labels[order]) == _partition(shuffled.labels)

    def test_the_vectors_are_left_as_they_were(self) -> None:
        vectors, _ = blobs(3, 20)
        before = vectors.copy()
        self.make_clusterer().fit(vectors)
        assert np.array_equal(before, vectors)

    def test_duplicates_are_together(self) -> None:
        vectors, _ = blobs(4, 15)
        found = self.make_clusterer().fit(np.concatenate([vectors, vectors[:10]]))
        assert np.array_equal(found.labels[:10], found.labels[-10:])

    def test_members_are_stronger_than_the_loose(self) -> None:
        vectors, _ = blobs(4, 20)
        found = self.make_clusterer().fit(vectors)
        assert found.strengths[found.labels >= 0].min() > 0.0

    def _check(self, found: Clustering, count: int) -> None:
        assert found.labels.shape == found.strengths.shape == (count,)
        assert np.issubdtype(found.labels.dtype, np.integer)
        assert np.all((found.strengths >= 0.0) & (found.strengths <= 1.0))
        sizes = Counter(found.labels[found.labels >= 0].tolist())
        assert sorted(sizes) == list(range(len(sizes))), "groups are numbered 0, 1, …, and -1 is no group"
        assert all(size >= self.minimum for size in sizes.values())
        assert np.all(found.strengths[found.labels < 0] == 0.0)
        assert all(isinstance(text, str) for pair in found.settings.items() for text in pair)


def noise(count: int, *, dim: int = 96, seed: int = 1) -> Vectors:
    """Directions without any shape."""
    return _unit(np.random.default_rng(seed).standard_normal((count, dim)))


def blobs(groups: int, each: int, *, dim: int = 96, spread: float = 0.9, seed: int = 2) -> tuple[Vectors, list[int]]:
    """Groups about random directions, and which vector is of which; `spread` 1 is as much noise as direction."""
    random = np.random.default_rng(seed)
    middles = _unit(random.standard_normal((groups, dim)))
    truth = [group for group in range(groups) for _ in range(each)]
    jitter = random.standard_normal((len(truth), dim)) * (spread / np.sqrt(dim))
    return _unit(middles[truth] + jitter), truth


def agreement(found: Clustering, truth: list[int]) -> float:
    """Share of the vectors that are in the group that most of their kind are in, and that most of it are of."""
    pairs = Counter(zip(found.labels.tolist(), truth, strict=True))
    best_of = {kind: max((n, label) for (label, k), n in pairs.items() if k == kind)[1] for kind in set(truth)}
    kind_of = {
        label: max((n, k) for (found_label, k), n in pairs.items() if found_label == label)[1] for label, _ in pairs
    }
    right = sum(
        n for (label, kind), n in pairs.items() if label >= 0 and best_of[kind] == label and kind_of[label] == kind
    )
    return right / len(truth)


def _unit(rows: NDArray[np.float64]) -> Vectors:
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _partition(labels: NDArray[np.int64]) -> frozenset[frozenset[int]]:
    return frozenset(frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist()) - {-1})
