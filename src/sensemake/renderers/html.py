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
        named = self._words.named(report)
        beside = {"marks": _words.MARKS, "cited": _words.sources(report), "labels": _words.labels(report, named)}
        return template.render(
            report=report, style=safe, digest=digest, drawn=drawn, paged=paged, named=named, **beside
        )


DENSE = 1500
"""Characters of a theme's page, with what stands around each quote and document, from which on paper has it smaller."""


def is_dense(theme: Mapping[str, Any]) -> bool:
    """Whether a theme needs small letters to stay on one sheet of A4 or Letter."""
    views = [each for pair in theme["views"] for each in (pair["one"], pair["other"])]
    said = [*theme["quotes"], *theme["bridging"], *views, *theme["questions"]]
    beside = 60 * (len(said) + len(theme["people_to_ask"]) + len(theme["related"]))
    if written := theme.get("written"):  # by which model, and from which documents
        beside += 400 + sum(min(60, len(each["title"])) for each in written["saw"])
    return beside + sum(len(quote["text"]) for quote in said) > DENSE


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
    made.filters.update({**words.filters, "dense": is_dense})
    made.globals.update(t=words.say, language=language)
    return made
