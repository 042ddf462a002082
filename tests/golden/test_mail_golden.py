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

from kept import assert_as_expected, plain

from sensemake import registry
from sensemake.indexers.mail import MailIndexer
from sensemake.model import SiloName, Source

FOLDER = Path(__file__).parent / "mail"
PHENOMENA = sorted(path for path in FOLDER.iterdir() if path.is_dir())


def sample_of(case: Path) -> Path:
    (sample,) = (path for path in case.iterdir() if path.name != "expected.json")
    return sample


@pytest.mark.parametrize("case", PHENOMENA, ids=lambda case: case.name)
def test_what_is_read(case: Path) -> None:
    assert_as_expected(_read(case), case / "expected.json")


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
    return {"items": [plain(item) for item in items], **counts, "dropped": dict(sorted(tally.dropped.items()))}
