"""Where documents come from, how the last read went, what is in quarantine, and facts about the home."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, exists, func, insert, select, update

from sensemake.errors import NotFound, UsageError
from sensemake.model import ReadFailure, SiloName, Source, SourceId
from sensemake.protocols import Holding
from sensemake.stores import quarantine
from sensemake.stores.columns import from_json, to_json
from sensemake.stores.connection import Database, Kept
from sensemake.stores.schema import authorship, documents, failures, passages, settings, sources


class SqlSources:
    """The `Sources` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = Kept(database)

    def register(self, source: Source) -> None:
        with self._database.writing() as connection:
            row = source_row(source)
            found = connection.execute(update(sources).where(sources.c.id == source.id).values(row))
            if not found.rowcount:
                connection.execute(insert(sources), row)

    def all(self) -> tuple[Source, ...]:
        """By id."""
        with self._database.reading() as connection:
            return tuple(source_of(row) for row in connection.execute(select(sources).order_by(sources.c.id)))

    def remove(self, source: SourceId) -> None:
        """Forget a source that holds no documents, and its quarantine; an unknown one is forgotten already."""
        with self._database.writing(erases=True) as connection:
            held = connection.scalar(select(func.count()).where(documents.c.source == source))
            if held:
                raise UsageError(f"source '{source}' still holds {held} documents; remove these first")
            connection.execute(delete(sources).where(sources.c.id == source))

    def finished(
        self,
        source: SourceId,
        at: datetime,
        failures: Sequence[ReadFailure],
        *,
        version: str = "",
        read: Collection[str] | None = None,
    ) -> None:
        with self._database.writing() as connection:
            if connection.scalar(select(sources.c.id).where(sources.c.id == source)) is None:
                raise NotFound(f"there is no source '{source}'")
            if read is None:
                connection.execute(update(sources).where(sources.c.id == source).values(read_at=at))
            quarantine.replace(connection, source, at, failures, version, read)

    def failures(self, source: SourceId) -> tuple[ReadFailure, ...]:
        """In the order of the read."""
        query = select(failures).where(failures.c.source == source).order_by(failures.c.ordinal)
        with self._database.reading() as connection:
            return tuple(quarantine.failure_of(row) for row in connection.execute(query))

    def last_read(self, source: SourceId) -> datetime | None:
        with self._database.reading() as connection:
            return connection.scalar(select(sources.c.read_at).where(sources.c.id == source))

    def holdings(self) -> Mapping[SourceId, Holding]:
        authors = exists().where(passages.c.document == documents.c.id, authorship.c.passage == passages.c.id)
        signed = func.sum(case((authors, 1), else_=0))
        query = select(documents.c.source, func.count(), signed, func.max(documents.c.time)).group_by(
            documents.c.source
        )
        with self._database.reading() as connection:
            return {SourceId(source): Holding(*held) for source, *held in connection.execute(query)}

    def setting(self, name: str) -> str | None:
        return self._kept(("setting", name), lambda: self._setting(name))

    def _setting(self, name: str) -> str | None:
        with self._database.reading() as connection:
            return connection.scalar(select(settings.c.value).where(settings.c.name == name))

    def set_setting(self, name: str, value: str) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(settings).where(settings.c.name == name))
            connection.execute(insert(settings), {"name": name, "value": value})


def source_row(source: Source) -> dict[str, object]:
    return {
        "id": source.id,
        "silo": source.silo,
        "name": source.name,
        "indexer": source.indexer,
        "path": source.path,
        "options": to_json(dict(source.options)),
    }


def source_of(row: Row[Any]) -> Source:
    return Source(SiloName(row.silo), row.name, row.indexer, row.path, from_json(row.options))
