"""Spans for OpenTelemetry: one for each request and one for each stage of finding, where the environment says where to.

A span says which route (its pattern), which status and how long; never what was asked, by whom, of which document. The
SDK and its exporter (the extra `telemetry`) are imported only when they are wanted.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastapi.telemetry import TelemetryConfig
from starlette.datastructures import Headers
from starlette.types import Scope

from sensemake import __version__
from sensemake.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP = "http/protobuf"
OF_THE_FRAMEWORK: TelemetryConfig = {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}
"""FastAPI's own spans hold paths and query strings, which hold identifiers and what people typed."""


class Tracing:
    """Makes spans with the tracer of one provider, which it ends; no other part of the process sees that provider."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._trace = trace
        self._provider = provider
        self._tracer = provider.get_tracer("sensemake", __version__)
        self._parents = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, scope: Scope) -> Iterator[Answered]:
        """A span around a request, of the trace that a `traceparent` names; told how it was answered at its end."""
        context = self._parents.extract(Headers(scope=scope))
        answered = Answered()
        with self._tracer.start_as_current_span(
            scope["method"],
            context=context,
            kind=self._trace.SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield answered
            finally:
                span.update_name(f"{scope['method']} {answered.route}")
                span.set_attribute("http.request.method", scope["method"])
                span.set_attribute("http.route", answered.route)
                span.set_attribute("http.response.status_code", answered.status)
                if answered.status >= 500:
                    span.set_status(self._trace.StatusCode.ERROR)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """A span around a part of the work. Of an error it says which kind: the message may hold somebody's words."""
        with self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:
            try:
                yield
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(self._trace.StatusCode.ERROR)
                raise

    def close(self) -> None:
        """Send what waits to be sent."""
        self._provider.shutdown()


class Answered:
    """How a request was answered: filled in while its span lasts."""

    route = "unknown"
    status = 500


def tracing(environment: Mapping[str, str] = os.environ) -> Tracing | None:
    """What makes spans, when `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) says where to send them; else None.

    MissingExtra when that is wanted and not installed, UsageError for another protocol than OTLP over HTTP.
    """
    if not _wanted(environment):
        return None
    protocol = next((environment[name] for name in _PROTOCOLS if environment.get(name)), _HTTP)
    if protocol != _HTTP:
        raise UsageError(f"spans are sent by {_HTTP}, and OTEL_EXPORTER_OTLP_PROTOCOL is {protocol!r}")
    return Tracing(_provider(environment))


def _wanted(environment: Mapping[str, str]) -> bool:
    off = (
        environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none"
    )
    return not off and any(environment.get(name) for name in _ENDPOINTS)


def _provider(environment: Mapping[str, str]) -> TracerProvider:
    """A provider that sends to where the environment says; the SDK itself reads that, the sampler and the resource."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise MissingExtra(
            "OTEL_EXPORTER_OTLP_ENDPOINT asks for spans, which need: pip install 'sensemake[telemetry]'"
        ) from None
    named: dict[str, Any] = {"service.version": __version__}
    if not environment.get("OTEL_SERVICE_NAME") and "service.name=" not in environment.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    ):
        named["service.name"] = "sensemake"
    provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    # a collector that is away is no reason to fill the log
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    return provider
