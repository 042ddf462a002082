"""The shared vector cache gives back what was put into it, and never stands in the way."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import numpy as np

from sensemake.model import TextKey, Vector
from sensemake.stores import VectorCache
from sensemake.stores.vectors import CACHE_FILE


def vectors(count: int) -> dict[TextKey, Vector]:
    rows = np.random.default_rng(3).standard_normal((count, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return {TextKey(f"key {number}"): row for number, row in enumerate(rows)}


def test_homes_share_it_and_models_do_not(tmp_path: Path) -> None:
    put = vectors(1_200)
    VectorCache(tmp_path / "cache").put("model", put)
    VectorCache(tmp_path / "cache").put("model", put)
    cache = VectorCache(tmp_path / "cache")
    found = cache.get("model", [*put, TextKey("absent")])
    assert found.keys() == put.keys()
    assert all(float(found[key] @ put[key]) > 0.9999 for key in put)
    assert all(abs(float(np.linalg.norm(vector)) - 1) < 1e-6 for vector in found.values())
    assert cache.get("other", put) == {}
    assert cache.get("model", []) == {}


def test_what_is_forgotten_leaves_the_disk(tmp_path: Path) -> None:
    put = vectors(3)
    cache = VectorCache(tmp_path)
    for model in ("one", "two"):
        cache.put(model, put)
    key = TextKey("key 1")
    assert cache.forget([key])
    assert cache.get("one", put).keys() == cache.get("two", put).keys() == put.keys() - {key}
    bytes_ = np.asarray(put[key], "<f2").tobytes()
    assert not any(bytes_ in path.read_bytes() for path in tmp_path.iterdir())


def test_damage_is_a_miss(tmp_path: Path) -> None:
    put = vectors(50)
    for harm in (b"", b"no database at all, but long enough to be taken for one" * 100, None):
        folder = tmp_path / str(harm is None) / str(len(harm or b""))
        cache = VectorCache(folder)
        cache.put("model", put)
        file = folder / CACHE_FILE
        data = bytearray(file.read_bytes())
        data[4096:] = os.urandom(len(data) - 4096)
        file.write_bytes(data if harm is None else harm)
        found = cache.get("model", put)
        assert all(float(found[key] @ put[key]) > 0.999 for key in found)
        cache.put("model", put)
        cache.forget(put)


def test_damage_is_mended_by_the_next_one_who_writes(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    (tmp_path / CACHE_FILE).write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    cache.put("model", vectors(2))
    cache.put("model", vectors(2))
    assert len(cache.get("model", vectors(2))) == 2


def test_a_wrong_vector_is_a_miss(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path)
    cache.put("model", vectors(2))
    with sqlite3.connect(tmp_path / CACHE_FILE) as connection:
        connection.execute("UPDATE vectors SET vector = x'00' WHERE key = 'key 0'")
    connection.close()
    assert set(cache.get("model", vectors(2))) <= {"key 1"}


def test_a_folder_that_cannot_be_made_is_a_miss(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = VectorCache(tmp_path / "file" / "cache")
    cache.put("model", vectors(1))
    assert cache.get("model", vectors(1)) == {}
    assert not cache.forget(vectors(1))
