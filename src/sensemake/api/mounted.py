"""Other ASGI applications under our roof: behind the same guard, told who is asking by the same doorkeeper."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sensemake.api.limits import QUESTION, Limits
from sensemake.api.principal import Doorkeeper
from sensemake.api.problems import problem_of
from sensemake.api.turns import Turns
from sensemake.errors import SensemakeError
from sensemake.model import Principal


def _admitted(doorkeeper: Doorkeeper, request: Request) -> Principal:
    """Who is asking; a call counts as a question."""
    principal = request.state.by = doorkeeper.principal(request)
    limits: Limits = request.app.state.limits
    limits.admit(request, QUESTION)
    return principal


class Mounted:
    """Puts into `scope["state"]` the `principal` and `answer`, by which a question takes its turn, and hands over.

    Who is not signed in well is sent away. What they find as `sought` (`rules.probing`) is counted.
    """

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
        turns: Turns = request.app.state.turns
        request.state.principal = principal
        request.state.answer = lambda question: turns.answer(request, principal, question)
        await self.app({**scope}, receive, send)  # a copy: it writes its own name into it
