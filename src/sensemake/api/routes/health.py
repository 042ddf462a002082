"""Whether this process lives and can answer, and its counters; for machines that look after it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from typing_extensions import TypedDict

from sensemake.api.metrics import MEDIA_TYPE, Metrics
from sensemake.api.state import Home

router = APIRouter(tags=["health"])


class HealthJSON(TypedDict):
    status: str


@router.get("/livez", summary="Whether this process lives")
async def livez() -> HealthJSON:
    """Touches nothing, and waits for no thread."""
    return {"status": "ok"}


@router.get("/readyz", summary="Whether it can answer")
def readyz(home: Home) -> HealthJSON:
    """Reads the catalog once; 503 when that fails."""
    home.silos(home.anonymous())
    return {"status": "ok"}


@router.get("/metrics", summary="Counters for Prometheus", response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    """How often and how long; nothing about what was asked, by whom, or what there is."""
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(), media_type=MEDIA_TYPE)
