"""`sensemake quarantine`: what could not be read, and what to do about it."""

from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, Command, command
from sensemake.errors import UsageError

if TYPE_CHECKING:
    from sensemake.protocols import Quarantined

PARTIAL = 3
IDS = Annotated[list[str] | None, typer.Argument(metavar="ID…", help="From `quarantine list`, or its first letters.")]
SOURCE = Annotated[str | None, typer.Option("--source", metavar="SILO/NAME", help="Only of this source.")]


@command("list", "sensemake quarantine list", "sensemake quarantine list --json")
def listed(call: Call, *, source: SOURCE = None) -> None:
    """List what could not be read: why, by which reader, since when. For the home's owner and administrators."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        entries = workspace.quarantine(asker, source=source)
    if call.json:
        call.screen.json({"quarantine": [wire.quarantined_json(entry) for entry in entries]})
        return
    for entry in entries:
        call.screen.raw(_line(entry) + "\n")
    if not entries:
        call.screen.talk("nothing is in quarantine")


@command("retry", "sensemake quarantine retry", "sensemake quarantine retry --json")
def retry(call: Call, *, ids: IDS = None, source: SOURCE = None) -> None:
    """Read these again, or all: after a new version, a password taken off, a larger limit. Exit 3 when some stay."""
    from sensemake import wire
    from sensemake.cli.progress import Progress

    with call.workspace() as (workspace, asker), Progress(call.screen) as progress:
        done = workspace.retry_quarantine(asker, ids=ids or None, source=source, progress=progress)
    if call.json:
        remaining = [wire.quarantined_json(entry) for entry in done.remaining]
        call.screen.json({"tried": done.tried, "left": done.left, "quarantine": remaining})
    else:
        call.screen.talk(f"tried {done.tried}, {done.left} left quarantine")
        for entry in done.remaining:
            call.screen.raw(_line(entry) + "\n")
    if done.remaining:
        raise typer.Exit(PARTIAL)


@command("drop", "sensemake quarantine drop --all --json")
def drop(
    call: Call,
    *,
    ids: IDS = None,
    source: SOURCE = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that is in quarantine.")] = False,
) -> None:
    """Forget entries. The files stay where they are; what still cannot be read at the next ingest comes back."""
    if not (ids or source or every):
        raise UsageError("name what to drop: ID…, --source SILO/NAME or --all")
    with call.workspace() as (workspace, asker):
        dropped = workspace.drop_quarantine(asker, ids=ids or None, source=source)
    if call.json:
        call.screen.json({"dropped": dropped})
    else:
        call.screen.talk(f"dropped {dropped}")


def _line(entry: "Quarantined") -> str:
    failure = entry.failure
    place = f"{failure.path} {failure.locator}".strip()
    seen = [f"{time:%Y-%m-%d}" for time in (entry.first_seen, entry.last_seen) if time]
    reader = f"{failure.parser} {entry.version}".strip()
    told = f"{entry.id}  {failure.reason}: {place} ({failure.detail}) · {entry.source} · {reader}"
    return safe.line(f"{told} · {' to '.join(dict.fromkeys(seen))}")


COMMANDS: tuple[Command, ...] = (listed, retry, drop)
