"""`sensemake ingest`: takes files, folders and exports into a silo."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensemake.cli import safe
from sensemake.cli.command import Call, command
from sensemake.errors import SensemakeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sensemake.model import IngestReport, Principal, ReadFailure
    from sensemake.workspace import Workspace

PARTIAL = 3
SHOWN_FAILURES = 20


@command(
    "ingest",
    "sensemake ingest handbook/ --silo handbook --readers everyone",
    "sensemake ingest export.zip --silo chat --readers staff --json",
)
def ingest(
    call: Call,
    *,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, folders or exports.")],
    silo: Annotated[str, typer.Option("--silo", metavar="NAME", help="Where they belong; made when it is new.")],
    readers: Annotated[
        list[str] | None,
        typer.Option("--readers", metavar="GROUP", help="Who may read a new silo; repeatable; `everyone` opens it."),
    ] = None,
    indexer: Annotated[
        str | None, typer.Option("--indexer", metavar="NAME", help="Read with this indexer instead of the surest.")
    ] = None,
    include_private: Annotated[
        bool,
        typer.Option("--include-private", help="Also private channels and direct messages, as silos of their own."),
    ] = False,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Let more than a fifth of a source disappear.")
    ] = False,
    redact: Annotated[
        bool | None,
        typer.Option(
            "--redact/--no-redact",
            help="Mask e-mail addresses, phone and account numbers, keys and secrets; kept for next time.",
        ),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="KEY=FIELD", help="Which field holds what, as author=author.name; repeatable."),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on: take in what changes, a moment after it does, until Ctrl-C.")
    ] = False,
) -> None:
    """Take documents into a silo.

    Running it again takes in only what is new or changed, and forgets what is gone. Without --readers a new silo is
    read by the owner of this home only. All of this is remembered: `sensemake sync` reads everything again.
    """

    def take_in(workspace: "Workspace", asker: "Principal") -> "IngestReport":
        from sensemake.cli.progress import Progress

        with Progress(call.screen) as progress:
            report = workspace.ingest(
                paths,
                silo,
                asker,
                readers=frozenset(readers) if readers else None,
                indexer=indexer,
                include_private=include_private,
                allow_removals=allow_removals,
                redact=redact,
                options=field_map(mapped or ()),
                progress=progress,
            )
        _tell(call, silo, report)
        return report

    with call.workspace(create=True) as (workspace, asker):
        if watch:
            _watch(call, lambda: take_in(workspace, asker), workspace.changes(paths, asker))
            return
        report = take_in(workspace, asker)
    if report.failures:
        raise typer.Exit(PARTIAL if report.documents else 1)


def _watch(call: Call, take_in: "Callable[[], IngestReport]", changes: "Iterator[None]") -> None:
    """Ingest at once and after every burst of changes. The first ingest has to succeed; a later one may fail."""
    try:
        next(changes)
        take_in()
        call.screen.talk("watching; Ctrl-C ends it")
        for _ in changes:
            try:
                take_in()
            except SensemakeError as error:
                call.screen.fail(str(error))
    except KeyboardInterrupt:
        call.screen.talk("stopped watching; everything finished is kept")


def _tell(call: Call, silo: str, report: "IngestReport") -> None:
    from sensemake import wire

    if call.json:
        for warning in report.warnings:
            call.screen.warn(warning)
        call.screen.json(wire.ingest_json(report))
    else:
        show(call, silo, report)
    call.screen.flush()


def field_map(declared: "Iterable[str]") -> dict[str, str]:
    """`author=author.name` as the indexers' option `map.author`."""
    pairs = [entry.partition("=") for entry in declared]
    for key, _, field in pairs:
        if not (key and field):
            raise UsageError(f"--map {key or '='} names no field: write KEY=FIELD, as in --map author=author.name")
    return {f"map.{key}": field for key, _, field in pairs}


def show(call: Call, silo: str, report: "IngestReport") -> None:
    """What an ingest did, for a person."""
    for warning in report.warnings:
        call.screen.warn(warning)
    call.screen.raw(
        f"{safe.line(silo)}: {report.documents} documents ({report.unchanged} unchanged, {report.removed} removed), "
        f"{report.passages} passages ({report.embedded} embedded) in {report.seconds:.1f} s\n"
    )
    if report.masked:
        call.screen.talk("masked: " + ", ".join(f"{count} {kind}" for kind, count in report.masked.items()))
    if report.failures:
        call.screen.talk(f"{len(report.failures)} could not be read and are in quarantine:")
    for failure in report.failures[:SHOWN_FAILURES]:
        call.screen.talk(f"  {_failure(failure)}")
    if len(report.failures) > SHOWN_FAILURES:
        call.screen.talk(f"  and {len(report.failures) - SHOWN_FAILURES} more: sensemake quarantine list")


def _failure(failure: "ReadFailure") -> str:
    place = f"{failure.path} {failure.locator}".strip()
    return f"{failure.reason}: {place}" + (f" ({failure.detail})" if failure.detail else "")
