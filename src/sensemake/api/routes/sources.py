"""Sources: where documents come from, reading them again, and what could not be read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from sensemake import wire
from sensemake.api.asked import Flag
from sensemake.api.principal import Administrator
from sensemake.api.routes.jobs import begun
from sensemake.api.state import Home

router = APIRouter(prefix="/api/v1", tags=["sources"])
SourceName = Annotated[str, Field(min_length=1, max_length=600)]


class SyncRequest(BaseModel):
    """Which source to read again; without a name all of them."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[SourceName | None, Field(examples=["handbook/pages"])] = None
    allow_removals: Flag = False


class RetryRequest(BaseModel):
    """Which entries to read again; without ids all of them, or all of one source."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)]] | None,
        Field(max_length=1_000, examples=[["0123456789abcdef"]]),
    ] = None
    source: SourceName | None = None


class DropRequest(BaseModel):
    """Which entries to forget."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)]],
        Field(min_length=1, max_length=1_000, examples=[["0123456789abcdef"]]),
    ]


@router.get("/sources", summary="Where documents come from, and how fresh that is")
def sources(home: Home, by: Administrator) -> wire.SourcesJSON:
    return {
        "sources": [
            wire.source_json(
                status.source,
                documents=status.documents,
                last_read=status.last_read,
                failures=status.failures,
                authored_share=status.authored_share,
                newest=status.newest,
            )
            for status in home.sources(by)
        ]
    }


@router.post("/sources/sync", summary="Read a source again, or all", status_code=202)
def sync(asked: SyncRequest, response: Response, home: Home, by: Administrator) -> wire.JobJSON:
    """As they were read last: same path on the server, indexer and options. The job says what came of each."""
    return begun(home.jobs.begin_sync(asked.source, by, allow_removals=asked.allow_removals), response)


@router.get("/quarantine", summary="What could not be read, and why")
def quarantine(
    home: Home, by: Administrator, source: Annotated[str | None, Query(min_length=1, max_length=600)] = None
) -> wire.QuarantineJSON:
    return {"quarantine": [wire.quarantined_json(entry) for entry in home.quarantine(by, source=source)]}


@router.post("/quarantine/retry", summary="Read what is in quarantine again", status_code=202)
def retry(asked: RetryRequest, response: Response, home: Home, by: Administrator) -> wire.JobJSON:
    return begun(home.jobs.begin_retry(asked.ids, asked.source, by), response)


@router.post("/quarantine/drop", summary="Forget entries of quarantine")
def drop(asked: DropRequest, home: Home, by: Administrator) -> wire.DroppedJSON:
    """The files stay where they are; what still cannot be read at the next ingest comes back."""
    return {"dropped": home.drop_quarantine(by, ids=asked.ids)}
