"""`sensemake sources`: where documents come from, and how the last reading went."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, Command, command
from sensemake.errors import UsageError

if TYPE_CHECKING:
    from sensemake.workspace.sources import SourceStatus


@command("list", "sensemake sources list", "sensemake sources list --json")
def listed(call: Call) -> None:
    """List the sources: what they hold, how fresh it is, how much is signed, and what is in quarantine."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        statuses = workspace.sources(asker)
    if call.json:
        shown = [
            wire.source_json(
                s.source,
                documents=s.documents,
                last_read=s.last_read,
                failures=s.failures,
                authored_share=s.authored_share,
                newest=s.newest,
            )
            for s in statuses
        ]
        call.screen.json({"sources": shown})
        return
    for status in statuses:
        call.screen.raw(safe.line(_line(status)) + "\n")


@command("remove", "sensemake sources remove handbook/handbook --yes")
def remove(
    call: Call,
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="Its id or name, from `sources list`.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a source and all that came from it: documents, passages, vectors, index, its private rooms.

    The files themselves stay where they are; the silo stays, too.
    """
    with call.workspace() as (workspace, asker):
        status = workspace.source(name, asker)
        if not yes:
            _confirm(f"forget {status.source.id} with its {status.documents} documents?")
        removed = workspace.remove_source(status.source.id, asker)
    if call.json:
        call.screen.json({"source": status.source.id, "removed": removed})
    else:
        call.screen.talk(f"forgot {status.source.id}: {removed} documents")


COMMANDS: tuple[Command, ...] = (listed, remove)


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody is there to answer: say it with --yes")
    typer.confirm(safe.line(question), abort=True, err=True)


def _line(status: "SourceStatus") -> str:
    share = status.authored_share
    facts = [
        f"{status.documents} documents",
        "" if share is None else f"{share:.0%} with authors",
        f"newest of {status.newest:%Y-%m-%d}" if status.newest else "",
        f"{len(status.failures)} in quarantine",
        f"read {status.last_read:%Y-%m-%d %H:%M} UTC" if status.last_read else "never read to its end",
    ]
    return f"{status.source.id} ({status.source.indexer}): {', '.join(fact for fact in facts if fact)}"
