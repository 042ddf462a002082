"""Passages in languages that the embedding model does not speak: vectors of their own, beside the model's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from sensemake.embedders import lsa
from sensemake.model import Passage, TextKey, Vector

SPOKEN: Mapping[str, frozenset[str]] = {"bundled": frozenset({"en"})}
"""The languages of a model, by the setting that names it. Of others nothing is known, and they are taken to speak all.

all-MiniLM-L6-v2 was trained on English; on MIRACL it finds less in other languages than words alone do (DESIGN, 10)."""
LEAST = 12
"""Passages of a language that are worth vectors of their own; fewer make no theme that they would change."""


def languages(passages: Sequence[Passage], model: str) -> frozenset[str]:
    """Those of the passages' languages that a model does not speak, and in which there is enough.

    `model` is the setting that names it, with or without the precision of its weights ("bundled:int8").
    """
    spoken = SPOKEN.get(model.partition(":")[0])
    if spoken is None:
        return frozenset()
    counts = Counter(code(passage) for passage in passages)
    return frozenset(code for code, n in counts.items() if code and code not in spoken and n >= LEAST)


def joined(
    passages: Sequence[Passage], vectors: Mapping[TextKey, Vector], foreign: Collection[str]
) -> Mapping[TextKey, Vector]:
    """Vectors in one space: the model's in its first directions, those of `foreign` texts in further ones.

    The two have nothing to do with each other (cosine 0), as two languages that nobody can compare.
    """
    own = {p.key: p for p in passages if code(p) in foreign and p.key in vectors}
    if not own:
        return vectors
    made = lsa.vectors([(p.embedded, p.language) for p in own.values()])
    width, more = len(next(iter(vectors.values()))), made.shape[1]
    there = {key: np.concatenate([np.zeros(width, np.float32), row]) for key, row in zip(own, made, strict=True)}
    return {key: there.get(key, np.pad(np.asarray(v, np.float32), (0, more))) for key, v in vectors.items()}


def code(passage: Passage) -> str:
    """The passage's language without a region; nothing where it is not known."""
    return (passage.language or "").partition("-")[0].lower()
