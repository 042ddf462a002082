"""The contract of jobs that outlive their request."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sensemake.protocols import Job, JobStatus
from sensemake.testing.catalog.base import CatalogContract, all_at_once
from sensemake.testing.catalog.nouns import START

MINUTE = timedelta(minutes=1)
DEAD = 10 * MINUTE
JOBS = tuple(
    Job(f"j{n}", "ana", "ingest", {"silo": "open", "files": [f"{n}.md"]}, START + n * MINUTE) for n in range(3)
)


class JobsContract(CatalogContract):
    """Each job is taken up once, oldest first, and is whole however it ends."""

    def test_jobs_are_kept_whole(self, tmp_path: Path) -> None:
        ended = replace(
            JOBS[0], status=JobStatus.DONE, stage="indexing", done=2, total=3, finished=START, outcome={"n": 1}
        )
        with self.opened(tmp_path) as catalog:
            catalog.jobs.add(ended)
            assert catalog.jobs.get("j0") == ended
            assert catalog.jobs.get("none") is None
        with self.opened(tmp_path) as catalog:
            assert catalog.jobs.all() == (ended,)

    def test_the_oldest_is_claimed_first_and_once(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            for job in reversed(JOBS):
                catalog.jobs.add(job)
            claimed = [catalog.jobs.claim(START, dead=DEAD) for _ in range(4)]
            assert [job and job.id for job in claimed] == ["j0", "j1", "j2", None]
            assert all(job is None or job.status is JobStatus.RUNNING for job in claimed)

    def test_two_workers_never_share_a_job(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            for job in JOBS:
                catalog.jobs.add(job)
            claimed: list[Job | None] = []
            all_at_once([lambda: claimed.append(catalog.jobs.claim(START, dead=DEAD))] * 6)
            assert sorted(job.id for job in claimed if job) == ["j0", "j1", "j2"]

    def test_a_job_of_a_dead_worker_is_claimed_again(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.jobs.add(JOBS[0])
            assert catalog.jobs.claim(START, dead=DEAD)
            assert catalog.jobs.beat("j0", START + MINUTE, stage="reading", done=1, total=None)
            assert catalog.jobs.claim(START + DEAD, dead=DEAD) is None
            again = catalog.jobs.claim(START + 2 * DEAD, dead=DEAD)
            assert again is not None
            assert (again.id, again.stage) == ("j0", "reading")

    def test_a_cancelled_job_stops(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            for job in JOBS[:2]:
                catalog.jobs.add(job)
            catalog.jobs.claim(START, dead=DEAD)
            running, waiting = catalog.jobs.cancel("j0", START), catalog.jobs.cancel("j1", START)
            assert running is not None
            assert waiting is not None
            assert (running.status, running.cancelled) == (JobStatus.RUNNING, True)
            assert (waiting.status, waiting.finished) == (JobStatus.CANCELLED, START)
            assert not catalog.jobs.beat("j0", START, stage="reading", done=1, total=2)
            assert catalog.jobs.claim(START, dead=DEAD) is None
            assert catalog.jobs.cancel("none", START) is None

    def test_a_finished_job_stays_as_it_ended(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.jobs.add(JOBS[0])
            catalog.jobs.claim(START, dead=DEAD)
            catalog.jobs.finish("j0", JobStatus.FAILED, START + MINUTE, problem="no such silo")
            catalog.jobs.cancel("j0", START + DEAD)
            ended = catalog.jobs.get("j0")
            assert ended is not None
            assert (ended.status, ended.problem, ended.finished) == (JobStatus.FAILED, "no such silo", START + MINUTE)
            assert catalog.jobs.claim(START + 3 * DEAD, dead=DEAD) is None

    def test_old_jobs_are_forgotten_and_running_ones_are_not(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            for job in JOBS[:2]:
                catalog.jobs.add(job)
            catalog.jobs.finish("j0", JobStatus.DONE, START, outcome={})
            catalog.jobs.forget(START + DEAD)
            assert [job.id for job in catalog.jobs.all()] == ["j1"]
