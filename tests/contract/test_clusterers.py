"""All clusterers hold to the published contract."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import run

import numpy as np
import pytest

from sensemake.clusterers.agglomerative import AgglomerativeClusterer
from sensemake.clusterers.louvain import LouvainClusterer
from sensemake.clusterers.umap_hdbscan import UmapHdbscanClusterer
from sensemake.protocols import Clusterer
from sensemake.testing.clusterer import ClustererContract, blobs, noise


class TestAgglomerative(ClustererContract):
    def make_clusterer(self) -> Clusterer:
        return AgglomerativeClusterer()

    @pytest.mark.parametrize("count", [8, 20, 60, 100])
    def test_noise_gives_no_group_at_all(self, count: int) -> None:
        assert AgglomerativeClusterer().fit(noise(count, seed=count)).labels.max() == -1

    def test_not_even_the_numbers_of_groups_follow_the_order_of_vectors(self) -> None:
        vectors, _ = blobs(5, 12)
        order = np.random.default_rng(3).permutation(len(vectors))
        straight, shuffled = AgglomerativeClusterer().fit(vectors), AgglomerativeClusterer().fit(vectors[order])
        assert np.array_equal(straight.labels[order], shuffled.labels)
        assert np.array_equal(straight.strengths[order], shuffled.strengths)

    def test_groups_in_noise_are_found_and_the_noise_stays_loose(self) -> None:
        vectors, _ = blobs(4, 15)
        found = AgglomerativeClusterer().fit(np.concatenate([vectors, noise(20)]))
        assert found.labels.max() == 3
        assert (found.labels[60:] == -1).mean() >= 0.9

    def test_how_firm_groups_are_is_told(self) -> None:
        assert float(AgglomerativeClusterer().fit(blobs(4, 15)[0]).settings["resampled"]) >= 0.95
        assert "resampled" not in AgglomerativeClusterer().fit(noise(60)).settings

    def test_it_imports_no_heavy_library_for_few_vectors(self) -> None:
        """Themes of a small corpus wait for no compiler and not for scikit-learn."""
        code = (
            "import sys; from sensemake.clusterers.agglomerative import AgglomerativeClusterer as A;"
            "from sensemake.testing.clusterer import blobs; A().fit(blobs(3, 10)[0]);"
            "print([m for m in ('sklearn', 'umap', 'numba', 'hdbscan') if m in sys.modules])"
        )
        assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


class TestLouvain(ClustererContract):
    def make_clusterer(self) -> Clusterer:
        return LouvainClusterer()

    def test_what_it_cannot_tell_from_chance_it_hands_on_in_doubt(self) -> None:
        sure, doubted = (LouvainClusterer().fit(blobs(6, 60, spread=spread)[0]) for spread in (2.0, 3.0))
        assert (sure.beyond or 0.0) >= 1.0
        assert sure.doubtful is None
        assert (doubted.beyond or 2.0) < 1.0
        assert doubted.labels.max() == -1
        assert doubted.doubtful is not None
        assert doubted.doubtful.max() >= 3

    @pytest.mark.parametrize("count", [100, 300, 1_000])
    def test_noise_gives_no_group_at_all(self, count: int) -> None:
        assert LouvainClusterer().fit(noise(count, seed=count)).labels.max() == -1

    def test_groups_in_noise_are_found_and_most_noise_stays_loose(self) -> None:
        vectors, _ = blobs(8, 40)
        found = LouvainClusterer().fit(np.concatenate([vectors, noise(60)]))
        assert found.labels[:320].max() == 7
        assert (found.labels[320:] == -1).mean() >= 0.5
        assert (found.labels[:320] == -1).mean() <= 0.05

    def test_many_groups_are_found_where_they_are_there(self) -> None:
        vectors, truth = blobs(60, 12)
        found = LouvainClusterer().fit(vectors).labels
        assert 40 <= found.max() + 1 <= 60
        assert len({(a, b) for a, b in zip(np.array(truth).tolist(), found.tolist(), strict=True) if b >= 0}) <= 60

    def test_how_firm_groups_are_is_told(self) -> None:
        plain, _ = blobs(8, 40)
        blurred, _ = blobs(8, 40, spread=2.2)
        firm, less = (LouvainClusterer().fit(vectors).settings.get("resampled", "0") for vectors in (plain, blurred))
        assert 0.95 <= float(firm) <= 1.0
        assert float(less) < float(firm)

    def test_nothing_is_compiled(self) -> None:
        code = (
            "import sys; from sensemake.clusterers.louvain import LouvainClusterer as L;"
            "from sensemake.testing.clusterer import blobs; L().fit(blobs(5, 30)[0]);"
            "print([m for m in ('sklearn', 'umap', 'numba', 'hdbscan') if m in sys.modules])"
        )
        assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.model
@pytest.mark.timeout(600)
class TestUmapHdbscan(ClustererContract):
    minimum = 5

    @pytest.fixture(autouse=True, scope="class")
    @staticmethod
    def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
        TestUmapHdbscan.cache = Path(os.environ.get("NUMBA_CACHE_DIR") or tmp_path_factory.mktemp("numba"))

    cache: Path

    def make_clusterer(self) -> Clusterer:
        return UmapHdbscanClusterer(cache=self.cache)
