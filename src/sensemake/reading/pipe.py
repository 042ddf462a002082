"""A child process and the pipes to it: lines there and back, each with a time and a size that it must keep."""

from __future__ import annotations

import os
import select
import signal
import site
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

_CHUNK = 1 << 16
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""What a child gets of our environment. No token, no proxy, no setting of ours is among it."""


class Late(Exception):
    """No line came in time."""


class Flood(Exception):
    """A line had no end."""


class Ended(Exception):
    """There will be no more lines."""


class Child:
    """A process group of its own, that reads requests and writes lines."""

    def __init__(self, limits: str, staging: Path, *, debug: bool) -> None:
        command = [sys.executable, "-P", "-m", "sensemake.reading.child", str(os.getpid()), limits]
        self._process = subprocess.Popen(  # noqa: S603 -- ourselves
            command + ["--debug"] * debug,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if debug else subprocess.DEVNULL,
            cwd=staging,
            env=_environment(staging),
            start_new_session=True,
            bufsize=0,
        )
        self._came = bytearray()

    def send(self, line: bytes) -> None:
        """Raises BrokenPipeError when nobody reads it any more."""
        if self._process.stdin is not None:
            self._process.stdin.write(line)

    def line(self, seconds: float, most: int) -> bytes:
        """The next line without its end. Raises Late, Flood (more than `most` bytes) or Ended."""
        until, searched = time.monotonic() + seconds, 0
        while (end := self._came.find(b"\n", searched)) < 0:
            searched = len(self._came)
            if searched > most:
                raise Flood
            self._came += self._more(until)
        if end > most:
            raise Flood
        line = bytes(self._came[:end])
        del self._came[: end + 1]
        return line

    def _more(self, until: float) -> bytes:
        if self._process.stdout is None:
            raise Ended
        out = self._process.stdout.fileno()
        if not select.select([out], [], [], max(0.0, until - time.monotonic()))[0]:
            raise Late
        if not (chunk := os.read(out, _CHUNK)):
            raise Ended
        return chunk

    def kill(self) -> None:
        """End the whole group at once."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()


def _environment(staging: Path) -> dict[str, str]:
    """Our modules are found where we found them; everything else is the staging folder."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    found = os.pathsep.join(str(Path(path).absolute()) for path in sys.path if path)
    return kept | {
        "PYTHONPATH": found,
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONUTF8": "1",
        "HOME": str(staging),
        "TMPDIR": str(staging),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
