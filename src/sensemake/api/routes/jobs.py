"""Jobs: how far work is that outlives its request, and stopping it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from sensemake import wire
from sensemake.api.principal import Administrator
from sensemake.api.state import Home
from sensemake.protocols import Job

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


def begun(job: Job, response: Response) -> wire.JobJSON:
    """A new job as an answer: where to look for it."""
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return wire.job_json(job)


@router.get("", summary="The asker's jobs")
def jobs(home: Home, by: Administrator) -> wire.JobsJSON:
    return {"jobs": [wire.job_json(job) for job in home.jobs.all(by)]}


@router.get("/{job}", summary="How far a job is")
def job(job: str, home: Home, by: Administrator) -> wire.JobJSON:
    return wire.job_json(home.jobs.get(job, by))


@router.post("/{job}/cancel", summary="Stop a job")
def cancel(job: str, home: Home, by: Administrator) -> wire.JobJSON:
    """One that waits never begins; one that runs ends soon, and what it stored already stays."""
    return wire.job_json(home.jobs.cancel(job, by))
