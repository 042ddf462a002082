"""Our catalog keeps the contract, on SQLite and (where SENSEMAKE_TEST_POSTGRES holds a URL) on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from sensemake.stores import Catalog, open_catalog, sqlite_url
from sensemake.testing import catalog as contract

POSTGRES = os.environ.get("SENSEMAKE_TEST_POSTGRES", "")


class OnSqlite:
    """Each new home begins as a copy of an empty catalog: that is quicker than making it."""

    @pytest.fixture(autouse=True)
    def _empty(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self._template = tmp_path_factory.getbasetemp() / "empty-catalog"
        if not self._template.exists():
            open_catalog(sqlite_url(self._template), self._template, create=True).close()

    def open_catalog(self, home: Path) -> Catalog:
        if not (home / "catalog.sqlite").exists():
            home.mkdir(exist_ok=True)
            shutil.copyfile(self._template / "catalog.sqlite", home / "catalog.sqlite")
        return open_catalog(sqlite_url(home), home, create=False)


@pytest.mark.skipif(not POSTGRES, reason="skipped: SENSEMAKE_TEST_POSTGRES names no server")
class OnPostgres:
    """Each home is a schema of its own."""

    examples = 10

    def open_catalog(self, home: Path) -> Catalog:
        schema = f"test_{sha256(str(home).encode()).hexdigest()[:16]}"
        url = make_url(POSTGRES)
        engine = create_engine(url.set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        engine.dispose()
        inside = url.update_query_dict({"options": f"-csearch_path={schema}"})
        return open_catalog(inside.render_as_string(hide_password=False), home, create=True)


class TestCorpusOnSqlite(OnSqlite, contract.CorpusContract): ...


class TestSourcesOnSqlite(OnSqlite, contract.SourcesContract): ...


class TestPeopleOnSqlite(OnSqlite, contract.PeopleContract): ...


class TestDecisionsOnSqlite(OnSqlite, contract.DecisionsContract): ...


class TestDismissalsOnSqlite(OnSqlite, contract.DismissalsContract): ...


class TestAccessOnSqlite(OnSqlite, contract.AccessContract): ...


class TestThemeLogOnSqlite(OnSqlite, contract.ThemeLogContract): ...


class TestManifestsOnSqlite(OnSqlite, contract.ManifestStoreContract): ...


class TestJobsOnSqlite(OnSqlite, contract.JobsContract): ...


class TestAuditOnSqlite(OnSqlite, contract.AuditContract): ...


class TestLocksOnSqlite(OnSqlite, contract.LocksContract): ...


class TestCorpusOnPostgres(OnPostgres, contract.CorpusContract): ...


class TestSourcesOnPostgres(OnPostgres, contract.SourcesContract): ...


class TestPeopleOnPostgres(OnPostgres, contract.PeopleContract): ...


class TestDecisionsOnPostgres(OnPostgres, contract.DecisionsContract): ...


class TestDismissalsOnPostgres(OnPostgres, contract.DismissalsContract): ...


class TestAccessOnPostgres(OnPostgres, contract.AccessContract): ...


class TestThemeLogOnPostgres(OnPostgres, contract.ThemeLogContract): ...


class TestJobsOnPostgres(OnPostgres, contract.JobsContract): ...


class TestManifestsOnPostgres(OnPostgres, contract.ManifestStoreContract): ...
