"""Makes text that somebody else wrote harmless on a terminal, and says what is a terminal."""

from __future__ import annotations

import json
import os
import re
from typing import TextIO

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, SOS, PM, APC: links, clipboard
    r"|\x1b[ -/]*[0-~]",  # other escapes
    re.DOTALL,
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\ud800-\udfff]")
_JSON_CONTROL = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u2028\u2029\ud800-\udfff]")


def text(written: str) -> str:
    """Without escape sequences, control characters, direction overrides and lone surrogates; lines and tabs stay."""
    return _CONTROL.sub("", _SEQUENCE.sub("", written.replace("\r\n", "\n").replace("\r", "\n")))


def line(written: str) -> str:
    """The same on one line."""
    return " ".join(text(written).split())


def machine(by: str | None) -> str:
    """What marks a name that a language model wrote; nothing after any other."""
    return f" (machine-written, {line(by)})" if by else ""


def dump(value: object, *, ascii_only: bool = False) -> str:
    """JSON, readable, with everything that could act on a terminal written as an escape."""
    written = json.dumps(value, ensure_ascii=ascii_only, indent=2)
    return _JSON_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def takes_color(stream: TextIO, *, wanted: bool) -> bool:
    """Whether escape sequences may be written here: a terminal that has colours, and nobody who said no."""
    return wanted and stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
