"""Work that outlives its request: one thread does it in turn, and anybody who began it can look how far it is."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from sensemake.errors import NotFound, SensemakeError
from sensemake.model import IngestReport, Principal
from sensemake.wire import JobJSON, ingest_json, moment, stamp

Progress = Callable[[str, int, int | None], None]
Work = Callable[[Progress], IngestReport]
_log = logging.getLogger("sensemake.api")
KEPT = 1_000
"""Jobs that are remembered; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work and how far it is."""

    id: str
    user: str
    created: datetime
    status: Literal["queued", "running", "done", "failed"] = "queued"
    stage: str = ""
    done: int = 0
    total: int | None = None
    finished: datetime | None = None
    report: IngestReport | None = None
    problem: str | None = None

    def json(self) -> JobJSON:
        return {
            "id": self.id,
            "status": self.status,
            "stage": self.stage,
            "done": self.done,
            "total": self.total,
            "created_at": stamp(self.created),
            "finished_at": moment(self.finished),
            "report": ingest_json(self.report) if self.report else None,
            "problem": self.problem,
        }


class Jobs:
    """The jobs of this process."""

    def __init__(self, ended: Callable[[str], None]) -> None:
        self._ended = ended
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="sensemake-job")

    def begin(self, work: Work, by: Principal) -> Job:
        job = Job(secrets.token_urlsafe(12), by.user, datetime.now(UTC))
        with self._lock:
            self._jobs[job.id] = job
            for old in list(self._jobs)[:-KEPT]:
                del self._jobs[old]
        self._pool.submit(self._run, job.id, work)
        return job

    def get(self, job_id: str, by: Principal) -> Job:
        """A job of the asker's; anybody else's is not there."""
        job = self._jobs.get(job_id)
        if job is None or job.user != by.user:
            raise NotFound(f"there is no job {job_id}")
        return job

    def close(self) -> None:
        """Let the running job end; those that wait are not begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, job_id: str, work: Work) -> None:
        self._change(job_id, status="running")
        try:
            report = work(lambda stage, done, total: self._change(job_id, stage=stage, done=done, total=total))
        except SensemakeError as error:
            self._finish(job_id, status="failed", problem=str(error))
        except Exception as error:  # noqa: BLE001 -- the edge of a thread: nobody else would hear of it
            _log.exception("job %s", job_id)
            self._finish(job_id, status="failed", problem=f"unexpected {type(error).__name__}; the log says more")
        else:
            self._finish(job_id, status="done", report=report)

    def _finish(self, job_id: str, **how: object) -> None:
        self._change(job_id, finished=datetime.now(UTC), **how)
        self._ended(str(how["status"]))

    def _change(self, job_id: str, **how: object) -> None:
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id] = replace(self._jobs[job_id], **how)  # type: ignore[arg-type]
