"""Reads YAML as nothing but strings, lists and mappings: no dates, no numbers, no objects, no anchors."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

_LONGEST = 1 << 17
_BARE_AT = re.compile(r"(?m)(^\s*-\s+|:[ \t]+|[\[,][ \t]*)(@[\w./-]+)(?=\s*(?:$|[,\]#]))")
"""`- @jane`, which many write and YAML forbids."""


def fields(text: str) -> Mapping[str, object] | None:
    """The mapping that `text` is; None when it is no YAML, no mapping, or uses anchors (they can explode)."""
    if len(text) > _LONGEST:
        return None
    loaded = _load(text)
    if loaded is None and "@" in text:
        loaded = _load(_BARE_AT.sub(r'\1"\2"', text))
    return loaded if isinstance(loaded, dict) and all(isinstance(key, str) for key in loaded) else None


def _load(text: str) -> object:
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=loader)):
            return None
        return yaml.load(text, Loader=loader)  # noqa: S506 - the base loader makes nothing but strings
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
