"""Where a command writes: data to stdout, talk to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from sensemake.cli import safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


@dataclass(frozen=True, slots=True)
class Screen:
    """Both streams; each decides for itself whether it is a terminal and takes colours."""

    color: bool = True

    def json(self, value: object) -> None:
        plain = "utf" not in (sys.stdout.encoding or "utf-8").lower()
        self.raw(safe.dump(value, ascii_only=plain) + "\n")

    def raw(self, written: str) -> None:
        """Text that is ours, or was made safe, as it is."""
        sys.stdout.write(written)

    def flush(self) -> None:
        """Show at once what was written: to a pipe, too, while a command goes on."""
        sys.stdout.flush()

    def lines(self, lines: Iterable[Text | str]) -> None:
        """Lines for a person: wrapped on a terminal, never when piped."""
        console = self.console(sys.stdout)
        for each in lines:
            console.print(each, soft_wrap=not sys.stdout.isatty(), highlight=False, markup=False)

    def talk(self, message: str) -> None:
        """A word to the person, beside the data."""
        sys.stderr.write(f"{safe.line(message)}\n")

    def warn(self, message: str) -> None:
        self.talk(f"sensemake: warning: {message}")

    def fail(self, message: str) -> None:
        self.talk(f"sensemake: error: {message}")

    def console(self, stream: TextIO) -> Console:
        from rich.console import Console

        colored = safe.takes_color(stream, wanted=self.color)
        return Console(
            file=stream,
            color_system="auto" if colored else None,
            force_terminal=colored,
            legacy_windows=False,
            emoji=False,
        )
