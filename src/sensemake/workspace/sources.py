"""Sources, assembled: how each stands, reading them again as they were read last, and forgetting one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sensemake import reading, registry
from sensemake.errors import Cancelled, Conflict, MissingPath, NotFound, SensemakeError, UsageError
from sensemake.jobs.embedding import Cache
from sensemake.model import IngestReport, ReadFailure, SiloName, Source, SourceId
from sensemake.protocols import Holding
from sensemake.stores import Catalog
from sensemake.workspace.engine import Engine, erasing
from sensemake.workspace.taking_in import Progress, Taking

UPLOADS = "uploads"
"""The folder of the home in which files that were sent lie while they are read."""
AT_ONCE = 200
"""Documents forgotten in one transaction: other writers wait for no longer than that takes."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source, what is held of it and how its last reading went. `newest` is the time of its newest document.

    One that was sent here has no path: where this server put it is nobody's business, and it is gone.
    """

    source: Source
    documents: int
    last_read: datetime | None
    failures: tuple[ReadFailure, ...]
    authored: int = 0
    newest: datetime | None = None

    @property
    def authored_share(self) -> float | None:
        """The share of its documents of which somebody is known to be an author; None when it holds none."""
        return self.authored / self.documents if self.documents else None


@dataclass(frozen=True, slots=True)
class Synced:
    """What reading a source again came to: a report, or why there is none."""

    source: Source
    outcome: IngestReport | SensemakeError


def statuses(may: frozenset[SiloName], catalog: Catalog) -> tuple[SourceStatus, ...]:
    """Of the sources of these silos, by id."""
    held = catalog.sources.holdings()
    return tuple(_status(source, held, catalog) for source in catalog.sources.all() if source.silo in may)


def elsewhere(source: Source, home: Path) -> bool:
    """Whether it comes from a place where it may be read again: not written here, and not sent here."""
    return bool(source.path) and not Path(source.path).is_relative_to((home / UPLOADS).resolve())


def as_sent(failure: ReadFailure, home: Path) -> ReadFailure:
    """What could not be read, by its name alone and with what to do about it when it was sent here: where this server
    put it is nobody's business, and it is gone."""
    uploads = (home / UPLOADS).resolve()
    if not Path(failure.path).is_relative_to(uploads):
        return failure
    name = Path(*Path(failure.path).relative_to(uploads).parts[1:])
    return replace(failure, path=str(name), detail=f"{failure.detail}; it was sent and is not kept: send it again")


def meant(name: str, among: Sequence[SourceStatus]) -> SourceStatus:
    """The source of this id (`silo/name`) or name; NotFound when there is none, Conflict when there are several."""
    found = [s for s in among if s.source.id == name] or [s for s in among if s.source.name == name]
    if not found:
        raise NotFound(f"there is no source {name}: sensemake sources list")
    if len(found) > 1:
        raise Conflict(f"{name} may be {' or '.join(s.source.id for s in found)}: name it with its silo")
    return found[0]


def sync(
    chosen: Sequence[Source],
    *,
    catalog: Catalog,
    engine: Engine,
    cache: Cache,
    progress: Progress,
    limits: reading.Limits,
    allow_removals: bool,
) -> tuple[Synced, ...]:
    """Read sources again, each with the indexer, path and options of last time. One that fails stops no other."""
    with Taking(catalog, engine, cache, progress, limits) as taking:
        outcomes = tuple(_again(source, taking, allow_removals=allow_removals) for source in chosen)
    engine.catch_up(catalog, durable=True, indexed=lambda n: progress("indexing", n, None))
    return outcomes


def remove(source: Source, *, catalog: Catalog, engine: Engine) -> int:
    """Forget a source: its documents, passages, index entries and vectors that nobody else needs, its emptied rooms.

    How many documents that were. It may be repeated after a kill; Locked while somebody reads the source.
    """
    with catalog.locks.hold(f"ingest:{source.id}"):
        documents = list(catalog.corpus.known(source.id))
        erasing(catalog)
        for start in range(0, len(documents), AT_ONCE):
            catalog.corpus.remove(documents[start : start + AT_ONCE])
        engine.catch_up(catalog, durable=True)
        catalog.sources.remove(source.id)
        _close_empty_rooms(source.silo, catalog)
    return len(documents)


def _status(source: Source, held: Mapping[SourceId, Holding], catalog: Catalog) -> SourceStatus:
    holding = held.get(source.id, Holding())
    return SourceStatus(
        source if elsewhere(source, catalog.home) else replace(source, path=""),
        holding.documents,
        catalog.sources.last_read(source.id),
        tuple(as_sent(failure, catalog.home) for failure in catalog.sources.failures(source.id)),
        holding.authored,
        holding.newest,
    )


def _again(source: Source, taking: Taking, *, allow_removals: bool) -> Synced:
    began = time.monotonic()
    try:
        if not elsewhere(source, taking.home):
            raise UsageError(f"{source.id} was written or sent here: there is nothing to read again")
        if not Path(source.path).exists():
            raise MissingPath(f"there is no {source.path} any more: sensemake ingest PATH --silo {source.silo}")
        report = taking.source(source, registry.indexer(source.indexer), allow_removals=allow_removals)
    except Cancelled:
        raise
    except SensemakeError as error:
        return Synced(source, error)
    return Synced(source, replace(report, seconds=round(time.monotonic() - began, 3)))


def _close_empty_rooms(silo: SiloName, catalog: Catalog) -> None:
    """A private room that holds nothing is no silo any more; it is made again when it comes again."""
    for room in catalog.access.silos():
        if room.name.startswith(f"{silo}/"):
            with suppress(UsageError):  # it holds documents of another source
                catalog.access.remove_silo(room.name)
