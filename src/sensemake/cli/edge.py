"""The edge of the command line: the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import errno
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import Any

from typer.exceptions import Abort, TyperException

from sensemake.cli.command import Call, Opener, open_workspace
from sensemake.cli.screen import Screen
from sensemake.errors import SensemakeError

USAGE = 2
STORE = 74
INTERRUPTED = 130
_DISK = {errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT, errno.EFBIG}


def run(arguments: Sequence[str], opener: Opener = open_workspace) -> int:
    """One command line from words to exit code; nothing is raised."""
    _never_fail_to_encode(sys.stdout, sys.stderr)
    said = _before_dashes(arguments)
    screen = Screen(color="--no-color" not in said)
    if "--debug" in said:
        logging.basicConfig(format="%(message)s")
        logging.getLogger("sensemake").setLevel(logging.DEBUG)
    with warnings.catch_warnings():
        warnings.showwarning = _warnings_to(screen)
        try:
            code = _invoke(arguments, Call(screen, opener))
            sys.stdout.flush()
        except BaseException as error:  # noqa: BLE001 -- the edge
            code = _answer(error, screen, debug="--debug" in said)
    return code


def _never_fail_to_encode(*streams: Any) -> None:
    """A terminal that has no ›, nor somebody's alphabet, shows an escape instead."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _invoke(arguments: Sequence[str], call: Call) -> int:
    from sensemake.cli.app import app

    code = app(list(arguments), prog_name="sensemake", standalone_mode=False, obj=call)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _answer(error: BaseException, screen: Screen, *, debug: bool) -> int:
    """Say what went wrong, and with which code we end."""
    if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
        return _quietly()
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if debug:
        traceback.print_exception(error)
    message, code = _told(error)
    screen.fail(message)
    if isinstance(error, OSError):
        _let_go(sys.stdout)
    return code


def _told(error: BaseException) -> tuple[str, int]:
    match error:
        case SensemakeError():
            return str(error), error.exit_code
        case KeyboardInterrupt() | Abort():
            return "interrupted; what was finished is kept, run it again to go on", INTERRUPTED
        case TyperException():
            return _usage(error), USAGE
        case OSError() if error.errno in _DISK:
            return f"could not write: {error.strerror}", STORE
        case OSError():
            return f"{error.strerror or type(error).__name__}: {error.filename or 'no file'}", 1
        case _:
            return f"unexpected {type(error).__name__}; run it again with --debug and report what it shows", 1


def _usage(error: TyperException) -> str:
    """What is wrong with the call, the nearest right word, and where the help is."""
    message = error.message if getattr(error, "possibilities", None) else error.format_message()
    near: Any = getattr(error, "possibilities", None) or ()
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "sensemake"
    return f"{message[:1].lower()}{message[1:].rstrip('.')}{hint} (see: {path} --help)"


def _quietly() -> int:
    """The reader had enough: that is no failure, and nothing to talk about."""
    _let_go(sys.stdout)
    return 0


def _let_go(stream: Any) -> None:
    """Send what is still buffered nowhere, so that Python's own flush at the end does not fail again."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _warnings_to(screen: Screen) -> Any:
    """Our own warnings in our own words; those of libraries are for developers."""

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        if category.__module__.startswith("sensemake"):
            screen.warn(str(message))

    return show


def _before_dashes(arguments: Sequence[str]) -> Sequence[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments
