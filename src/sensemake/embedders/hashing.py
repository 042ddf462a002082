"""Embeds texts by hashing their words and trigrams: no model, for unit tests and when there is none.

The hashing trick of Weinberger et al. 2009, "Feature hashing for large scale multitask learning": each feature
adds its weight to one bucket with one sign, both taken from its hash.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from sensemake.errors import UsageError
from sensemake.model import Vector, Vectors

VERSION = 1


class HashingEmbedder:
    """Texts that share words, or parts of words, are near; the same on every machine."""

    def __init__(self, dim: int = 256) -> None:
        if dim < 1:
            raise UsageError(f"an embedding has at least 1 dimension, not {dim}")
        self.dim = dim
        self.model_id = f"hashing:{dim}:{VERSION}"

    def passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self.query(text)
        return vectors

    def query(self, text: str) -> Vector:
        sums = np.zeros(self.dim, np.float64)
        for feature, weight in _weights(text).items():
            number = _hash(feature)
            sums[(number >> 1) % self.dim] += weight if number & 1 else -weight
        length = float(np.linalg.norm(sums))
        return (sums / length).astype(np.float32) if length > 1e-9 else self._nothing()

    def _nothing(self) -> Vector:
        """What an empty text is embedded as: a vector has no other way to be of length 1."""
        vector = np.zeros(self.dim, np.float32)
        vector[0] = 1.0
        return vector


def _weights(text: str) -> dict[str, float]:
    """Each feature's weight, growing with the logarithm of how often it occurs."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = Counter(re.findall(r"\w+", folded))
    weights: dict[str, float] = {}
    for word, count in words.items():
        often = 1.0 + math.log(count)
        for feature, share in _features(word):
            weights[feature] = weights.get(feature, 0.0) + share * often
    return weights


def _features(word: str) -> Iterator[tuple[str, float]]:
    """The word and its trigrams; words of up to three letters say little ("the", "of") and weigh little."""
    if len(word) <= 3:
        yield word, 0.2
        return
    yield word, 1.0
    bounded = f"^{word}$"
    trigrams = [bounded[i : i + 3] for i in range(len(bounded) - 2)]
    for trigram in trigrams:
        yield f"\x1f{trigram}", 0.7 / math.sqrt(len(trigrams))


@lru_cache(maxsize=65_536)
def _hash(feature: str) -> int:
    return int.from_bytes(blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
