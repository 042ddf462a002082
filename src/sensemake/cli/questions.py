"""`sensemake questions`: what nobody answered."""

from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command

if TYPE_CHECKING:
    from sensemake.model import OpenQuestion

Question = Annotated[str, typer.Argument(metavar="QUESTION_ID", help="As `questions list` shows it.")]


@command(
    "list",
    "sensemake questions list",
    "sensemake questions list --silo handbook --since 2026-01-01",
    "sensemake questions list --dismissed --json",
)
def list_questions(
    call: Call,
    *,
    silo: Annotated[
        list[str] | None, typer.Option("--silo", metavar="NAME", help="Only this silo; repeatable.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="Asked from this day (UTC) on.")] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, max=1000, help="At most so many.")] = 20,
    dismissed: Annotated[bool, typer.Option("--dismissed", help="What was dismissed, instead.")] = False,
) -> None:
    """List what nobody answered, the newest first.

    Question documents, questions at the end of a conversation, and searches in vain. A question leaves the list by
    itself when an answer appears.
    """
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        found = workspace.questions(
            asker,
            silos=silo or (),
            since=wire.since(since) if since else None,
            dismissed=dismissed,
            limit=limit,
        )
    if call.json:
        call.screen.json(wire.questions_json(found))
        return
    if not found:
        call.screen.raw("No open question was found.\n" if not dismissed else "No question was dismissed.\n")
    for one in found:
        call.screen.raw(_line(one))


@command("dismiss", "sensemake questions dismiss QUESTION_ID")
def dismiss(call: Call, *, question: Question) -> None:
    """Take a question out of the list, for everybody.

    `reopen` puts it back.
    """
    _set(call, question, dismissed=True)


@command("reopen", "sensemake questions reopen QUESTION_ID")
def reopen(call: Call, *, question: Question) -> None:
    """Put a dismissed question back."""
    _set(call, question, dismissed=False)


def _set(call: Call, question: str, *, dismissed: bool) -> None:
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        known = workspace.dismiss_question(question, asker, dismissed=dismissed)
    if call.json:
        call.screen.json(wire.questions_json([known]))
    else:
        call.screen.talk(f"{'dismissed' if dismissed else 'open again'}: {safe.line(known.text)}")


def _line(one: "OpenQuestion") -> str:
    document = one.document
    if document is None:
        asked = f"asked in vain by {one.people}, {one.month}"
    else:
        day = f"{one.time:%Y-%m-%d} " if one.time else ""
        asked = f"{day}{safe.line(str(document.silo))} · {safe.line(document.url or document.title)}"
    return f"{one.id}  {safe.line(one.text)}\n              {asked}\n"


COMMANDS = (list_questions, dismiss, reopen)
