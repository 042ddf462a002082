"""Turns a report, the JSON document of `jobs.report`, into files for people."""

from __future__ import annotations

from sensemake.errors import UsageError
from sensemake.protocols import Renderer

FORMS = ("html", "md", "themes.csv", "quotes.csv")


def of(form: str, language: str = "en") -> Renderer:
    """The renderer of a form, its own words in a language. UsageError for what there is not."""
    if form == "html":
        from sensemake.renderers.html import HtmlRenderer

        return HtmlRenderer(language)
    if form == "md":
        from sensemake.renderers.markdown import MarkdownRenderer

        return MarkdownRenderer(language)
    if form in ("themes.csv", "quotes.csv"):
        from sensemake.renderers.table import QuotesTable, ThemesTable

        return ThemesTable(language) if form == "themes.csv" else QuotesTable(language)
    raise UsageError(f"a report is not written as {form!r}: {', '.join(FORMS)} (or json, which is the report itself)")
