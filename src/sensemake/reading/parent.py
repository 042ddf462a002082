"""Runs the child, holds it to its limits, and turns its lines back into documents and failures."""

from __future__ import annotations

import json
import logging
import os
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sensemake import wire
from sensemake.errors import SensemakeError
from sensemake.indexers.blame import LOG
from sensemake.model import ReadFailure, Reason, Source
from sensemake.protocols import Indexer, Piece, PieceByPiece
from sensemake.reading.limits import DEFAULT, Limits
from sensemake.reading.lines import NEXT_SOURCE, Item, answered, items, request
from sensemake.reading.pipe import Child, Ended, Flood, Late

AHEAD = 1
"""Pieces asked for while the one before is still being taken in."""
START = 60.0
"""Seconds that a child may take to start on a busy machine."""
_NO_MORE_MEMORY = 0.8
"""A child that died with this share of its memory in use died of it."""


class Reader:
    """Reads sources in a child that is started at the first one and ends with the `with` block."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self._stack = ExitStack()
        self._child: Child | None = None
        self._asked = 0
        self._waiting: deque[tuple[int, Piece]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._stack.close()

    def read(
        self, indexer: Indexer, path: Path, source: Source, wanted: Callable[[Piece], bool] = lambda _: True
    ) -> Iterator[Item]:
        """What `indexer.read` gives, and a failure for each piece that hurt the child. `wanted` chooses pieces."""
        if not hasattr(os, "fork"):
            yield from items(indexer, path, source)  # a system without fork: read here, unprotected
        elif isinstance(indexer, PieceByPiece):
            yield from self._pieces(indexer, path, source, wanted)
        else:
            yield from self._whole(path, source)

    # ── piece by piece ───────────────────────────────────────────────────────────────────────────

    def _pieces(
        self, indexer: PieceByPiece, path: Path, source: Source, wanted: Callable[[Piece], bool]
    ) -> Iterator[Item]:
        self._next_source()
        for item in indexer.pieces(path, source):
            if isinstance(item, Piece):
                if wanted(item):
                    if item.large:  # a long request is only sent to a child that waits for it
                        yield from self._answers(source, 0)
                    self._ask(source, item)
                    yield from self._answers(source, AHEAD)
            else:
                yield from self._answers(source, 0)
                yield item
        yield from self._answers(source, 0)

    def _answers(self, source: Source, left: int) -> Iterator[Item]:
        """The answers that are due, until `left` pieces are waited for."""
        while len(self._waiting) > left:
            number, piece = self._waiting[0]
            answer = self._answer(number, source, large=piece.large)
            try:
                if piece.large:
                    yield from answer
                else:
                    yield from list(answer)  # all of it or nothing
                self._waiting.popleft()
            except _Hurt as hurt:
                self._waiting.popleft()
                self._go_on(source, hurt)
                yield ReadFailure(piece.path, hurt.reason, hurt.detail, uri=piece.uri, parser=source.indexer)

    def _go_on(self, source: Source, hurt: _Hurt) -> None:
        """After a failure: a child that only lost its worker goes on; another is asked again what it owes."""
        if not hurt.alive:
            self._stop()
            owed, self._waiting = self._waiting, deque()
            for _, piece in owed:
                self._ask(source, piece)

    # ── an export whole ──────────────────────────────────────────────────────────────────────────

    def _whole(self, path: Path, source: Source) -> Iterator[Item]:
        self._next_source()
        self._asked += 1
        self._send(request(self._asked, source, None))
        try:
            yield from self._answer(self._asked, source, large=True)
        except _Hurt as hurt:
            yield ReadFailure(str(path), hurt.reason, hurt.detail, parser=source.indexer)
            if not hurt.alive:
                self._stop()
        except GeneratorExit:  # given up in the middle: what is still coming is nobody's
            self._stop()
            raise

    # ── the child ────────────────────────────────────────────────────────────────────────────────

    def _answer(self, number: int, source: Source, *, large: bool) -> Iterator[Item]:
        """The items of one answer. Raises _Hurt when there will be no more of them."""
        limits = self.limits
        seconds, memory = (limits.silence, limits.export_memory) if large else (limits.seconds, limits.memory)
        begun, total = False, 0
        while True:
            most = limits.line if large else min(limits.line, limits.given - total)
            try:
                line = self._running.line(seconds, most)
            except Late:
                raise _Hurt(Reason.TIMEOUT, f"reading it took more than {seconds:g} s", alive=False) from None
            except Flood:
                raise _Hurt(Reason.HOSTILE, _too_much(limits.line if large else limits.given), alive=False) from None
            except Ended:
                raise _Hurt(Reason.MALFORMED, "it ended its reader", alive=False) from None
            total += len(line)
            if not line:
                continue
            try:
                value = answered(line)
                match value["type"]:
                    case "begin":
                        begun = value["of"] == number
                    case "end" if value["of"] == number:
                        return
                    case "gone" if begun:
                        raise _died(value, memory, limits)
                    case "gone":
                        continue  # it died between two pieces: no piece is to blame
                    case _:
                        yield wire.item_of(value, source)
            except (ValueError, KeyError, TypeError, RecursionError):
                raise _Hurt(Reason.HOSTILE, "its reader gave something that no reader gives", alive=False) from None

    def _next_source(self) -> None:
        if self._child is not None:
            self._send(NEXT_SOURCE + b"\n")

    def _ask(self, source: Source, piece: Piece) -> None:
        self._asked += 1
        self._waiting.append((self._asked, piece))
        self._send(request(self._asked, source, piece))

    def _send(self, line: bytes) -> None:
        try:
            self._running.send(line)
        except BrokenPipeError:
            LOG.debug("the child has gone; its answers will say so")

    @property
    def _running(self) -> Child:
        """The child, started when it is first needed."""
        if self._child is None:
            self._child = self._start()
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _start(self) -> Child:
        staging = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="sensemake-reading-"))
        child = Child(json.dumps(asdict(self.limits)), Path(staging), debug=LOG.isEnabledFor(logging.DEBUG))
        try:
            ready: Any = json.loads(child.line(START, 1 << 16))
        except (Late, Flood, Ended, ValueError):
            ready = None
        if ready != {"type": "ready"}:
            child.kill()
            raise SensemakeError("the child that reads files could not be started: run it again with --debug")
        return child


class _Hurt(Exception):
    """A piece after which nothing more comes of its worker. `alive`: the child itself goes on with another."""

    def __init__(self, reason: Reason, detail: str, *, alive: bool) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.alive = reason, detail, alive


def _died(value: dict[str, Any], memory: int, limits: Limits) -> _Hurt:
    number, used = int(value["signal"]), int(value["memory"])
    if number == signal.SIGXCPU:
        return _Hurt(Reason.TIMEOUT, f"reading it took more than {limits.seconds:g} s of processor", alive=True)
    if number == signal.SIGKILL or used > _NO_MORE_MEMORY * memory:
        return _Hurt(Reason.MEMORY, f"reading it took more than {memory >> 20:,} MiB", alive=True)
    if number == 0:
        return _Hurt(Reason.UNREADABLE, "its reader ended: a fault of ours; --debug shows where", alive=True)
    return _Hurt(Reason.MALFORMED, f"its reader crashed ({_signal(number)})", alive=True)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _too_much(size: int) -> str:
    return f"its reader gave more than {size >> 20:,} MiB"
