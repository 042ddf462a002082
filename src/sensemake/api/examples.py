"""The examples in the description: requests from the fields' own, answers recorded from a small home."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


def illustrated(schema: dict[str, Any]) -> None:
    """Give every operation an example: of what it is asked by, in its path and body, and of its answer."""
    schemas = schema["components"]["schemas"]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            known = recorded().get(f"{method.upper()} {path}", {})
            _in_path(operation, known.get("path", {}))
            _in_body(operation, schemas)
            _in_answer(operation, known.get("answer"))


def asked(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any] | None:
    """A body as the fields' own examples make it; None when the operation takes none."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        shape = schemas[content["schema"]["$ref"].rpartition("/")[2]]
        return {name: field["examples"][0] for name, field in shape["properties"].items() if "examples" in field}
    return None


@cache
def recorded() -> Mapping[str, Any]:
    """By method and path: what stands in the path, and the answer. `make openapi` records them anew."""
    found: dict[str, Any] = json.loads(files("sensemake.api").joinpath("examples.json").read_text(encoding="utf-8"))
    return found


def _in_path(operation: dict[str, Any], named: Mapping[str, str]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"] in named:
            parameter["example"] = named[parameter["name"]]


def _in_body(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    example = asked(operation, schemas)
    if example is not None:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example


def _in_answer(operation: dict[str, Any], answer: object) -> None:
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            for media_type, content in response.get("content", {}).items():
                if (media_type == "application/json") != isinstance(answer, str) and answer is not None:
                    content["example"] = answer
