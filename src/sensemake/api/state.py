"""What every route is given: the workspace that this application serves."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from sensemake.workspace import Workspace


async def _workspace(request: Request) -> Workspace:
    """Not in a thread: it waits for nothing."""
    workspace: Workspace = request.app.state.workspace
    return workspace


Home = Annotated[Workspace, Depends(_workspace)]
