"""`sensemake silo`: the parts of the organisation, and the groups that may read them."""

from typing import Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, Command, command

Name = Annotated[str, typer.Argument(metavar="NAME", help="The silo.")]
Groups = Annotated[list[str], typer.Argument(metavar="GROUP…", help="Groups of the directory, or `everyone`.")]


@command("list", "sensemake silo list", "sensemake silo list --json")
def listed(call: Call) -> None:
    """List the silos you may read, and who else may."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        silos = workspace.silos(asker)
    if call.json:
        call.screen.json(wire.silos_json(silos, with_readers=True))
        return
    for each in silos:
        readers = ", ".join(sorted(each.readers)) or "the owner only"
        call.screen.raw(safe.line(f"{each.name}: read by {readers}") + "\n")


@command("add", "sensemake silo add board --readers leads")
def add(
    call: Call,
    name: Name,
    readers: Annotated[
        list[str] | None, typer.Option("--readers", metavar="GROUP", help="Who may read it; without, the owner only.")
    ] = None,
) -> None:
    """Make an empty silo."""
    with call.workspace(create=True) as (workspace, asker):
        workspace.add_silo(name, frozenset(readers or ()), asker)
    call.screen.talk(f"made the silo {name}")


@command("grant", "sensemake silo grant handbook staff")
def grant(call: Call, name: Name, groups: Groups) -> None:
    """Let groups read a silo, from the next question on."""
    with call.workspace() as (workspace, asker):
        workspace.grant(name, frozenset(groups), asker)
    call.screen.talk(f"{', '.join(groups)} may read {name} now")


@command("revoke", "sensemake silo revoke handbook everyone")
def revoke(call: Call, name: Name, groups: Groups) -> None:
    """Let groups read a silo no longer, from the next question on."""
    with call.workspace() as (workspace, asker):
        workspace.revoke(name, frozenset(groups), asker)
    call.screen.talk(f"{', '.join(groups)} may not read {name} any more")


@command("remove", "sensemake silo remove reflections")
def remove(call: Call, name: Name) -> None:
    """Forget a silo that holds no documents any more."""
    with call.workspace() as (workspace, asker):
        workspace.remove_silo(name, asker)
    call.screen.talk(f"removed the silo {name}")


COMMANDS: tuple[Command, ...] = (listed, add, grant, revoke, remove)
