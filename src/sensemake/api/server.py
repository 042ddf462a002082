"""Serves a workspace over HTTP until it is told to stop."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn

from sensemake.api.configured import NO_DOORS, Doors, configured, is_loopback
from sensemake.api.logged import logs
from sensemake.api.workers import answer_together, how
from sensemake.config import Settings
from sensemake.errors import NotFound, UsageError
from sensemake.workspace import Workspace
from sensemake.workspace.asking import SCOPES


def serve(
    workspace: Workspace,
    settings: Settings,
    say: Callable[[str], None],
    doors: Doors = NO_DOORS,
    *,
    with_worker: bool = True,
) -> None:
    """Bind, say where, and answer until Ctrl-C or SIGTERM. UsageError when the address cannot be had, or not yet.

    With several workers each is a process of its own over the home, and another one does the jobs."""
    if not is_loopback(settings.host) and "people_mode" not in settings.model_fields_set:
        raise UsageError(
            f"{settings.host} is open to other machines: choose first who is named in answers, with "
            "SENSEMAKE_PEOPLE_MODE=opt-out, opt-in or off"
        )
    logs(settings)
    with _bound(settings) as listener, _owner_link(workspace) as secret, _stopped_by_signals():
        address = f"http://{_shown(settings.host)}:{listener.getsockname()[1]}/"
        several = settings.workers > 1
        # also with several, whose applications are made elsewhere: settings that are wrong are said here
        app = configured(workspace, settings, doors, with_worker=with_worker and not several)
        say(f"Sensemake answers at {address}")
        say(f"Sign in as its owner, once: {_public(settings, address)}?owner={secret}")
        if several:
            answer_together(settings, doors, listener, with_jobs=with_worker)
        else:
            uvicorn.Server(how(app, settings)).run(sockets=[listener])


@contextmanager
def _bound(settings: Settings) -> Iterator[socket.socket]:
    """A listening socket of our own: so the port is known, and an address in use is an error of ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it. Else the end of an answer waits up to 40 ms for the other side's word that its
        # beginning has come (RFC 896); asyncio sees to it only for sockets that it made itself.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listener.bind((settings.host, settings.port))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no address"
            raise UsageError(
                f"cannot listen on {settings.host} port {settings.port}: {reason}; choose others with --host and --port"
            ) from error
        listener.listen(128)  # from the moment the address is said, whoever comes waits instead of being refused
        yield listener


@contextmanager
def _owner_link(workspace: Workspace) -> Iterator[str]:
    """A secret that signs the owner in once; not used when the server ends, it is void."""
    owner = workspace.owner()
    secret, token = workspace.create_token(
        "owner link of serve", user=None, scopes=SCOPES, silos=None, days=1, once=True, by=owner
    )
    try:
        yield secret
    finally:
        with suppress(NotFound):
            workspace.revoke_token(token.id, owner)


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the server, which then ends well: uvicorn raises the signal again when it is done."""
    before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(_Stopped):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Stopped(BaseException):
    """Somebody asked the server to stop."""


def _stop(_: int, __: FrameType | None) -> None:
    raise _Stopped


def _public(settings: Settings, address: str) -> str:
    """How browsers reach us: a session that was opened elsewhere would be one of another page."""
    return f"{settings.public_url}/" if settings.public_url else address


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
