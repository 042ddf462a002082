"""How deep a body may be nested: what is deeper is cut off where it gets too deep, and so is no JSON any more."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEEPEST = 32
"""Brackets within brackets; our deepest request has three. A parser that meets thousands runs out of stack."""
_MARKS = re.compile(rb'\\|["\[\]{}]')


class Shallow:
    """Hands on a body of JSON as far as it is no deeper than `DEEPEST`; the rest is never parsed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        depth = Depth()

        async def received() -> Message:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body = message.get("body", b"")
            ends = depth.read(body)
            return message if ends is None else {**message, "body": body[:ends], "more_body": False}

        is_json = b"json" in dict(scope["headers"]).get(b"content-type", b"application/json")
        await self._app(scope, received if is_json else receive, send)


class Depth:
    """Follows the brackets of a text that comes in pieces; those within strings do not count."""

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = False
        self._skip = 0

    def read(self, piece: bytes) -> int | None:
        """Where in this piece it gets too deep; None when it does not."""
        if self._depth > DEEPEST:
            return 0
        at = self._skip
        self._skip = 0
        while found := _MARKS.search(piece, at):
            at = found.end()
            mark = found[0]
            if mark == b"\\":
                at += self._quoted  # whatever it escapes
            elif mark == b'"':
                self._quoted = not self._quoted
            elif not self._quoted:
                self._depth += 1 if mark in b"[{" else -1
                if self._depth > DEEPEST:
                    return found.start()
        self._skip = max(0, at - len(piece))
        return None
