"""Tokens over HTTP: the short-lived ones that a site's back end makes for its pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from sensemake import wire
from sensemake.api.asked import ReadingScope, Whole
from sensemake.api.principal import Minter
from sensemake.api.state import Home
from sensemake.errors import NotPermitted

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])


class WidgetTokenRequest(BaseModel):
    """For whom, on which pages, and how long."""

    model_config = ConfigDict(extra="forbid")

    origin: Annotated[str, Field(max_length=300, examples=["https://intranet.example.org"])]
    user: Annotated[
        str | None,
        Field(max_length=300, description="Somebody of the directory; without, whoever the token asking is."),
    ] = None
    scopes: Annotated[list[ReadingScope], Field(min_length=1, max_length=10)] = ["search:read"]
    minutes: Annotated[int, Field(ge=1, le=60), Whole] = 60


@router.post("/widget", summary="Make a token for the pages of one origin", status_code=201)
def widget(asked: WidgetTokenRequest, request: Request, home: Home, by: Minter) -> wire.MintedJSON:
    """It only reads, holds for at most an hour, and only for pages of that origin, which must be an allowed one.

    The answer may be handed to the page as it is: the component takes `token` and `expires_in`.
    """
    if asked.origin not in request.app.state.origins:
        raise NotPermitted(f"{asked.origin} is no allowed origin: SENSEMAKE_ALLOWED_ORIGINS names them")
    secret, token = home.mint_widget_token(
        asked.origin, by, user=asked.user, scopes=frozenset(asked.scopes), minutes=asked.minutes
    )
    return {
        "token": secret,
        "expires_in": asked.minutes * 60,
        "id": token.id,
        "user": token.user,
        "scopes": sorted(token.scopes),
        "origin": asked.origin,
    }
