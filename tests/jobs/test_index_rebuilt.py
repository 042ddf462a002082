"""An index that was lost is made anew by the first question, which says so; another finds it whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sensemake.config import Settings
from sensemake.model import Silo, Where
from sensemake.stores import open_catalog, sqlite_url
from sensemake.testing.catalog.nouns import OPEN, stored
from sensemake.workspace import engine

COUNT = engine.MUCH + 100


def test_it_is_told_once_and_written_at_once(tmp_path: Path) -> None:
    catalog = open_catalog(sqlite_url(tmp_path), tmp_path, create=True)
    catalog.access.add_silo(Silo(OPEN, frozenset()))
    item = stored("a", *(f"tide {number}" for number in range(COUNT)))
    catalog.corpus.store([item])
    settings = Settings(home=tmp_path, model="hashing")
    vector = np.eye(1, 256, dtype=np.float32)[0]
    model = engine.open_engine("hashing", settings, catalog, None).embedder.model_id
    catalog.corpus.keep_vectors(model, {passage.key: vector for passage in item.passages})
    for told in (1, 0):
        said: list[str] = []
        opened = engine.open_engine("hashing", settings, catalog, said.append)
        opened.follow(catalog)
        assert len(said) == told
        assert not opened.held  # nothing is known to this object alone
        assert len(opened.index.dense(vector, COUNT, Where(frozenset({OPEN}), frozenset({OPEN})))) == COUNT
    catalog.close()
