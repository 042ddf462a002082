"""The shelf: reports that were made for a period, kept in the home as files, with an index page and a list."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sensemake.errors import StoreError
from sensemake.model import SiloName, stable_id
from sensemake.rules.periods import Every, Kept, Period

FOLDER = "reports"
LIST = "index.json"
PAGE = "index.html"
FORMS = ("html", "md", "json")
"""As what a report is kept."""


def id_of(period: Period, silos: Sequence[SiloName]) -> str:
    """The same for the same period of the same silos."""
    return f"{period.name}-{stable_id('report', *sorted(silos))[:8]}"


def kept(home: Path) -> tuple[Kept, ...]:
    """All of them, the newest period first. A list that cannot be read is an error: it says what is due."""
    try:
        rows = json.loads((home / FOLDER / LIST).read_text(encoding="utf-8"))["reports"]
        found = [Kept(**{**row, "silos": tuple(map(SiloName, row["silos"]))}) for row in rows]
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{home / FOLDER / LIST} cannot be read ({type(error).__name__}): move the folder away, and what is due is "
            "made again"
        ) from error
    return tuple(sorted(found, key=lambda one: (one.until, one.id), reverse=True))


def keep(
    home: Path, every: Every, period: Period, report: Mapping[str, Any], pages: Mapping[str, str], language: str
) -> tuple[Kept, tuple[Kept, ...]]:
    """Put a report on the shelf, in the place of an earlier one of the same period and silos; and all there are then.

    The list is written last: what is in it is whole.
    """
    silos = tuple(map(SiloName, report["silos"]))
    id_ = id_of(period, silos)
    one = Kept(id_, every, period.name, period.since.isoformat(), period.until.isoformat(), silos, id_, language)
    with _writing(home / FOLDER):
        (home / FOLDER).mkdir(mode=0o700, exist_ok=True)
        (home / FOLDER / id_).mkdir(mode=0o700, exist_ok=True)
    write(home, one, pages)
    _list(home, [one, *(other for other in kept(home) if other.id != id_)])
    return one, kept(home)


def write(home: Path, one: Kept, pages: Mapping[str, str]) -> None:
    """Put these files in the place of a report's."""
    for name, text in pages.items():
        _write(home / FOLDER / one.folder / name, text)


def drop(home: Path, one: Kept) -> tuple[Kept, ...]:
    """Take a report off the shelf, its files first; what there is then."""
    with _writing(home / FOLDER / one.folder), suppress(FileNotFoundError):
        shutil.rmtree(home / FOLDER / one.folder)
    _list(home, [other for other in kept(home) if other.id != one.id])
    return kept(home)


def read(home: Path, one: Kept, form: str) -> str:
    """A kept report as `html`, `md` or `json`."""
    try:
        return (home / FOLDER / one.folder / f"report.{form}").read_text(encoding="utf-8")
    except OSError as error:
        raise StoreError(f"the report {one.id} cannot be read: {error.strerror}") from error


def _list(home: Path, every_one: Sequence[Kept]) -> None:
    rows = sorted((asdict(each) for each in every_one), key=lambda row: (row["until"], row["id"]), reverse=True)
    _write(home / FOLDER / LIST, json.dumps({"reports": rows}, ensure_ascii=False, indent=1) + "\n")


def write_page(home: Path, text: str) -> None:
    _write(home / FOLDER / PAGE, text)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and for nobody else on this machine."""
    with _writing(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink(missing_ok=True)
            raise


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
