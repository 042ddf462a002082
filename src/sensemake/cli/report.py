"""`sensemake report`: what is shared and what changed, for people who come together."""

import os
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import periodic, safe
from sensemake.cli.command import Call, command
from sensemake.cli.themes import Audience
from sensemake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sensemake.workspace import Workspace


class Format(StrEnum):
    HTML = "html"
    MARKDOWN = "md"
    JSON = "json"
    THEMES = "themes.csv"
    QUOTES = "quotes.csv"


class Language(StrEnum):
    """Those that the report's own words are in (`renderers/words.toml`)."""

    ENGLISH = "en"
    DUTCH = "nl"
    GERMAN = "de"
    FRENCH = "fr"
    SWEDISH = "sv"


@command(
    "report",
    "sensemake report -o report.html",
    "sensemake report --since 2026-01-01 --until 2026-06-30 --audience staff --format md",
    "sensemake report --language nl --title 'Wat wij leerden' -o rapport.html",
    "sensemake report --format themes.csv -o themes.csv",
    "sensemake report --schema",
    "sensemake report --every month --if-due",
    "sensemake report --kept",
)
def report(
    call: Call,
    *,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day (UTC) on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Up to the end of this day.")] = None,
    audience: Audience = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="In the place of ours.")] = None,
    language: Annotated[
        Language, typer.Option("--language", help="The language of its own words; quotes stay as they were said.")
    ] = Language.ENGLISH,
    form: Annotated[Format | None, typer.Option("--format", help="As FILE's ending says; otherwise Markdown.")] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a report; nothing is read.")
    ] = False,
    every: Annotated[
        periodic.Every | None,
        typer.Option("--every", help="On the last one that is over (at --until, or now), and kept in the home."),
    ] = None,
    if_due: Annotated[bool, typer.Option("--if-due", help="With --every: unless there is one already.")] = False,
    kept: Annotated[bool, typer.Option("--kept", help="List the reports that were kept.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write it there instead of showing it.")
    ] = None,
) -> None:
    """Report what is shared and what changed.

    Themes that are new, growing or fading, each with the passages that say so, who is missing, and questions to talk
    about. HTML is one file that opens anywhere, asks nothing of anybody and prints; a table has a row a theme or quote.
    """
    from sensemake import wire

    if schema:
        from sensemake.jobs.report_schema import report_schema

        call.screen.raw(safe.dump(report_schema()) + "\n")
        return

    if kept:
        periodic.show(call)
        return
    if every is not None or if_due:
        if since or title:
            raise UsageError("--every says what the report is of: leave out --since and --title")
        periodic.make(
            call,
            every,
            if_due=if_due,
            audience=audience or (),
            until=until,
            language=str(language),
            form=str(_form(call, form, output)) if form or output else "html",
            output=output,
        )
        return
    with call.workspace() as (workspace, asker):
        document = workspace.report(
            asker,
            audience=audience or (),
            since=wire.since(since) if since else None,
            until=wire.until(until) if until else None,
            title=title,
        )
        text = _rendered(workspace, document, _form(call, form, output), language)
    if output is None:
        shown = text if text.startswith("<") else safe.text(text)
        call.screen.raw(shown if shown.endswith("\n") else shown + "\n")
    else:
        _write(output, text)
        call.screen.talk(f"wrote {output}")


def _form(call: Call, form: Format | None, output: Path | None) -> Format:
    """What was asked for; or what the file's ending says; or Markdown."""
    if form is not None or call.json:
        return form or Format.JSON
    endings = {".html": Format.HTML, ".htm": Format.HTML, ".json": Format.JSON}
    endings |= {"themes.csv": Format.THEMES, "quotes.csv": Format.QUOTES}
    name = output.name.lower() if output else ""
    return next((each for ending, each in endings.items() if name.endswith(ending)), Format.MARKDOWN)


def _rendered(workspace: "Workspace", document: "Mapping[str, object]", form: Format, language: Language) -> str:
    if form is Format.JSON:
        return safe.dump(document)
    return workspace.render(document, str(form), str(language))


def _write(output: Path, text: str) -> None:
    """Whole or not at all: a file that is there stays as it was until the new one is complete."""
    handle, name = tempfile.mkstemp(dir=output.absolute().parent, prefix=f".{output.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
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
