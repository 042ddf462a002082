"""`sensemake backup` and `restore`: a home as one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from sensemake.cli.command import Call, command

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


@command("backup", "sensemake backup sensemake.backup")
def backup(call: Call, file: File) -> None:
    """Write this home into one file.

    Others may read and write it meanwhile.
    """
    with call.workspace() as (workspace, asker):
        workspace.backup(file, asker)
    call.screen.talk(f"wrote {file}")


@command("restore", "sensemake restore sensemake.backup --home restored/")
def restore(
    call: Call,
    *,
    file: File,
    force: Annotated[bool, typer.Option("--force", help="Replace the home that is there.")] = False,
) -> None:
    """Make a home from a backup.

    Its search index is built anew.
    """
    from sensemake.workspace import Workspace

    settings = call.settings()
    Workspace.restore(file, settings, force=force)
    call.screen.talk(f"restored {settings.home}")
