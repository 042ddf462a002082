"""The HTTP door, assembled: routes, errors, who asks, and the guard before them."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware

from sensemake import __version__
from sensemake.api import problems
from sensemake.api.doorstep import Doorstep
from sensemake.api.guard import BY_HTTPS, HEADERS, LOOPBACK, guarded
from sensemake.api.limits import Limits
from sensemake.api.metrics import Metrics
from sensemake.api.mounted import Mounted
from sensemake.api.oidc import Verifier
from sensemake.api.openapi import described
from sensemake.api.principal import NO_PROXIES, Doorkeeper
from sensemake.api.probing import Watched
from sensemake.api.proxies import Proxies
from sensemake.api.routes import (
    audit,
    documents,
    entering,
    finding,
    health,
    jobs,
    open_questions,
    page,
    people,
    questions,
    reports,
    silos,
    sources,
    themes,
    tokens,
    widget,
)
from sensemake.api.shallow import Shallow
from sensemake.api.signing_in import SignIn
from sensemake.api.telemetry import OF_THE_FRAMEWORK, Tracing
from sensemake.api.turns import Turns
from sensemake.workspace import Workspace

BODY_BYTES = 1024 * 1024
"""The largest request, uploads aside."""


def create_app(
    workspace: Workspace,
    *,
    hosts: frozenset[str] | None = LOOPBACK,
    mounted: Mapping[str, Starlette] = MappingProxyType({}),
    embed_origins: str = "",
    with_worker: bool = False,
    closes: bool = False,
    metrics: Metrics | None = None,
    tracing: Tracing | None = None,
    origins: Sequence[str] = (),
    requests_per_minute: int = 0,
    questions_at_once: int = 0,
    verifier: Verifier | None = None,
    proxies: Proxies = NO_PROXIES,
    public_url: str = "",
    sign_in: SignIn | None = None,
) -> FastAPI:
    """The application over one workspace. `hosts` are the names it may be called by; None allows any.

    `with_worker` does the home's jobs in a thread of this process, from start to end. With `closes` the workspace is
    closed at the end. `metrics` are counters that are shared with other processes; without, it has its own.
    `tracing` makes spans of requests and stages, and ends with the application.

    Pages of `origins`, compared exactly, may ask from elsewhere (CORS), with a token and never with a cookie.
    `requests_per_minute` limits the questions of one token, and all else with them; 0 nothing. `questions_at_once` are
    answered at a time (0: one by each processor), others take turns.

    A bearer token that `verifier` accepts, and whom `proxies` name, are somebody too. `public_url` is the origin by
    which browsers know us, when a proxy stands before. People may sign in at the provider of `sign_in`.

    `mounted` are other applications by their path (`/mcp`): behind the same guard, asked by the same Principal, which
    they find in `scope["state"]["principal"]`. `embed_origins`, with a space between, may frame `/embed`.
    """
    app = FastAPI(
        title="Sensemake",
        version=__version__,
        description="Find this, who knows about it, what do we share, what changed.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # both load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=BODY_BYTES,
        telemetry=OF_THE_FRAMEWORK,
        lifespan=_life(tuple(mounted.values()), with_worker=with_worker, closes=closes),
    )
    app.state.workspace = workspace
    app.state.tracing = tracing
    if tracing is not None:
        workspace.stage = tracing.stage
    app.state.doorkeeper = Doorkeeper(workspace, verifier=verifier, proxies=proxies)
    app.state.proxies = proxies
    app.state.public_url = public_url
    app.state.sign_in = sign_in
    app.state.metrics = metrics or Metrics()
    app.state.embed_origins = embed_origins
    app.state.limits = Limits(workspace, requests_per_minute)
    app.state.turns = Turns(questions_at_once)
    app.state.origins = frozenset(origins)
    app.add_middleware(Doorstep)
    app.add_middleware(Shallow)
    app.add_middleware(Watched)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["X-Request-ID", "Retry-After", "Location"],
        )
    for module in (
        people,
        questions,
        finding,
        open_questions,
        themes,
        reports,
        documents,
        silos,
        sources,
        jobs,
        tokens,
        audit,
        health,
        page,
        entering,
        widget,
    ):
        app.include_router(module.router)
    for path, inner in mounted.items():
        app.add_route(path, Mounted(inner), include_in_schema=False)  # type: ignore[arg-type]
    problems.install(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    app.build_middleware_stack = guarded(  # type: ignore[method-assign]
        app.build_middleware_stack,
        app.state.metrics,
        hosts,
        BY_HTTPS if public_url.startswith("https://") else HEADERS,
        tracing,
    )
    return app


def _life(
    mounted: tuple[Starlette, ...], *, with_worker: bool, closes: bool
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """From start to end: what is mounted runs inside it, and a worker, whose running job is stopped at the end; the
    last to end is the workspace, when it is ours."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if app.state.tracing is not None:
                stack.callback(app.state.tracing.close)
            if closes:
                stack.callback(app.state.workspace.close)
            for inner in mounted:
                await stack.enter_async_context(inner.router.lifespan_context(inner))
            if with_worker:
                stack.enter_context(_working(app))
            yield

    return life


@contextmanager
def _working(app: FastAPI) -> Iterator[None]:
    stop = threading.Event()
    workspace: Workspace = app.state.workspace
    ended = app.state.metrics.job
    thread = threading.Thread(target=lambda: workspace.jobs.work(stop, ended=ended), name="sensemake-worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        plain = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        app.openapi_schema = described(plain)
    return app.openapi_schema
