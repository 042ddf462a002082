"""One small Slack export for each phenomenon, made up by us, and what is read from it.

To accept a change on purpose: `SENSEMAKE_REGENERATE=1 pytest tests/golden/test_slack_golden.py`, then read the diff.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path

import pytest

from sensemake.indexers.slack import SlackIndexer
from sensemake.model import Handle, SiloName, Source

FOLDER = Path(__file__).parent / "slack"
PHENOMENA = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_what_is_read(phenomenon: str) -> None:
    found = _read(FOLDER / phenomenon)
    expected = FOLDER / phenomenon / "expected.json"
    if os.environ.get("SENSEMAKE_REGENERATE") == "1":
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.skip("expected.json was written anew: read the diff")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def _read(folder: Path) -> object:
    chosen = folder / "options.json"
    options = json.loads(chosen.read_text(encoding="utf-8")) if chosen.exists() else {}
    indexer = SlackIndexer()
    items = list(indexer.read(folder / "export", Source(SiloName("garden"), "slack", "slack", "export", options)))
    return {"items": [_plain(item) for item in items], "dropped": dict(sorted(indexer.tally.dropped.items()))}


def _plain(value: object) -> object:
    """A noun as JSON, fields that hold their default left out, so that a fixture shows what it is about."""
    if isinstance(value, Handle):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: getattr(value, field.name) for field in fields(value) if field.name != "source"}
        shown = {name: _plain(content) for name, content in named.items() if content not in (None, (), "")}
        return {"is": type(value).__name__, **shown}
    if isinstance(value, Mapping):
        return {str(key): _plain(content) for key, content in value.items()}
    if isinstance(value, tuple | frozenset):
        return [_plain(entry) for entry in (sorted(value) if isinstance(value, frozenset) else value)]
    return value.isoformat() if isinstance(value, datetime) else value
