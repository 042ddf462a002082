"""What was removed from the catalog is in no file of the home any more, and no error or log shows a text."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensemake.errors import SensemakeError
from sensemake.model import Handle, Profile
from sensemake.protocols import Stored
from sensemake.stores import Catalog, open_catalog, sqlite_url
from sensemake.testing.catalog.nouns import HANDBOOK, stored

SECRET = "quokkabeacon"


def left(home: Path) -> list[str]:
    return [path.name for path in home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def telling(number: int) -> Stored:
    handle = Handle("email", f"{SECRET}{number}@harbour.example")
    item = stored(f"{SECRET}/{number}", f"{SECRET} {number} " * 300, title=f"{SECRET} {number}", author=handle)
    document = replace(item.document, profiles=(Profile(handle, SECRET, title=SECRET),), facets={"about": SECRET})
    return Stored(document, item.digest, item.passages)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return open_catalog(sqlite_url(tmp_path), tmp_path, create=True)


def test_removed_documents_leave_every_file(catalog: Catalog, tmp_path: Path) -> None:
    items = [telling(number) for number in range(40)]
    catalog.corpus.store([stored("stays", "plain words")])
    catalog.corpus.store(items)
    keys = [passage.key for item in items for passage in item.passages]
    catalog.corpus.keep_vectors("model", {key: np.ones(8, np.float32) for key in keys})
    assert left(tmp_path)
    catalog.corpus.remove([item.document.id for item in items])
    assert left(tmp_path) == []
    assert not catalog.corpus.vectors("model", keys)
    assert len(catalog.corpus.known(HANDBOOK.id)) == 1
    catalog.close()
    assert left(tmp_path) == []


def test_a_reader_in_the_way_only_delays_it(catalog: Catalog, tmp_path: Path) -> None:
    item = telling(1)
    catalog.corpus.store([item])
    with catalog.database.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM documents").scalar()
        catalog.corpus.remove([item.document.id])
    catalog.sources.set_setting("any", "later write")
    assert left(tmp_path) == []
    catalog.close()


def test_an_error_shows_no_text(catalog: Catalog) -> None:
    statement = "INSERT INTO settings VALUES (?, ?)"
    with pytest.raises(SensemakeError) as met, catalog.database.writing() as connection:
        connection.exec_driver_sql(statement, [(SECRET, SECRET)] * 2)
    assert SECRET not in "".join(traceback.format_exception(met.value))
    catalog.close()
