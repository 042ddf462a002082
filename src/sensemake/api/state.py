"""What every route is given: the workspace that this application serves."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from sensemake.workspace import Workspace


def _workspace(request: Request) -> Workspace:
    workspace: Workspace = request.app.state.workspace
    return workspace


Home = Annotated[Workspace, Depends(_workspace)]
