"""Both of our search indexes keep the contract, however and whenever they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from index_fakes import MemoryLocks, MemoryManifests

from sensemake.model import SiloName
from sensemake.protocols import SearchIndex
from sensemake.search.local import LocalIndex
from sensemake.search.memory import MemoryIndex
from sensemake.testing.search_index import DIM, SearchIndexContract

Generations = Mapping[SiloName, tuple[str, int]]


class TestMemoryIndex(SearchIndexContract):
    def make_index(self) -> SearchIndex:
        return MemoryIndex()


class TestLocalIndexCommitted(SearchIndexContract):
    numpy_up_to = 2_000

    @pytest.fixture(autouse=True)
    def _home(self, quick_folder: Path) -> None:
        self.folder = quick_folder
        self.homes: dict[int, tuple[Path, MemoryManifests]] = {}

    def make_index(self) -> SearchIndex:
        return self.opened(self.folder / str(len(self.homes)), MemoryManifests())

    def opened(self, folder: Path, manifests: MemoryManifests) -> SearchIndex:
        index = LocalIndex(
            folder, model_id="m", dim=DIM, manifests=manifests, locks=MemoryLocks(), numpy_up_to=self.numpy_up_to
        )
        self.homes[id(index)] = (folder, manifests)
        return index


class TestLocalIndexReopened(TestLocalIndexCommitted):
    """Every vector in a faiss file, and each time a new object over what the last one wrote."""

    numpy_up_to = 0

    def settled(self, index: SearchIndex, generations: Generations) -> SearchIndex:
        index.commit(generations)
        return self.opened(*self.homes[id(index)])


class TestLocalIndexUncommitted(TestLocalIndexCommitted):
    """Everything in the overlay, over nothing or over what came before."""

    def settled(self, index: SearchIndex, generations: Generations) -> SearchIndex:
        return index

    test_silos_move_between_partitions = None  # it asks for generations, which only a commit notes
