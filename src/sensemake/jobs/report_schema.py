"""The JSON Schema of a report, as it is published: what its shape says, in the words of another standard."""

from __future__ import annotations

from typing import Any

from sensemake.jobs.report_shape import VERSION, ReportJSON


def report_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12. Nothing is left open: a field that is not in it is not in a report."""
    from pydantic import TypeAdapter

    made = TypeAdapter(ReportJSON).json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A Sensemake report",
        "version": VERSION,
    }
    return {**_closed(made), **head}


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Every object of ours holds its fields and no others."""
    objects = (schema, *schema.get("$defs", {}).values())
    for each in objects:
        if "properties" in each:
            each["additionalProperties"] = False
    return schema
