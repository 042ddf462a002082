"""Turns what databases and disks say into our own errors, in this one place.

A message names the file, what was found and what to do; never a password, nor a value of a row.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from sensemake.errors import Locked, SensemakeError, StoreDamaged, StoreError, StoreFull, StoreReadOnly

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_UNUSABLE = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CONSTRAINT,
}
_STRANGE_VALUE = (ValueError, TypeError, LookupError, ArithmeticError)


@contextmanager
def translated(place: str, folder: Path, *, writing: bool = False) -> Iterator[None]:
    """Around everything that touches the store at `place`; `folder` is on the disk whose space counts.

    What a row holds and cannot be understood is damage; what cannot be made a row is the caller's.
    """
    try:
        yield
    except SensemakeError:
        raise
    except DBAPIError as error:
        raise _from_database(error.orig, place, folder) from error
    except sqlite3.Error as error:
        raise _from_database(error, place, folder) from error
    except SQLAlchemyError as error:
        raise StoreError(f"cannot use {place}: {type(error).__name__}") from error
    except OSError as error:
        raise from_system(error, place, folder) from error
    except _STRANGE_VALUE as error:
        if writing:
            raise StoreError(
                f"cannot write to {place}: a value that cannot be stored ({type(error).__name__})"
            ) from error
        raise damaged(place, f"a row that cannot be understood ({type(error).__name__})") from error


def damaged(place: str, found: str) -> StoreDamaged:
    return StoreDamaged(
        f"{place} is damaged: {found}. Nothing was changed; look at it with `sensemake doctor`, "
        "mend it with `sensemake doctor --repair`, or bring back a backup with `sensemake restore ARCHIVE --force`"
    )


def full(place: str, folder: Path) -> StoreFull:
    return StoreFull(
        f"cannot write {place}: the disk is full ({_free(folder)} free in {folder}). "
        "What was stored before is safe; free some space and run it again"
    )


def read_only(place: str) -> StoreReadOnly:
    return StoreReadOnly(
        f"cannot write {place}: it may only be read from here. "
        "Run this as the owner of the folder, or name another home with --home"
    )


def from_system(error: OSError, place: str, folder: Path) -> StoreError:
    if error.errno in _FULL:
        return full(place, folder)
    if error.errno in _READ_ONLY:
        return read_only(place)
    return StoreError(f"cannot use {place}: {error.strerror or type(error).__name__}")


def _from_database(error: BaseException | None, place: str, folder: Path) -> SensemakeError:
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, sqlite3.Error):
        return _from_sqlite(error, code & 0xFF if code is not None else None, place, folder)
    return _from_postgres(getattr(error, "sqlstate", None), place, folder)


def _from_sqlite(error: sqlite3.Error, code: int | None, place: str, folder: Path) -> SensemakeError:
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}:
        return damaged(place, str(error))
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(folder)):
        return full(place, folder)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return read_only(place)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Locked(f"{place} is in use by another program; try again in a moment")
    if code in _UNUSABLE:
        return StoreError(f"cannot use {place}: {error}")
    # What is left (no such table or column, text that is not UTF-8) is not ours: the file is.
    return damaged(place, type(error).__name__ if "UTF-8" in str(error) else str(error))


def _from_postgres(state: str | None, place: str, folder: Path) -> SensemakeError:
    if state in {"53100", "53200"}:
        return full(place, folder)
    if state == "25006":
        return read_only(place)
    if state in {"55P03", "40001", "40P01"}:
        return Locked(f"{place} is being written by another process; try again in a moment")
    if state in {"XX001", "XX002"}:
        return damaged(place, f"the server says so (SQLSTATE {state})")
    return StoreError(f"cannot use {place}: the server refused or cannot be reached (SQLSTATE {state or 'unknown'})")


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free / 2**20:.1f} MiB"
    except OSError:
        return "an unknown amount"


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < 2**20
    except OSError:
        return False
