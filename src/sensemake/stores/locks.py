"""Who is writing what: locks that are files in `<home>/locks`, seen by every process on this machine.

The operating system drops a lock when its process ends, however it ends, so none is ever left behind. The file
stays, holding who took it last (process and time).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from sensemake.errors import Locked
from sensemake.model import stable_id
from sensemake.stores.faults import translated

_POLL = 0.01


class FileLocks:
    """The `Locks` of one home. A name may be any text; `VERB:OBJECT` makes the message read well."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hold(self, name: str, *, wait: float = 0.0) -> AbstractContextManager[None]:
        """Hold `name` for a with-block; wait up to `wait` seconds for it."""
        return self._held(name, wait)

    @contextmanager
    def _held(self, name: str, wait: float) -> Iterator[None]:
        with ExitStack() as stack:
            self._take(stack, name, wait)
            yield

    def _take(self, stack: ExitStack, name: str, wait: float) -> None:
        """Whoever waits stands in a queue of one first, so that a busy writer cannot overtake it for ever."""
        path = self._folder / f"{_file_name(name)}.lock"
        with translated(str(path), self._folder), ExitStack() as queue:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            until = monotonic() + wait
            if wait > 0:
                self._lock(queue, path.with_suffix(".next"), until, name, path)
            self._lock(stack, path, until, name, path)
            path.write_text(f"{os.getpid()} {datetime.now(UTC).isoformat(timespec='seconds')}\n", "utf-8")

    def _lock(self, stack: ExitStack, file: Path, until: float, name: str, holder: Path) -> None:
        from filelock import FileLock, Timeout

        wait = max(0.0, until - monotonic())
        try:
            stack.enter_context(FileLock(file, timeout=wait, poll_interval=_POLL, mode=0o600))
        except Timeout:
            raise Locked(_message(name, holder)) from None


def _file_name(name: str) -> str:
    """A short file name for any text, different for different texts."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-")
    return plain if plain == name else f"{plain or 'lock'}-{stable_id('lock', name)[:12]}"


def _message(name: str, holder: Path) -> str:
    verb, _, about = name.partition(":")
    subject = f"another {verb} of '{about}'" if about else f"another {verb}"
    return f"{subject}{_holder(holder)} is running; try again when it has ended"


def _holder(path: Path) -> str:
    try:
        process, since = path.read_text("utf-8").split()
        return f" (process {int(process)}, since {datetime.fromisoformat(since).astimezone():%H:%M})"
    except (OSError, ValueError):  # it has just been taken and not yet signed
        return ""
