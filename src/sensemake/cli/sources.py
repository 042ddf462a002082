"""`sensemake sources`: where documents come from, and how the last reading went."""

from sensemake.cli import safe
from sensemake.cli.command import Call, Command, command


@command("list", "sensemake sources list", "sensemake sources list --json")
def listed(call: Call) -> None:
    """List the sources with their documents and what is in quarantine."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        statuses = workspace.sources(asker)
    if call.json:
        shown = [
            wire.source_json(s.source, documents=s.documents, last_read=s.last_read, failures=s.failures)
            for s in statuses
        ]
        call.screen.json({"sources": shown})
        return
    for status in statuses:
        read = f"read {status.last_read:%Y-%m-%d %H:%M} UTC" if status.last_read else "never read to its end"
        held = f"{status.documents} documents, {len(status.failures)} in quarantine"
        call.screen.raw(safe.line(f"{status.source.id} ({status.source.indexer}): {held}, {read}") + "\n")


COMMANDS: tuple[Command, ...] = (listed,)
