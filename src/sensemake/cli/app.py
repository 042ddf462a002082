"""The table of contents of the command line, and what is common to all of it."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sensemake import __version__
from sensemake.cli import (
    access,
    ask,
    backup,
    bridges,
    config,
    demo,
    doctor,
    evaluate,
    finding,
    indexer,
    ingest,
    insights,
    mcp,
    person,
    quarantine,
    questions,
    reflect,
    report,
    search,
    serve,
    session,
    silo,
    sources,
    sync,
    themes,
    token,
    who,
    worker,
)
from sensemake.cli.command import Command, merged


class _Group(TyperGroup):
    """Commands in the order of `_ORDER`; a word that is none is answered with the nearest one."""

    alone = ""
    """The command that is meant when none is named."""

    def list_commands(self, ctx: Any) -> list[str]:
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: _ORDER.index(name) if ctx.parent is None else 0)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Without a command, the help is the answer, or `alone`."""
        asked = bool({"-h", "--help"} & set(args[:1])) or ctx.resilient_parsing
        if self.alone and not asked and (not args or args[0].startswith("-")):
            args = [self.alone, *args]
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help())
            raise typer.Exit
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        word = args[0]
        if self.get_command(ctx, word) is None and not word.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"there is no command {word!r}; {_instead(word, self.list_commands(ctx), ctx.parent is None)}")
        return super().resolve_command(ctx, args)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        if ctx.parent is None:
            formatter.write(f"\n{_START}\n")


_ORDER = (
    *(
        "demo",
        "ingest",
        "sync",
        "search",
        "similar",
        "suggest",
        "helped",
        "who",
        "ask",
        "themes",
        "bridges",
        "questions",
        "report",
        "session",
        "reflect",
        "serve",
        "worker",
        "mcp",
    ),
    *(
        "pin",
        "insights",
        "silo",
        "sources",
        "quarantine",
        "person",
        "token",
        "access",
        "audit",
        "doctor",
        "backup",
        "restore",
        "eval",
        "config",
        "indexer",
    ),
)

_START = """Start here:
  sensemake demo                               a made-up organisation to try it on
  sensemake ingest FOLDER --silo NAME          take in your own
  sensemake search "what you want to know"     find it
  sensemake who "a topic"                      find who knows
Each command has examples: sensemake COMMAND --help"""


def _instead(word: str, commands: list[str], is_root: bool) -> str:  # noqa: FBT001
    near = get_close_matches(word, commands, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    if is_root:
        return f'to search for it: sensemake search "{word}"'
    return f"commands: {', '.join(commands)}"


def _print_version(asked: bool) -> None:  # noqa: FBT001
    if asked:
        typer.echo(f"sensemake {__version__}")
        raise typer.Exit


def _new(**about: Any) -> typer.Typer:
    return typer.Typer(
        cls=_Group,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
        **about,
    )


app = _new()


@app.callback()
def _common(
    ctx: typer.Context,
    *,
    home: Annotated[Path | None, typer.Option("--home", metavar="FOLDER", help="The data folder.")] = None,
    as_user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Ask as this person.")] = None,
    as_json: Annotated[bool | None, typer.Option("--json", help="Answer in JSON.")] = None,
    no_color: Annotated[bool | None, typer.Option("--no-color", help="No colours.")] = None,  # noqa: ARG001
    debug: Annotated[bool | None, typer.Option("--debug", help="Show where an error came from.")] = None,  # noqa: ARG001
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """One memory over an organisation's silos: find this, who knows about it, what do we share, what changed."""
    ctx.obj = merged(ctx.obj, {"home": home, "as_user": as_user, "as_json": as_json})


def _group(name: str, about: str, *commands: Command, alone: str = "") -> None:
    """Commands under one name, which by itself means `alone`, or else shows the help."""
    group = _new(help=about)
    if alone:
        group.info.cls = type("_Group", (_Group,), {"alone": alone})
    for each in commands:
        each.add_to(group)
    app.add_typer(group, name=name)


ingest.ingest.add_to(app)
sync.sync.add_to(app)
search.search.add_to(app)
search.similar.add_to(app)
finding.suggest.add_to(app)
finding.helped.add_to(app)
who.who.add_to(app)
ask.ask.add_to(app)
_group("themes", "What is shared: themes across silos.", *themes.COMMANDS)
bridges.bridges.add_to(app)
_group("questions", "What nobody answered.", *questions.COMMANDS, alone="list")
report.report.add_to(app)
_group("session", "From a report to a room of people, and back.", *session.COMMANDS)
reflect.reflect.add_to(app)
serve.serve.add_to(app)
worker.worker.add_to(app)
mcp.mcp.add_to(app)
demo.demo.add_to(app)
doctor.doctor.add_to(app)
insights.pin.add_to(app)
insights.insights.add_to(app)
_group("silo", "The parts of the organisation, and who may read them.", *silo.COMMANDS)
_group("sources", "Where documents come from.", *sources.COMMANDS)
_group("quarantine", "What could not be read.", *quarantine.COMMANDS)
_group("person", "People, and whether they are named.", *person.COMMANDS)
_group("token", "Keys to the HTTP interface.", *token.COMMANDS)
_group("access", "Why somebody may read something.", *access.COMMANDS)
access.audit.add_to(app)
backup.backup.add_to(app)
backup.restore.add_to(app)
_group("eval", "How good the answers are.", *evaluate.COMMANDS)
_group("config", "Settings.", *config.COMMANDS)
_group("indexer", "Readers of formats.", *indexer.COMMANDS)
