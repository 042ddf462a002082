"""`sensemake serve`: the HTTP interface and the search page."""

from typing import Annotated

import typer

from sensemake.cli.command import Call, command


@command("serve", "sensemake serve", "sensemake serve --port 9000")
def serve(
    call: Call,
    *,
    host: Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="The address to bind.")] = None,
    port: Annotated[int | None, typer.Option("--port", metavar="N", help="The port; 0 takes a free one.")] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", help="How many processes answer; the home is shared.")
    ] = None,
    with_worker: Annotated[
        bool, typer.Option("--with-worker/--without-worker", help="Do jobs (uploads) as well.")
    ] = True,
) -> None:
    """Serve this home over HTTP until Ctrl-C.

    With --workers several processes answer at one address, and another does the jobs.
    Prints a link that signs the owner in, once; others are anonymous, or bring a token.
    """
    from sensemake.api.server import serve as serve_forever
    from sensemake.mcp.doors import over_http

    settings = call.settings(host=host, port=port, workers=workers)
    with call.opener(settings, create=False, announce=call.screen.talk) as workspace:
        say = lambda line: call.screen.raw(f"{line}\n")  # noqa: E731
        serve_forever(workspace, settings, say, {"/mcp": over_http}, with_worker=with_worker)
