"""The child: answers each line of requests with the lines of what it read (`python -m sensemake.reading.child`).

The process that is started loads what all readers need, confines itself, and reads nothing; it forks the one that
does. When that one dies, or has had its share of pieces, it says so and forks the next: in milliseconds, and as clean
as the first.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from sensemake import registry
from sensemake.indexers.blame import LOG
from sensemake.model import ReadFailure, Reason, Source
from sensemake.protocols import Indexer, Piece
from sensemake.reading import confine
from sensemake.reading.limits import Limits
from sensemake.reading.lines import NEXT_SOURCE, answer, items, requested

_ENOUGH = 81
_OVER = 82
"""Exit codes of a worker: it has had its share; there are no more requests."""


def main(arguments: list[str]) -> int:
    """Arguments: the parent's process id, the limits as JSON, and perhaps `--debug`."""
    confine.die_with_parent(int(arguments[0]))
    limits = Limits(**json.loads(arguments[1]))
    if "--debug" in arguments:
        logging.basicConfig(level=logging.WARNING, format="%(message)s")
        logging.getLogger("sensemake").setLevel(logging.DEBUG)
    out = os.dup(1)
    _silence(1)
    _load()
    confine.confine(Path(os.environ["TMPDIR"]))
    _say(out, {"type": "ready"})
    while (code := _work_of_one(out, limits)) != _OVER:
        if code != _ENOUGH:
            return code
    return 0


def _load() -> None:
    """What most sources need, once and for all workers: each would load it again."""
    registry.indexer("files")
    for name in ("markdown", "plain", "html"):
        import_module(f"sensemake.indexers.formats.{name}")


def _silence(descriptor: int) -> None:
    """What a library prints is nobody's answer."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _work_of_one(out: int, limits: Limits) -> int:
    """Fork a worker and wait for its end; how it died is told, and what came of it is how to go on."""
    own = os.getpid()
    worker = os.fork()
    if worker == 0:
        code = 1
        try:
            confine.die_with_parent(own)
            code = _Worker(out, limits).run()
        except BaseException:
            LOG.debug("the worker ended", exc_info=True)
            raise
        finally:
            os._exit(code)
    _, status, usage = os.wait4(worker, 0)
    code = os.waitstatus_to_exitcode(status)
    if code in {_ENOUGH, _OVER}:
        return code
    _say(out, {"type": "gone", "signal": -code if code < 0 else 0, "memory": usage.ru_maxrss << 10}, fresh=True)
    return _ENOUGH


@dataclass(slots=True)
class _Worker:
    """Reads up to `limits.pieces` pieces of one source, or one source whole."""

    out: int
    limits: Limits
    indexer: Indexer | None = None
    read: int = 0

    def run(self) -> int:
        while self.read < self.limits.pieces:
            asked = _request()
            if not asked:
                return _OVER
            if asked == NEXT_SOURCE:
                return _ENOUGH
            self._answer(*requested(asked))
        return _ENOUGH

    def _answer(self, number: int, source: Source, piece: Piece | None) -> None:
        _say(self.out, {"type": "begin", "of": number})
        if self.indexer is None:
            self.indexer = registry.indexer(source.indexer)
        confine.limit(self.limits, large=piece is None or piece.large)
        self.read += 1 if piece else self.limits.pieces
        for item in items(self.indexer, Path(source.path), source, piece):
            _write(self.out, answer(item))
            if isinstance(item, ReadFailure) and item.reason is Reason.MEMORY:
                self.read = self.limits.pieces  # what is left of the memory is nobody's
        _say(self.out, {"type": "end", "of": number})


def _request() -> bytes:
    """One line, byte for byte: what stands behind it is for the next worker if this one does not live to read it."""
    line = bytearray()
    while byte := os.read(0, 1):
        if byte == b"\n":
            break
        line += byte
    return bytes(line)


def _say(out: int, what: dict[str, object], *, fresh: bool = False) -> None:
    _write(out, (b"\n" if fresh else b"") + json.dumps(what).encode() + b"\n")


def _write(out: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(out, view) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
