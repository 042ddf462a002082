"""`sensemake report`: what is shared and what changed, for people who come together."""

import os
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command
from sensemake.cli.themes import Audience

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sensemake.workspace import Workspace


class Format(StrEnum):
    HTML = "html"
    MARKDOWN = "md"
    JSON = "json"


@command(
    "report",
    "sensemake report -o report.html",
    "sensemake report --since 2026-01-01 --until 2026-06-30 --audience staff --format md",
    "sensemake report --json",
)
def report(
    call: Call,
    *,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day (UTC) on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Up to the end of this day.")] = None,
    audience: Audience = None,
    form: Annotated[Format | None, typer.Option("--format", help="As FILE's ending says; otherwise Markdown.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it there instead of showing it.")
    ] = None,
) -> None:
    """Report what is shared and what changed.

    Themes that are new, growing or fading, each with the passages that say so.
    """
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        document = workspace.report(
            asker,
            audience=audience or (),
            since=wire.since(since) if since else None,
            until=wire.until(until) if until else None,
        )
        text = _rendered(workspace, document, _form(call, form, output))
    if output is None:
        call.screen.raw(text if text.endswith("\n") else text + "\n")
    else:
        _write(output, text)
        call.screen.talk(f"wrote {output}")


def _form(call: Call, form: Format | None, output: Path | None) -> Format:
    """What was asked for; or what the file's ending says; or Markdown."""
    if form is not None or call.json:
        return form or Format.JSON
    endings = {".html": Format.HTML, ".htm": Format.HTML, ".json": Format.JSON}
    return endings.get(output.suffix.lower(), Format.MARKDOWN) if output else Format.MARKDOWN


def _rendered(workspace: "Workspace", document: "Mapping[str, object]", form: Format) -> str:
    if form is Format.JSON:
        return safe.dump(document)
    written = workspace.render(document, str(form))
    return written if form is Format.HTML else safe.text(written)


def _write(output: Path, text: str) -> None:
    """Whole or not at all: a file that is there stays as it was until the new one is complete."""
    handle, name = tempfile.mkstemp(dir=output.absolute().parent, prefix=f".{output.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(output)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
