"""Silos: what there is, and who may read it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from sensemake import wire
from sensemake.api.asked import Group, Groups, NewSilo
from sensemake.api.principal import Administrator, DocumentReader
from sensemake.api.state import Home
from sensemake.model import Principal
from sensemake.workspace import Workspace

router = APIRouter(prefix="/api/v1/silos", tags=["silos"])


class SiloRequest(BaseModel):
    """A new silo; without readers only the owner of the home reads it."""

    model_config = ConfigDict(extra="forbid")

    silo: Annotated[NewSilo, Field(examples=["archive"])]
    readers: Annotated[Groups, Field(examples=[["staff"]])] = []


class RemovedSiloRequest(BaseModel):
    """A silo that holds no documents any more."""

    model_config = ConfigDict(extra="forbid")

    silo: Annotated[str, Field(min_length=1, max_length=300, examples=["archive"])]


class ReadersRequest(BaseModel):
    """Groups that are to read a silo, or not any longer."""

    model_config = ConfigDict(extra="forbid")

    silo: Annotated[str, Field(min_length=1, max_length=300, examples=["handbook"])]
    readers: Annotated[list[Group], Field(min_length=1, max_length=100, examples=[["staff"]])]


@router.get("", summary="The silos that the asker may read")
def silos(home: Home, by: DocumentReader) -> wire.SilosJSON:
    return wire.silos_json(home.silos(by), with_readers="admin" in by.scopes)


@router.post("", summary="Make an empty silo", status_code=201)
def add(asked: SiloRequest, home: Home, by: Administrator) -> wire.SilosJSON:
    home.add_silo(asked.silo, frozenset(asked.readers), by)
    return _one(asked.silo, home, by)


@router.post("/grant", summary="Let groups read a silo")
def grant(asked: ReadersRequest, home: Home, by: Administrator) -> wire.SilosJSON:
    """It holds from the next request on."""
    home.grant(asked.silo, frozenset(asked.readers), by)
    return _one(asked.silo, home, by)


@router.post("/revoke", summary="Let groups read a silo no longer")
def revoke(asked: ReadersRequest, home: Home, by: Administrator) -> wire.SilosJSON:
    """It holds from the next request on."""
    home.revoke(asked.silo, frozenset(asked.readers), by)
    return _one(asked.silo, home, by)


@router.post("/remove", summary="Forget an empty silo, and who read it")
def remove(asked: RemovedSiloRequest, home: Home, by: Administrator) -> wire.SilosJSON:
    """409 while it holds documents: their sources have to be removed first. The answer names none."""
    home.remove_silo(asked.silo, by)
    return _one(asked.silo, home, by)


def _one(name: str, home: Workspace, by: Principal) -> wire.SilosJSON:
    """The silo as it is now, when the asker may read it."""
    found = [silo for silo in home.silos(by) if silo.name == name] if "docs:read" in by.scopes else []
    return wire.silos_json(found, with_readers=True)
