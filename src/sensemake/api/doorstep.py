"""Asks who sends a large body before any of it is read: the framework reads it first, and asks then."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sensemake.api.principal import admitted
from sensemake.api.problems import problem_of
from sensemake.errors import SensemakeError

UPLOAD_BYTES = 512 * 1024 * 1024
LARGE = {("POST", "/api/v1/ingest"): ("admin",)}
"""What may be larger than an ordinary request, and the rights that it needs."""


class Doorstep:
    """Sends away whoever may not send a large body; the route asks once more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        needed = LARGE.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if needed is not None:
            request = Request(scope)
            try:
                await run_in_threadpool(admitted, request, needed, scope["path"])
            except SensemakeError as error:
                refused = RequestBodyLimitMiddleware(problem_of(error, request), UPLOAD_BYTES)  # else it is "too large"
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)
