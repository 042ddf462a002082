"""Opens the catalog: everything that the stores know of one home, in one bundle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from sensemake.errors import StoreError, StoreTooNew
from sensemake.stores.access import SqlAccess
from sensemake.stores.audit import FileAudit
from sensemake.stores.connection import VERSION, Database, SqliteDatabase, connect
from sensemake.stores.corpus import SqlCorpus
from sensemake.stores.decisions import SqlDecisions
from sensemake.stores.dismissals import SqlDismissals
from sensemake.stores.faults import damaged, translated
from sensemake.stores.jobs import SqlJobs
from sensemake.stores.likenesses import SqlLikenesses
from sensemake.stores.locks import FileLocks
from sensemake.stores.manifests import SqlManifests
from sensemake.stores.people import SqlPeople
from sensemake.stores.quarantine import SqlQuarantine
from sensemake.stores.rates import FileRates
from sensemake.stores.schema import REVISIONS, VERSION_TABLE
from sensemake.stores.signals import SqlSignals
from sensemake.stores.sources import SqlSources
from sensemake.stores.themes import SqlThemeLog


@dataclass(frozen=True, slots=True)
class Catalog:
    """The truth of one home. Threads may share it."""

    home: Path
    database: Database
    corpus: SqlCorpus
    sources: SqlSources
    likenesses: SqlLikenesses
    quarantine: SqlQuarantine
    people: SqlPeople
    decisions: SqlDecisions
    access: SqlAccess
    themes: SqlThemeLog
    manifests: SqlManifests
    jobs: SqlJobs
    signals: SqlSignals
    dismissals: SqlDismissals
    audit: FileAudit
    locks: FileLocks
    rates: FileRates

    def version(self) -> str | None:
        """Another after every write from which an answer may follow; None when nothing was written for long."""
        return self.sources.setting(VERSION)

    def close(self) -> None:
        self.rates.close()
        self.database.close()


def open_catalog(url: str, home: Path, *, create: bool) -> Catalog:
    """The catalog at `url`, its locks and its audit in `home`; made when it is missing and `create` says so.

    Raises StoreError (missing and not to be made, or not to be reached), StoreDamaged, StoreTooNew, StoreReadOnly or
    StoreFull.
    """
    database = connect(url, home)
    try:
        _make_ready(database, create=create)
    except BaseException:
        database.close()
        raise
    return Catalog(
        home=home,
        database=database,
        corpus=SqlCorpus(database),
        sources=SqlSources(database),
        likenesses=SqlLikenesses(database),
        quarantine=SqlQuarantine(database),
        people=SqlPeople(database),
        decisions=SqlDecisions(database),
        access=SqlAccess(database),
        themes=SqlThemeLog(database),
        manifests=SqlManifests(database),
        jobs=SqlJobs(database),
        signals=SqlSignals(database),
        dismissals=SqlDismissals(database),
        audit=FileAudit(home),
        locks=FileLocks(home / "locks"),
        rates=FileRates(home),
    )


def _make_ready(database: Database, *, create: bool) -> None:
    missing = isinstance(database, SqliteDatabase) and not database.file.exists()
    if missing and not create:
        raise StoreError(f"there is no catalog at {database.place}; make one with `sensemake ingest PATH --silo NAME`")
    revision = None if missing else stored_revision(database)
    if revision == REVISIONS[-1]:
        return
    if revision is None and not create:
        raise StoreError(f"{database.place} holds no catalog yet; make one with `sensemake ingest PATH --silo NAME`")
    _upgrade(database)


def stored_revision(database: Database) -> str | None:
    """The revision of the schema at hand; None when the database is empty."""
    with database.reading() as connection:
        try:
            found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one_or_none()  # noqa: S608
        except DBAPIError:
            found = None
            connection.rollback()
    if found is None:
        _refuse_strangers(database)
    elif found not in REVISIONS and found.isdecimal():
        raise StoreTooNew(
            f"{database.place} was written by a later version of Sensemake (schema {found}, this one knows "
            f"{REVISIONS[-1]}); nothing was changed. Install that version or later"
        )
    elif found not in REVISIONS:
        raise damaged(database.place, "a schema revision that cannot be understood")
    return found


def _refuse_strangers(database: Database) -> None:
    """No revision of ours: only an empty database may become a catalog."""
    with database.reading() as connection:
        tables = inspect(connection).get_table_names()
    if tables:
        raise damaged(database.place, "a database of another program, or one whose schema was lost")


def _upgrade(database: Database) -> None:
    from sensemake.stores.migrate import upgrade

    if isinstance(database, SqliteDatabase):
        _make_file(database)
    with database.writing() as connection:
        upgrade(connection)


def _make_file(database: SqliteDatabase) -> None:
    """An empty file that nobody else may read: the journal beside it inherits its permissions."""
    with translated(database.place, database.home):
        for folder in (database.home, database.file.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        database.file.touch(mode=0o600, exist_ok=True)
