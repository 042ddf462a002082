"""Writes `docs/cli.md` from the command line itself: `python tests/docs/cli_reference.py > docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import typer

from sensemake.cli.app import app
from sensemake.cli.command import GLOBALS, row

SHARED = {parameter.name for parameter in GLOBALS}

HEAD = """# The command line

Made from the program by `python tests/docs/cli_reference.py > docs/cli.md`; a test fails when it is old, and runs
every example.

Data goes to stdout and talk to stderr, so `--json` can be piped. No colours are written into a pipe, with
`NO_COLOR`, with `TERM=dumb`, or with `--no-color`. These options may stand before or after any command:
"""

CODES = """
## Exit codes

| code | meaning |
|---|---|
| 0 | done; also a search that honestly found nothing |
| 1 | failure; also: absent, or hidden from whoever asks |
| 2 | the call is wrong |
| 3 | an ingest in which something was quarantined |
| 4 | not signed in |
| 5 | not permitted |
| 74 | the home or the disk cannot be read or written |
| 75 | somebody else is writing: try again |
| 130 | interrupted |
"""


@cache
def program() -> Any:
    return typer.main.get_command(app)


def commands(
    group: Any = None, path: tuple[str, ...] = (), parent: Any = None
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it."""
    group = group or program()
    context = typer.Context(group, parent=parent)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from commands(command, (*path, name), context)
        else:
            yield (*path, name), command


def examples(command: Any) -> list[str]:
    return [line.strip() for line in command.epilog.splitlines() if line.strip()]


def reference() -> str:
    return "\n".join(
        [HEAD, *_shared(), *(line for path, command in commands() for line in _section(path, command)), CODES]
    )


def _shared() -> Iterator[str]:
    _, command = next(iter(commands()))
    yield from _table(p for p in command.params if p.name in SHARED)


def _section(path: tuple[str, ...], command: Any) -> Iterator[str]:
    yield f"\n## sensemake {' '.join(path)}\n"
    yield command.help
    yield ""
    yield from _table(p for p in command.params if p.name not in SHARED)
    yield "\n```sh"
    yield from examples(command)
    yield "```"


def _table(parameters: Iterator[Any]) -> Iterator[str]:
    context = typer.Context(program())
    rows = [found for parameter in parameters if (found := row(parameter, context))]
    if rows:
        yield "| | |"
        yield "|---|---|"
        yield from (f"| `{name}` | {about.replace('|', chr(92) + '|')} |" for name, about in rows)


if __name__ == "__main__":
    sys.stdout.write(reference())
