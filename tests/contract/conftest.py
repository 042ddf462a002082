"""What several contract tests need."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture
def quick_folder() -> Iterator[Path]:
    """In memory where the system has such a place: a hundred commits wait long for a disk."""
    shared = Path("/dev/shm")  # noqa: S108
    with TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        yield Path(folder)
