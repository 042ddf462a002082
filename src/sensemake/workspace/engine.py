"""One embedding model and the search index of its vectors; a home answers with one of them at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_path

from sensemake import registry
from sensemake.config import Settings
from sensemake.errors import UsageError
from sensemake.jobs.catch_up import Held, catch_up
from sensemake.model import SiloName, stable_id
from sensemake.protocols import Embedder, SearchIndex
from sensemake.stores import Catalog

ACTIVE = "model"
"""The home's setting that names the model whose index answers."""


@dataclass(slots=True)
class Engine:
    """An embedder, its index, and how far the index object has read ahead of what is on disk."""

    spec: str
    embedder: Embedder
    index: SearchIndex
    held: Held = field(default_factory=dict)
    seen: Mapping[SiloName, int] = field(default_factory=dict)

    def follow(self, catalog: Catalog) -> None:
        """See what others have written since: cheap when nothing has changed."""
        marks = catalog.corpus.marks()
        if marks != self.seen:
            self.catch_up(catalog, durable=False)
            self.seen = marks

    def catch_up(self, catalog: Catalog, *, durable: bool, indexed: Callable[[int], None] = lambda _: None) -> int:
        return catch_up(
            access=catalog.access,
            corpus=catalog.corpus,
            index=self.index,
            model_id=self.embedder.model_id,
            held=self.held,
            durable=durable,
            indexed=indexed,
        )


def spec_of(settings: Settings) -> str:
    """The model that the settings ask for, as the home remembers it."""
    return f"{settings.model}:{settings.precision}" if settings.model == "bundled" else settings.model


def open_engine(spec: str, settings: Settings, catalog: Catalog, announce: Callable[[str], None] | None) -> Engine:
    """The engine of a model. Cheap: weights are read, and an index opened, when first asked."""
    embedder = _embedder(spec, settings, announce)
    return Engine(spec, embedder, _index(embedder, settings, catalog))


def forget(engine: Engine, settings: Settings) -> None:
    """Remove the index of a model that answers no more; the catalog keeps nothing of it but vectors."""
    shutil.rmtree(_folder(engine.embedder, settings), ignore_errors=True)


def model_cache(settings: Settings) -> Path:
    """Where an exported model lies: shared by all homes."""
    return (settings.cache or user_cache_path("sensemake", appauthor=False)) / "models"


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
            manifests=catalog.manifests(embedder.model_id),
            locks=catalog.locks,
        )
    else:
        raise UsageError(f"SENSEMAKE_INDEX_URL is {settings.index_url!r}; this version knows 'local:' and 'memory:'")
    return index


def _folder(embedder: Embedder, settings: Settings) -> Path:
    return settings.home / "index" / stable_id(embedder.model_id)[:12]
