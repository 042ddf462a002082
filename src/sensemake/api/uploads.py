"""Files that came over HTTP: kept while they are read, at a place that the same file comes to again."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from fastapi import UploadFile

from sensemake.errors import UsageError
from sensemake.model import stable_id


def receive(files: Sequence[UploadFile], home: Path) -> Path:
    """Write the uploads into a new folder in the home."""
    names = [_plain(file.filename or "") for file in files]
    if len(set(names)) < len(names):
        raise UsageError("two of the files have one name")
    (home / "uploads").mkdir(mode=0o700, exist_ok=True)
    folder = home / "uploads" / f"incoming-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    for file, name in zip(files, names, strict=True):
        with (folder / name).open("wb") as target:
            shutil.copyfileobj(file.file, target, 1 << 20)
    return folder


@contextmanager
def in_place(incoming: Path, silo: str) -> Iterator[list[Path]]:
    """The uploads where those of this silo are always read: a file that comes again is the same source."""
    place = incoming.parent / stable_id("upload", silo)[:12]
    shutil.rmtree(place, ignore_errors=True)
    try:
        incoming.rename(place)
        yield sorted(place.iterdir())
    finally:
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(incoming, ignore_errors=True)


def _plain(name: str) -> str:
    """The last part of a name, whichever system it came from; it must be one."""
    plain = PureWindowsPath(PurePosixPath(name).name).name
    if not plain.strip(". ") or not plain.isprintable() or len(plain.encode()) > 200:
        raise UsageError("a file needs a plain name of at most 200 bytes")
    return plain
