"""Parts a text from the YAML front matter at its head."""

from __future__ import annotations

import re

from sensemake.indexers.formats import yaml_text
from sensemake.indexers.formats.content import Fields

_FENCED = re.compile(r"\A\s*-{3,}[ \t]*\n(.*?)(?:^-{3,}|^\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def parted(text: str) -> tuple[Fields, str]:
    """What the front matter says, and the rest. Front matter that cannot be read stays in the text and says nothing."""
    match = _FENCED.match(text)
    if match is None:
        return {}, text
    fields = yaml_text.fields(match[1])
    if fields is None:
        return {}, text
    return fields, text[match.end() :]
