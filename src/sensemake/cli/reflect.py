"""`sensemake reflect`: adds what somebody noticed, learnt or wondered about."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sensemake.cli.command import Call, command
from sensemake.errors import UsageError


@command(
    "reflect",
    'sensemake reflect "The new checklist saved us an hour." --silo reflections --title "Checklist"',
    "sensemake reflect --file notes.txt --silo reflections --anonymous",
    "sensemake reflect - --silo reflections --json",
)
def reflect(
    call: Call,
    *,
    silo: Annotated[str, typer.Option("--silo", metavar="NAME", help="Where it belongs, and so who may read it.")],
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="The reflection; `-` reads it from stdin.")] = None,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="Read it from a file.")] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TITLE", help="What it is about.")] = None,
    template: Annotated[str, typer.Option("--template", metavar="NAME", help="The form it follows.")] = "open",
    author: Annotated[str | None, typer.Option("--author", metavar="WHO", help="Who wrote it, if not you.")] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Keep no name with it.")] = False,
    at: Annotated[str | None, typer.Option("--at", metavar="DATE", help="When it was, if not now.")] = None,
) -> None:
    """Add a reflection.

    It is found, counted and reported like everything else.
    """
    from sensemake import wire

    written = _written(text, file)
    with call.workspace() as (workspace, asker):
        document = workspace.reflect(
            written,
            asker,
            silo=silo,
            title=title,
            template=template,
            author=author,
            anonymous=anonymous,
            at=wire.since(at) if at else None,
        )
    if call.json:
        call.screen.json({"document_id": document})
    else:
        call.screen.raw(f"kept as {document}\n")


def _written(text: str | None, file: Path | None) -> str:
    """The reflection from the one place that was named."""
    if (text is None) == (file is None):
        raise UsageError("give the text, or --file FILE, or - to read it from stdin")
    try:
        if file is not None:
            written = file.read_text(encoding="utf-8")
        else:
            written = sys.stdin.read() if text == "-" else text or ""
    except UnicodeDecodeError as error:
        raise UsageError(f"{file or 'stdin'} is not UTF-8 text") from error
    except OSError as error:
        raise UsageError(f"{file or 'stdin'} cannot be read: {error.strerror or error}") from error
    if not written.strip():
        raise UsageError("the reflection is empty")
    return written
