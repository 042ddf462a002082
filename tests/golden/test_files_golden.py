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

from kept import assert_as_expected, plain

from sensemake.indexers.files import FilesIndexer
from sensemake.model import SiloName, Source

FOLDER = Path(__file__).parent / "files"
PHENOMENA = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("phenomenon", PHENOMENA)
def test_what_is_read(phenomenon: str) -> None:
    assert any((FOLDER / phenomenon / "source").iterdir()), "a golden file whose sample is gone says nothing"
    assert_as_expected(read_as_json(FOLDER / phenomenon / "source"), FOLDER / phenomenon / "expected.json")


def read_as_json(folder: Path) -> list[object]:
    source = Source(SiloName("garden"), "notes", "files", "notes")
    items = [plain(item) for item in FilesIndexer().read(folder, source)]
    return [{k: v for k, v in item.items() if k != "path"} if isinstance(item, dict) else item for item in items]
