"""Several processes that answer on one socket, and one that does the jobs, looked after until they are to end.

uvicorn's supervisor does it: one that crashed or hangs is started again, SIGTERM and SIGINT end all of them well, and
SIGHUP replaces them one after another. Whatever they share is in the home, but for the counters: those are files of a
folder that ends with the server.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn._subprocess import spawn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from sensemake.api.configured import Doors, configured
from sensemake.api.logged import logs
from sensemake.api.metrics import FOLDER, Metrics
from sensemake.config import Settings
from sensemake.errors import SensemakeError, StoreError
from sensemake.workspace import Workspace

GRACE = 10
"""Seconds that running requests are given to end."""
HANGS = 60
"""Seconds after which a process that does not say that it lives is started anew: a busy machine is not enough."""
NICE = 10
"""Jobs give way to questions."""
_PAUSE = 5.0
"""Seconds between two starts of the process that does the jobs."""
_log = logging.getLogger("sensemake.api")


def how(app: FastAPI | Callable[[], FastAPI], settings: Settings, *, workers: int = 1) -> uvicorn.Config:
    """How uvicorn answers. With several workers `app` makes an application, in each of them."""
    return uvicorn.Config(
        app,
        factory=workers > 1,
        workers=workers,
        log_config=None,  # as `logs` says
        log_level=settings.log_level,
        access_log=False,  # it would hold the owner's link
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
        timeout_worker_healthcheck=HANGS,
    )


def answer_together(settings: Settings, doors: Doors, listener: socket.socket, *, with_jobs: bool) -> None:
    """Answer with `settings.workers` processes until a signal. StoreError when one of them cannot begin."""
    with tempfile.TemporaryDirectory(prefix="sensemake-counters-") as counters:
        os.environ[FOLDER] = counters  # read when the library is imported, so by the environment only
        try:
            config = how(partial(_application, settings, doors), settings, workers=settings.workers)
            together = _Together(config, [listener], partial(_jobs, settings) if with_jobs else None)
            together.run()
        finally:
            del os.environ[FOLDER]
    if any(process.exitcode == STARTUP_FAILURE for process in together.processes):
        raise StoreError("a worker could not begin; the log says why")


def _application(settings: Settings, doors: Doors) -> FastAPI:
    """In a process of its own: the application over the home."""
    logs(settings)
    try:
        workspace = Workspace.open(settings)
        _end_with_parent()
        return configured(workspace, settings, doors, closes=True, metrics=Metrics(_counters()))
    except SensemakeError as error:
        _log.error("a worker cannot begin: %s", error)
        sys.exit(STARTUP_FAILURE)


def _jobs(settings: Settings) -> None:
    """In a process of its own: the jobs of the home until a signal, which also ends one that runs."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    logs(settings)
    os.nice(NICE)
    _end_with_parent()
    with Workspace.open(settings) as workspace:
        workspace.jobs.work(stop, ended=Metrics(_counters()).job)


def _counters() -> Path:
    return Path(os.environ[FOLDER])


def _end_with_parent() -> None:
    """End as by SIGTERM when the process that looks after this one was killed: nobody else would end it."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="sensemake-parent", daemon=True).start()


class _Together(Multiprocess):
    """uvicorn's supervisor, and beside it the one process that does the jobs."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], jobs: Callable[[], None] | None) -> None:
        super().__init__(config, sockets)
        self._target = jobs
        self._jobs = self._begun() if jobs else None

    def _begun(self) -> multiprocessing.context.SpawnProcess:
        self._since = time.monotonic()
        process = spawn.Process(target=self._target, name="sensemake-jobs")
        process.start()
        return process

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        late = self._jobs is not None and not self._jobs.is_alive() and time.monotonic() - self._since > _PAUSE
        if late and not self.should_exit.is_set():
            _log.warning("the process that does the jobs ended; another one begins")
            self._jobs = self._begun()

    def handle_hup(self) -> None:
        """New processes for old ones; where somebody sits at a terminal, it was closed."""
        if sys.stdin is not None and sys.stdin.isatty():
            self.should_exit.set()
        else:
            super().handle_hup()

    def terminate_all(self) -> None:
        super().terminate_all()
        if self._jobs is not None:
            with suppress(ProcessLookupError):
                self._jobs.terminate()

    def join_all(self) -> None:
        super().join_all()
        if self._jobs is not None:
            self._jobs.join()
