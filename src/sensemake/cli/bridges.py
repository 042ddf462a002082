"""`sensemake bridges`: what links silos, where a link is missing, and what rests on one person."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command

if TYPE_CHECKING:
    from sensemake.model import Bridge, BridgesAnswer, Holding


@command("bridges", "sensemake bridges", "sensemake bridges --names --json")
def bridges(
    call: Call,
    *,
    names: Annotated[bool, typer.Option("--names", help="Name the people who link silos.")] = False,
) -> None:
    """Show what links silos on a theme, where nobody does, and which themes rest on one person.

    A view of groups: few people are not counted, and nobody is named unless you ask. Your own come first.
    """
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        answer = workspace.bridges(asker, names=names)
    if call.json:
        call.screen.json(wire.bridges_json(answer))
    else:
        call.screen.lines(_shown(answer))


def _shown(answer: "BridgesAnswer") -> Iterator[str]:
    yield from _listed("Bridges", [_bridge(bridge) for bridge in answer.bridges])
    yield from _listed("Missing bridges: busy with the same theme, nobody in common", map(_pair, answer.missing))
    yield from _listed("Resting on few", map(_holding, answer.single))


def _listed(heading: str, lines: "Iterator[str] | list[str]") -> Iterator[str]:
    yield f"{heading}:"
    found = False
    for line in lines:
        found = True
        yield line
    if not found:
        yield "  none"


def _bridge(bridge: "Bridge") -> str:
    who = "you" if bridge.mine else ""
    named = ", ".join(safe.line(person.name) for person in bridge.persons)
    count = "a few people" if bridge.people is None else f"{bridge.people} people"
    titles = "; ".join(f"“{safe.line(document.title)}”" for document in bridge.documents)
    return f"{_pair(bridge)}: {', '.join(filter(None, (who, count)))}{f' ({named})' if named else ''}: {titles}"


def _pair(bridge: "Bridge") -> str:
    one, other = map(safe.line, bridge.silos)
    return f"  {safe.line(bridge.label)}{safe.machine(bridge.written_by)} · {one} and {other}"


def _holding(holding: "Holding") -> str:
    on = "you" if holding.mine else "one active person" if holding.holders == "one" else "nobody who is still active"
    silos = ", ".join(map(safe.line, holding.silos))
    label = f"{safe.line(holding.label)}{safe.machine(holding.written_by)}"
    return f"  {label} · {silos} · {holding.documents} documents rest on {on}"
