"""Says of an exception that ended a reading whether the file is to blame or we are."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

from sensemake import __version__
from sensemake.model import Reason

LOG = logging.getLogger("sensemake.reading")
"""Where the way to an exception is written when somebody looks (`--debug`)."""

_SLIPS = (NameError, AttributeError, TypeError, AssertionError, ImportError, NotImplementedError)
"""What a slip in a program raises; raised in our own lines it says nothing of the file."""
_OURS = "sensemake."


def why(error: Exception, parser: str, version: str = __version__) -> tuple[Reason, str]:
    """The reason and detail of a ReadFailure. An exception's words are left out: they may hold somebody's text."""
    LOG.debug("%s %s: %s\n%s", parser, version, type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
    if isinstance(error, MemoryError | RecursionError):
        return Reason.MEMORY, "reading it took too much memory"
    name = type(error).__name__
    if isinstance(error, _SLIPS) and _raised_in(error.__traceback__).startswith(_OURS):
        return (
            Reason.UNREADABLE,
            f"a fault in the reader, not in the file: {name} in {parser} {version}; please report what --debug shows",
        )
    return Reason.MALFORMED, f"its reader gave up: {parser} {version}, {name}"


def _raised_in(trace: TracebackType | None) -> str:
    """The module whose line raised it."""
    module = ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        trace = trace.tb_next
    return module
