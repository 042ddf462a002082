"""Files of a search index: written so that they last, and believed only when their SHA-256 is the expected one."""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensemake.errors import StoreError, StoreFull, StoreReadOnly
from sensemake.model import stable_id


def folder_of(root: Path, partition: str) -> Path:
    """The folder of a partition, whatever its name is."""
    plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", partition)
    return root / (partition if plain else stable_id("partition", partition))


def intact(folder: Path, files: Mapping[str, str]) -> bool:
    """Whether every one of these files is there, with this SHA-256."""
    try:
        return all(_sha256(folder / name) == digest for name, digest in files.items())
    except OSError:
        return False


def seal(folder: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Bring a new generation safely to disk; its files' SHA-256, those of hard links being `known`."""
    files = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    for name, path in files.items():
        if name not in known:
            _sync(path)
    for path in {folder.parent.parent, folder.parent, folder, *(file.parent for file in files.values())}:
        _sync(path)
    return {name: known[name] if name in known else _sha256(path) for name, path in sorted(files.items())}


def link(source: Path, target: Path) -> None:
    """Hard-link a file that will never change, or copy it where the file system has no links."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def mapped(file: Path) -> NDArray[Any]:
    """An array on disk, as a plain view: `np.memmap` does some work of its own at every slice."""
    return np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))


def let_go(array: NDArray[Any]) -> None:
    """Take a mapped array out of this process' memory. Its pages stay in the system's cache, from where they come again
    when they are read, whoever is reading meanwhile."""
    memory: Any = array
    while memory is not None and not isinstance(memory, mmap.mmap):
        memory = getattr(memory, "base", None)
    if memory is not None:
        memory.madvise(mmap.MADV_DONTNEED)


def remove(folder: Path) -> None:
    """Remove a folder as far as it goes; what is left is removed by the next commit."""
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Errors of the disk, and of the libraries that write to it, as our own."""
    try:
        yield
    except OSError as error:
        raise _fault(root, error) from error
    except (ValueError, RuntimeError) as error:  # as tantivy and faiss tell of the disk's errors
        raise StoreError(f"cannot write the search index in {root}: {error}") from error


def _fault(root: Path, error: OSError) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"cannot write the search index in {root}: the disk is full; make room and try again")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StoreReadOnly(f"cannot write the search index in {root}: it is read-only; make it writable for you")
    return StoreError(f"cannot write the search index in {root}: {error.strerror}")


def _files(folder: Path) -> Iterator[Path]:
    """All files but tantivy's locks, which every reader makes anew."""
    return (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
