"""`sensemake person`: the people who can be named in answers, and their choice not to be."""

from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, Command, command
from sensemake.errors import UsageError

if TYPE_CHECKING:
    from sensemake.model import Evidence, KnownFor, Person, PersonProfile

OneHandle = Annotated[
    str, typer.Argument(metavar="HANDLE", help="As `namespace:value` (`slack:U123`, `email:ada@example.org`).")
]
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
    """Show what a person is known for: their themes over time, with evidence that you may read, and their handles."""
    with call.workspace() as (workspace, asker):
        profile = workspace.profile(who, asker)
    _print_profile(call, profile)


@command("opt-out", "sensemake person opt-out ada@example.org")
def opt_out(call: Call, who: Who) -> None:
    """Name somebody no longer as one who knows; at once, everywhere. Their name stays on what they wrote."""
    _choose(call, who, listed=False)


@command("opt-in", "sensemake person opt-in ada@example.org")
def opt_in(call: Call, who: Who) -> None:
    """Name somebody again."""
    _choose(call, who, listed=True)


@command("proposals", "sensemake person proposals", "sensemake person proposals -n 5 --json")
def proposals(
    call: Call, *, limit: Annotated[int, typer.Option("-n", min=1, metavar="N", help="How many at most.")] = 50
) -> None:
    """Show handles that may be one person's, with the reason, the surest first. Nothing is joined by itself."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        found = workspace.proposals(asker)
    if call.json:
        call.screen.json({"proposals": [wire.proposal_json(each) for each in found[:limit]], "total": len(found)})
        return
    for each in found[:limit]:
        shown = f"{each.handle} ({each.shown})" if each.shown != each.handle.value else str(each.handle)
        line = f"{shown} may be {each.name} ({each.person}): {each.sign}, {each.because}"
        call.screen.raw(safe.line(line) + "\n")
    if not found:
        call.screen.talk("nobody is proposed: no two names look like one person's")
    else:
        call.screen.talk("sensemake person link HANDLE PERSON confirms one, unlink HANDLE PERSON refuses it for good")
    if len(found) > limit:
        call.screen.talk(f"{len(found) - limit} more: -n {len(found)}")


@command("link", "sensemake person link slack:U2 bo@example.org")
def link(call: Call, handle: OneHandle, who: Who) -> None:
    """Confirm that a handle is a person's. Everything said under it counts as theirs from the next question on."""
    with call.workspace() as (workspace, asker):
        person = workspace.link(handle, who, asker)
    _print(call, person)


@command("unlink", "sensemake person unlink slack:U2 bo@example.org", "sensemake person unlink slack:U1")
def unlink(
    call: Call,
    handle: OneHandle,
    who: Annotated[
        str | None, typer.Argument(metavar="WHO", help="Whose it is not; without, whomever it is joined to.")
    ] = None,
) -> None:
    """Undo a join, or refuse a proposal, for good. Nothing has to be ingested again."""
    with call.workspace() as (workspace, asker):
        outcome = workspace.unlink(handle, who, asker)
    if call.json:
        call.screen.json({"handle": handle, "outcome": outcome})
    else:
        call.screen.talk(f"{handle}: {UNLINKED[outcome]}")


@command("mark", "sensemake person mark slack:U3 --bot", "sensemake person mark ada@example.org --shared")
def mark(
    call: Call,
    who: Who,
    *,
    bot: Annotated[bool, typer.Option("--bot", help="A program.")] = False,
    shared: Annotated[bool, typer.Option("--shared", help="A mailbox or account of several people.")] = False,
    person: Annotated[bool, typer.Option("--person", help="A person after all; any mark is taken back.")] = False,
) -> None:
    """Say that somebody is no person: gone from who-knows, while their words remain. It joins nobody to anybody."""
    from sensemake.model import Mark

    if [bot, shared, person].count(True) != 1:
        raise UsageError("say one of --bot, --shared and --person")
    with call.workspace() as (workspace, asker):
        marked = workspace.mark(who, None if person else Mark.BOT if bot else Mark.SHARED, asker)
    if call.json:
        call.screen.json({"handles": [str(handle) for handle in marked]})
    else:
        call.screen.talk(f"marked {len(marked)} handles: {', '.join(map(str, marked))}")


@command("decisions", "sensemake person decisions", "sensemake person decisions --json")
def decisions(call: Call) -> None:
    """Show what was decided about handles: confirmed links, refusals, marks."""
    with call.workspace() as (workspace, asker):
        decided = workspace.decided(asker)
    rows = [
        *(("link", str(handle), str(person)) for handle, person in decided.links),
        *(("refused", str(handle), str(person)) for handle, person in decided.refused),
        *((str(what), str(handle), "") for handle, what in decided.marks),
    ]
    if call.json:
        call.screen.json({"decisions": [{"what": w, "handle": h, "person": p or None} for w, h, p in rows]})
        return
    for row in rows:
        call.screen.raw(safe.line(" ".join(word for word in row if word)) + "\n")


UNLINKED = {
    "undone": "the confirmed link is taken back, and will not be proposed again",
    "apart": "it was joined by itself and stands alone from now on (undo: sensemake person mark HANDLE --person)",
    "refused": "it will not be proposed again",
}


Topic = Annotated[str, typer.Argument(metavar="TOPIC", help="A topic, in a few words.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take it back.")]


@command("hide", "sensemake person hide ada@example.org budget", "sensemake person hide ada@example.org budget --undo")
def hide(call: Call, who: Who, topic: Topic, *, undo: Undo = False) -> None:
    """Name somebody no longer for one topic, and what means the same; at once, everywhere."""
    _wish(call, who, "hide", topic, kept=not undo)


@command("offer", 'sensemake person offer ada@example.org "reading tide tables"')
def offer(call: Call, who: Who, topic: Topic, *, undo: Undo = False) -> None:
    """Say that somebody is willing to help with a topic; shown where they are named for it."""
    _wish(call, who, "help", topic, kept=not undo)


COMMANDS: tuple[Command, ...] = (
    listed,
    show,
    opt_out,
    opt_in,
    hide,
    offer,
    proposals,
    link,
    unlink,
    mark,
    decisions,
)


def _wish(call: Call, who: str, verb: str, topic: str, *, kept: bool) -> None:
    from sensemake.model import Verb

    with call.workspace() as (workspace, asker):
        profile = workspace.set_wish(who, Verb(verb), topic, kept=kept, by=asker)
    _print_profile(call, profile)


def _print_profile(call: Call, profile: "PersonProfile") -> None:
    from sensemake import wire

    if call.json:
        call.screen.json(wire.profile_json(profile))
        return
    call.screen.raw(_line(profile.person) + "\n")
    for handle in profile.person.handles:
        call.screen.raw(f"  {safe.line(str(handle))}\n")
    for topic in profile.helps:
        call.screen.raw(f"  willing to help with {safe.line(topic)}\n")
    for topic in profile.hidden:
        call.screen.raw(f"  not named for {safe.line(topic)}\n")
    if profile.bridged:
        call.screen.raw(f"  joins {', '.join(map(safe.line, profile.bridged))}\n")
    for known in profile.themes:
        call.screen.raw(_theme(known) + "\n")
        for evidence in known.evidence:
            call.screen.raw(f"    {_passage(evidence)}\n")


def _theme(known: "KnownFor") -> str:
    years = ", ".join(f"{year}: {count}" for year, count in known.years)
    return f"  {safe.line(known.label)}{safe.machine(known.written_by)} · {', '.join(map(safe.line, known.silos))}" + (
        f" · {years}" if years else ""
    )


def _passage(evidence: "Evidence") -> str:
    day = f"{evidence.passage.time:%Y-%m-%d}" if evidence.passage.time else "undated"
    return f"{evidence.role} {day} {safe.line(evidence.passage.title)} ({safe.line(evidence.passage.silo)})"


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
