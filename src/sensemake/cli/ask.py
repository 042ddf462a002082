"""`sensemake ask`: where a question is answered already, and whom to put it to."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command
from sensemake.cli.search import INDENT, nothing_found

if TYPE_CHECKING:
    from sensemake.model import Contact, Filters, Hit, Routing


@command("ask", 'sensemake ask "who can read the tide tables"', 'sensemake ask "tide tables" --as bo --json')
def ask(
    call: Call,
    *,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What you want to know.")],
    filters: "Filters",
) -> None:
    """Route a question: where it is answered already, and up to three people inside and outside of your team.

    Each comes with the reason and a message that is ready to send; nothing is sent.
    """
    from sensemake import wire
    from sensemake.model import Query

    with call.workspace() as (workspace, asker):
        routing = workspace.ask(Query(question, 10, filters), asker)
    if call.json:
        call.screen.json(wire.routing_json(routing))
    else:
        call.screen.lines(_shown(routing))


def _shown(routing: "Routing") -> Iterator[str]:
    if not routing.answered and not routing.contacts:
        yield nothing_found()
    if routing.answered:
        yield "It may be answered already:"
        yield from map(_answer, routing.answered)
    for inside, heading in ((False, "People to ask"), (True, "In your team")):
        if contacts := [contact for contact in routing.contacts if contact.inside is inside]:
            yield f"{heading}:"
            for contact in contacts:
                yield from _contact(contact)


def _answer(hit: "Hit") -> str:
    day = f" · {hit.passage.time:%Y-%m-%d}" if hit.passage.time else ""
    return f"{INDENT}{safe.line(hit.passage.title)} · {safe.line(hit.passage.silo)}{day} · {hit.document.id}"


def _contact(contact: "Contact") -> Iterator[str]:
    yield f"{INDENT}{safe.line(contact.person.name)}"
    for line in contact.message.splitlines():
        yield f"{INDENT}  {safe.line(line)}"
