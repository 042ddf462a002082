"""Files that came over HTTP: written where a job finds them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from fastapi import UploadFile

from sensemake.errors import Conflict, UsageError


def receive(files: Sequence[UploadFile], folder: Path) -> None:
    """Write the uploads into a folder; when two have one name (Conflict), or one has none (UsageError), no folder."""
    try:
        names = _names(files)
        for file, name in zip(files, names, strict=True):
            with (folder / name).open("wb") as target:
                shutil.copyfileobj(file.file, target, 1 << 20)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _names(files: Sequence[UploadFile]) -> list[str]:
    names = [_plain(file.filename or "") for file in files]
    if len(set(names)) < len(names):
        raise Conflict("two of the files have one name")
    return names


def _plain(name: str) -> str:
    """The last part of a name, whichever system it came from; it must be one."""
    plain = PureWindowsPath(PurePosixPath(name).name).name
    if not plain.strip(". ") or not plain.isprintable() or len(plain.encode()) > 200:
        raise UsageError("a file needs a plain name of at most 200 bytes")
    return plain
