"""Tokens: those that people and programs ask with, and the short-lived ones for a site's pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from sensemake import wire
from sensemake.api.asked import Names, ReadingScope, Scope, Whole
from sensemake.api.principal import Administrator, Minter
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


class TokenRequest(BaseModel):
    """A new token: whose, for what, and how long."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100, examples=["laptop of ada"])]
    user: Annotated[
        str | None,
        Field(min_length=1, max_length=300, examples=["ada"], description="Of the directory; without, whoever asks."),
    ] = None
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20, examples=[["search:read"]])] = [
        "search:read",
        "experts:read",
        "themes:read",
        "reports:read",
        "docs:read",
    ]
    silos: Annotated[Names | None, Field(description="Only these; without, all that the user may read.")] = None
    days: Annotated[int, Field(ge=1, le=3_650), Whole] = 90


@router.get("", summary="The tokens that hold")
def tokens(home: Home, by: Administrator) -> wire.TokensJSON:
    """Without their secrets: those are not kept."""
    return {"tokens": [wire.token_json(token) for token in home.tokens(by)]}


@router.post("", summary="Make a token", status_code=201)
def create(asked: TokenRequest, home: Home, by: Administrator) -> wire.CreatedTokenJSON:
    """The secret is in this answer and nowhere else. It allows no more than the token that asks."""
    secret, token = home.create_token(
        asked.name,
        user=asked.user,
        scopes=frozenset(asked.scopes),
        silos=None if asked.silos is None else frozenset(asked.silos),
        days=asked.days,
        by=by,
    )
    return {"secret": secret, "token": wire.token_json(token)}


@router.post("/{token}/revoke", summary="Make a token void")
def revoke(token: str, home: Home, by: Administrator) -> wire.TokensJSON:
    """It holds for no further request. Those that still hold are answered."""
    home.revoke_token(token, by)
    return {"tokens": [wire.token_json(each) for each in home.tokens(by)]}


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
