"""Turns a report into one HTML file that asks nothing of anybody: no script, no font, no picture, no request."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sensemake.renderers import _map, _words


class HtmlRenderer:
    """Every value is escaped by Jinja; the style is allowed by its hash; links are http, https or mailto."""

    format = "html"

    def __init__(self, language: str = "en") -> None:
        self._words = _words.Words(language)

    def render(self, report: Mapping[str, Any]) -> str:
        style = (files("sensemake.renderers") / "templates" / "report.css").read_text("utf-8")
        digest = b64encode(sha256(style.encode()).digest()).decode()
        safe = Markup(style)  # noqa: S704 -- our own file
        template = _environment(self._words.language).get_template("report.html.j2")
        drawn = _map.drawn(report["map"]) if report["map"] else None
        paged = {theme["theme_id"] for theme in report["themes"]}
        beside = {"marks": _words.MARKS, "cited": _words.sources(report), "labels": _words.labels(report)}
        return template.render(report=report, style=safe, digest=digest, drawn=drawn, paged=paged, **beside)


def _clean(value: object) -> object:
    """What is not yet HTML, as printable text; Jinja escapes it afterwards."""
    return _words.printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=PackageLoader("sensemake.renderers"),
        autoescape=True,
        finalize=_clean,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    words = _words.Words(language)
    made.filters.update(words.filters)
    made.globals.update(t=words.say, language=language)
    return made
