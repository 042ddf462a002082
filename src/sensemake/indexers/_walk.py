"""Walks a folder in a fixed order: its files, what describes them, and what cannot be read of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sensemake.indexers import _sidecar
from sensemake.indexers._archives import Refused
from sensemake.model import Reason

DIRECTORY = "people.csv"
"""At the root it says who people are, and is no document."""
_NOT_OURS = frozenset(
    {"cvs", "_darcs", "__macosx", "__pycache__", "node_modules", "thumbs.db", "desktop.ini", "$recycle.bin"}
)
_TEMPORARY = (".tmp", ".temp", ".swp", ".swo", ".part", ".crdownload", ".lock", ".lck", "~")


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file, or why there is none to read. `name` is relative, with slashes; a folder's ends with one."""

    path: Path
    name: str
    sidecar: Path | None = None
    flaw: Refused | None = None


def walk(root: Path, scan: Callable[[Path], Iterable[os.DirEntry[str]]] = os.scandir) -> Iterator[Found]:
    """Everything below `root` that is for reading, in the order of names. No link is followed."""
    real = root.resolve()
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(scan(folder), key=lambda entry: entry.name)
        except OSError as error:
            detail = f"the folder cannot be listed: {os.strerror(error.errno or 0)}"
            yield Found(folder, _name(folder, root, "/"), flaw=Refused(Reason.UNREADABLE, detail))
            continue
        ours = [entry for entry in entries if not _is_noise(entry.name, at_root=folder == root)]
        sidecars = _sidecar.of_folder([Path(entry.path) for entry in ours if entry.is_file(follow_symlinks=False)])
        folders += [Path(entry.path) for entry in reversed(ours) if entry.is_dir(follow_symlinks=False)]
        yield from _files(ours, root, real, sidecars)


def one(path: Path) -> Found:
    """A file that was named by itself; what stands beside it may describe it."""
    try:
        beside = [entry for entry in sorted(path.parent.iterdir()) if entry.is_file() and not _is_noise(entry.name)]
    except OSError:
        beside = []
    sidecars = _sidecar.of_folder(beside)
    return Found(path, _text(path.name), next((side for page, side in sidecars.items() if page == path), None))


def _files(entries: Sequence[os.DirEntry[str]], root: Path, real: Path, sidecars: dict[Path, Path]) -> Iterator[Found]:
    used = set(sidecars.values())
    for entry in entries:
        path = Path(entry.path)
        if path in used or entry.is_dir(follow_symlinks=False):
            continue
        flaw = _flaw(entry, real)
        if flaw is not None or entry.is_file(follow_symlinks=False):
            yield Found(path, _name(path, root), sidecars.get(path), flaw)


def _flaw(entry: os.DirEntry[str], real: Path) -> Refused | None:
    """A link to something in the folder needs no word: it is read where it lies."""
    if entry.is_symlink():
        target = Path(os.path.realpath(entry.path))
        if not target.exists():
            return Refused(Reason.UNREADABLE, "a link to nothing")
        return (
            None if target.is_relative_to(real) else Refused(Reason.UNSUPPORTED, "a link that leads out of the folder")
        )
    mode = entry.stat(follow_symlinks=False).st_mode
    return None if stat.S_ISREG(mode) else Refused(Reason.UNSUPPORTED, "neither a file nor a folder")


def _is_noise(name: str, *, at_root: bool = False) -> bool:
    """Hidden files, what programs leave behind, and the directory of people."""
    low = name.lower()
    return (
        low.startswith((".", "~$", "#"))
        or low in _NOT_OURS
        or low.endswith(_TEMPORARY)
        or (at_root and low == DIRECTORY)
    )


def _name(path: Path, root: Path, end: str = "") -> str:
    relative = "" if path == root else _text(PurePosixPath(path.relative_to(root)).as_posix())
    return f"{relative}{end}" if relative else ""


def _text(name: str) -> str:
    """A name whose bytes are no UTF-8 in a form that every store takes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def shown(path: Path) -> str:
    return _text(str(path))
