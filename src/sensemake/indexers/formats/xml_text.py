"""Reads the words of any XML file, an element's end being a line's end."""

from __future__ import annotations

from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.package import parsed


def read(data: bytes, limits: Limits) -> Content:
    del limits
    lines = (" ".join(text.split()) for text in parsed(data).itertext())
    return Content((Section("\n".join(line for line in lines if line)),))
