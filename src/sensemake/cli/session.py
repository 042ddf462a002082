"""`sensemake session`: from a report to a room of people, and back."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command
from sensemake.cli.report import Language
from sensemake.cli.themes import Audience
from sensemake.errors import MissingPath, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Method(StrEnum):
    """As `jobs.session.METHODS`."""

    WORLD_CAFE = "world-cafe"
    WHAT = "what"
    ORID = "orid"
    ALL = "1-2-4-all"


@command(
    "prepare",
    "sensemake session prepare -o pack",
    "sensemake session prepare --minutes 90 --method orid --language nl -o pack",
    "sensemake session prepare --report report.json -o pack",
)
def prepare(
    call: Call,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the files go.")],
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="A report as JSON; when absent, one is made.")
    ] = None,
    audience: Audience = None,
    minutes: Annotated[int, typer.Option("--minutes", help="60 or 90.")] = 60,
    method: Annotated[Method, typer.Option("--method", help="How people work together.")] = Method.WORLD_CAFE,
    language: Annotated[
        Language, typer.Option("--language", help="The language of its own words; quotes stay as they were said.")
    ] = Language.ENGLISH,
) -> None:
    """Write what a session on a report needs.

    An agenda, table sheets and cards to print (HTML that loads nothing), and an empty form for what comes of it, to be
    taken in by `session harvest`. Files of the same name are replaced, but never a form that was filled in.
    """
    with call.workspace() as (workspace, asker):
        told = _read(report) if report else workspace.report(asker, audience=audience or ())
        pack = workspace.prepare_session(told, method=str(method), minutes=minutes, language=str(language))
    output.mkdir(parents=True, exist_ok=True)
    form = output / "harvest.md"
    if form.exists() and form.read_text(encoding="utf-8", errors="replace") != pack["harvest.md"]:
        raise UsageError(f"{form} was written on already: choose another folder, or move it away")
    for name, text in pack.items():
        (output / name).write_text(text, encoding="utf-8")
    if call.json:
        call.screen.json({"folder": str(output), "files": sorted(pack)})
    else:
        call.screen.talk(f"wrote {', '.join(pack)} into {output}")


@command(
    "harvest",
    "sensemake session harvest filled.md --silo handbook",
    "sensemake session harvest filled.md --silo handbook --json",
)
def harvest(
    call: Call,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The form, filled in; `-` is not taken.")],
    silo: Annotated[str, typer.Option("--silo", metavar="NAME", help="Where it belongs, and so who may read it.")],
) -> None:
    """Take in what a session wrote down.

    Conclusions become pages, decisions and things to do become decisions, and what is still asked becomes open
    questions, each linked to its theme. A corrected form of the same session takes the place of the last one. A line
    that cannot be placed is told with its number, the others are taken in, and the command ends with 3.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MissingPath(f"{file} cannot be read as UTF-8 text: {type(error).__name__}") from error
    with call.workspace() as (workspace, asker):
        done = workspace.harvest_session(text, asker, silo=silo)
    strays = [{"line": stray.line, "reason": stray.reason} for stray in done.strays]
    if call.json:
        call.screen.json({"session": done.session, "entries": len(done.entries), "unplaced": strays})
    else:
        call.screen.talk(f"{len(done.entries)} entries of session {safe.line(done.session)} are in {safe.line(silo)}")
        for stray in strays:
            call.screen.talk(f"not placed: line {stray['line']}: {stray['reason']}")
    if strays:
        raise typer.Exit(3)


def _read(path: Path) -> "Mapping[str, Any]":
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MissingPath(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is no JSON: make it with sensemake report --json -o {path}") from error
    if not isinstance(told, dict):
        raise UsageError(f"{path} is not a report: make one with sensemake report --json -o {path}")
    return told


COMMANDS = (prepare, harvest)
