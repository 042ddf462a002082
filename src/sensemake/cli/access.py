"""`sensemake access` and `audit`: why somebody may read something, and who did what."""

from typing import Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, Command, command


@command("explain", "sensemake access explain ada DOCUMENT_ID", "sensemake access explain anonymous DOCUMENT_ID --json")
def explain(
    call: Call,
    user: Annotated[str, typer.Argument(metavar="USER", help="Somebody of the directory, or `anonymous`.")],
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="A `document_id` of a search result.")],
) -> None:
    """Say whether somebody may read a document, and why."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        found = workspace.explain_access(user, document, asker)
    if call.json:
        call.screen.json(wire.access_json(found))
        return
    may = "may read" if found.may_read else "may not read"
    call.screen.raw(safe.line(f"{found.user} {may} {found.title!r}: {found.because}") + "\n")


@command(
    "audit",
    "sensemake audit --last 20",
    "sensemake audit --action experts.show --about ada --json",
    "sensemake audit --verify",
)
def audit(
    call: Call,
    *,
    action: Annotated[
        str | None,
        typer.Option("--action", metavar="NAME", help="Only this, as `silo.grant`, or a group of them, `silo`."),
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="USER", help="Only what this user did.")] = None,
    about: Annotated[
        str | None, typer.Option("--about", metavar="ID", help="Only what was done to this silo, person or token.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day (UTC) on.")] = None,
    last: Annotated[int, typer.Option("--last", metavar="N", min=1, help="The last so many.")] = 100,
    verify: Annotated[bool, typer.Option("--verify", help="Check that no line was changed or taken away.")] = False,
) -> None:
    """Show who did what: grants, tokens, exports, removals, refusals, probing, and who was shown to whom as knowing.

    Questions are not in it. Every line is bound to the one before it, so that tampering shows.
    """
    from sensemake import wire
    from sensemake.workspace.accounting import Account

    with call.workspace() as (workspace, asker):
        if verify:
            _verified(call, workspace.audit_break(asker))
            return
        asked = Account(action, by, about, wire.since(since) if since else None, last)
        events = [wire.audit_json(event) for event in workspace.audit(asker, asked)]
    if call.json:
        call.screen.json({"events": events})
        return
    for event in events:
        detail = "".join(f" {name}={value}" for name, value in event["detail"].items())
        said = f"{event['at']} {event['by']} {event['action']} {event['about']}{detail}"
        call.screen.raw(safe.line(said) + "\n")


def _verified(call: Call, broken: int | None) -> None:
    if call.json:
        call.screen.json({"whole": broken is None, "broken_line": broken})
    else:
        call.screen.raw("the audit log is whole\n" if broken is None else f"line {broken} was changed or is missing\n")
    if broken is not None:
        raise typer.Exit(1)


COMMANDS: tuple[Command, ...] = (explain,)
