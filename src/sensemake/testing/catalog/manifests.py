"""The contract of the manifests of a search index."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sensemake.protocols import (
    Manifest,
)
from sensemake.testing.catalog.base import CatalogContract
from sensemake.testing.catalog.nouns import OPEN


class ManifestStoreContract(CatalogContract):
    """Several partitions change at once, and whoever looks can tell that they did."""

    def test_replacing(self, tmp_path: Path) -> None:
        one, two = (Manifest(name, f"{name}-1", "model", 384, {"index": "ab"}, {OPEN: 7}) for name in ("p1", "p2"))
        with self.opened(tmp_path) as catalog, self.opened(tmp_path) as other:
            versions = [other.manifests.version()]
            assert not other.manifests.load()
            for change in ({"p1": one, "p2": two}, {"p1": None, "p2": replace(two, generation="")}, {}, {"p9": None}):
                catalog.manifests.replace(change)
                versions.append(other.manifests.version())
                assert catalog.manifests.version() == versions[-1]
            assert len(set(versions)) == len(versions)
            assert dict(other.manifests.load()) == {"p2": replace(two, generation="")}
