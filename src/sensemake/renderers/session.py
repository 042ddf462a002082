"""Turns a session, the document of `jobs.session`, into the files that people print and write on."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from sensemake.renderers import _words
from sensemake.renderers.html import _environment as _html
from sensemake.renderers.markdown import _environment as _markdown

PAGES = ("agenda.md", "agenda.html", "sheets.html", "cards.html", "harvest.md")
"""The files of a pack."""


class SessionRenderer:
    """The whole pack in one language. HTML loads nothing and prints on A4 and Letter, one theme to a page."""

    def __init__(self, language: str = "en") -> None:
        self._words = _words.Words(language)

    def render(self, session: Mapping[str, Any]) -> Mapping[str, str]:
        return {name: self._page(name, session) for name in PAGES}

    def _page(self, name: str, session: Mapping[str, Any]) -> str:
        if name.endswith(".md"):
            text = _markdown(self._words.language).get_template(f"session_{name}.j2").render(session=session)
            return f"{text.strip()}\n"
        style = (files("sensemake.renderers") / "templates" / "session.css").read_text("utf-8")
        digest = b64encode(sha256(style.encode()).digest()).decode()
        template = _html(self._words.language).get_template(f"session_{name}.j2")
        return template.render(session=session, style=Markup(style), digest=digest)  # noqa: S704 -- our own file
