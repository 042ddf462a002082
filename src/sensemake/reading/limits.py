"""What a reading may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of wall clock and of processor, and bytes.

    `seconds` and `memory` are for one piece (a file). An export that is read whole has `export_memory`, and may take
    `silence` before it gives its first item and between two. `line` bounds one item, `given` all that a piece may
    give, `written` a file in the staging folder. A child reads `pieces` and is then followed by another.
    """

    seconds: float = 60.0
    memory: int = 1 << 30
    silence: float = 600.0
    export_memory: int = 4 << 30
    line: int = 64 << 20
    given: int = 64 << 20
    written: int = 2 << 30
    pieces: int = 50


DEFAULT = Limits()
