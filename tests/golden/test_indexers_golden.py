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

from kept import assert_as_expected, options_of, plain

from sensemake import registry
from sensemake.model import SiloName, Source

GOLDEN = Path(__file__).parent
FORMATS = ("reflections", "confluence", "mediawiki", "notion", "obsidian")
OURS = frozenset({"expected.json", "options.json"})
CASES = [path for name in FORMATS for path in sorted((GOLDEN / name).iterdir()) if path.is_dir()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_what_is_read(case: Path) -> None:
    assert_as_expected(read_as_json(case), case / "expected.json")


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
    options = options_of(case)
    indexer = registry.indexer(case.parent.name.replace("_", "-"))
    source = Source(SiloName("garden"), "notes", indexer.name, "notes", options)
    return [_placeless(plain(item), str(case)) for item in indexer.read(export_of(case), source)]


def _placeless(item: object, place: str) -> object:
    """Without the place where the tests lie; a path that is hidden on purpose stays as it is."""
    return {k: v.replace(place, "") if k == "path" else v for k, v in item.items()} if isinstance(item, dict) else item
