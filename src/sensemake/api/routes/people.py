"""People: what a person is known for, and what links silos."""

from __future__ import annotations

from fastapi import APIRouter

from sensemake import wire
from sensemake.api.principal import BridgeReader, ExpertSeeker
from sensemake.api.state import Home

router = APIRouter(prefix="/api/v1", tags=["people"])


@router.get("/people/{person}", summary="What somebody is known for")
def person(person: str, home: Home, by: ExpertSeeker) -> wire.ProfileJSON:
    """Their themes over time with evidence that the asker may read; themes need `themes:read`."""
    return wire.profile_json(home.profile(person, by))


@router.get("/bridges", summary="What links silos, and where a link is missing")
def bridges(home: Home, by: BridgeReader, *, names: bool = False) -> wire.BridgesJSON:
    """A view of groups; the asker's own come first, and people are named only with `names`."""
    return wire.bridges_json(home.bridges(by, names=names))
