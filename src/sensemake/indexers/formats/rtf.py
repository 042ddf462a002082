"""Reads Rich Text (.rtf) as plain text, with the title and author of its info group."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.model import Reason

_INFO = re.compile(r"\{\\(title|author|operator) ([^{}]{1,300})\}")
_TIME = re.compile(r"\{\\(creatim|revtim)\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_NAMES = {
    "title": "title",
    "author": "author",
    "operator": "last-modified-by",
    "creatim": "created",
    "revtim": "modified",
}


def read(data: bytes, limits: Limits) -> Content:
    from striprtf.striprtf import rtf_to_text

    del limits
    if not data.lstrip()[:5] == b"{\\rtf":
        raise Refused(Reason.MALFORMED, "it does not begin as an RTF file does")
    source = data.decode("latin-1")
    text = "\n".join(line.rstrip() for line in rtf_to_text(source, errors="replace").split("\n"))
    return Content((Section(text.strip("\n")),), properties=dict(_info(source, rtf_to_text)))


def _info(source: str, to_text: object) -> Iterator[tuple[str, str]]:
    assert callable(to_text)  # noqa: S101 - told to the type checker
    for match in _INFO.finditer(source[:20_000]):
        yield _NAMES[match[1]], str(to_text(r"{\rtf1 " + match[2] + "}", errors="replace")).strip()
    for match in _TIME.finditer(source[:20_000]):
        yield _NAMES[match[1]], f"{match[2]}-{int(match[3]):02}-{int(match[4]):02}"
