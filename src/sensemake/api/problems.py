"""RFC 9457: the one shape in which every error leaves over HTTP."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import Scope

from sensemake.errors import Locked, NotSignedIn, SensemakeError, TooManyRequests
from sensemake.wire import FaultJSON, ProblemJSON

MEDIA_TYPE = "application/problem+json"
PREFIX = "urn:sensemake:problem:"
_log = logging.getLogger("sensemake.api")


class Problem(JSONResponse):
    """An error as a response."""

    media_type = MEDIA_TYPE

    def __init__(self, scope: Scope, status: int, kind: str, detail: str, faults: Iterable[FaultJSON] = ()) -> None:
        content: ProblemJSON = {
            "type": PREFIX + kind,
            "title": kind.replace("-", " ").capitalize(),
            "status": status,
            "detail": detail,
            "instance": scope["path"],
            "request_id": scope.get("state", {}).get("request_id", ""),
            "errors": list(faults),
        }
        super().__init__(content, status)


def install(app: FastAPI) -> None:
    """Turn every exception of this application into a Problem."""
    app.add_exception_handler(SensemakeError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def problem_of(error: SensemakeError, request: Request) -> Problem:
    """One of our errors as a response."""
    problem = Problem(request.scope, error.status, error.kind(), _detail(error, request))
    if isinstance(error, NotSignedIn):
        problem.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests):
        problem.headers["Retry-After"] = str(math.ceil(error.wait))
    if isinstance(error, Locked):
        problem.headers["Retry-After"] = "1"
    return problem


async def _ours(request: Request, error: Exception) -> Problem:
    return problem_of(cast(SensemakeError, error), request)


def _detail(error: SensemakeError, request: Request) -> str:
    """What an error says; one of the server's own inside is for its log only: it may name folders."""
    if error.status < HTTPStatus.INTERNAL_SERVER_ERROR or isinstance(error, Locked):
        return str(error)
    _log.error("%s: %s", _id(request), error)
    return "the server cannot answer this now; its log says why"


async def _invalid(request: Request, error: Exception) -> Problem:
    faults = [_fault(each) for each in cast(RequestValidationError, error).errors()]
    return Problem(request.scope, 422, "invalid-request", "the request is not as it should be", faults)


def _fault(each: Mapping[str, Any]) -> FaultJSON:
    """Where and what, without the value that was sent."""
    steps = [str(step).replace("~", "~0").replace("/", "~1") for step in each["loc"][1:]]
    pointer = "".join(f"/{step}" for step in steps) if each["loc"][0] == "body" else "/".join(map(str, each["loc"]))
    return {"pointer": pointer, "detail": each["msg"]}


async def _http(request: Request, error: Exception) -> Problem:
    http = cast(HTTPException, error)
    problem = Problem(request.scope, http.status_code, _phrase(http.status_code), _said(http))
    problem.headers.update(http.headers or {})
    if http.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        problem.headers["Allow"] = ", ".join(sorted(_allowed(request)))
    return problem


def _allowed(request: Request) -> set[str]:
    """The methods of all routes of this path; the framework names those of the first one only."""
    path = request.scope["path"]
    fitting = [
        route
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    ]
    exact = [route for route in fitting if route.path == path]
    return {method for route in exact or fitting for method in route.methods or ()}


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "-")


def _said(http: HTTPException) -> str:
    """Starlette's phrases say nothing that the title does not; what a route says is kept."""
    plain = {404: "there is nothing here", 405: "this cannot be done here", 413: "the request is too large"}
    return plain.get(http.status_code, str(http.detail))


async def _unexpected(request: Request, _: Exception) -> Problem:
    """A fault of ours. The server logs the traceback itself; the request's id leads to it."""
    _log.error("%s: unexpected error", _id(request))
    return Problem(request.scope, 500, "internal-error", "something is wrong on our side; quote the request_id")


def _id(request: Request) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))
