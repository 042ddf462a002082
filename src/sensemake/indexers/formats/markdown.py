"""Reads Markdown (CommonMark with GitHub's tables, strikethrough and footnotes) with YAML front matter."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats import front_matter
from sensemake.indexers.formats.content import Content, Limits, Section
from sensemake.indexers.formats.encoding import text_of
from sensemake.indexers.formats.html_text import sections
from sensemake.indexers.formats.spoken import speakers
from sensemake.model import Reason

if TYPE_CHECKING:
    from comrak import ExtensionOptions, RenderOptions

_CELLS = 1_000_000
"""A table is filled up to its header's width: a few thousand characters could become a hundred million."""


def read(data: bytes, limits: Limits) -> Content:
    del limits
    fields, text = front_matter.parted(text_of(data))
    return Content(tuple(sections_of(text)), told=fields)


def sections_of(text: str) -> list[Section]:
    """The sections of a Markdown text without front matter. Links keep their words, not their addresses."""
    tree = LexborHTMLParser(_html(text))
    return sections(tree.body, markdown=True, speakers=speakers(text)) if tree.body is not None else []


def _html(text: str) -> str:
    import comrak

    try:
        return str(
            comrak.render_markdown(text, extension_options=_extensions(_tables_fit(text)), render_options=_raw())
        )
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's panic is no Exception, and has no importable class
            raise
        raise Refused(Reason.MALFORMED, "the Markdown parser gave up") from None


def _tables_fit(text: str) -> bool:
    if "|" not in text:
        return False
    widest = max(line.count("|") for line in text.split("\n"))
    return widest < 50 or widest * text.count("\n") < _CELLS


@cache
def _extensions(tables: bool) -> ExtensionOptions:  # noqa: FBT001 - the cache's key
    import comrak

    options = comrak.ExtensionOptions()
    options.table, options.strikethrough, options.footnotes, options.tagfilter = tables, True, True, True
    return options


@cache
def _raw() -> RenderOptions:
    """HTML in Markdown is let through: our own reader drops what is not text."""
    import comrak

    options = comrak.RenderOptions()
    options.unsafe_ = True
    return options
