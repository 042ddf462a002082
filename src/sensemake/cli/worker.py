"""`sensemake worker`: does the jobs that servers of this home were asked for."""

import signal
import threading
from typing import Annotated

import typer

from sensemake.cli.command import Call, command


@command("worker", "sensemake worker --once")
def worker(
    call: Call, *, once: Annotated[bool, typer.Option("--once", help="End when nothing waits any more.")] = False
) -> None:
    """Do the jobs of this home (what was uploaded over HTTP) until Ctrl-C.

    `sensemake serve` does them too, unless it is started with --without-worker.
    """
    stop = threading.Event()
    with call.workspace() as (workspace, _):
        before = signal.signal(signal.SIGTERM, lambda *_: stop.set())
        try:
            done = workspace.jobs.work(stop, once=once)
        finally:
            signal.signal(signal.SIGTERM, before)
    call.screen.talk(f"did {done} job{'' if done == 1 else 's'}")
