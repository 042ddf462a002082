"""Stands before everything else: who may be addressed, which headers leave, what is counted."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sensemake.api.logged import REQUEST
from sensemake.api.metrics import Metrics
from sensemake.api.problems import Problem
from sensemake.api.telemetry import Answered, Tracing

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # not `no-referrer`: a form would then send `Origin: null`, and we compare the origin
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
BY_HTTPS = {**HEADERS, "Strict-Transport-Security": "max-age=31536000"}
"""For browsers that know us by an https address: they are not to come by another way."""
_log = logging.getLogger("sensemake.api")


class Guard:
    """The outermost layer, so that no answer leaves without passing it.

    With `hosts` a request to another name is refused: a page of somebody else's whose name was made to mean this
    machine (DNS rebinding) is no better than a stranger.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        hosts: frozenset[str] | None,
        headers: Mapping[str, str] = HEADERS,
        tracing: Tracing | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._hosts = hosts
        self._headers = headers
        self._tracing = tracing
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._clock()
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(scope, receive, send, request_id, self._headers)
        with self._tracing.request(scope) if self._tracing else nullcontext(Answered()) as told:
            try:
                await self._answered(scope, receive, answer)
            finally:
                told.route, told.status = _route(scope), answer.status
                self._count(scope, answer.status, self._clock() - began)

    async def _answered(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        host = Headers(scope=scope).get("host", "")
        if self._hosts is not None and _name(host) not in self._hosts:
            problem = Problem(scope, 421, "misdirected-request", "this server does not go by that name")
            await problem(scope, receive, answer)
        else:
            await self._app(scope, receive, answer)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        self._metrics.request(scope["method"], route, status, seconds)
        request_id = scope["state"]["request_id"]
        milliseconds, method = round(seconds * 1000), scope["method"]
        told = {"request_id": request_id, "method": method, "route": route, "status": status, "ms": milliseconds}
        _log.info("%s %s %s %d %d ms", request_id, method, route, status, milliseconds, extra={REQUEST: told})


class _Answer:
    """Sends a response with our headers; a bare 413 of the framework becomes a Problem."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, request_id: str, headers: Mapping[str, str]) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._headers = headers
        self._request_id = request_id
        self._replaced = False
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            if _is_bare_413(message):
                problem = Problem(self._scope, 413, "content-too-large", "the request is too large")
                await problem(self._scope, self._receive, self)
                self._replaced = True
                return
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            if "frame-ancestors 'none'" not in headers["Content-Security-Policy"]:
                del headers["X-Frame-Options"]  # it knows no list, and older browsers would take its word
        await self._send(message)


def _route(scope: Scope) -> str:
    """The route's pattern, never the path: paths hold identifiers, and unknown ones would never end."""
    return getattr(scope.get("route"), "path", "unknown")


def _is_bare_413(message: Message) -> bool:
    return message["status"] == 413 and Headers(raw=message["headers"])["content-type"].startswith("text/plain")


def _name(host: str) -> str:
    """A Host header without its port, in lower case."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def guarded(stack: Callable[[], ASGIApp], *arguments: Any) -> Callable[[], ASGIApp]:
    """A builder of middleware whose result stands behind a Guard."""
    return lambda: Guard(stack(), *arguments)
