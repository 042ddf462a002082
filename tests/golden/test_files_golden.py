"""A few small files for each phenomenon, made up by us, and what the files indexer reads from them.

To accept a change on purpose: `SENSEMAKE_REGENERATE=1 pytest tests/golden/test_files_golden.py`, then read the diff.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path

import pytest

from sensemake.indexers.files import FilesIndexer
from sensemake.model import Handle, SiloName, Source

FOLDER = Path(__file__).parent / "files"
PHENOMENA = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_what_is_read(phenomenon: str) -> None:
    assert any((FOLDER / phenomenon / "source").iterdir()), "a golden file whose sample is gone says nothing"
    found = read_as_json(FOLDER / phenomenon / "source")
    expected = FOLDER / phenomenon / "expected.json"
    if os.environ.get("SENSEMAKE_REGENERATE") == "1":
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.skip("expected.json was written anew: read the diff")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def read_as_json(folder: Path) -> list[object]:
    source = Source(SiloName("garden"), "notes", "files", "notes")
    plain = [_plain(item) for item in FilesIndexer().read(folder, source)]
    return [{k: v for k, v in item.items() if k != "path"} if isinstance(item, dict) else item for item in plain]


def _plain(value: object) -> object:
    """A noun as JSON, fields that hold their default left out, so that a fixture shows what it is about."""
    if isinstance(value, Handle):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: getattr(value, field.name) for field in fields(value) if field.name != "source"}
        shown = {name: _plain(content) for name, content in named.items() if content not in (None, (), "", {})}
        return {"is": type(value).__name__, **shown}
    if isinstance(value, Mapping):
        return {str(key): _plain(content) for key, content in value.items()}
    if isinstance(value, tuple | frozenset):
        return [_plain(entry) for entry in (sorted(value) if isinstance(value, frozenset) else value)]
    return value.isoformat() if isinstance(value, datetime) else value
