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

from kept import assert_as_expected, options_of, plain

from sensemake.indexers.slack import SlackIndexer
from sensemake.model import SiloName, Source

FOLDER = Path(__file__).parent / "slack"
PHENOMENA = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_what_is_read(phenomenon: str) -> None:
    assert_as_expected(_read(FOLDER / phenomenon), FOLDER / phenomenon / "expected.json")


def _read(folder: Path) -> object:
    options = options_of(folder)
    indexer = SlackIndexer()
    items = list(indexer.read(folder / "export", Source(SiloName("garden"), "slack", "slack", "export", options)))
    return {"items": [plain(item) for item in items], "dropped": dict(sorted(indexer.tally.dropped.items()))}
