"""The files that a browser loads: the component and the page's script, each held in memory with its tag."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from sensemake.api.speaking import dictionaries

COMPONENT = "sensemake-search.js"
_WORDS = "page-words.js"
_PAGE = ("page.js", "speaking.js", "themes.js", "reflect.js", "page.css", "embed.js")
_PIECES = (
    "words.js",
    "text.js",
    "remote.js",
    "style.css",
    "views.js",
    "recent.js",
    "filters.js",
    "opened.js",
    "element.js",
)
_TYPES = {"js": "text/javascript", "css": "text/css"}


@dataclass(frozen=True, slots=True)
class Static:
    """A file, as it is and packed; `tag` changes with its content."""

    body: bytes
    packed: bytes
    media_type: str
    tag: str


def _text(name: str) -> str:
    if name == COMPONENT:
        return _component()
    if name == _WORDS:
        return f"export const WORDS = {json.dumps(dictionaries(), ensure_ascii=False)};\n"
    return _read(f"page/{name}")


def _component() -> str:
    """`widget/search` as the one module it is: its pieces in the order in which they build on each other."""
    return "\n".join(_piece(name) for name in _PIECES)


def _piece(name: str) -> str:
    text = _read(f"search/{name}")
    return f"const STYLE = {json.dumps(text)};\n" if name.endswith(".css") else text


def _read(path: str) -> str:
    return files("sensemake").joinpath("widget", *path.split("/")).read_text(encoding="utf-8")


@cache
def static(name: str) -> Static | None:
    """The file of that name; None when there is none."""
    if name not in {COMPONENT, _WORDS, *_PAGE}:
        return None
    body = _text(name).encode()
    # mtime=0: the same content gives the same bytes
    packed = gzip.compress(body, 9, mtime=0)
    return Static(body, packed, _TYPES[name.rpartition(".")[2]], hashlib.sha256(body).hexdigest()[:20])
