"""Looks the catalog over, and clears away what nothing needs."""

from __future__ import annotations

import sqlite3

from sqlalchemy import delete, exists, text

from sensemake.errors import StoreDamaged
from sensemake.stores.catalog import Catalog
from sensemake.stores.connection import SqliteDatabase
from sensemake.stores.schema import passages, vectors

_SHOWN = 10


def sqlite_version() -> tuple[int, ...]:
    """Of the SQLite that Python is linked with; 3.51.3 is the first without the WAL-reset bug."""
    return sqlite3.sqlite_version_info


def integrity_problems(catalog: Catalog) -> tuple[str, ...]:
    """What is wrong with the database, in the database's words; empty when all is well. Reads all of it."""
    if not isinstance(catalog.database, SqliteDatabase):
        return ()  # a server checks its own pages
    try:
        with catalog.database.reading() as connection:
            pages = connection.execute(text(f"PRAGMA integrity_check({_SHOWN})")).scalars().all()
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    except StoreDamaged as error:
        return (str(error),)
    found = [str(line) for line in pages if line != "ok"]
    return tuple(found + [f"a row of {row[0]} refers to a row of {row[2]} that is gone" for row in broken[:_SHOWN]])


def sweep_vectors(catalog: Catalog) -> int:
    """Drop vectors of texts that no passage has (left by an ingest that was killed); how many there were.

    Not while an ingest runs: it keeps its vectors before its passages.
    """
    needed = exists().where(passages.c.text_key == vectors.c.text_key)
    with catalog.database.writing(erases=True) as connection:
        return connection.execute(delete(vectors).where(~needed)).rowcount
