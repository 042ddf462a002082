"""Opening a catalog: quickly, and with one clear error for everything that can be wrong with the file."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sensemake.errors import SensemakeError, StoreDamaged, StoreError, StoreReadOnly, StoreTooNew, UsageError
from sensemake.model import Handle, Person, PersonId, Silo, SiloName, TextKey, Where
from sensemake.protocols import Manifest
from sensemake.stores import Catalog, exists, integrity_problems, open_catalog, sqlite_url
from sensemake.stores.schema import VERSION_TABLE, metadata
from sensemake.testing.catalog.nouns import HANDBOOK, OPEN, START, crowd, stored

EVERYTHING = frozenset(map(SiloName, ("open", "closed", "open/#room")))
MUTATIONS = int(os.environ.get("SENSEMAKE_TEST_MUTATIONS", "18"))


@pytest.fixture(scope="module")
def full_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed home with something in every table."""
    home = tmp_path_factory.mktemp("full")
    catalog = open_catalog(sqlite_url(home), home, create=True)
    fill(catalog)
    catalog.close()
    return home


def fill(catalog: Catalog) -> None:
    catalog.access.add_silo(Silo(OPEN, frozenset({"everyone"})))
    catalog.corpus.store(crowd(60))
    keys = [passage.key for passage in catalog.corpus.select(Where(EVERYTHING, EVERYTHING))]
    catalog.corpus.keep_vectors("model", {key: np.ones(384, np.float32) for key in keys})
    catalog.people.import_directory([Person(PersonId("1"), "Ana", (Handle("email", "ana@harbour.example"),))])
    catalog.sources.finished(HANDBOOK.id, START, [])
    catalog.manifests.replace({"p": Manifest("p", "1", "model", 384, {"index": "ab"}, {OPEN: 7})})


def reads(catalog: Catalog) -> Iterator[Callable[[], object]]:
    corpus = catalog.corpus
    yield lambda: corpus.known(HANDBOOK.id)
    yield lambda: corpus.documents([item.document.id for item in crowd(60)])
    yield lambda: corpus.passages([passage.id for item in crowd(60) for passage in item.passages])
    yield lambda: corpus.select(Where(EVERYTHING, EVERYTHING, authors=frozenset({Handle("email", "x")})))
    yield lambda: corpus.select(Where(EVERYTHING, EVERYTHING))
    yield lambda: corpus.changes(OPEN, 0, 1_000)
    yield lambda: corpus.vectors("model", [TextKey(passage.key) for item in crowd(60) for passage in item.passages])
    yield lambda: catalog.people.handles(EVERYTHING)
    yield lambda: catalog.people.profiles(EVERYTHING)
    yield catalog.people.directory
    yield catalog.people.links
    yield catalog.access.silos
    yield catalog.access.tokens
    yield catalog.sources.all
    yield lambda: catalog.themes.history(EVERYTHING)
    yield catalog.manifests.load
    yield lambda: integrity_problems(catalog)


def read_all(home: Path) -> list[SensemakeError]:
    """Read whatever can be read; the errors met, which may only be ours."""
    met: list[SensemakeError] = []
    try:
        catalog = open_catalog(sqlite_url(home), home, create=False)
    except SensemakeError as error:
        return [error]
    for read in reads(catalog):
        try:
            read()
        except SensemakeError as error:
            met.append(error)
    catalog.close()
    return met


def copied(home: Path, target: Path, change: Callable[[bytearray], object]) -> Path:
    """A home whose catalog is that of `home` with some bytes changed."""
    data = bytearray((home / "catalog.sqlite").read_bytes())
    change(data)
    target.mkdir()
    (target / "catalog.sqlite").write_bytes(data)
    return target


def digest(home: Path) -> str:
    return sha256((home / "catalog.sqlite").read_bytes()).hexdigest()


# ── well ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_home_that_is_not_there_is_made_only_when_asked(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    with pytest.raises(StoreError, match="sensemake ingest"):
        open_catalog(sqlite_url(home), home, create=False)
    assert not home.exists()
    assert not exists(sqlite_url(home))
    open_catalog(sqlite_url(home), home, create=True).close()
    assert exists(sqlite_url(home))


def test_nobody_else_may_read_what_is_made(tmp_path: Path) -> None:
    home = tmp_path / "home"
    catalog = open_catalog(sqlite_url(home), home, create=True)
    catalog.corpus.store([stored("a", "one")])
    with catalog.locks.hold("x"):
        pass
    for path in (home, *home.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    catalog.close()


def test_the_settings_of_writers_are_those_that_lose_nothing(tmp_path: Path) -> None:
    catalog = open_catalog(sqlite_url(tmp_path), tmp_path, create=True)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "trusted_schema": 0}
    with catalog.database.writing() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    assert found == wanted
    with catalog.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1
    with pytest.raises(StoreReadOnly), catalog.database.reading() as connection:
        connection.exec_driver_sql("DELETE FROM settings")
    catalog.close()


def test_opening_what_is_up_to_date_leaves_alembic_alone(full_home: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from sensemake.stores import open_catalog, sqlite_url; "
        "home = Path(sys.argv[1]); open_catalog(sqlite_url(home), home, create=True).corpus.marks(); "
        "sys.exit(' '.join({'alembic', 'filelock', 'psycopg', 'sqlalchemy.orm'} & set(sys.modules)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code, str(full_home)], check=True)


def test_the_migrations_make_the_schema_that_the_code_uses(tmp_path: Path) -> None:
    catalog = open_catalog(sqlite_url(tmp_path), tmp_path, create=True)
    with catalog.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []
    catalog.close()


def test_a_home_that_cannot_be_written_can_be_read() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        catalog = open_catalog(sqlite_url(home), home, create=True)
        catalog.corpus.store([stored("a", "one")])
        for path in (Path(folder), home, *home.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        found = without_rights(lambda: _reads_only(home))  # while its journal is there
        assert found == "1 document, refused"
        catalog.close()
        assert not (home / "catalog.sqlite-wal").exists()
        assert without_rights(lambda: _reads_only(home)) == "1 document, refused"


def _reads_only(home: Path) -> str:
    catalog = open_catalog(sqlite_url(home), home, create=True)
    found = len(catalog.corpus.known(HANDBOOK.id))
    assert catalog.audit.verify() is None
    with pytest.raises(StoreReadOnly) as met:
        catalog.corpus.store([stored("b", "two")])
    assert str(home) in str(met.value)
    return f"{found} document, refused"


def without_rights(call: Callable[[], str]) -> str:
    """What `call` returns in a process that owns nothing."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.write(writer, call().encode())
        except BaseException as error:  # noqa: BLE001  told to the parent
            os.write(writer, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        return pipe.read()


# ── not well ─────────────────────────────────────────────────────────────────────────────────────


def test_a_url_that_cannot_be_is_said_so(tmp_path: Path) -> None:
    for url in ("", "nonsense", "sqlite://", "mysql://host/name", "sqlite:///:memory:"):
        with pytest.raises(UsageError):
            open_catalog(url, tmp_path, create=True)


def test_a_server_that_is_not_there_is_an_error_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as met:
        open_catalog("postgresql://ana:sesame@127.0.0.1:9/none", tmp_path, create=True)
    assert "sesame" not in str(met.value)


def test_a_later_schema_is_left_alone(full_home: Path, tmp_path: Path) -> None:
    home = copied(full_home, tmp_path / "home", lambda _: None)
    with sqlite3.connect(home / "catalog.sqlite") as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")  # noqa: S608
    connection.close()
    before = digest(home)
    for create in (True, False):
        with pytest.raises(StoreTooNew, match="9999"):
            open_catalog(sqlite_url(home), home, create=create)
    assert digest(home) == before


def test_another_programs_file_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "catalog.sqlite") as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    for content in (None, b"not a database, but longer than the header of one would have to be\n" * 50):
        if content is not None:
            (tmp_path / "catalog.sqlite").write_bytes(content)
        before = digest(tmp_path)
        for create in (True, False):
            with pytest.raises(StoreDamaged, match="sensemake restore"):
                open_catalog(sqlite_url(tmp_path), tmp_path, create=create)
        assert digest(tmp_path) == before


def test_a_folder_in_the_place_of_the_catalog(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").mkdir()
    with pytest.raises(StoreError, match=r"catalog\.sqlite"):
        open_catalog(sqlite_url(tmp_path), tmp_path, create=True)


def test_the_undamaged_home_reads_without_an_error(full_home: Path) -> None:
    assert read_all(full_home) == []


def test_reading_leaves_the_file_and_its_journal_as_they_are(tmp_path: Path) -> None:
    catalog = open_catalog(sqlite_url(tmp_path / "live"), tmp_path / "live", create=True)
    fill(catalog)
    home = copied(tmp_path / "live", tmp_path / "killed", lambda _: None)
    shutil.copyfile(tmp_path / "live" / "catalog.sqlite-wal", home / "catalog.sqlite-wal")
    catalog.close()
    before = digest(home), (home / "catalog.sqlite-wal").read_bytes()
    assert len(before[1]) > 10_000
    assert read_all(home) == []
    assert (digest(home), (home / "catalog.sqlite-wal").read_bytes()) == before


def test_a_damaged_file_gives_our_errors_only_and_is_not_touched(full_home: Path, tmp_path: Path) -> None:
    """Always the same harm: with a new one each time, some runs meet too few pages that are in use."""
    seed = 7
    rng = random.Random(seed)
    met = 0
    for number in range(MUTATIONS):
        harm = HARMS[number % len(HARMS)]
        home = copied(full_home, tmp_path / str(number), lambda data, harm=harm: harm(data, rng))
        before = digest(home)
        errors = read_all(home)
        met += bool(errors)
        assert all(isinstance(error, StoreError) for error in errors), (seed, number, errors)
        assert all("catalog.sqlite" in str(error) for error in errors), (seed, number, errors)
        assert digest(home) == before, (seed, number)
        shutil.rmtree(home)
    assert met > MUTATIONS // 3, "the harm is too small to show that anything is checked"


def flip_a_bit(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def flip_in_the_head(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(200)] ^= 1 << rng.randrange(8)


def garble_a_page(data: bytearray, rng: random.Random) -> None:
    page = rng.randrange(len(data) // 4096) * 4096
    data[page : page + 4096] = rng.randbytes(4096)


def zero_a_page(data: bytearray, rng: random.Random) -> None:
    page = rng.randrange(len(data) // 4096) * 4096
    data[page : page + 4096] = bytes(4096)


def swap_pages(data: bytearray, rng: random.Random) -> None:
    one, two = (rng.randrange(1, len(data) // 4096) * 4096 for _ in range(2))
    data[one : one + 4096], data[two : two + 4096] = data[two : two + 4096], data[one : one + 4096]


def cut_off(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(1, len(data)) :]


HARMS = (flip_a_bit, flip_in_the_head, garble_a_page, zero_a_page, swap_pages, cut_off)


FULL = """
import shutil, sys
from pathlib import Path
from sensemake.errors import StoreFull
from sensemake.stores import integrity_problems, open_catalog, sqlite_url
from sensemake.testing.catalog.nouns import HANDBOOK, stored
home = Path(sys.argv[1]) / "home"
(home.parent / "filler").write_bytes(bytes(1 << 20))
catalog = open_catalog(sqlite_url(home), home, create=True)
kept = 0
try:
    for number in range(1000):
        catalog.corpus.store([stored(str(number), "word " * 5000)])
        kept += 1
except StoreFull as error:
    assert "free some space" in str(error), error
    assert kept > 3
    assert len(catalog.corpus.known(HANDBOOK.id)) == kept
    assert not integrity_problems(catalog)
    (home.parent / "filler").unlink()
    catalog.corpus.store([stored("last", "word " * 5000)])
    print(len(catalog.corpus.known(HANDBOOK.id)) - kept)
"""


def test_a_full_disk_keeps_what_was_stored_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    mount = f'mount -t tmpfs -o size=4m none "{tmp_path}" && exec "$0" -c "$1" "{tmp_path}"'
    command = ["unshare", "-rm", "sh", "-c", mount, sys.executable, FULL]
    try:
        subprocess.run(["unshare", "-rm", "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("skipped: this machine lets nobody mount a small disk")
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("1", "")
