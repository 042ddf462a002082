"""`sensemake similar`, `suggest` and `helped`: what goes with searching."""

from typing import Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command


@command("suggest", "sensemake suggest tid", "sensemake suggest ada -n 3 --json")
def suggest(
    call: Call,
    *,
    typed: Annotated[str, typer.Argument(metavar="PREFIX", help="The beginning of a word, two letters or more.")],
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="N", min=1, max=50, help="How many.")] = 8,
) -> None:
    """Suggest titles, people and themes that hold a word which begins so."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        found = workspace.suggest(typed, asker, limit=limit)
    if call.json:
        call.screen.json(wire.suggestions_json(typed, found))
        return
    for one in found:
        call.screen.raw(f"{safe.line(one.text)}{safe.machine(one.written_by)} ({one.kind})\n")


@command("helped", "sensemake helped PASSAGE_ID", 'sensemake helped PASSAGE_ID --query "when are probes repaired"')
def helped(
    call: Call,
    *,
    passage: Annotated[str, typer.Argument(metavar="PASSAGE_ID", help="A `passage_id` of a search result.")],
    query: Annotated[str, typer.Option("--query", metavar="TEXT", help="The question that it answered.")] = "",
) -> None:
    """Say that a passage helped.

    It is counted, without names, and told to administrators when five people or more said so in a month.
    """
    with call.workspace() as (workspace, asker):
        workspace.helped(passage, asker, question=query)
    if call.json:
        call.screen.json({"passage_id": passage, "counted": True})
    else:
        call.screen.raw("thank you: it is counted, without your name\n")
