"""A cache of vectors that homes and processes share, in the folder that SENSEMAKE_CACHE names.

It may be lost, locked, damaged or full at any time: then texts are embedded again, and nothing else happens.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sensemake.model import TextKey, Vector
from sensemake.stores.batches import batches
from sensemake.stores.packing import packed, unpacked

CACHE_FILE = "sensemake-vectors.sqlite"
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (key TEXT, model TEXT, vector BLOB NOT NULL, PRIMARY KEY (key, model))"
_TROUBLE = (sqlite3.Error, OSError, ValueError)


class VectorCache:
    """Vectors by model and text key. No method ever raises for what the disk does."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / CACHE_FILE

    def get(self, model: str, keys: Collection[TextKey]) -> dict[TextKey, Vector]:
        """Those that there are, each of shape (dim,) and length 1."""
        found: dict[TextKey, Vector] = {}
        try:
            with self._open() as connection:
                for some in batches(keys):
                    marks = ",".join("?" * len(some))
                    query = f"SELECT key, vector FROM vectors WHERE model = ? AND key IN ({marks})"  # noqa: S608
                    found |= unpacked(dict(connection.execute(query, (model, *some)).fetchall()))
        except _TROUBLE as trouble:
            self._give_up(trouble)
        return found

    def put(self, model: str, vectors: Mapping[TextKey, Vector]) -> None:
        rows = [(key, model, packed(vector)) for key, vector in vectors.items()]
        try:
            with self._open() as connection, connection:
                connection.executemany("INSERT OR IGNORE INTO vectors (key, model, vector) VALUES (?, ?, ?)", rows)
        except _TROUBLE as trouble:
            self._give_up(trouble)

    def forget(self, keys: Collection[TextKey]) -> bool:
        """Erase these texts' vectors, of every model; whether that could be done."""
        try:
            with self._open() as connection:
                with connection:
                    connection.executemany("DELETE FROM vectors WHERE key = ?", [(key,) for key in keys])
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except _TROUBLE as trouble:
            return self._give_up(trouble)
        return True

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._file, timeout=2.0)) as connection:
            for setting in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "trusted_schema=OFF"):
                connection.execute(f"PRAGMA {setting}").fetchall()
            connection.execute(_TABLE)
            yield connection

    def _give_up(self, trouble: Exception) -> bool:
        """Never mind; but a file that is no database (any more) makes room for a new one."""
        if getattr(trouble, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            with suppress(OSError):
                for suffix in ("-wal", "-shm", ""):
                    Path(f"{self._file}{suffix}").unlink(missing_ok=True)
        return False
