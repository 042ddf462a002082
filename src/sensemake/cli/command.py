"""What a command is made of: its own arguments, those that all commands share, and examples that are tested.

Modules that define commands do without `from __future__ import annotations`: Typer reads the annotations, and the
ones of the bundles below stay strings, so that nothing heavy is imported to show a help text.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from sensemake.cli.screen import Screen

if TYPE_CHECKING:
    from sensemake.config import Settings
    from sensemake.model import Principal
    from sensemake.workspace import Workspace

Opener = Callable[..., "Workspace"]
"""`Workspace.open`, or a stand-in for it."""


def open_workspace(settings: "Settings", **how: Any) -> "Workspace":
    from sensemake.workspace import Workspace

    return Workspace.open(settings, **how)


@dataclass(frozen=True, slots=True)
class Call:
    """How this command was called: on which home, for whom, and how it answers."""

    screen: Screen
    opener: Opener = open_workspace
    home: Path | None = None
    user: str | None = None
    json: bool = False

    def settings(self, **flags: object) -> "Settings":
        from sensemake.config import load

        return load({"home": self.home, **flags})

    @contextmanager
    def workspace(self, *, create: bool = False) -> Iterator[tuple["Workspace", "Principal"]]:
        """The home, opened, and who asks: its owner, or the one named by `--as`."""
        with self.opener(self.settings(), create=create, announce=self.screen.talk) as workspace:
            yield workspace, workspace.principal_for(self.user) if self.user else workspace.owner()


@dataclass(frozen=True, slots=True)
class Command:
    """A function as a command, with its examples (each a command line that the tests run)."""

    name: str
    function: Callable[..., None]
    examples: tuple[str, ...]

    def add_to(self, app: typer.Typer) -> None:
        text = "\n".join(f"  {example}" for example in self.examples)
        app.command(self.name, cls=_Command, epilog=text, help=inspect.getdoc(self.function))(_expanded(self.function))


def command(name: str, *examples: str) -> Callable[[Callable[..., None]], Command]:
    """Makes a function a command. Its parameters `call` and `filters` stand for bundles of options."""
    return lambda function: Command(name, function, examples)


def _expanded(function: Callable[..., None]) -> Callable[..., None]:
    """The function as Typer sees it: with the options of each bundle in its place."""
    own = inspect.signature(function).parameters
    shared = [name for name in own if name in _BUNDLES]

    def run(ctx: typer.Context, **given: Any) -> None:
        bundles = {name: _BUNDLES[name][1](ctx, given) for name in shared}
        function(**bundles, **{name: given[name] for name in own if name not in bundles})

    keyword = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in own.items()
        if name not in _BUNDLES
    ]
    options = [parameter for name in reversed(shared) for parameter in _BUNDLES[name][0]]
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    run.__signature__ = inspect.Signature([context, *keyword, *options])  # type: ignore[attr-defined]
    return run


def options(**annotated: Any) -> list[inspect.Parameter]:
    """Parameters that are None unless given."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    return [inspect.Parameter(name, keyword, default=None, annotation=a) for name, a in annotated.items()]


GLOBALS = options(
    home=Annotated[Path | None, typer.Option("--home", metavar="FOLDER", help="The data folder.")],
    as_user=Annotated[str | None, typer.Option("--as", metavar="USER", help="Ask as this person of the directory.")],
    as_json=Annotated[bool | None, typer.Option("--json", help="Answer in JSON.")],
    no_color=Annotated[bool | None, typer.Option("--no-color", help="No colours.")],
    debug=Annotated[bool | None, typer.Option("--debug", help="Show where an error came from.")],
)
"""Options that may stand before and after the name of a command. The edge reads the last two itself."""

FILTERS = options(
    silo=Annotated[list[str] | None, typer.Option("--silo", metavar="NAME", help="Only this silo; repeatable.")],
    kind=Annotated[list[str] | None, typer.Option("--kind", metavar="KIND", help="Only this kind; repeatable.")],
    source=Annotated[list[str] | None, typer.Option("--source", metavar="NAME", help="Only this source.")],
    author=Annotated[list[str] | None, typer.Option("--author", metavar="WHO", help="Only what they wrote.")],
    language=Annotated[
        list[str] | None, typer.Option("--lang", "--language", metavar="CODE", help="Only this language.")
    ],
    since=Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day (UTC) on.")],
    until=Annotated[str | None, typer.Option("--until", metavar="DATE", help="Up to the end of this day (UTC).")],
)


def merged(call: Call, given: Mapping[str, Any]) -> Call:
    """The call with what was said at this place; what was not said stays as it was."""
    return replace(
        call,
        home=given["home"] or call.home,
        user=given["as_user"] or call.user,
        json=bool(given["as_json"]) or call.json,
    )


def _call(ctx: typer.Context, given: Mapping[str, Any]) -> Call:
    return merged(ctx.obj, given)


def _filters(_: typer.Context, given: Mapping[str, Any]) -> Any:
    from sensemake import wire
    from sensemake.model import Filters

    return Filters(
        silos=tuple(given["silo"] or ()),
        kinds=tuple(wire.kind(name) for name in given["kind"] or ()),
        sources=tuple(given["source"] or ()),
        authors=tuple(given["author"] or ()),
        languages=tuple(given["language"] or ()),
        since=wire.since(given["since"]) if given["since"] else None,
        until=wire.until(given["until"]) if given["until"] else None,
    )


_BUNDLES: dict[str, tuple[list[inspect.Parameter], Callable[[typer.Context, Mapping[str, Any]], Any]]] = {
    "call": (GLOBALS, _call),
    "filters": (FILTERS, _filters),
}


def row(parameter: Any, ctx: Any) -> tuple[str, str] | None:
    """A parameter's name and help as people read them; Typer adds the name of the Python type."""
    record: tuple[str, str] | None = parameter.get_help_record(ctx)
    return (re.sub(r" <\S+>$", "", record[0]), record[1].strip()) if record else None


class _Command(TyperCommand):
    """Shows the shared options in a list of their own, and examples as they are typed."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        shared = {parameter.name for parameter in GLOBALS}
        rows: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], "Everywhere": []}
        for parameter in self.get_params(ctx):
            if record := row(parameter, ctx):
                kind = "Arguments" if parameter.param_type_name == "argument" else "Options"
                rows["Everywhere" if parameter.name in shared else kind].append(record)
        for title, records in rows.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        formatter.write(f"\nExamples:\n{self.epilog}\n")
