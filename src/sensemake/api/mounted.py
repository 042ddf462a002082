"""Other ASGI applications under our roof: behind the same guard, told who is asking by the same doorkeeper."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sensemake.api.limits import Limits
from sensemake.api.principal import Doorkeeper
from sensemake.api.problems import problem_of
from sensemake.errors import SensemakeError
from sensemake.model import Principal


def _admitted(doorkeeper: Doorkeeper, request: Request) -> Principal:
    """Who is asking; a call counts as a question."""
    principal = doorkeeper.principal(request)
    limits: Limits = request.app.state.limits
    limits.admit(request, "search:read")
    return principal


class Mounted:
    """Puts the Principal into `scope["state"]["principal"]` and hands over; who is not signed in well is sent away."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        doorkeeper: Doorkeeper = request.app.state.doorkeeper
        try:
            principal = await run_in_threadpool(_admitted, doorkeeper, request)
        except SensemakeError as error:
            await problem_of(error, request)(scope, receive, send)
            return
        scope.setdefault("state", {})["principal"] = principal
        await self.app(scope, receive, send)
