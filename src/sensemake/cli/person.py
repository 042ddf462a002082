"""`sensemake person`: the people who can be named in answers, and their choice not to be."""

from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, Command, command
from sensemake.errors import NotFound

if TYPE_CHECKING:
    from sensemake.model import Person

Who = Annotated[str, typer.Argument(metavar="WHO", help="A person's id, name, e-mail address or handle.")]


@command("list", "sensemake person list", "sensemake person list --json")
def listed(call: Call) -> None:
    """List the people who may be named."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        people = workspace.people(asker)
    if call.json:
        call.screen.json({"people": [wire.directory_person_json(person) for person in people]})
        return
    for person in people:
        call.screen.raw(_line(person) + "\n")


@command("show", "sensemake person show ada@example.org", "sensemake person show ada@example.org --json")
def show(call: Call, who: Who) -> None:
    """Show one person and the handles they go by."""
    with call.workspace() as (workspace, asker):
        people = workspace.people(asker)
    _print(call, _meant(people, who))


@command("opt-out", "sensemake person opt-out ada@example.org")
def opt_out(call: Call, who: Who) -> None:
    """Name somebody no longer as one who knows; at once, everywhere. Their name stays on what they wrote."""
    _choose(call, who, listed=False)


@command("opt-in", "sensemake person opt-in ada@example.org")
def opt_in(call: Call, who: Who) -> None:
    """Name somebody again."""
    _choose(call, who, listed=True)


COMMANDS: tuple[Command, ...] = (listed, show, opt_out, opt_in)


def _choose(call: Call, who: str, *, listed: bool) -> None:
    with call.workspace() as (workspace, asker):
        person = workspace.set_listed(who, listed=listed, by=asker)
    _print(call, person)


def _print(call: Call, person: "Person") -> None:
    from sensemake import wire

    if call.json:
        call.screen.json(wire.directory_person_json(person))
        return
    call.screen.raw(_line(person) + "\n")
    for handle in person.handles:
        call.screen.raw(f"  {safe.line(str(handle))}\n")


def _line(person: "Person") -> str:
    about = [person.team or "", "" if person.active else "not active", "" if person.listed else "not named in answers"]
    return safe.line(f"{person.name} ({person.id})" + "".join(f" · {word}" for word in about if word))


def _meant(people: "tuple[Person, ...]", who: str) -> "Person":
    wanted = who.casefold()
    meant = [p for p in people if wanted in {p.id.casefold(), p.name.casefold()} or _bears(p, wanted)]
    if len(meant) != 1:
        raise NotFound(f"{'several people are' if meant else 'nobody is'} known as {who!r}: sensemake person list")
    return meant[0]


def _bears(person: "Person", wanted: str) -> bool:
    return any(wanted in {h.value.casefold(), str(h).casefold()} for h in person.handles)
