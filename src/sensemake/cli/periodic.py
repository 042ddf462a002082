"""`sensemake report --every` and `--kept`: reports that come again and again, and those that were."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from sensemake.cli import safe
from sensemake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sensemake.cli.command import Call
    from sensemake.rules.periods import Kept


class Every(StrEnum):
    """As `rules.periods.EVERY`."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


FORMS = ("html", "md", "json")
"""As what a report is kept."""


def make(
    call: "Call",
    every: Every | None,
    *,
    if_due: bool,
    audience: "Sequence[str]",
    until: str | None,
    language: str,
    form: str,
    output: Path | None,
) -> None:
    """Make the report of the last period and keep it, or say that it is not due."""
    from sensemake import wire

    if every is None:
        raise UsageError("--if-due goes with --every week, month or quarter")
    if output is not None and form not in FORMS:
        raise UsageError(f"a report is kept as {', '.join(FORMS)}, not as {form}")
    with call.workspace() as (workspace, asker):
        one = workspace.periodic_report(
            every.value,
            asker,
            audience=audience,
            now=wire.until(until) if until else None,
            if_due=if_due,
            language=language,
        )
        folder = workspace.settings.home / "reports"
    if one is None:
        call.screen.talk(f"not due: the last {every.value} has its report in {folder}")
    else:
        _tell(call, one, folder, form, output)


def show(call: "Call") -> None:
    """List the reports that were kept."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        kept = workspace.kept_reports(asker)
    if call.json:
        call.screen.json(wire.kept_json(kept))
        return
    for one in kept:
        silos = ", ".join(safe.line(silo) for silo in one.silos)
        call.screen.raw(f"{one.period}  {one.since[:10]} to {one.until[:10]}  {silos}  {one.folder}\n")
    if not kept:
        call.screen.raw("No report was kept yet: sensemake report --every month keeps one.\n")


def _tell(call: "Call", one: "Kept", folder: Path, form: str, output: Path | None) -> None:
    from sensemake import wire

    if output is not None:
        output.write_bytes((folder / one.folder / f"report.{form}").read_bytes())
    if call.json:
        call.screen.json(wire.kept_json([one]))
    else:
        call.screen.talk(f"kept the report of {one.period} in {folder / one.folder}")
