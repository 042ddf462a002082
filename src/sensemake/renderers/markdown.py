"""Turns a report into Markdown with the same content: no HTML, no pictures, nothing of anybody's taken as markup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sensemake.renderers import _words


class MarkdownRenderer:
    """Every value is put on one line and its marks escaped; links are http, https or mailto."""

    format = "md"

    def __init__(self, language: str = "en") -> None:
        self._words = _words.Words(language)

    def render(self, report: Mapping[str, Any]) -> str:
        template = _environment(self._words.language).get_template("report.md.j2")
        named = self._words.named(report)
        beside = {"marks": _words.MARKS, "cited": _words.sources(report), "labels": _words.labels(report, named)}
        text = template.render(report=report, named=named, **beside)
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


class Target(str):
    """The address of a link, safe to stand between `<` and `>`, or what a macro wrote: not escaped (again)."""

    __slots__ = ()


# CommonMark lets all ASCII punctuation be escaped; these can mean something inside a line, also to GitHub.
_MARKS = re.compile(r"([\\`*_\[\]<>&!|~$#@^])")
# What makes a list or a heading, at the beginning of a line only.
_OPENING = re.compile(r"^(\s?)([-+=])")
_NUMBER = re.compile(r"^(\s?\d+)([.)])(?=\s|$)")
# What GitHub makes a link of without being asked, beside `://`.
_BARE_WWW = re.compile(r"(?i)\b(www)\.")


def escape(value: object) -> object:
    if isinstance(value, Target) or not isinstance(value, str):
        return value
    line = _MARKS.sub(r"\\\1", re.sub(r"\s+", " ", _words.printable(value)))
    line = _NUMBER.sub(r"\1\\\2", _OPENING.sub(r"\1\\\2", line))
    return _BARE_WWW.sub(r"\1\\.", line.replace("://", "\\://"))


def target(url: str | None) -> Target | None:
    clean = _words.link(url)
    return None if clean is None else Target(clean.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C"))


@cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=PackageLoader("sensemake.renderers"),
        autoescape=False,  # noqa: S701 -- `escape` is for Markdown
        finalize=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = _words.Words(language)
    made.filters.update({**words.filters, "link": target, "own": Target})
    made.globals.update(t=words.say, language=language)
    return made
