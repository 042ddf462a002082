"""Turns the list of reports that were kept into a page with a link to each."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup

from sensemake.renderers import _words
from sensemake.renderers.html import _environment


class ShelfRenderer:
    """A page that loads nothing; its links are to files beside it."""

    def __init__(self, language: str = "en") -> None:
        self._words = _words.Words(language)

    def render(self, kept: Sequence[object]) -> str:
        style = (files("sensemake.renderers") / "templates" / "session.css").read_text("utf-8")
        digest = b64encode(sha256(style.encode()).digest()).decode()
        template = _environment(self._words.language).get_template("shelf.html.j2")
        return template.render(kept=kept, style=Markup(style), digest=digest)  # noqa: S704 -- our own file
