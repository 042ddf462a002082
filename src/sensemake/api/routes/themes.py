"""Themes: what documents share across silos."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from sensemake import wire
from sensemake.api.asked import BuildRequest, Cursor, Names
from sensemake.api.principal import Administrator, ThemeReader
from sensemake.api.state import Home
from sensemake.errors import NotFound
from sensemake.model import Principal, ThemeMap
from sensemake.workspace import Workspace

router = APIRouter(prefix="/api/v1/themes", tags=["themes"])
Audience = Annotated[Names, Query(description="From what all these groups may read.")]


@router.get("", summary="The latest map of themes")
def latest(
    home: Home,
    by: ThemeReader,
    audience: Audience = [],  # noqa: B006 -- FastAPI copies it
    level: Annotated[int, Query(ge=0, le=2, description="0 the finest, above it what they are part of.")] = 0,
) -> wire.ThemesJSON:
    return wire.themes_json(_latest(home, by, audience), level=level)


@router.get("/loose", summary="Documents in no theme of the latest map, the newest first")
def loose(
    home: Home,
    by: ThemeReader,
    audience: Audience = [],  # noqa: B006
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> wire.LooseNotesJSON:
    return wire.loose_notes_json(home.loose(by, audience=audience, limit=limit, cursor=cursor))


@router.get("/{theme}", summary="One theme of the latest map, with its documents and how it goes")
def one(
    theme: str,
    home: Home,
    by: ThemeReader,
    audience: Audience = [],  # noqa: B006
    by_period: Annotated[Literal["month", "quarter"], Query(alias="by", description="The periods of its course.")] = (
        "month"
    ),
) -> wire.ThemePageJSON:
    return wire.theme_page_json(home.theme(theme, by, audience=audience, step=by_period))


@router.post("/build", summary="Compute a new map of themes")
def build(asked: BuildRequest, home: Home, by: Administrator) -> wire.ThemesJSON:
    return wire.themes_json(home.build_themes(by, audience=asked.audience))


def _latest(home: Workspace, by: Principal, audience: list[str]) -> ThemeMap:
    themes = home.themes(by, audience=audience)
    if themes is None:
        raise NotFound("there is no map of themes for this audience yet")
    return themes
