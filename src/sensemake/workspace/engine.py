"""One embedding model and the search index of its vectors; a home answers with one of them at a time."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from platformdirs import user_cache_path

from sensemake import registry
from sensemake.config import Settings
from sensemake.errors import Locked, SensemakeError, StoreError, UsageError
from sensemake.jobs.catch_up import Held, catch_up
from sensemake.jobs.search import background
from sensemake.model import SiloName, Vector, stable_id
from sensemake.protocols import Embedder, Manifest, SearchIndex
from sensemake.rules import visibility
from sensemake.rules.calibration import UNRELATED, Background
from sensemake.stores import Catalog

ACTIVE = "model"
"""The home's setting that names the model whose index answers."""

ERASING = "erasing"
"""The home's setting that holds a mark while something erased may still be in a file of the index."""

MUCH = 2_000
"""The index was behind by so many changes: it was lost, or is of an earlier version. A question that had to read them
writes them to disk, so that the next need not."""

AUDIENCES = 256
"""Sets of silos that are remembered with what chance gives among them."""

PATIENCE = 0.05
"""Seconds that a question waits for another one of this process to read what is new."""
TOLD_EVERY = 10_000
"""Passages after which an index that is made anew says how far it is."""


@dataclass(slots=True)
class Engine:
    """An embedder, its index, and how far the index object has read ahead of what is on disk."""

    spec: str
    embedder: Embedder
    index: SearchIndex
    announce: Callable[[str], None] | None = None
    held: Held = field(default_factory=dict)
    seen: object = None
    warmed: bool = False
    _chance: dict[frozenset[SiloName], tuple[object, Background]] = field(default_factory=dict)
    _unrelated: list[Vector] = field(default_factory=list)
    _embedding: threading.Lock = field(default_factory=threading.Lock)
    _chancing: threading.Lock = field(default_factory=threading.Lock)
    _following: threading.RLock = field(default_factory=threading.RLock)

    def background(self, readable: frozenset[SiloName], catalog: Catalog) -> Background:
        """What chance gives among these silos (`jobs.search.background`), looked up anew, by one thread, when a
        hundredth of them has changed; of few passages, after each change. Others take what was known meanwhile."""
        marks = catalog.corpus.marks()
        changes = sum(marks.get(silo, 0) for silo in readable)
        state = changes >> max(0, changes.bit_length() - 7)
        known = self._chance.get(readable)
        if known is not None and (known[0] == state or not self._chancing.acquire(blocking=False)):
            return known[1]
        if known is None:
            self._chancing.acquire()
        try:
            return self._chance_now(readable, state)
        finally:
            self._chancing.release()

    def _chance_now(self, readable: frozenset[SiloName], state: int) -> Background:
        known = self._chance.get(readable)
        if known is None or known[0] != state:
            if len(self._chance) >= AUDIENCES:
                self._chance.clear()
            known = state, background(readable, index=self.index, unrelated=self._vectors())
            self._chance[readable] = known
        return known[1]

    def warm(self) -> None:
        """Begin to load the model beside whatever else a first question needs; the question then waits for the rest."""
        if not self.warmed:
            self.warmed = True
            threading.Thread(target=self._load).start()

    def _load(self) -> None:
        with suppress(SensemakeError):  # the question itself will meet it, and say so
            self.embedder.query("")
            self._vectors()

    def _vectors(self) -> list[Vector]:
        with self._embedding:
            if not self._unrelated:
                self._unrelated = [self.embedder.query(question) for question in UNRELATED]
            return self._unrelated

    def follow(self, catalog: Catalog) -> None:
        """See what others have written since: cheap when nothing has changed.

        One thread reads what is new, and only once. Those that come meanwhile wait for it a moment, and then answer
        with what is known: of what is hidden or gone since, the catalog tells every answer.
        """
        if _state(catalog) == self.seen:
            return
        if not self._following.acquire(timeout=-1 if self.seen is None else PATIENCE):
            return
        try:
            now = _state(catalog)
            if now != self.seen:
                if self._behind(catalog) >= MUCH:
                    with suppress(Locked, StoreError):  # it answers all the same; somebody else may write it down
                        self.catch_up(catalog, durable=True, indexed=self._telling())
                self.catch_up(catalog, durable=False)
                self.seen = now
        finally:
            self._following.release()

    def _behind(self, catalog: Catalog) -> int:
        """By how many changes at most."""
        marks = catalog.corpus.marks()
        behind = 0
        for silo in catalog.access.silos():
            partition = visibility.partition(silo.readers)
            ahead, number, _ = self.held.get(silo.name, ("", 0, 0))
            far = number if ahead == partition else self.index.generation(silo.name, partition)
            behind += max(0, marks.get(silo.name, 0) - far)
        return behind

    def _telling(self) -> Callable[[int], None]:
        """Says from time to time how far it is: a hundred thousand passages take a minute or two."""
        if self.announce is None:
            return lambda _: None
        say, done = self.announce, 0
        say("bringing the search index up to date (once; a minute or two for 100,000 passages)")

        def indexed(count: int) -> None:
            nonlocal done
            if done // TOLD_EVERY != (done + count) // TOLD_EVERY:
                say(f"indexed {done + count:,} passages")
            done += count

        return indexed

    def catch_up(self, catalog: Catalog, *, durable: bool, indexed: Callable[[int], None] = lambda _: None) -> int:
        """Bring the index up to the catalog; after an erasure (`erasing`) so that no file holds what is gone."""
        mark = catalog.sources.setting(ERASING) if durable else None
        with self._following:
            changes = catch_up(
                access=catalog.access,
                corpus=catalog.corpus,
                index=self.index,
                model_id=self.embedder.model_id,
                held=self.held,
                durable=durable,
                erases=bool(mark),
                indexed=indexed,
            )
        if mark and catalog.sources.setting(ERASING) == mark:  # else somebody else has begun to erase meanwhile
            catalog.sources.set_setting(ERASING, "")
        return changes


def _state(catalog: Catalog) -> object:
    """Another when there is something to follow: changes, rights, or files that somebody wrote of what is known."""
    return catalog.corpus.marks(), catalog.access.silos(), catalog.manifests.version()


def erasing(catalog: Catalog) -> None:
    """Say, before anything is removed for good, that it must leave the index's files too: whoever catches up next
    sees to it, also after a crash in between."""
    catalog.sources.set_setting(ERASING, secrets.token_hex(8))


def spec_of(settings: Settings) -> str:
    """The model that the settings ask for, as the home remembers it."""
    return f"{settings.model}:{settings.precision}" if settings.model == "bundled" else settings.model


def open_engine(spec: str, settings: Settings, catalog: Catalog, announce: Callable[[str], None] | None) -> Engine:
    """The engine of a model. Cheap: weights are read, and an index opened, when first asked."""
    embedder = _embedder(spec, settings, announce)
    return Engine(spec, embedder, _index(embedder, settings, catalog), announce)


def forget(engine: Engine, settings: Settings, catalog: Catalog) -> None:
    """Remove the index of a model that answers no more; the catalog keeps nothing of it but vectors."""
    manifests = _ManifestsOf(engine.embedder.model_id, catalog)
    manifests.replace(dict.fromkeys(manifests.load()))
    shutil.rmtree(_folder(engine.embedder, settings), ignore_errors=True)


def model_cache(settings: Settings) -> Path:
    """Where an exported model lies: shared by all homes."""
    return (settings.cache or user_cache_path("sensemake", appauthor=False)) / "models"


class _ManifestsOf:
    """The manifests of one model's index: while a home moves to another model it has two."""

    def __init__(self, model_id: str, catalog: Catalog) -> None:
        self._store = catalog.manifests
        self._prefix = f"{stable_id(model_id)[:12]}/"

    def version(self) -> int:
        return self._store.version()

    def load(self) -> Mapping[str, Manifest]:
        ours = ((key, m) for key, m in self._store.load().items() if key.startswith(self._prefix))
        return {(name := key.removeprefix(self._prefix)): replace(m, partition=name) for key, m in ours}

    def replace(self, manifests: Mapping[str, Manifest | None]) -> None:
        self._store.replace({self._prefix + partition: manifest for partition, manifest in manifests.items()})


def _embedder(spec: str, settings: Settings, announce: Callable[[str], None] | None) -> Embedder:
    name, _, variant = spec.partition(":")
    if name == "bundled":
        embedder: Embedder = registry.embedder("onnx")(model_cache(settings), precision=variant, announce=announce)
    elif name == "hashing":
        embedder = registry.embedder("hashing")(int(variant or 256))
    else:
        embedder = registry.embedder("sentence-transformers")(spec)
    return embedder


def _index(embedder: Embedder, settings: Settings, catalog: Catalog) -> SearchIndex:
    scheme = settings.index_url.partition(":")[0]
    if scheme == "memory":
        index: SearchIndex = registry.search_index("memory")()
    elif scheme == "local":
        index = registry.search_index("local")(
            _folder(embedder, settings),
            model_id=embedder.model_id,
            dim=embedder.dim,
            manifests=_ManifestsOf(embedder.model_id, catalog),
            locks=catalog.locks,
        )
    else:
        raise UsageError(f"SENSEMAKE_INDEX_URL is {settings.index_url!r}; this version knows 'local:' and 'memory:'")
    return index


def _folder(embedder: Embedder, settings: Settings) -> Path:
    return settings.home / "index" / stable_id(embedder.model_id)[:12]
