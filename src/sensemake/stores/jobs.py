"""Work that outlives its request, in the catalog: any process of the home may take it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select, update

from sensemake.protocols import Job, JobStatus
from sensemake.stores.columns import from_json, to_json
from sensemake.stores.connection import Database
from sensemake.stores.schema import jobs

_ENDED = (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED)


class SqlJobs:
    """The `Jobs` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, job: Job) -> None:
        with self._database.writing(quiet=True) as connection:
            connection.execute(insert(jobs), _row(job))

    def get(self, job_id: str) -> Job | None:
        with self._database.reading() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).first()
            return _job(row) if row else None

    def all(self) -> tuple[Job, ...]:
        """Oldest first."""
        with self._database.reading() as connection:
            return tuple(_job(row) for row in connection.execute(select(jobs).order_by(jobs.c.created, jobs.c.id)))

    def claim(self, at: datetime, *, dead: timedelta) -> Job | None:
        """Looks without the write lock first: an idle worker keeps nobody waiting."""
        if self._next(at - dead) is None:
            return None
        with self._database.writing(quiet=True) as connection:
            row = connection.execute(_waiting(at - dead)).first()
            if row is None:
                return None
            connection.execute(update(jobs).where(jobs.c.id == row.id).values(status=JobStatus.RUNNING.value, beat=at))
            return replace(_job(row), status=JobStatus.RUNNING)

    def beat(self, job_id: str, at: datetime, *, stage: str, done: int, total: int | None) -> bool:
        with self._database.writing(quiet=True) as connection:
            connection.execute(
                update(jobs).where(jobs.c.id == job_id).values(stage=stage, done=done, total=total, beat=at)
            )
            return connection.scalar(select(jobs.c.cancelled).where(jobs.c.id == job_id)) is False

    def finish(
        self,
        job_id: str,
        status: JobStatus,
        at: datetime,
        *,
        outcome: Mapping[str, Any] | None = None,
        problem: str | None = None,
    ) -> None:
        values = {
            "status": status.value,
            "finished": at,
            "outcome": None if outcome is None else to_json(outcome),
            "problem": problem,
        }
        with self._database.writing(quiet=True) as connection:
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))

    def cancel(self, job_id: str, at: datetime) -> Job | None:
        with self._database.writing(quiet=True) as connection:
            connection.execute(
                update(jobs)
                .where(jobs.c.id == job_id, jobs.c.status == JobStatus.QUEUED.value)
                .values(status=JobStatus.CANCELLED.value, finished=at, cancelled=True)
            )
            connection.execute(
                update(jobs).where(jobs.c.id == job_id, jobs.c.status == JobStatus.RUNNING.value).values(cancelled=True)
            )
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).first()
            return _job(row) if row else None

    def forget(self, before: datetime) -> None:
        with self._database.writing(quiet=True) as connection:
            connection.execute(delete(jobs).where(jobs.c.finished < before))

    def _next(self, dead: datetime) -> Row[Any] | None:
        with self._database.reading() as connection:
            return connection.execute(_waiting(dead)).first()


def _waiting(dead: datetime) -> Any:
    abandoned = and_(jobs.c.status == JobStatus.RUNNING.value, jobs.c.beat < dead)
    wanted = or_(jobs.c.status == JobStatus.QUEUED.value, abandoned)
    return select(jobs).where(wanted).order_by(jobs.c.created, jobs.c.id).limit(1)


def _row(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "user_name": job.user,
        "kind": job.kind,
        "request": to_json(job.request),
        "status": job.status.value,
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "created": job.created,
        "beat": None,
        "finished": job.finished,
        "outcome": None if job.outcome is None else to_json(job.outcome),
        "problem": job.problem,
        "cancelled": job.cancelled,
    }


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        user=row.user_name,
        kind=row.kind,
        request=from_json(row.request),
        created=row.created,
        status=JobStatus(row.status),
        stage=row.stage,
        done=row.done,
        total=row.total,
        finished=row.finished,
        outcome=None if row.outcome is None else from_json(row.outcome),
        problem=row.problem,
        cancelled=row.cancelled,
    )
