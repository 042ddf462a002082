"""One door to the catalog's database: snapshots to read, one transaction at a time to write.

SQLite: readers open the file read-only, so nothing they do (closing included) can write to it or checkpoint.
Writers hold a file lock for one transaction, and checkpoints happen under that lock only, which takes away what
the WAL-reset bug of SQLite before 3.51.3 needs. PostgreSQL: readers get a read-only repeatable-read snapshot,
and an advisory lock stands for the file lock.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from sensemake.errors import MissingExtra, UsageError
from sensemake.stores.faults import translated
from sensemake.stores.locks import FileLocks

CATALOG_FILE = "catalog.sqlite"
VERSION = "catalog_version"
"""The setting that is another after every write from which an answer may follow."""
WRITE_WAIT = 5.0
"""Seconds that a writer waits for the one before it."""
_CHECKPOINT_BYTES = 4 * 2**20
_BUSY = 0.5
"""Seconds to wait for a program that does not ask for our lock, or for readers when the journal is cut."""
_POSTGRES_LOCK = 0x53454E53
Fact = TypeVar("Fact")
_READER = "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA cache_size=-16384"
_WRITER = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; "
    "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-65536"
)


class Database(Protocol):
    """What the parts of the catalog stand on."""

    place: str
    home: Path

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one snapshot and cannot write; fetch all that is needed inside the block."""
        ...

    def writing(self, *, erases: bool = False, quiet: bool = False) -> AbstractContextManager[Connection]:
        """A connection in the one write transaction; `erases` also cleans the journal of what was deleted.

        It changes the catalog's version, unless `quiet`: when no answer can follow from what is written."""
        ...

    def state(self) -> object:
        """Another after every commit of anybody; None when telling that takes as long as reading."""
        ...

    def close(self) -> None: ...


class Kept:
    """What was read since the catalog last changed: small facts that every question needs are not asked for again."""

    MOST = 256
    """Facts kept at a time; rights and manifests of 300 silos are one of them each."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._facts: tuple[object, dict[Hashable, Any]] = (None, {})

    def __call__(self, about: Hashable, read: Callable[[], Fact]) -> Fact:
        """What `read` gives, or gave. It must be a value that nobody changes."""
        state = self._database.state()  # first: at worst it is read once more
        if state is None:
            return read()
        at, facts = self._facts
        if at != state or len(facts) >= self.MOST:
            facts = {}
            self._facts = (state, facts)
        if about not in facts:
            facts[about] = read()
        return cast("Fact", facts[about])


def sqlite_url(home: Path) -> str:
    """Where the catalog of a home is when nobody says otherwise."""
    return f"sqlite:///{(home / CATALOG_FILE).absolute()}"


def exists(url: str) -> bool:
    """Whether there may be a catalog; of a server only opening it can tell."""
    database = connect(url, Path())
    return not isinstance(database, SqliteDatabase) or database.file.exists()


def connect(url: str, home: Path) -> SqliteDatabase | PostgresDatabase:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UsageError("the database URL cannot be read; it looks like postgresql://user@host/name") from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return SqliteDatabase(Path(parsed.database), home)
        case "postgresql":
            return PostgresDatabase(parsed.set(drivername="postgresql+psycopg"), home)
    raise UsageError(
        f"the catalog cannot live in '{parsed.drivername}'; use a SQLite file (sqlite:////path/catalog.sqlite) "
        "or PostgreSQL (postgresql://user@host/name)"
    )


class SqliteDatabase:
    """The catalog in a file."""

    def __init__(self, file: Path, home: Path) -> None:
        self.file = file
        self.home = home
        self.place = str(file)
        self._locks = FileLocks(home / "locks")
        self._readers = _sqlite_engine(self._open_reader, "BEGIN")
        self._writers = _sqlite_engine(self._open_writer, "BEGIN IMMEDIATE")
        self._unclean = False
        self._watcher: sqlite3.Connection | None = None
        self._watching = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with translated(self.place, self.home), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, *, erases: bool = False, quiet: bool = False) -> Iterator[Connection]:
        with self._locks.hold("write", wait=WRITE_WAIT), translated(self.place, self.home, writing=True):
            with self._writers.begin() as connection:
                yield connection
                _change_version(connection, quiet=quiet)
            self._unclean = self._unclean or erases
            self._checkpoint()

    def copy_to(self, target: Path) -> None:
        """A snapshot in another file, without what was deleted."""
        with translated(self.place, self.home), closing(self._open("mode=ro", "PRAGMA trusted_schema=OFF")) as source:
            source.execute("VACUUM INTO ?", (str(target),))

    def state(self) -> object:
        """SQLite's own count of others' commits: this connection never makes one."""
        with self._watching, translated(self.place, self.home):
            if self._watcher is None:
                self._watcher = self._open_reader()
            return self._watcher, self._watcher.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        with translated(self.place, self.home):
            with self._watching:
                if self._watcher is not None:
                    self._watcher.close()
                self._watcher = None
            self._readers.dispose()
            self._close_writers()

    def _close_writers(self) -> None:
        """SQLite may checkpoint when the last connection closes, so that is done under the lock as well."""
        if self._writers.pool.checkedin():  # type: ignore[attr-defined]
            with self._locks.hold("write", wait=WRITE_WAIT):
                self._writers.dispose()

    def _checkpoint(self) -> None:
        """Move the journal into the file when it has grown; cut it to nothing after an erasure.

        The transaction is safe by now: when a reader is in the way, the next writer does it.
        """
        if not self._unclean and _size(Path(f"{self.file}-wal")) < _CHECKPOINT_BYTES:
            return
        with suppress(sqlite3.OperationalError), self._writers.connect() as connection:
            raw = _raw(connection)
            mode = "TRUNCATE" if self._unclean else "PASSIVE"
            busy, _, _ = raw.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
            self._unclean = self._unclean and bool(busy)

    def _open_reader(self) -> sqlite3.Connection:
        with suppress(sqlite3.OperationalError):
            return self._open("mode=ro", _READER)
        if self._cannot_change():
            return self._open("mode=ro&immutable=1", _READER)
        # Who was killed while they made the catalog, before it had a write-ahead log, left a journal by which only
        # somebody who may write can take back what was half done.
        self._open("mode=rw", _READER).close()
        return self._open("mode=ro", _READER)

    def _open_writer(self) -> sqlite3.Connection:
        return self._open("mode=rw", _WRITER)

    def _open(self, mode: str, settings: str) -> sqlite3.Connection:
        uri = f"file:{quote(str(self.file.absolute()))}?{mode}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=_BUSY)
        try:
            for setting in settings.split("; "):
                connection.execute(setting).fetchall()
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _cannot_change(self) -> bool:
        """In a folder that nobody can write (a mounted backup) SQLite needs no journal, but must be told so."""
        return not os.access(self.file.parent, os.W_OK) and _size(Path(f"{self.file}-wal")) == 0


class PostgresDatabase:
    """The catalog on a server."""

    def __init__(self, url: URL, home: Path) -> None:
        self.home = home
        self.place = f"{url.database} on {url.host or 'localhost'}"
        try:
            self._engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        except ModuleNotFoundError:
            raise MissingExtra("PostgreSQL needs its driver: pip install 'sensemake[postgres]'") from None
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._readers = self._engine.execution_options(**snapshot)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with translated(self.place, self.home), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, *, erases: bool = False, quiet: bool = False) -> Iterator[Connection]:  # noqa: ARG002  the server cleans by itself
        with translated(self.place, self.home, writing=True), self._engine.begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{WRITE_WAIT:.0f}s'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})"))
            yield connection
            _change_version(connection, quiet=quiet)

    def state(self) -> object:
        """A server would have to be asked."""
        return None

    def close(self) -> None:
        self._engine.dispose()


def _change_version(connection: Connection, *, quiet: bool) -> None:
    """Drawn, not counted: a catalog that was restored from a backup never comes to a version that it had before."""
    if quiet:
        return
    new = {"name": VERSION, "value": secrets.token_hex(8)}
    if not connection.execute(text("UPDATE settings SET value = :value WHERE name = :name"), new).rowcount:
        connection.execute(text("INSERT INTO settings (name, value) VALUES (:name, :value)"), new)


def _sqlite_engine(opener: Any, begin: str) -> Engine:
    """A pool that gives a connection to one thread at a time; transactions begin exactly as `begin` says."""
    engine = create_engine(
        "sqlite://", creator=opener, poolclass=QueuePool, pool_size=8, max_overflow=-1, hide_parameters=True
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _raw(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
