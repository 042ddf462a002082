"""What could not be read, assembled: listing it, reading just these again, letting go of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sensemake import registry
from sensemake.errors import NotFound
from sensemake.model import Coverage, Document, ReadFailure, Source
from sensemake.protocols import Piece, PieceByPiece, Quarantined
from sensemake.stores import Catalog
from sensemake.workspace.taking_in import Taking


@dataclass(frozen=True, slots=True)
class Retried:
    """How many entries were read again, how many left quarantine for it, and those that stay."""

    tried: int
    left: int
    remaining: tuple[Quarantined, ...]


def chosen(ids: Collection[str] | None, source: str | None, among: Sequence[Quarantined]) -> tuple[Quarantined, ...]:
    """The entries with these ids (or their beginnings), or all; NotFound for one that is not there."""
    for wanted in ids or ():
        if not any(entry.id.startswith(wanted) for entry in among):
            raise NotFound(f"there is no {wanted} in quarantine: sensemake quarantine list")
    return tuple(
        entry
        for entry in among
        if (ids is None or any(entry.id.startswith(wanted) for wanted in ids))
        and (source is None or entry.source == source)
    )


def retry(entries: Sequence[Quarantined], taking: Taking, catalog: Catalog) -> Retried:
    """Read these again: by themselves where the indexer can, else with all of their source."""
    sources = {source.id: source for source in catalog.sources.all()}
    for name, group in groupby(entries, key=lambda entry: entry.source):
        source = sources[name]
        if not Path(source.path).exists():
            continue
        _retry_source(source, list(group), taking, catalog)
    ids = {entry.id for entry in entries}
    remaining = tuple(entry for entry in catalog.quarantine.all() if entry.id in ids)
    return Retried(len(ids), len(ids) - len(remaining), remaining)


def _retry_source(source: Source, entries: Sequence[Quarantined], taking: Taking, catalog: Catalog) -> None:
    indexer = registry.indexer(source.indexer)
    uris = {entry.failure.uri for entry in entries}
    if not isinstance(indexer, PieceByPiece) or "" in uris:
        taking.source(source, indexer, allow_removals=False)
        return
    offered: set[str] = set()

    def wanted(piece: Piece) -> bool:
        offered.add(piece.uri)
        return piece.uri in uris

    def only(items: Iterator[Document | ReadFailure | Coverage]) -> Iterator[Document | ReadFailure]:
        for item in items:
            if isinstance(item, ReadFailure):
                offered.add(item.uri)
            if not isinstance(item, Coverage) and item.uri in uris:
                yield item

    taking.source(source, indexer, allow_removals=False, wanted=wanted, only=only)
    catalog.quarantine.drop({entry.id for entry in entries if entry.failure.uri not in offered})
