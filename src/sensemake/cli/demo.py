"""`sensemake demo`: a made-up organisation, taken in and asked by the commands that a person would type."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli.command import Call, command

if TYPE_CHECKING:
    from sensemake.config import Settings
    from sensemake.demo import Step


@command("demo", "sensemake demo", "sensemake demo my-demo")
def demo(
    call: Call,
    *,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where its files, its home and its report are written.")
    ] = Path("sensemake-demo"),
) -> None:
    """Try it on a made-up organisation.

    Writes its raw files, takes them in, and shows a search, a who-knows, the themes and the report.
    """
    from sensemake.demo import ingests, questions, write

    home = call.home or folder / "home"
    report = folder / "report.html"
    for step in (*ingests(write(folder)), *questions(report)):
        _run(call, home, step)
    call.screen.lines(_next(folder, home, report, call.settings()))


def _run(call: Call, home: Path, step: "Step") -> None:
    """Show the command, run it as the person would, and stop where it stops."""
    from sensemake.cli.edge import run

    call.screen.lines(["", f"── {step.why}", f"$ sensemake {shlex.join(step.command)}", ""])
    code = run(["--home", str(home), *step.command], call.opener)
    if code not in (0, PARTIAL):
        raise typer.Exit(code)


PARTIAL = 3
"""Some file was quarantined: the demo holds none, but somebody may have put one there."""


def _next(folder: Path, home: Path, report: Path, settings: "Settings") -> list[str]:
    return [
        "",
        "── Your turn",
        f"The raw files lie in {folder / 'organisation'}, the report in {report} (open it in a browser). Then try:",
        "",
        f"  export SENSEMAKE_HOME={shlex.quote(str(home))}",
        '  sensemake search "who answers the phone about algae"',
        '  sensemake who "bio-fouling" --as p003      what one colleague may see',
        "  sensemake themes list",
        "  sensemake ingest FOLDER --silo NAME        your own documents",
        "",
        "── The search page: search it, find who knows, read the themes, add a reflection",
        f"  sensemake --home {shlex.quote(str(home))} serve",
        "",
        f"prints a link that signs you in, once; others open http://{settings.host}:{settings.port}/",
    ]
