"""What was forgotten is in no file of the search index any more: neither its words nor its vectors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sensemake import registry
from sensemake.config import Settings
from sensemake.model import Query, SourceId, Where
from sensemake.search._traits import code
from sensemake.stores import Catalog, open_catalog, sqlite_url
from sensemake.workspace import Workspace, engine

CANARY = "quokkabeacon"
KEPT = 60
"""Pages that stay: of so many one is less than what is rewritten for anyway."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", model="hashing")


@pytest.fixture
def workspace(settings: Settings, tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(settings, create=True) as opened:
        for name, pages in {
            "stays": [f"Page {number} about tides." for number in range(KEPT)],
            "goes": [f"{CANARY} is said here."],
        }.items():
            folder = tmp_path / name
            folder.mkdir()
            for number, text in enumerate(pages):
                (folder / f"{number}.md").write_text(text)
            opened.ingest([folder], "all", opened.owner())
        yield opened


def test_nothing_forgotten_is_left_in_a_file_of_the_index(workspace: Workspace, settings: Settings) -> None:
    bytes_ = _bytes_of(CANARY, settings)
    assert _left(settings.home, bytes_) == set(bytes_)
    workspace.remove_source("all/goes", workspace.owner())
    assert _left(settings.home, bytes_) == set()
    assert len(workspace.search(Query("tides"), workspace.owner()).hits) > 1


def test_whoever_comes_after_a_crash_sees_to_it(workspace: Workspace, settings: Settings, tmp_path: Path) -> None:
    bytes_ = _bytes_of(CANARY, settings)
    catalog = _catalog(settings)  # what `remove_source` does before it is killed
    engine.erasing(catalog)
    catalog.corpus.remove(list(catalog.corpus.known(SourceId("all/goes"))))
    catalog.close()
    assert _left(settings.home, bytes_) == set(bytes_)
    (tmp_path / "stays" / "new.md").write_text("A new page about tides.")
    workspace.ingest([tmp_path / "stays"], "all", workspace.owner())
    assert _left(settings.home, bytes_) == set()


def _bytes_of(text: str, settings: Settings) -> dict[str, bytes]:
    """What the index's files hold of the passage that says this: its word, the word's code, its vector."""
    catalog = _catalog(settings)
    every = frozenset(catalog.corpus.marks())
    (passage,) = [p for p in catalog.corpus.select(Where(every, every)) if text in p.text]
    vector = catalog.corpus.vectors(registry.embedder("hashing")(256).model_id, [passage.key])[passage.key]
    catalog.close()
    return {
        "word": text.encode(),
        "code": np.uint64(code(text) << 24 | 1).tobytes(),
        "vector": vector.astype(np.float32).tobytes(),
        "passage": passage.id.encode(),
    }


def _left(home: Path, wanted: dict[str, bytes]) -> set[str]:
    files = [path.read_bytes() for path in (home / "index").rglob("*") if path.is_file()]
    return {name for name, said in wanted.items() if any(said in file for file in files)}


def _catalog(settings: Settings) -> Catalog:
    return open_catalog(sqlite_url(settings.home), settings.home, create=False)
