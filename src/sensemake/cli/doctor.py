"""`sensemake doctor`: says what is wrong with a home and what to do about it."""

from dataclasses import asdict
from typing import Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command

SIGNS = {"ok": "ok     ", "warning": "warning", "error": "error  "}


@command("doctor", "sensemake doctor", "sensemake doctor --repair --json")
def doctor(
    call: Call,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild what can be rebuilt from the catalog.")] = False,
) -> None:
    """Check the home, the model, the index and the indexers.

    Ends with 1 when something is wrong.
    """
    with call.workspace() as (workspace, _):
        findings = workspace.doctor(repair=repair)
    if call.json:
        call.screen.json({"findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            todo = f" → {finding.do}" if finding.do else ""
            call.screen.raw(f"{SIGNS[finding.level]} {safe.line(f'{finding.what}: {finding.found}{todo}')}\n")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)
