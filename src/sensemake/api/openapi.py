"""The description of the interface: what the framework sees, and the errors it does not."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from sensemake.api.examples import illustrated
from sensemake.api.problems import MEDIA_TYPE
from sensemake.wire import ProblemJSON
from sensemake.workspace.asking import ANONYMOUS

ERRORS = {
    "400": "Not a request that can be understood.",
    "401": "A token or session is needed, or the one sent is not valid.",
    "403": "The asker may not do this.",
    "404": "Absent, or hidden from the asker: never told apart.",
    "409": "It contradicts what is there.",
    "413": "The request is too large.",
    "422": "The request is not as it should be; `errors` says where.",
    "429": "Asked too often; `Retry-After` says when to ask again, in seconds.",
    "503": "Try again later, or ask whoever runs the server.",
}
OPEN = {"/livez", "/readyz", "/metrics"}
_PROBLEM = {
    "type": "urn:sensemake:problem:not-found",
    "title": "Not found",
    "status": 404,
    "detail": "there is no such theme",
    "instance": "/api/v1/themes/t9",
    "request_id": "5f0c2b9d1e7a4c86",
    "errors": [],
}


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """The same with one error shape everywhere, in the place of the framework's own."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = TypeAdapter(ProblemJSON).json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemJSON"] = {**problem, "examples": [_PROBLEM]}
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            _add_errors(operation, ("503",) if path in OPEN else tuple(ERRORS))
            _open_to_anybody(operation)
    illustrated(schema)
    return schema


def _open_to_anybody(operation: dict[str, Any]) -> None:
    """What a request without a token may ask says so: `{}` among its kinds of security."""
    ways: list[dict[str, list[str]]] = operation.get("security", [])
    if ways and ANONYMOUS.scopes.issuperset(scope for way in ways for scopes in way.values() for scope in scopes):
        ways.append({})


def _add_errors(operation: dict[str, Any], statuses: tuple[str, ...]) -> None:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemJSON"}}}
    operation["responses"].pop("422", None)
    operation["responses"] |= {s: {"description": ERRORS[s], "content": content} for s in statuses}
