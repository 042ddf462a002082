"""Hostile documents and archives, ingested beside good ones: every good one is indexed, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import hostile_files
from sensemake import registry
from sensemake.model import Document, ReadFailure, SiloName, Source
from sensemake.reading import DEFAULT, Reader

REFUSED_WHOLE = {"many.zip", "cut.zip", "bomb.tar.gz", "cut.tar.xz", "twice.zip", "overlap.zip"}
"""Archives without a page that can be trusted: in `overlap.zip` the list of channels shares its bytes."""

LIMITS = replace(DEFAULT, seconds=20.0)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder to write hostile things into; nothing may appear beside it."""
    (tmp_path / "in").mkdir()
    yield tmp_path / "in"
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert not Path("/tmp/climbed-absolute.json").exists()  # noqa: S108


def read(path: Path, name: str) -> list[object]:
    indexer = registry.indexer(name)
    with Reader(LIMITS) as reader:
        return list(reader.read(indexer, path, Source(SiloName("s"), "n", name, str(path))))


def test_documents(place: Path) -> None:
    hostile = hostile_files.documents(place / "documents")
    before = sorted(path for path in place.rglob("*"))
    items = read(place / "documents", "files")
    good = {Path(item.path).name for item in items if isinstance(item, Document) and "good" in item.path}
    assert len(good) == hostile_files.GOOD
    told = {item.uri.partition("/")[2] for item in items if isinstance(item, Document | ReadFailure)}
    assert set(hostile) <= told | {"q-many.mbox", "loop.md"}, "each is read or said to be unread"
    ours = [item for item in items if isinstance(item, ReadFailure) and "a fault" in item.detail]
    assert not ours
    assert before == sorted(path for path in place.rglob("*"))


def test_archives(place: Path) -> None:
    for path in hostile_files.archives(place / "archives"):
        items = read(path, "slack")
        assert any(isinstance(item, Document | ReadFailure) for item in items), path.name
        if not any(isinstance(item, Document) for item in items):
            assert path.name in REFUSED_WHOLE, f"{path.name}: {items}"
        assert any(isinstance(item, ReadFailure) for item in items) or path.name in {"nested.zip", "noise.zip"}
