"""Reads YAML and JSON files as text; what they say of a page (title, authors, dates) is taken."""

from __future__ import annotations

from sensemake.indexers._metadata import is_about_a_page
from sensemake.indexers.formats import yaml_text
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.encoding import text_of


def read(data: bytes, limits: Limits) -> Content:
    del limits
    text = text_of(data)
    fields = yaml_text.fields(text) or {}
    return Content((Section(text.strip("\n"), locator="line=1"),), told=fields if is_about_a_page(fields) else {})
