"""The partitions of a folder as the catalog's manifests name them, each opened once and verified before."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from sensemake.model import SiloName
from sensemake.protocols import Manifest, ManifestStore
from sensemake.search._files import folder_of
from sensemake.search._overlay import Numbers
from sensemake.search._partition import Partition, open_partition


class Shelf:
    """Looks for newer manifests at every question, which costs one small query."""

    def __init__(self, root: Path, model_id: str, dim: int, manifests: ManifestStore) -> None:
        self.root = root
        self.model_id = model_id
        self.dim = dim
        self._store = manifests
        self._version: int | None = None
        self._manifests: Mapping[str, Manifest] = {}
        self._open: dict[str, tuple[Manifest, Partition | None]] = {}
        self._lock = threading.RLock()

    def manifests(self) -> Mapping[str, Manifest]:
        with self._lock:
            version = self._store.version()
            if version != self._version:
                # The version first: at worst the same manifests are loaded once more.
                self._manifests, self._version = dict(self._store.load()), version
                self._open = {name: kept for name, kept in self._open.items() if name in self._manifests}
            return self._manifests

    def replace(self, manifests: Mapping[str, Manifest | None]) -> None:
        self._store.replace(manifests)

    def touching(self, silos: frozenset[SiloName]) -> list[Partition]:
        """The partitions that hold a passage of these silos. Damaged ones hold nothing."""
        with self._lock:
            manifests = self.manifests()
            wanted = sorted(name for name, m in manifests.items() if m.files and not silos.isdisjoint(m.silos))
            opened = []
            for name in wanted:  # of hundreds, none is asked for twice
                manifest, known = self._open.get(name, (None, None))
                opened.append(known if manifest is manifests[name] else self.partition(name))
        return [partition for partition in opened if partition is not None]

    def partition(self, name: str) -> Partition | None:
        """A partition open for reading; None when it is absent, empty, damaged or of another model."""
        with self._lock:
            while True:
                manifest = self.manifests().get(name)
                if manifest is None:
                    return None
                known, partition = self._open.get(name, (None, None))
                if known != manifest:
                    partition = self._opened(manifest, partition)
                    # Another process may have switched and removed the files while they were read.
                    if partition is None and self.manifests().get(name) != manifest:
                        continue
                    self._open[name] = (manifest, partition)
                return partition

    def sound(self, name: str) -> bool:
        """Whether what the manifest says can be relied on."""
        manifest = self.manifests().get(name)
        if manifest is None or (manifest.model, manifest.dim) != (self.model_id, self.dim):
            return False
        return not manifest.files or self.partition(name) is not None

    def numbers(self) -> Numbers:
        """How far each silo is held, by silo and partition, but in partitions known to be damaged."""
        manifests = self.manifests()
        damaged = {name for name, (manifest, opened) in self._open.items() if manifest.files and opened is None}
        return {
            (silo, name): number
            for name, manifest in manifests.items()
            if name not in damaged
            for silo, number in manifest.silos.items()
        }

    def folder(self, manifest: Manifest) -> Path:
        return folder_of(self.root, manifest.partition) / manifest.generation

    def _opened(self, manifest: Manifest, before: Partition | None) -> Partition | None:
        if before is not None and before.manifest.files == manifest.files:
            return before.noting(manifest)
        return open_partition(self.folder(manifest), manifest, self.model_id, self.dim)
