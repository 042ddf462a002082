"""One small source for each phenomenon of each format that has an indexer of its own, made up by us, and what is read.

To accept a change on purpose: `SENSEMAKE_REGENERATE=1 pytest tests/golden/test_indexers_golden.py`, then read the diff.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path

import pytest

from sensemake import registry
from sensemake.model import Handle, SiloName, Source

GOLDEN = Path(__file__).parent
FORMATS = ("reflections", "confluence", "mediawiki", "notion", "obsidian")
OURS = frozenset({"expected.json", "options.json"})
CASES = [path for name in FORMATS for path in sorted((GOLDEN / name).iterdir()) if path.is_dir()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_what_is_read(case: Path) -> None:
    found = read_as_json(case)
    expected = case / "expected.json"
    if os.environ.get("SENSEMAKE_REGENERATE") == "1":
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.skip("expected.json was written anew: read the diff")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_says_where_its_fixtures_come_from(name: str) -> None:
    assert "made up by us" in (GOLDEN / name / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_its_own_indexer_bids_highest_for_it(case: Path) -> None:
    bids = {name: registry.indexer(name).sniff(export_of(case)) for name in registry.names("indexers")}
    assert [name for name, bid in bids.items() if bid == max(bids.values())] == [case.parent.name.replace("_", "-")]


def export_of(case: Path) -> Path:
    (export,) = (path for path in case.iterdir() if path.name not in OURS)
    return export


def read_as_json(case: Path) -> list[object]:
    chosen = case / "options.json"
    options = json.loads(chosen.read_text(encoding="utf-8")) if chosen.exists() else {}
    indexer = registry.indexer(case.parent.name.replace("_", "-"))
    source = Source(SiloName("garden"), "notes", indexer.name, "notes", options)
    return [_placeless(_plain(item), str(case)) for item in indexer.read(export_of(case), source)]


def _placeless(item: object, place: str) -> object:
    """Without the place where the tests lie; a path that is hidden on purpose stays as it is."""
    return {k: v.replace(place, "") if k == "path" else v for k, v in item.items()} if isinstance(item, dict) else item


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
