"""Work that outlives the request that asked for it: kept in the catalog, done by any worker of the home."""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sensemake import wire
from sensemake.errors import Cancelled, Locked, NotFound, SensemakeError, StoreError
from sensemake.model import Principal, stable_id
from sensemake.protocols import Job, JobStatus
from sensemake.rules import visibility
from sensemake.stores import Catalog
from sensemake.workspace import asking, quarantine
from sensemake.workspace.sources import UPLOADS

if TYPE_CHECKING:
    from sensemake.workspace.facade import Workspace

INGEST, SYNC, RETRY = "ingest", "sync", "quarantine.retry"
DEAD = timedelta(minutes=10)
"""A worker that says nothing for so long is taken for dead, and its job is taken up again: ingest may be repeated."""
KEPT = timedelta(days=7)
"""How long a finished job can be looked at."""
_BEAT = 1.0
_log = logging.getLogger("sensemake.worker")


class Working:
    """The jobs of a home: begun by those who may, seen by whoever began them, done by `work`."""

    def __init__(self, workspace: Workspace, catalog: Catalog) -> None:
        self._workspace = workspace
        self._catalog = catalog

    def folder(self) -> Path:
        """A new folder in the home for files that are to be taken in."""
        place = self._catalog.home / UPLOADS / f"incoming-{secrets.token_hex(8)}"
        place.mkdir(mode=0o700, parents=True)
        return place

    def begin_ingest(
        self,
        incoming: Path,
        silo: str,
        by: Principal,
        *,
        readers: frozenset[str] | None = None,
        include_private: bool = False,
    ) -> Job:
        """Have the files in `incoming` (from `folder`) taken in, in the place of those of the same name and silo."""
        asking.need_silo(by, silo)
        return self._begin(
            INGEST,
            {
                "incoming": incoming.name,
                "silo": visibility.silo_name(silo),
                "readers": None if readers is None else sorted(map(visibility.group_name, readers)),
                "include_private": include_private,
            },
            by,
        )

    def begin_sync(self, source: str | None, by: Principal, *, allow_removals: bool = False) -> Job:
        """Have a source read again, or all of them (None). NotFound when there is none of that name."""
        if source is None:
            asking.need_all(by)
        asking.need(by, "admin")
        named = None if source is None else self._workspace.source(source, by).source.id
        return self._begin(SYNC, {"source": named, "allow_removals": allow_removals}, by)

    def begin_retry(self, ids: Sequence[str] | None, source: str | None, by: Principal) -> Job:
        """Have entries of quarantine read again, or all of them. NotFound for one that is not there."""
        chosen = quarantine.chosen(ids, source, self._workspace.quarantine(by))
        named = None if ids is None and by.only is None else [entry.id for entry in chosen]
        return self._begin(RETRY, {"ids": named, "source": source}, by)

    def all(self, by: Principal) -> tuple[Job, ...]:
        """The asker's jobs, oldest first."""
        asking.need(by, "admin")
        return tuple(job for job in self._catalog.jobs.all() if _theirs(job, by))

    def get(self, job_id: str, by: Principal) -> Job:
        """A job of the asker's; anybody else's is not there."""
        asking.need(by, "admin")
        return self._own(self._catalog.jobs.get(job_id), job_id, by)

    def cancel(self, job_id: str, by: Principal) -> Job:
        """Ask a job to stop: one that waits never begins, one that runs ends soon. What it stored already stays."""
        self.get(job_id, by)
        return self._own(self._catalog.jobs.cancel(job_id, asking.utc_now()), job_id, by)

    def work(
        self, stop: threading.Event, *, once: bool = False, idle: float = 0.5, ended: Callable[[str], object] = str
    ) -> int:
        """Do what there is to do until `stop` is set, or with `once` until nothing waits; how many jobs were done."""
        done = 0
        while not stop.is_set():
            job = self._next()
            if job is not None:
                ended(self._do(job, stop).value)
                done += 1
            elif once:
                break
            else:
                stop.wait(idle)
        return done

    def _next(self) -> Job | None:
        now = asking.utc_now()
        try:
            job = self._catalog.jobs.claim(now, dead=DEAD)
            if job is not None:
                self._catalog.jobs.forget(now - KEPT)
        except (Locked, StoreError) as error:
            _log.warning("no job can be taken up now: %s", error)
            return None
        return job

    def _begin(self, kind: str, request: Mapping[str, Any], by: Principal) -> Job:
        asking.need(by, "admin")
        job = Job(secrets.token_urlsafe(12), by.user, kind, request, asking.utc_now())
        self._catalog.jobs.add(job)
        return job

    def _own(self, job: Job | None, job_id: str, by: Principal) -> Job:
        if job is None or not _theirs(job, by):
            raise NotFound(f"there is no job {job_id}")
        return job

    def _do(self, job: Job, stop: threading.Event) -> JobStatus:
        """Do one job, and write down how it ended."""
        outcome: Mapping[str, Any] | None = None
        problem: str | None = None
        try:
            outcome = self._outcome(job, _Beat(job.id, self._catalog, stop))
            status = JobStatus.DONE
        except Cancelled as error:
            status, problem = JobStatus.CANCELLED, str(error)
        except SensemakeError as error:
            status, problem = JobStatus.FAILED, str(error)
        except Exception as error:  # noqa: BLE001 -- the edge of a worker: nobody else would hear of it
            _log.exception("job %s", job.id)
            status, problem = JobStatus.FAILED, f"unexpected {type(error).__name__}; the log says more"
        self._catalog.jobs.finish(job.id, status, asking.utc_now(), outcome=outcome, problem=problem)
        return status

    def _outcome(self, job: Job, progress: _Beat) -> Mapping[str, Any]:
        by = self._workspace.owner()
        if job.kind == SYNC:
            wanted, removals = job.request["source"], job.request["allow_removals"]
            synced = self._workspace.sync(wanted, by, allow_removals=removals, progress=progress)
            return {"sources": [wire.synced_json(each.source, each.outcome) for each in synced]}
        if job.kind == RETRY:
            ids, source = job.request["ids"], job.request["source"]
            done = self._workspace.retry_quarantine(by, ids=ids, source=source, progress=progress)
            remaining = [wire.quarantined_json(entry) for entry in done.remaining]
            return {"tried": done.tried, "left": done.left, "quarantine": remaining}
        return self._ingested(job, by, progress)

    def _ingested(self, job: Job, by: Principal, progress: _Beat) -> Mapping[str, Any]:
        readers = job.request["readers"]
        with self._in_place(job.request["incoming"], job.request["silo"]) as paths:
            report = self._workspace.ingest(
                paths,
                job.request["silo"],
                by,
                readers=None if readers is None else frozenset(readers),
                include_private=job.request["include_private"],
                progress=progress,
            )
        # whoever sent the files knows them by their names, and not where this server put them
        named = tuple(replace(failure, path=Path(failure.path).name) for failure in report.failures)
        return dict(wire.ingest_json(replace(report, failures=named)))

    @contextmanager
    def _in_place(self, incoming: str, silo: str) -> Iterator[list[Path]]:
        """The files where those of this silo are always read: a file that comes again is the same source."""
        uploads = self._catalog.home / UPLOADS
        place = uploads / stable_id("upload", silo)[:12]
        with self._catalog.locks.hold(f"upload {place.name}", wait=DEAD.total_seconds()):
            if (uploads / incoming).exists():
                shutil.rmtree(place, ignore_errors=True)
                (uploads / incoming).rename(place)
            if not place.exists():
                raise NotFound("the files of this job are gone: send them again")
            try:
                yield sorted(place.iterdir())
            finally:
                shutil.rmtree(place, ignore_errors=True)


def _theirs(job: Job, by: Principal) -> bool:
    """Whether somebody began it, and with a token that is for what it is about."""
    about = {INGEST: job.request.get("silo"), SYNC: (job.request.get("source") or "").partition("/")[0]}.get(job.kind)
    return job.user == by.user and (by.only is None or about in by.only)


class _Beat:
    """Tells the catalog how far a job is, about once a second, and stops it when somebody wants it to."""

    def __init__(self, job_id: str, catalog: Catalog, stop: threading.Event) -> None:
        self._job_id = job_id
        self._catalog = catalog
        self._stop = stop
        self._last = -_BEAT

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if self._stop.is_set():
            raise Cancelled("the worker was stopped; ask again")
        if time.monotonic() - self._last < _BEAT:
            return
        self._last = time.monotonic()
        with suppress(Locked):
            if not self._catalog.jobs.beat(self._job_id, asking.utc_now(), stage=stage, done=done, total=total):
                raise Cancelled("it was cancelled")
