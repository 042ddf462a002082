"""The two ways to the MCP server: stdio, for an assistant on one's own machine, and HTTP, under the API's roof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from anyio import to_thread
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette

from sensemake.mcp.server import Answer, Request, server
from sensemake.model import Principal
from sensemake.rules.probing import Sought
from sensemake.workspace import Workspace

PATH = "/mcp"
BODY_BYTES = 1024 * 1024


def over_stdio(workspace: Workspace, by: Principal) -> None:
    """Answer on standard input and output until they are closed, with one person's rights."""
    server(workspace, OnePerson(by)).run("stdio")


def over_http(workspace: Workspace) -> Starlette:
    """An application that answers at `PATH`; whoever mounts it says who asks, in
    `scope["state"]`: the `principal`, and `answer`, by which a question takes its turn."""
    return server(workspace, _ByToken()).streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,  # any worker may answer, and no session outlives a revoked token
        max_request_body_size=BODY_BYTES,
        # whom it may be called by, and from which page, is for the guard and the doorkeeper before it
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )


@dataclass(frozen=True, slots=True)
class OnePerson:
    """One person, who waits for nobody and is counted by nobody."""

    by: Principal

    def principal(self, _: Request) -> Principal:
        return self.by

    async def answer(self, _: Request, question: Callable[[Principal], Answer]) -> Answer:
        return await to_thread.run_sync(question, self.by)

    def sought(self, _: Request, __: Sought) -> None:
        return


class _ByToken:
    """Whoever the application before us says."""

    def principal(self, request: Request) -> Principal:
        principal = _told(request, "principal")
        if not isinstance(principal, Principal):
            raise TypeError("nobody said who is asking")
        return principal

    async def answer(self, request: Request, question: Callable[[Principal], Answer]) -> Answer:
        in_turn = _told(request, "answer")
        if in_turn is None:
            raise TypeError("nobody said whose turn it is")
        answer: Answer = await in_turn(question)
        return answer

    def sought(self, request: Request, kind: Sought) -> None:
        over_http = request.request_context.request
        if over_http is not None:
            over_http.state.sought = kind


def _told(request: Request, name: str) -> Any:
    return getattr(getattr(request.request_context.request, "state", None), name, None)
