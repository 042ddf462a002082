"""`sensemake config`: the settings that hold, and where each was set."""

from typing import Annotated

import typer

from sensemake.cli.command import Call, Command, command


@command("show", "sensemake config show", "sensemake config show --origin --json")
def show(
    call: Call, *, origin: Annotated[bool, typer.Option("--origin", help="Also the flag, variable or file.")] = False
) -> None:
    """Show every setting; passwords are hidden."""
    from sensemake.config import origins

    found = origins({"home": call.home})
    if call.json:
        shown = [each._asdict() if origin else {"name": each.name, "value": each.value} for each in found]
        call.screen.json({"settings": shown})
        return
    for name, value, place in found:
        call.screen.raw(f"{name} = {value}" + (f"  ({place})" if origin else "") + "\n")


COMMANDS: tuple[Command, ...] = (show,)
