"""Reads plain text, and whatever else is text, as one section."""

from __future__ import annotations

from sensemake.indexers.formats import front_matter
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.encoding import text_of


def read(data: bytes, limits: Limits) -> Content:
    del limits
    fields, text = front_matter.parted(text_of(data))
    return Content((Section(text.strip("\n"), locator="line=1"),), told=fields)
