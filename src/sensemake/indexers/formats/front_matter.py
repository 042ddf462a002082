"""Parts a text from the front matter at its head, YAML between dashes or TOML between pluses."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from sensemake.indexers.formats import yaml_text
from sensemake.indexers.formats.content import Fields

_FENCED = re.compile(r"\A\s*-{3,}[ \t]*\n(.*?)(?:^-{3,}|^\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\s*\+{3}[ \t]*\n(.*?)^\+{3}[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def parted(text: str) -> tuple[Fields, str]:
    """What the front matter says, and the rest. Front matter that cannot be read stays in the text and says nothing."""
    for pattern, load in ((_FENCED, yaml_text.fields), (_TOML, _toml)):
        match = pattern.match(text)
        fields = load(match[1]) if match else None
        if match and fields is not None:
            return fields, text[match.end() :]
    return {}, text


def _toml(text: str) -> Fields | None:
    try:
        return {key: _as_text(value) for key, value in tomllib.loads(text).items()}
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None


def _as_text(value: object) -> object:
    """Dates and numbers as they are written; lists and tables of them alike."""
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _as_text(item) for key, item in value.items()}
    return str(value)
