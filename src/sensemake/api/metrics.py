"""Counts for Prometheus: how often, how long, never about what or whom."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Set in the environment when the library is imported, each process counts in files of that folder."""
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """One application's counters, in a registry of their own; those of all its processes when they share a folder."""

    def __init__(self, shared: Path | None = None) -> None:
        self._shared = shared
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "sensemake_http_requests_total", "Requests.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "sensemake_http_request_duration_seconds", "Time to answer.", ["route"], registry=self._registry
        )
        self._jobs = Counter("sensemake_jobs_total", "Jobs that ended.", ["status"], registry=self._registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def job(self, status: str) -> None:
        self._jobs.labels(status).inc()

    def text(self) -> bytes:
        if self._shared is None:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together, str(self._shared))  # type: ignore[no-untyped-call]
        return generate_latest(together)
