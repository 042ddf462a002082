"""`sensemake sync`: reads sources again, as they were read last."""

from typing import Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command
from sensemake.cli.ingest import PARTIAL, show


@command("sync", "sensemake sync", "sensemake sync handbook --json")
def sync(
    call: Call,
    *,
    name: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="Its id or name, from `sources list`; without, all of them.")
    ] = None,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Let more than a fifth of a source disappear.")
    ] = False,
) -> None:
    """Read a source again, or all: the same path, reader, options, silo.

    Only what is new or changed is taken in, and what is gone is forgotten. A source that cannot be read stops no other.
    """
    from sensemake import wire
    from sensemake.cli.progress import Progress
    from sensemake.errors import SensemakeError

    with call.workspace() as (workspace, asker), Progress(call.screen) as progress:
        synced = workspace.sync(name, asker, allow_removals=allow_removals, progress=progress)
    if call.json:
        call.screen.json({"sources": [wire.synced_json(each.source, each.outcome) for each in synced]})
    errors: list[SensemakeError] = []
    partial = False
    for each in synced:
        if isinstance(each.outcome, SensemakeError):
            errors.append(each.outcome)
            call.screen.fail(safe.line(f"{each.source.id}: {each.outcome}"))
            continue
        partial = partial or bool(each.outcome.failures)
        if not call.json:
            show(call, each.source.id, each.outcome)
    if not synced:
        call.screen.warn("there is no source to read again: sensemake ingest PATH --silo NAME")
    if errors and len(errors) == len(synced):
        raise typer.Exit(errors[0].exit_code)
    if errors or partial:
        raise typer.Exit(PARTIAL)
