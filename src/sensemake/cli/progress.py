"""How far a long command is: a bar on a terminal, elsewhere one line every ten seconds; always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sensemake.cli.screen import Screen

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

EVERY = 10.0
"""Seconds between two lines where there is no terminal."""

UNITS = {"reading": "documents", "embedding": "passages", "indexing": "passages"}


class Progress:
    """Called with (stage, done, total or None); a context manager."""

    def __init__(self, screen: Screen, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._clock = clock
        self._bar: Bar | None = None
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, float] = {}
        self._told = self._last = clock()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bar = _bar(self._screen)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if self._bar is not None:
            self._draw(self._bar, stage, done, total)
            return
        now = self._clock()
        began = self._began.setdefault(stage, self._last)
        self._last = now
        if now - self._told >= EVERY:
            self._told = now
            self._screen.talk(spoken(stage, done, total, now - began))

    def _draw(self, bar: Bar, stage: str, done: int, total: int | None) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = bar.add_task(stage, total=total, unit=UNITS.get(stage, ""))
        bar.update(self._tasks[stage], completed=done, total=total)


def spoken(stage: str, done: int, total: int | None, seconds: float) -> str:
    """One line: how many of how many, how fast, how long still."""
    words = f"{stage}: {done}" + (f" of {total}" if total else "") + f" {UNITS.get(stage, '')}"
    rate = done / seconds if seconds > 0 else 0.0
    if rate:
        words += f", {rate:.1f}/s"
    if rate and total and total > done:
        words += f", {(total - done) / rate:.0f} s left"
    return words


def _bar(screen: Screen) -> Bar:
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.text import Text

    class Rate(ProgressColumn):
        """Units a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{task.fields['unit']}, {speed:.1f}/s" if speed else task.fields["unit"])

    return Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        console=screen.console(sys.stderr),
        transient=True,
    )
