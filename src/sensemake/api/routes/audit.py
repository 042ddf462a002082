"""The audit: who did what to what, and whether somebody changed it since."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from sensemake import wire
from sensemake.api.asked import Day
from sensemake.api.principal import Administrator
from sensemake.api.state import Home
from sensemake.workspace.accounting import Account

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])
Word = Annotated[str | None, Query(min_length=1, max_length=300)]


@router.get("", summary="Who did what")
def audit(
    home: Home,
    by: Administrator,
    action: Word = None,
    user: Word = None,
    about: Word = None,
    since: Annotated[Day | None, Query()] = None,
    last: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> wire.AuditJSON:
    """The last events that fit, oldest first: grants, tokens, exports, refusals, who was shown to whom."""
    asked = Account(action, user, about, wire.since(since) if since is not None else None, last)
    return {"events": [wire.audit_json(event) for event in home.audit(by, asked)]}
