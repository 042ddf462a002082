"""A few small mailboxes for each phenomenon, made up by us, and what the mail indexer reads from them.

To accept a change on purpose: `SENSEMAKE_REGENERATE=1 pytest tests/golden/test_mail_golden.py`, then read the diff.
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
from sensemake.indexers.mail import MailIndexer
from sensemake.model import Handle, SiloName, Source

FOLDER = Path(__file__).parent / "mail"
PHENOMENA = sorted(path for path in FOLDER.iterdir() if path.is_dir())


def sample_of(case: Path) -> Path:
    (sample,) = (path for path in case.iterdir() if path.name != "expected.json")
    return sample


@pytest.mark.parametrize("case", PHENOMENA, ids=lambda case: case.name)
def test_what_is_read(case: Path) -> None:
    found = _read(case)
    expected = case / "expected.json"
    if os.environ.get("SENSEMAKE_REGENERATE") == "1":
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.skip("expected.json was written anew: read the diff")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", PHENOMENA, ids=lambda case: case.name)
def test_nobody_else_bids_as_high(case: Path) -> None:
    bids = {name: registry.indexer(name).sniff(sample_of(case)) for name in registry.names("indexers")}
    assert [name for name, bid in bids.items() if bid == max(bids.values())] == ["mail"]


def test_the_fixtures_say_where_they_come_from() -> None:
    assert "made up by us" in (FOLDER / "README.md").read_text(encoding="utf-8")


def _read(case: Path) -> object:
    indexer = MailIndexer()
    items = list(indexer.read(sample_of(case), Source(SiloName("garden"), "mail", "mail", "archive")))
    tally = indexer.tally
    counts = {"read": tally.read, "kept": tally.kept, "repeated": tally.repeated, "failed": tally.failed}
    assert tally.read == tally.kept + tally.repeated + tally.failed + sum(tally.dropped.values())
    return {"items": [_plain(item) for item in items], **counts, "dropped": dict(sorted(tally.dropped.items()))}


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
