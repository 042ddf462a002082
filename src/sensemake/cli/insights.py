"""`sensemake insights` and `pin`: what is asked in vain and what is used, and answers that a person puts first."""

from typing import Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command


@command("insights", "sensemake insights", "sensemake insights --json")
def insights(call: Call) -> None:
    """Tell what is asked, what is asked in vain, and what is opened and found helpful, month by month.

    Nothing is told of what fewer than five people did, and nothing at all of who they were.
    """
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        told = workspace.insights(asker)
    if call.json:
        call.screen.json(wire.insights_json(told))
        return
    if not told:
        call.screen.raw("Nothing yet: five people have to do the same in one month before it is told.\n")
    for one, title in told:
        about = " · ".join(safe.line(part) for part in (one.text, title) if part)
        call.screen.raw(f"{one.month} {one.what} by {one.people}: {about}\n")


@command(
    "pin",
    'sensemake pin "when are probes repaired" PASSAGE_ID',
    "sensemake pin",
    'sensemake pin "when are probes repaired" --remove',
)
def pin(
    call: Call,
    *,
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="As people ask it.")] = None,
    target: Annotated[
        str | None, typer.Argument(metavar="PASSAGE_OR_DOCUMENT", help="The id of what answers it.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take away what is pinned to the question.")] = False,
) -> None:
    """Put a passage or a document first among the answers to a question; without one, list what is pinned.

    It is marked as pinned and shown only to those who may read it. Word order and endings do not matter.
    """
    from sensemake import wire
    from sensemake.errors import UsageError

    if question is not None and (target is None) != remove:
        raise UsageError("name the passage or document to pin to it, or --remove")
    with call.workspace() as (workspace, asker):
        if question is None:
            pins = workspace.pins(asker)
        elif target is not None:
            pins = (workspace.pin(question, target, asker),)
        else:
            call.screen.talk(f"{workspace.unpin(question, asker)} taken away")
            pins = workspace.pins(asker)
    if call.json:
        call.screen.json(wire.pins_json(pins))
        return
    for one in pins:
        call.screen.raw(f"{safe.line(one.question)}: {one.passage or one.document}\n")
