"""`sensemake themes`: what documents share across silos, and people's own edits to it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, Command, command
from sensemake.errors import NotFound

if TYPE_CHECKING:
    from rich.text import Text

    from sensemake.model import Theme, ThemeMap

ARROWS = {"new": "+", "growing": "↗", "steady": "→", "fading": "↘", "returning": "↺"}

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


@command("list", "sensemake themes list", "sensemake themes list --json")
def listed(call: Call, audience: Audience = None) -> None:
    """List the themes of the latest map, the largest first."""
    with call.workspace() as (workspace, asker):
        _show(call, _latest(workspace.themes(asker, audience=audience or ())))


@command("show", "sensemake themes show t1", "sensemake themes show t1 --json")
def show(call: Call, theme: ThemeId, audience: Audience = None) -> None:
    """Show one theme: what it is about, how it moved, and its documents."""
    from sensemake import wire

    with call.workspace() as (workspace, asker):
        found = _named(_latest(workspace.themes(asker, audience=audience or ())), theme)
    if call.json:
        call.screen.json(wire.theme_json(found))
    else:
        call.screen.lines(_whole(found))


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


@command("undo", "sensemake themes undo")
def undo(call: Call) -> None:
    """Take the last edit back."""
    _edit(call, "undo", "", {})


COMMANDS: tuple[Command, ...] = (build, listed, show, rename, merge, split, pin, hide, about, undo)


def _edit(call: Call, verb: str, theme: str, arguments: Mapping[str, str]) -> None:
    with call.workspace() as (workspace, asker):
        _show(call, workspace.edit_theme(verb, theme, arguments, asker))


def _latest(themes: "ThemeMap | None") -> "ThemeMap":
    if themes is None:
        raise NotFound("there is no map of themes yet: sensemake themes build makes one")
    return themes


def _named(themes: "ThemeMap", wanted: str) -> "Theme":
    for theme in themes.themes:
        if wanted in {theme.id, theme.label}:
            return theme
    raise NotFound(f"there is no theme {wanted!r}: sensemake themes list")


def _show(call: Call, themes: "ThemeMap") -> None:
    from sensemake import wire

    if call.json:
        call.screen.json(wire.themes_json(themes))
    else:
        call.screen.lines(_all(themes))


def _all(themes: "ThemeMap") -> Iterator["Text | str"]:
    for theme in sorted(themes.themes, key=lambda theme: (-theme.size, theme.id)):
        yield _one(theme)
    yield f"{len(themes.themes)} themes, {themes.loose} documents in none, made {themes.built_at:%Y-%m-%d %H:%M} UTC"
    yield ", ".join(_quality(themes))


def _quality(themes: "ThemeMap") -> Iterator[str]:
    yield f"{themes.outlier_ratio:.0%} of passages in none"
    if themes.stability is not None:
        yield f"{themes.stability:.0%} of those before in the same theme"
    for name, about in (("npmi", "words that go together (NPMI)"), ("diversity", "words of their own")):
        if name in themes.settings:
            yield f"{about} {themes.settings[name]}"


def _one(theme: "Theme") -> "Text":
    from rich.text import Text

    size = f"{theme.size} documents · {theme.people} people · {', '.join(map(safe.line, theme.silos))}"
    return Text.assemble(
        f"{ARROWS[theme.status]} {theme.status:<9} ",
        (safe.line(theme.label), "bold"),
        (f" · {size} · {theme.id}", "dim"),
    )


def _whole(theme: "Theme") -> Iterator["Text | str"]:
    yield _one(theme)
    yield f"  about: {', '.join(map(safe.line, theme.keyphrases))}"
    for event in theme.events:
        numbers = ", ".join(f"{name} {value:g}" for name, value in event.numbers.items())
        yield f"  {safe.line(event.name)}: {numbers}"
    for document in theme.documents:
        yield f"  {document}"
