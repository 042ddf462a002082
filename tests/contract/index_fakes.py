"""What a LocalIndex needs of the catalog, in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from sensemake.errors import Locked, StoreError
from sensemake.protocols import Manifest


class MemoryManifests:
    """A ManifestStore. `broken` makes the next switch fail, before or after it has happened."""

    def __init__(self) -> None:
        self.manifests: dict[str, Manifest] = {}
        self.changes = 0
        self.broken = ""

    def version(self) -> int:
        return self.changes

    def load(self) -> Mapping[str, Manifest]:
        return dict(self.manifests)

    def replace(self, manifests: Mapping[str, Manifest | None]) -> None:
        if self.broken == "before":
            raise StoreError("the catalog is gone")
        merged = {**self.manifests, **manifests}
        self.manifests = {name: manifest for name, manifest in merged.items() if manifest is not None}
        self.changes += 1
        if self.broken == "after":
            raise StoreError("nobody knows whether this was stored")


class MemoryLocks:
    """Locks of one process; `held` names are refused."""

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.taken: list[str] = []
        self._guard = threading.Lock()

    def hold(self, name: str, *, wait: float = 0.0) -> AbstractContextManager[None]:
        return self._hold(name)

    @contextmanager
    def _hold(self, name: str) -> Iterator[None]:
        with self._guard:
            if name in self.held:
                raise Locked(f"another {name} is running; try again when it has ended")
            self.held.add(name)
            self.taken.append(name)
        try:
            yield
        finally:
            self.held.discard(name)
