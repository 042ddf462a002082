"""`sensemake indexer`: runs one reader of a format by itself, as its author would."""

from pathlib import Path
from typing import Annotated

import typer

from sensemake.cli.command import Call, Command, command
from sensemake.cli.ingest import field_map
from sensemake.errors import MissingPath


@command("list", "sensemake indexer list", "sensemake indexer list --json")
def listed(call: Call) -> None:
    """List the installed indexers."""
    from sensemake import registry

    names = registry.names("indexers")
    if call.json:
        call.screen.json({"indexers": list(names)})
    else:
        call.screen.raw("".join(f"{name}\n" for name in names))


@command("run", "sensemake indexer run files handbook/ --include-private")
def run(
    call: Call,
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="From `indexer list`.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, folder or export.")],
    include_private: Annotated[bool, typer.Option("--include-private", help="As for `ingest`.")] = False,
    mapped: Annotated[list[str] | None, typer.Option("--map", metavar="KEY=FIELD", help="As for `ingest`.")] = None,
) -> None:
    """Write what an indexer reads as JSON Lines: documents, failures, coverage. It touches no home."""
    from sensemake import reading, registry
    from sensemake.model import SiloName, Source

    if not path.exists():
        raise MissingPath(f"there is no {path}: check the path")
    reader = registry.indexer(name)
    options = field_map(mapped or ()) | ({"include_private": "yes"} if include_private else {})
    source = Source(SiloName("trial"), path.resolve().name, reader.name, str(path.resolve()), options)
    for item in reading.items(reader, path, source):
        call.screen.raw(reading.line(item) + "\n")


COMMANDS: tuple[Command, ...] = (listed, run)
