"""The two ways to the MCP server: stdio, for an assistant on one's own machine, and HTTP, under the API's roof."""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette

from sensemake.mcp.server import server
from sensemake.model import Principal
from sensemake.workspace import Workspace

PATH = "/mcp"
BODY_BYTES = 1024 * 1024


def over_stdio(workspace: Workspace, by: Principal) -> None:
    """Answer on standard input and output until they are closed, with one person's rights."""
    server(workspace, lambda _: by).run("stdio")


def over_http(workspace: Workspace) -> Starlette:
    """An application that answers at `PATH`; whoever mounts it says who asks, in `scope["state"]["principal"]`."""
    return server(workspace, _principal).streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,  # any worker may answer, and no session outlives a revoked token
        max_request_body_size=BODY_BYTES,
        # whom it may be called by, and from which page, is for the guard and the doorkeeper before it
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )


def _principal(context: Context[Any, Any]) -> Principal:
    request = context.request_context.request
    principal = None if request is None else getattr(request.state, "principal", None)
    if not isinstance(principal, Principal):
        raise TypeError("nobody said who is asking")
    return principal
