"""A scan of bytes finds exactly what a scan of the vectors themselves finds, whatever the vectors are like."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sensemake.model import Vector, Vectors
from sensemake.search._exact import similarities
from sensemake.search._files import let_go, mapped
from sensemake.search._rows import CodedRows, read_codes, write_codes

DIM = 24
SHAPES = ("spread", "crowded", "twins", "one number leads", "equal")


def _vectors(shape: str, count: int, rng: np.random.Generator) -> Vectors:
    rows = rng.standard_normal((count, DIM)).astype(np.float32)
    if shape == "crowded":
        rows = rows * np.float32(0.01) + rng.standard_normal(DIM).astype(np.float32)
    elif shape == "twins":
        rows = rows[rng.integers(0, max(1, count // 20), count)]
    elif shape == "one number leads":
        rows[:, 3] += 100  # the others lie within one step of a byte
    elif shape == "equal":
        rows[:] = rows[0]
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@settings(max_examples=60, deadline=None)
@given(
    shape=st.sampled_from(SHAPES),
    count=st.integers(1, 400),
    k=st.integers(1, 60),
    share=st.sampled_from([None, 0.02, 0.3, 0.6, 0.97]),
    seed=st.integers(0, 2**32 - 1),
)
def test_bytes_miss_nothing(
    tmp_path_factory: pytest.TempPathFactory, shape: str, count: int, k: int, share: float | None, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    vectors = _vectors(shape, count, rng)
    coded = _coded(vectors, tmp_path_factory.mktemp("codes"))
    allowed = None if share is None else rng.random(count) < share
    query = _vectors("spread", 1, rng)[0] if rng.random() < 0.5 else vectors[0]
    found = coded.nearest(query, k, allowed)
    may = np.arange(count) if allowed is None else np.flatnonzero(allowed)
    assert _best(vectors, query, found, k) == _best(vectors, query, may, k)
    assert set(found) <= set(may)
    assert (np.diff(found) > 0).all()


def _best(vectors: Vectors, query: Vector, rows: NDArray[np.int64], k: int) -> list[tuple[float, int]]:
    scores = [-score for score in similarities(vectors[rows], query)]
    return sorted(zip(scores, rows.tolist(), strict=True))[:k]


def _coded(vectors: Vectors, folder: Path) -> CodedRows:
    path = folder / "codes.faiss"
    error = write_codes(path, [vectors], float(vectors.min()), float(vectors.max()), DIM)
    return CodedRows(vectors, read_codes(path), error)


def test_what_is_let_go_leaves_memory_and_can_be_read_again(tmp_path: Path) -> None:
    file = tmp_path / "rows.npy"
    np.save(file, np.arange(1 << 20, dtype=np.float32))
    rows = mapped(file)
    total = float(rows.sum())
    assert _resident(file) > 1024
    let_go(rows)
    assert _resident(file) == 0
    assert float(rows.sum()) == total
    let_go(np.zeros(3))


def _resident(file: Path) -> int:
    """KiB of a mapped file that are in this process' memory."""
    entries = re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", Path("/proc/self/smaps").read_text())
    own = [entry for entry in entries if entry.partition("\n")[0].endswith(str(file))]
    return sum(int(size) for entry in own for size in re.findall(r"(?m)^Rss:\s+(\d+) kB", entry))
