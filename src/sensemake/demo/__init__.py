"""The demo organisation: its raw files, how to take them in, and what to ask it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

from sensemake.errors import UsageError

ORGANISATION = "organisation"
_MARK = "silos.toml"


@dataclass(frozen=True, slots=True)
class Step:
    """A command line to run (without `sensemake` and `--home`), and why."""

    why: str
    command: tuple[str, ...]


def write(folder: Path) -> Path:
    """Write the raw files into `folder/organisation`; whatever else lies in `folder` is left alone.

    Raises UsageError when something else lies at that place already.
    """
    target = folder / ORGANISATION
    if target.exists() and not (target / _MARK).is_file():
        raise UsageError(f"{target} exists and is not the demo organisation: name another folder")
    with as_file(files(__package__) / ORGANISATION) as packaged:
        copytree(packaged, target, dirs_exist_ok=True)
    return target


def ingests(organisation: Path) -> Iterator[Step]:
    """One ingest for each silo of the organisation's plan, in its order."""
    plan = tomllib.loads((organisation / _MARK).read_text(encoding="utf-8"))
    for silo in plan["silo"]:
        paths = [str(organisation / path) for path in silo["paths"]]
        readers = [word for group in silo["readers"] for word in ("--readers", group)]
        why = f"the silo {silo['name']}, read by {', '.join(silo['readers'])}"
        yield Step(why, ("ingest", *paths, "--silo", silo["name"], *readers))


def questions(report: Path) -> tuple[Step, ...]:
    """The four questions that Sensemake answers, asked of the demo organisation."""
    return (
        Step("Find this", ("search", "how long do wipers keep a turbidity probe clean", "-n", "3")),
        Step("Who knows about it", ("who", "calibrating nitrate probes in the field", "-n", "3")),
        Step("What do we share", ("themes", "build")),
        Step("What changed", ("report", "-o", str(report))),
    )
