"""What could not be read: each failure of a source's last reads, since when, and by which reader."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from sensemake.model import ReadFailure, Reason, SourceId, stable_id
from sensemake.protocols import Quarantined
from sensemake.stores.connection import Database
from sensemake.stores.schema import failures


class SqlQuarantine:
    """The `Quarantine` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Quarantined, ...]:
        with self._database.reading() as connection:
            return tuple(
                Quarantined(
                    _id(row.source, failure_of(row)),
                    SourceId(row.source),
                    failure_of(row),
                    row.version,
                    row.first_seen,
                    row.last_seen,
                )
                for row in connection.execute(_in_order())
            )

    def drop(self, ids: Collection[str]) -> int:
        with self._database.writing(erases=True) as connection:
            gone = [row for row in connection.execute(_in_order()) if _id(row.source, failure_of(row)) in ids]
            for row in gone:
                one = (failures.c.source == row.source) & (failures.c.ordinal == row.ordinal)
                connection.execute(delete(failures).where(one))
        return len(gone)


def replace(
    connection: Connection,
    source: SourceId,
    at: datetime,
    found: Sequence[ReadFailure],
    version: str,
    read: Collection[str] | None,
) -> None:
    """As `Sources.finished` says."""
    before = connection.execute(_in_order().where(failures.c.source == source)).all()
    first = {_id(source, failure_of(row)): row.first_seen for row in before}
    again = {_id(source, failure) for failure in found}
    stay = [] if read is None else [row for row in before if _stays(row, read, again)]
    rows = [dict(row._mapping) for row in stay]  # noqa: SLF001 -- SQLAlchemy's public name for it
    for failure in found:
        since = first.get(_id(source, failure)) or at
        rows.append(_row(failure) | {"source": source, "version": version, "first_seen": since, "last_seen": at})
    connection.execute(delete(failures).where(failures.c.source == source))
    if rows:
        connection.execute(insert(failures), [{**row, "ordinal": place} for place, row in enumerate(rows)])


def failure_of(row: Row[Any]) -> ReadFailure:
    return ReadFailure(row.path, Reason(row.reason), row.detail, row.locator, row.uri, row.parser)


def _row(failure: ReadFailure) -> dict[str, object]:
    return {
        "path": failure.path,
        "reason": failure.reason.value,
        "detail": failure.detail,
        "locator": failure.locator,
        "uri": failure.uri,
        "parser": failure.parser,
    }


def _stays(row: Row[Any], read: Collection[str], again: Collection[str]) -> bool:
    return row.uri not in read and _id(row.source, failure_of(row)) not in again


def _in_order() -> Any:
    return select(failures).order_by(failures.c.source, failures.c.ordinal)


def _id(source: str, failure: ReadFailure) -> str:
    """What failed, not how: it is the same entry when the reason becomes another."""
    return stable_id("failure", source, failure.path, failure.locator, failure.uri)[:16]
