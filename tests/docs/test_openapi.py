"""The description of the HTTP interface: kept in the repository, and whole in every operation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import openapi_snapshot
import pytest

from sensemake.api import examples

SCHEMA = openapi_snapshot.description()
OPERATIONS = [
    pytest.param(operation, id=f"{method.upper()} {path}")
    for path, operations in SCHEMA["paths"].items()
    for method, operation in operations.items()
]
ANSWERED = {"400", "401", "403", "404", "409", "413", "422", "429", "503"}
OPEN = {"/livez", "/readyz", "/metrics"}


def test_the_description_in_the_repository_is_the_applications() -> None:
    """A change is seen in review: field by field, in `docs/openapi.json`."""
    kept = json.loads(openapi_snapshot.SNAPSHOT.read_text(encoding="utf-8"))
    assert kept == SCHEMA, "make openapi writes it anew"


def test_the_examples_are_what_is_answered() -> None:
    assert json.loads(openapi_snapshot.as_text(openapi_snapshot.record())) == examples.recorded(), "make openapi"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_described_whole(operation: dict[str, Any], request: pytest.FixtureRequest) -> None:
    path = request.node.callspec.id.split()[1]
    assert operation["summary"]
    assert operation["operationId"]
    errors = {status for status in operation["responses"] if not status.startswith("2")}
    assert errors == ({"503"} if path in OPEN else ANSWERED)
    assert all("application/problem+json" in operation["responses"][status]["content"] for status in errors)
    assert ("security" in operation) == (path not in OPEN)
    for parameter in operation.get("parameters", ()):
        if parameter["required"]:
            assert "example" in parameter or parameter["schema"]["examples"], parameter["name"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        assert content["example"] is not None
    assert list(_answers(operation)), "an answer without an example"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_example_fits_its_schema(operation: dict[str, Any]) -> None:
    contents = operation.get("requestBody", {}).get("content", {}).values()
    asked = [(c["schema"], c["example"]) for c in contents]
    for shape, example in [*asked, *_answers(operation)]:
        whole = {**shape, "components": SCHEMA["components"]}
        jsonschema_rs.validator_for(whole).validate(example)


def test_what_anybody_may_ask_says_so() -> None:
    search = SCHEMA["paths"]["/api/v1/search"]["post"]["security"]
    build = SCHEMA["paths"]["/api/v1/themes/build"]["post"]["security"]
    assert {} in search
    assert {} not in build


def _answers(operation: dict[str, Any]) -> Iterator[tuple[dict[str, Any], object]]:
    """The shape and the example of each good answer that has one."""
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            for content in response["content"].values():
                if "example" in content:
                    yield content.get("schema", {}), content["example"]
