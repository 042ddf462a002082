"""The report: what is shared, and what changed."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from sensemake import wire
from sensemake.api.asked import Day, Names
from sensemake.api.principal import ReportReader
from sensemake.api.state import Home

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])

# A report is one file with its own styles and drawings; it may load and run nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'"


@router.get(
    "",
    summary="The report of themes",
    response_model=dict[str, Any],
    responses={200: {"content": {"text/html": {}, "text/markdown": {}, "text/csv": {}}}},
)
def report(
    home: Home,
    by: ReportReader,
    *,
    since: Annotated[Day | None, Query()] = None,
    until: Annotated[Day | None, Query()] = None,
    audience: Annotated[Names, Query()] = [],  # noqa: B006 -- FastAPI copies it
    title: Annotated[str | None, Query(max_length=200, description="In the place of ours.")] = None,
    form: Annotated[Literal["json", "html", "md", "themes.csv", "quotes.csv"], Query(alias="format")] = "json",
    language: Annotated[Literal["en", "nl", "de", "fr", "sv"], Query(description="Of the report's own words.")] = "en",
) -> Any:
    document = home.report(
        by,
        audience=audience,
        since=wire.since(since) if since is not None else None,
        until=wire.until(until) if until is not None else None,
        title=title,
    )
    if form == "json":
        return dict(document)
    return _file(home.render(document, form, language), form)


@router.get("/kept", summary="The reports that were kept, each on its period")
def kept(home: Home, by: ReportReader) -> wire.KeptReportsJSON:
    """Those made only of what the asker may read, the newest period first."""
    return wire.kept_json(home.kept_reports(by))


@router.get(
    "/kept/{report}",
    summary="A report that was kept",
    response_model=dict[str, Any],
    responses={200: {"content": {"text/html": {}, "text/markdown": {}}}},
)
def kept_report(
    report: str,
    home: Home,
    by: ReportReader,
    form: Annotated[Literal["json", "html", "md"], Query(alias="format")] = "json",
) -> Any:
    text = home.kept_report(report, by, form=form)
    return json.loads(text) if form == "json" else _file(text, form)


def _file(text: str, form: str) -> Response:
    if form == "html":
        return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})
    if form.endswith(".csv"):
        headers = {"Content-Disposition": f'attachment; filename="report.{form}"'}
        return PlainTextResponse(text, media_type="text/csv", headers=headers)
    return PlainTextResponse(text, media_type="text/markdown")
