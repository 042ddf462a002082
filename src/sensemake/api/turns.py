"""Questions take turns: a process answers a few at once, and others wait without holding a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request

from sensemake.api.principal import Doorkeeper
from sensemake.config import processors
from sensemake.model import Principal

Answer = TypeVar("Answer")


class Turns:
    """At most `at_once` questions are answered at a time by this process, those that came first at first.

    More of them are answered no sooner together: they stand in line for the interpreter's lock and the processors
    (docs/decisions/0022). They wait here and not in threads of the server, which so remain free for light requests.
    """

    def __init__(self, at_once: int = 0) -> None:
        """0 is as many as there are processors."""
        self._places = CapacityLimiter(at_once or processors())

    async def answer(self, request: Request, by: Principal, question: Callable[[Principal], Answer]) -> Answer:
        """What `question` answers when its turn comes. Who had to wait is looked up again: tokens end, and rights
        change, meanwhile. NotSignedIn when they may not ask any more."""
        waits = self._places.available_tokens < 1
        doorkeeper: Doorkeeper = request.app.state.doorkeeper
        return await self.take(lambda: question(doorkeeper.principal(request) if waits else by))

    async def take(self, work: Callable[[], Answer]) -> Answer:
        """What `work` gives, in a thread, when its turn comes."""
        return await to_thread.run_sync(work, limiter=self._places)


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of one request."""

    request: Request

    async def answer(self, by: Principal, question: Callable[[Principal], Answer]) -> Answer:
        turns: Turns = self.request.app.state.turns
        return await turns.answer(self.request, by, question)

    async def take(self, work: Callable[[], Answer]) -> Answer:
        turns: Turns = self.request.app.state.turns
        return await turns.take(work)


async def _turn(request: Request) -> Turn:
    return Turn(request)


InTurn = Annotated[Turn, Depends(_turn)]
