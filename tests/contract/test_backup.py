"""A backup holds all of a home's truth; a restore checks all of it before it touches anything."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from sensemake.errors import MissingPath, SensemakeError, StoreDamaged, StoreTooNew, UsageError
from sensemake.model import Handle, Person, PersonId, Where
from sensemake.protocols import AuditEvent
from sensemake.stores import backup, integrity_problems, open_catalog, restore, sqlite_url
from sensemake.testing.catalog.nouns import HANDBOOK, OPEN, START, stored

ITEM = stored("a", "one", "two")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    catalog = open_catalog(sqlite_url(home), home, create=True)
    catalog.corpus.store([ITEM])
    catalog.people.import_directory([Person(PersonId("1"), "Ana", (Handle("slack", "U1"),))])
    catalog.people.set_listed(PersonId("1"), listed=False)
    for number in range(3):
        catalog.audit.record(AuditEvent(START, "ana", "who", str(number), {}))
    backup(catalog, tmp_path / "home.zip")
    catalog.close()
    return tmp_path / "home.zip"


def test_a_restored_home_is_the_one_that_was_backed_up(archive: Path, tmp_path: Path) -> None:
    home = tmp_path / "restored"
    restore(archive, home)
    catalog = open_catalog(sqlite_url(home), home, create=False)
    assert catalog.corpus.documents([ITEM.document.id]) == {ITEM.document.id: ITEM.document}
    assert catalog.corpus.select(Where(frozenset({OPEN}), frozenset({OPEN}))) == list(ITEM.passages)
    assert catalog.people.choices() == {"1": False}
    assert [event.about for event in catalog.audit.events()] == ["0", "1", "2"]
    assert catalog.audit.verify() is None
    assert integrity_problems(catalog) == ()
    catalog.corpus.store([stored("b", "three")])
    catalog.audit.record(AuditEvent(START, "ana", "who", "3", {}))
    assert catalog.audit.verify() is None
    catalog.close()


def test_nobody_else_may_read_it(archive: Path, tmp_path: Path) -> None:
    restore(archive, tmp_path / "restored")
    for path in (archive, tmp_path / "restored", *(tmp_path / "restored").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_home_is_replaced_only_by_force_and_then_whole(archive: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    catalog = open_catalog(sqlite_url(home), home, create=False)
    catalog.corpus.store([stored("later", "words")])
    catalog.audit.record(AuditEvent(START, "ana", "who", "later", {}))
    with pytest.raises(UsageError, match="--force"):
        restore(archive, home)
    assert len(catalog.corpus.known(HANDBOOK.id)) == 2
    catalog.close()
    restore(archive, home, force=True)
    catalog = open_catalog(sqlite_url(home), home, create=False)
    assert set(catalog.corpus.known(HANDBOOK.id)) == {ITEM.document.id}
    assert catalog.audit.verify() is None
    catalog.close()


def test_a_backup_is_taken_while_others_write_and_overwrites_nothing(archive: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    catalog = open_catalog(sqlite_url(home), home, create=False)
    with pytest.raises(UsageError, match="exists already"):
        backup(catalog, archive)
    with catalog.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM passages")
        backup(catalog, tmp_path / "second.zip")
    restore(tmp_path / "second.zip", tmp_path / "restored")
    other = open_catalog(sqlite_url(tmp_path / "restored"), tmp_path / "restored", create=False)
    assert len(other.corpus.passages([passage.id for passage in ITEM.passages])) == 2
    other.close()
    catalog.close()
    assert {path.name for path in tmp_path.iterdir()} == {"home", "home.zip", "second.zip", "restored"}


def test_a_damaged_archive_changes_nothing(archive: Path, tmp_path: Path) -> None:
    rng = random.Random(11)
    whole = archive.read_bytes()
    refused = 0
    for _ in range(25):
        data = bytearray(whole)
        if rng.random() < 0.3:
            del data[rng.randrange(len(data)) :]
        else:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        archive.write_bytes(data)
        try:
            restore(archive, tmp_path / "home", force=True)
        except StoreDamaged as error:
            refused += 1
            assert "nothing was changed" in str(error)  # noqa: PT017  some flips hit what nothing reads
        home = tmp_path / "home"
        catalog = open_catalog(sqlite_url(home), home, create=False)
        assert set(catalog.corpus.known(HANDBOOK.id)) == {ITEM.document.id}
        catalog.close()
        assert not list(home.glob(".restore-*"))
    assert refused > 15


def test_a_journal_left_by_a_killed_writer_does_not_get_into_the_restored_home(archive: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    journal = home / "catalog.sqlite-wal"
    catalog = open_catalog(sqlite_url(home), home, create=False)
    catalog.corpus.store([stored("later", "words")])
    left = journal.read_bytes()
    catalog.close()
    journal.write_bytes(left)
    restore(archive, home, force=True)
    catalog = open_catalog(sqlite_url(home), home, create=False)
    assert set(catalog.corpus.known(HANDBOOK.id)) == {ITEM.document.id}
    assert integrity_problems(catalog) == ()
    catalog.close()


def test_an_archive_that_somebody_changed_is_refused(archive: Path, tmp_path: Path) -> None:
    def changed(name: str, content: bytes, *, listed: bool) -> Path:
        with zipfile.ZipFile(archive) as old:
            held = {member: old.read(member) for member in old.namelist()}
        held[name] = content
        if listed:
            manifest = json.loads(held["manifest.json"])
            manifest["files"][name] = {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
            held["manifest.json"] = json.dumps(manifest).encode()
        with zipfile.ZipFile(tmp_path / "changed.zip", "w") as new:
            for member, data in held.items():
                new.writestr(member, data)
        return tmp_path / "changed.zip"

    with zipfile.ZipFile(archive) as old:
        audit = old.read("audit.jsonl")
    cases = (
        ("audit.jsonl", audit.replace(b"ana", b"bob"), False),
        ("audit.jsonl", audit + b"\n", False),
        ("../stray", b"climbs out", True),
        ("catalog.sqlite", b"no database" * 1000, True),
    )
    for name, content, listed in cases:
        with pytest.raises(StoreDamaged, match="nothing was changed"):
            restore(changed(name, content, listed=listed), tmp_path / "new")
        assert not list((tmp_path / "new").glob("*.*"))
        assert not (tmp_path / "stray").exists()
        assert not (tmp_path / "new" / "stray").exists()


def test_what_is_no_backup_is_said_so(archive: Path, tmp_path: Path) -> None:
    def made(name: str, write: Callable[[zipfile.ZipFile], object]) -> Path:
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            write(packed)
        return tmp_path / name

    (tmp_path / "text").write_text("not an archive")
    later = '{"format": 2, "schema": "0001", "files": {}}'
    climbing = '{"format": 1, "schema": "0001", "files": {"../catalog.sqlite": {"sha256": "", "bytes": 0}}}'
    cases: list[tuple[Path, type[SensemakeError]]] = [
        (tmp_path / "absent", MissingPath),
        (tmp_path / "text", StoreDamaged),
        (made("empty", lambda packed: None), StoreDamaged),
        (made("later", lambda packed: packed.writestr("manifest.json", later)), StoreTooNew),
        (made("climbing", lambda packed: packed.writestr("manifest.json", climbing)), StoreDamaged),
        (made("list", lambda packed: packed.writestr("manifest.json", "[]")), StoreDamaged),
    ]
    for path, kind in cases:
        with pytest.raises(kind):
            restore(path, tmp_path / "new")
        assert not (tmp_path / "new" / "catalog.sqlite").exists()
        assert not (tmp_path / "catalog.sqlite").exists()
