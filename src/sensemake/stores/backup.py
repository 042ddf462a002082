"""A home's truth in one file, and back: the catalog and the audit log, each with its SHA-256.

The search index is left out: it is rebuilt from the catalog.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from sensemake.errors import MissingPath, StoreDamaged, StoreTooNew, UsageError
from sensemake.stores.audit import AUDIT_FILE, HEAD_FILE
from sensemake.stores.catalog import Catalog
from sensemake.stores.connection import CATALOG_FILE, WRITE_WAIT, SqliteDatabase
from sensemake.stores.faults import translated
from sensemake.stores.locks import FileLocks
from sensemake.stores.schema import REVISIONS

FORMAT = 1
MANIFEST = "manifest.json"
_FILES = (AUDIT_FILE, HEAD_FILE, CATALOG_FILE)
"""In the order in which they are put back: the catalog last, so that a home with a catalog is whole."""
_CHUNK = 1 << 20
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, sqlite3.Error, EOFError, RuntimeError),
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError),
)


@dataclass(frozen=True, slots=True)
class _Packed:
    sha256: str
    bytes: int


def backup(catalog: Catalog, target: Path) -> None:
    """Write one archive while others read and write. Raises UsageError when `target` exists or on PostgreSQL."""
    database = catalog.database
    if not isinstance(database, SqliteDatabase):
        raise UsageError(f"the catalog is kept by PostgreSQL ({database.place}); back it up with pg_dump")
    if target.exists():
        raise UsageError(f"{target} exists already; name another file for the backup")
    with translated(str(target), target.parent), TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        database.copy_to(Path(folder) / CATALOG_FILE)
        _copy_audit(catalog, Path(folder))
        part = Path(folder) / "archive"
        _pack(Path(folder), part)
        part.replace(target)
        _sync(target.parent)


def restore(archive: Path, home: Path, *, force: bool = False) -> None:
    """Make `home` what the archive holds, after all of it was checked; `force` lets it replace a catalog.

    Raises MissingPath, UsageError (a catalog is there), StoreDamaged (not a whole backup) or StoreTooNew;
    then nothing was changed.
    """
    if not archive.is_file():
        raise MissingPath(f"there is no backup at {archive}")
    if (home / CATALOG_FILE).exists() and not force:
        raise UsageError(f"{home} holds a catalog already; replace it with --force, or restore into another home")
    with translated(str(home), home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".restore-", dir=home) as folder:
            _unpack(archive, Path(folder))
            _put_back(Path(folder), home)


def _copy_audit(catalog: Catalog, folder: Path) -> None:
    with catalog.locks.hold("audit", wait=WRITE_WAIT):
        for name in (AUDIT_FILE, HEAD_FILE):
            if (catalog.home / name).exists():
                shutil.copyfile(catalog.home / name, folder / name)


def _pack(folder: Path, part: Path) -> None:
    names = [name for name in _FILES if (folder / name).exists()]
    manifest = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "schema": REVISIONS[-1],
        "files": {name: _measured(folder / name) for name in names},
    }
    with part.open("wb") as file:
        part.chmod(0o600)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            packed.writestr(MANIFEST, json.dumps(manifest, indent=1))
            for name in names:
                packed.write(folder / name, name)
        file.flush()
        os.fsync(file.fileno())


def _measured(file: Path) -> dict[str, object]:
    with file.open("rb") as opened:
        return {"sha256": _digest(opened), "bytes": file.stat().st_size}


def _digest(file: BinaryIO) -> str:
    digest = sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _unpack(archive: Path, folder: Path) -> None:
    with _whole(archive), zipfile.ZipFile(archive) as packed:
        for name, expected in _manifest(packed, archive).items():
            _unpack_one(packed, name, expected, folder / name)
        _check_catalog(folder / CATALOG_FILE)


@contextmanager
def _whole(archive: Path) -> Iterator[None]:
    """Whatever is wrong inside an archive is said in one way."""
    try:
        yield
    except _UNREADABLE as e:
        raise StoreDamaged(
            f"{archive} is not a whole Sensemake backup ({e}); nothing was changed. Use another backup"
        ) from e


def _manifest(packed: zipfile.ZipFile, archive: Path) -> dict[str, _Packed]:
    with packed.open(MANIFEST) as file:
        manifest = json.loads(file.read(_CHUNK))
    if manifest["format"] != FORMAT or manifest["schema"] not in REVISIONS:
        raise StoreTooNew(f"{archive} was written by a later version of Sensemake; restore it with that version")
    files = {name: _Packed(str(entry["sha256"]), int(entry["bytes"])) for name, entry in manifest["files"].items()}
    if CATALOG_FILE not in files or not files.keys() <= set(_FILES):
        raise ValueError("its list of files is not one of ours")
    return files


def _unpack_one(packed: zipfile.ZipFile, name: str, expected: _Packed, target: Path) -> None:
    digest, left = sha256(), expected.bytes
    with packed.open(name) as source, target.open("xb") as file:
        target.chmod(0o600)
        while chunk := source.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise ValueError(f"{name} is larger than it should be")
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if left or digest.hexdigest() != expected.sha256:
        raise ValueError(f"{name} is not what was backed up")


def _check_catalog(file: Path) -> None:
    """A sound database, in the journal mode that the catalog uses."""
    with closing(sqlite3.connect(file)) as connection:
        if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
            raise ValueError("its catalog is damaged")
        connection.execute("PRAGMA journal_mode=WAL").fetchall()


def _put_back(folder: Path, home: Path) -> None:
    """The old catalog goes first and the new one comes last: killed in between, the home has none, never a mixture."""
    locks = FileLocks(home / "locks")
    with locks.hold("write", wait=WRITE_WAIT), locks.hold("audit", wait=WRITE_WAIT):
        for suffix in ("", "-wal", "-shm"):
            (home / f"{CATALOG_FILE}{suffix}").unlink(missing_ok=True)
        for name in _FILES:
            (home / name).unlink(missing_ok=True)
            if (folder / name).exists():
                (folder / name).replace(home / name)
        _sync(home)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
