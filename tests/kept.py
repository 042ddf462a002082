"""What the golden tests share: nouns as JSON, and the file that holds what is expected."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path

import pytest

from sensemake.model import Handle


def assert_as_expected(found: object, expected: Path) -> None:
    """Compare with the file; with SENSEMAKE_REGENERATE=1 write it anew instead, and skip."""
    if os.environ.get("SENSEMAKE_REGENERATE") == "1":
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.skip(f"{expected.name} was written anew: read the diff")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def options_of(case: Path) -> dict[str, str]:
    """What its source is declared with."""
    chosen = case / "options.json"
    options: dict[str, str] = json.loads(chosen.read_text(encoding="utf-8")) if chosen.exists() else {}
    return options


def plain(value: object) -> object:
    """A noun as JSON, fields that hold their default left out, so that a fixture shows what it is about."""
    if isinstance(value, Handle):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: getattr(value, field.name) for field in fields(value) if field.name != "source"}
        shown = {name: plain(content) for name, content in named.items() if content not in (None, (), "", {})}
        return {"is": type(value).__name__, **shown}
    if isinstance(value, Mapping):
        return {str(key): plain(content) for key, content in value.items()}
    if isinstance(value, tuple | frozenset):
        return [plain(entry) for entry in (sorted(value) if isinstance(value, frozenset) else value)]
    return value.isoformat() if isinstance(value, datetime) else value
