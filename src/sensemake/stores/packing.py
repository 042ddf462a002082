"""Vectors as bytes: float16 little-endian, half the size; read back as float32 of length 1."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sensemake.model import TextKey, Vector


def packed(vector: Vector) -> bytes:
    return np.asarray(vector, dtype="<f2").tobytes()


def unpacked(blobs: Mapping[TextKey, bytes]) -> dict[TextKey, Vector]:
    """Unit rows of shape (dim,). Raises ValueError when they do not all have one length, or are no vectors."""
    if not blobs:
        return {}
    rows = np.frombuffer(b"".join(blobs.values()), dtype="<f2").reshape(len(blobs), -1).astype(np.float32)
    if len({len(blob) for blob in blobs.values()}) != 1 or not np.isfinite(rows).all():
        raise ValueError("not vectors of one length")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > 0, lengths, 1)
    return dict(zip(blobs, rows, strict=True))
