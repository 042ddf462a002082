"""`sensemake themes`: what documents share across silos, and people's own edits to it."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sensemake.cli import safe, theme_page
from sensemake.cli.command import Call, Command, command
from sensemake.errors import NotFound

if TYPE_CHECKING:
    from rich.text import Text

    from sensemake.jobs.loose_notes import LooseNote, LooseNotes
    from sensemake.model import Theme, ThemeMap


class Step(StrEnum):
    """What a theme's course is told by."""

    MONTH = "month"
    QUARTER = "quarter"


ARROWS = {"new": "+", "growing": "↗", "steady": "→", "fading": "↘", "returning": "↺"}
QUALITY = {
    "resampled": "the same when grouped again from four fifths (adjusted Rand)",
    "npmi": "words that go together (NPMI)",
    "diversity": "words of their own",
}
"""A map's settings that say how good it is, and how they are told."""
WRITTEN = {"writer_named_not": "name for {n} themes", "writer_summarised_not": "summary of {n} themes"}
"""A map's settings that say what a language model that was asked did not write."""
TALK = {
    "joined": "conversations by themselves show no themes: they were joined to those of the other documents",
    "by words": "told from chance by the words that stand together in them, not by nearness alone",
}
NONE = (
    "no group of documents says more of the same thing than chance would have it: there are too few yet, or they have"
    " no subject in common; take in more (a hundred short texts, or some hundred conversations) and build again"
)

Audience = Annotated[
    list[str] | None,
    typer.Option("--audience", metavar="GROUP", help="From what all these groups may read; repeatable."),
]
ThemeId = Annotated[str, typer.Argument(metavar="ID", help="The theme's id, from `themes list`.")]


@command("build", "sensemake themes build", "sensemake themes build --audience staff --json")
def build(call: Call, audience: Audience = None) -> None:
    """Compute a new map of themes; ids, labels and people's edits live on."""
    with call.workspace() as (workspace, asker):
        _show(call, workspace.build_themes(asker, audience=audience or ()))


@command("list", "sensemake themes list", "sensemake themes list --level 1 --json")
def listed(
    call: Call,
    audience: Audience = None,
    level: Annotated[
        int, typer.Option("--level", metavar="N", help="0 the finest; above it what they are part of.", min=0, max=2)
    ] = 0,
) -> None:
    """List the themes of the latest map, the largest first."""
    with call.workspace() as (workspace, asker):
        _show(call, _latest(workspace.themes(asker, audience=audience or ())), level=level)


@command("show", "sensemake themes show t1", "sensemake themes show t1 --by quarter --json")
def show(
    call: Call,
    theme: ThemeId,
    audience: Audience = None,
    by: Annotated[Step, typer.Option("--by", help="The periods that its course is told by.")] = Step.MONTH,
) -> None:
    """Show one theme: what it is about, its middle and its border, how it goes, and its documents."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        step: Literal["month", "quarter"] = "quarter" if by is Step.QUARTER else "month"
        page = workspace.theme(theme, asker, audience=audience or (), step=step)
    if call.json:
        call.screen.json(wire.theme_page_json(page))
    else:
        call.screen.lines(theme_page.lines(page, _one(page.theme)))


@command("rename", 'sensemake themes rename t1 "Reading the tide"')
def rename(call: Call, theme: ThemeId, label: Annotated[str, typer.Argument(metavar="LABEL")]) -> None:
    """Give a theme a name that later maps keep."""
    _edit(call, "rename", theme, {"label": label})


@command("merge", "sensemake themes merge t1 --into t2")
def merge(
    call: Call, theme: ThemeId, into: Annotated[str, typer.Option("--into", metavar="ID", help="Where it goes.")]
) -> None:
    """Make one theme part of another."""
    _edit(call, "merge", theme, {"into": into})


@command("split", "sensemake themes split t1")
def split(call: Call, theme: ThemeId) -> None:
    """Take a theme apart where its documents differ most."""
    _edit(call, "split", theme, {})


@command("hide", "sensemake themes hide t1")
def hide(call: Call, theme: ThemeId) -> None:
    """Leave a theme out of maps and reports."""
    _edit(call, "hide", theme, {})


@command("pin", "sensemake themes pin t1")
def pin(call: Call, theme: ThemeId) -> None:
    """Keep a theme as it is when all else is grouped anew."""
    _edit(call, "pin", theme, {})


@command("about", 'sensemake themes about "reading the tide"', 'sensemake themes about "tides" -n 3 --json')
def about(
    call: Call,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you want to know of.")],
    limit: Annotated[int, typer.Option("-n", metavar="N", help="How many at most.", min=1)] = 5,
) -> None:
    """Find the themes that are about something, the nearest first; none when nothing is near."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        found = workspace.themes_about(text, asker, limit=limit)
    if call.json:
        call.screen.json({"query": text, "themes": [{**wire.theme_json(t), "cosine": round(c, 4)} for t, c in found]})
    else:
        call.screen.lines([_one(theme) for theme, _ in found] or ["no theme is about this"])


@command("loose", "sensemake themes loose", "sensemake themes loose -n 50 --json")
def loose(
    call: Call,
    audience: Audience = None,
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="N", min=1, max=100, help="How many.")] = 20,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="CURSOR", help="Go on after an earlier answer (`next_cursor`).")
    ] = None,
) -> None:
    """List the documents that are in no theme, the newest first, each with the theme that is nearest."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        found = workspace.loose(asker, audience=audience or (), limit=limit, cursor=cursor)
    if found.changed:
        call.screen.warn("documents or themes have changed since the page before: a note may come twice or be missed")
    if call.json:
        call.screen.json(wire.loose_notes_json(found))
    else:
        call.screen.lines(_rest(found))


@command("undo", "sensemake themes undo")
def undo(call: Call) -> None:
    """Take the last edit back."""
    _edit(call, "undo", "", {})


COMMANDS: tuple[Command, ...] = (build, listed, show, rename, merge, split, pin, hide, about, loose, undo)


def _edit(call: Call, verb: str, theme: str, arguments: Mapping[str, str]) -> None:
    with call.workspace() as (workspace, asker):
        _show(call, workspace.edit_theme(verb, theme, arguments, asker))


def _latest(themes: "ThemeMap | None") -> "ThemeMap":
    if themes is None:
        raise NotFound("there is no map of themes yet: sensemake themes build makes one")
    return themes


def _show(call: Call, themes: "ThemeMap", *, level: int = 0) -> None:
    from sensemake import wire

    if call.json:
        call.screen.json(wire.themes_json(themes, level=level))
    else:
        call.screen.lines(_all(themes, level))


def _all(themes: "ThemeMap", level: int) -> Iterator["Text | str"]:
    shown = themes.at(level)
    for theme in sorted(shown, key=lambda theme: (-theme.size, theme.id)):
        yield _one(theme)
    yield f"{len(shown)} themes, {themes.loose} documents in none, made {themes.built_at:%Y-%m-%d %H:%M} UTC"
    yield ", ".join(_quality(themes))
    if not themes.themes and themes.loose:
        yield NONE


def _quality(themes: "ThemeMap") -> Iterator[str]:
    yield f"{themes.outlier_ratio:.0%} of passages in none"
    if int(themes.settings.get("template", "0")):
        yield f"{themes.settings['template']} passages set aside as a template's"
    if talk := themes.settings.get("talk"):
        yield TALK.get(talk, talk)
    yield from _written(themes)
    if themes.stability is not None:
        yield f"{themes.stability:.0%} of those before in the same theme"
    for name, about in QUALITY.items():
        if name in themes.settings:
            yield f"{about} {themes.settings[name]}"


def _written(themes: "ThemeMap") -> Iterator[str]:
    for name, about in WRITTEN.items():
        if int(themes.settings.get(name, "0")):
            told = about.format(n=themes.settings[name])
            yield f"the language model {safe.line(themes.settings['writer'])} gave no {told} (the next map asks again)"


def _rest(found: "LooseNotes") -> Iterator["Text | str"]:
    for note in found.notes:
        yield _note(note)
    yield f"{found.count} documents are in no theme" if found.count else "every document is in a theme"
    if found.next_cursor:
        yield f"More: add --cursor {found.next_cursor}"


def _note(note: "LooseNote") -> "Text":
    from rich.text import Text

    passage = note.passage
    when = f" · {passage.time:%Y-%m-%d}" if passage.time else ""
    title = safe.line(passage.title) or shorten(safe.line(passage.text), 80, placeholder="…")
    near = (" · near ", safe.line(note.nearest.label), safe.machine(note.nearest.written_by)) if note.nearest else ()
    return Text.assemble((title, "bold"), (f"{when} · {safe.line(passage.silo)} · {passage.document}", "dim"), *near)


def _one(theme: "Theme") -> "Text":
    from rich.text import Text

    size = f"{theme.size} documents · {theme.people} people · {', '.join(map(safe.line, theme.silos))}"
    return Text.assemble(
        f"{ARROWS[theme.status]} {theme.status:<9} ",
        (safe.line(theme.label), "bold"),
        safe.machine(theme.written_by),
        (f" · {size} · {theme.id}", "dim"),
    )
