"""Counts requests by whose answers somebody may find out what is hidden, or who is there, for the audit."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sensemake.api.proxies import Proxies
from sensemake.errors import SensemakeError
from sensemake.rules.probing import Sought
from sensemake.workspace import Workspace
from sensemake.workspace.asking import ANONYMOUS

_PEOPLE = frozenset({"/api/v1/experts", "/api/v1/ask", "/api/v1/people/{person}"})
_log = logging.getLogger("sensemake.api")


def sought(request: Request, kind: Sought) -> None:
    """Say of a request what its status and its route do not."""
    request.state.sought = kind


class Watched:
    """Counts before the answer leaves, so that whoever has it is in the audit; the same for hidden and absent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                kind = _kind(scope, message["status"])
                if kind is not None:
                    await run_in_threadpool(_count, Request(scope), kind)
            await send(message)

        await self._app(scope, receive, sent)


def _kind(scope: Scope, status: int) -> Sought | None:
    """What was sought by somebody who was let in; a request that was refused learnt nothing."""
    state = scope.get("state", {})
    if "by" not in state:
        return None
    if status == 404:
        return Sought.ABSENT
    if status >= 400:
        return None
    if getattr(scope.get("route"), "path", "") in _PEOPLE:
        return Sought.PEOPLE
    told: Sought | None = state.get("sought")
    return told


def _count(request: Request, kind: Sought) -> None:
    """By the user, whichever tokens they use; whoever is nobody in particular by their address."""
    workspace: Workspace = request.app.state.workspace
    proxies: Proxies = request.app.state.proxies
    by = request.state.by
    try:
        workspace.sought(kind, by, address=proxies.address(request) if by.user == ANONYMOUS.user else None)
    except SensemakeError as error:
        _log.warning("what is asked for is not counted now: %s", error)
