"""What a cosine says: it is held against what the same passages answer to questions that are not about them.

How near a good answer lies is different with every model, and with every corpus: among a hundred thousand passages
something lies near to any question. So the nearest passage to each of `UNRELATED` is looked up among what the asker
may read, and a cosine is counted in standard deviations above their mean. What else was measured of a model is listed
here. The figures: docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FOREIGN_WEIGHT = 0.25
"""The dense leg's share for passages in a language that the model does not read (of all, 0.5 for the others)."""


MEDIUM = 3.4
"""The least evidence (`rules.fusion.evidence`) of an answer that is worth showing, with every model."""
STRONG = 5.5
"""The least evidence of one that is good."""

NARROWEST = 0.05
"""The least spread, of what lies between the mean and 1: a handful of passages may be equally far from everything."""

UNRELATED = (
    "How long does it take to boil an egg?",
    "Which river is the longest in Africa?",
    "Who painted the ceiling of the chapel?",
    "What do hedgehogs eat in winter?",
    "How many players are on a volleyball team?",
    "Why do leaves change colour in autumn?",
    "When was the printing press invented?",
    "How do I remove a wine stain from a carpet?",
    "What is the capital of Mongolia?",
    "How far away is the moon?",
    "Which spices go into a curry?",
    "How often should I water a cactus?",
    "What are the rules of chess for castling?",
    "Who wrote the first detective novel?",
    "How do bees find their way home?",
    "What causes thunder?",
    "How do I change the tyre of a bicycle?",
    "Which instruments are in a string quartet?",
    "What was the cause of the fall of the Roman Empire?",
    "How do you fold a paper crane?",
    "What time do banks open on Saturday?",
    "How can I train a puppy not to bite?",
    "Which countries share a border with Brazil?",
    "What is the difference between jam and marmalade?",
)
"""Questions of so many matters that no organisation works on more than a few of them."""


@dataclass(frozen=True, slots=True)
class Background:
    """The cosine to the nearest passage of a question that has nothing to do with it: mean and standard deviation."""

    mean: float
    spread: float

    @classmethod
    def of(cls, nearest: Sequence[float]) -> Background:
        """From the nearest passage's cosine to each of `UNRELATED`; none where there is no passage."""
        if not nearest:
            return cls(0.0, NARROWEST)
        mean = float(np.mean(nearest))
        return cls(mean, max(float(np.std(nearest)), NARROWEST * (1 - mean)))

    def above(self, cosine: float) -> float:
        """How far a cosine lies above what chance gives, in standard deviations."""
        return (cosine - self.mean) / self.spread


@dataclass(frozen=True, slots=True)
class Calibration:
    """`languages`: those it reads (None: take it that it reads all). `answering`: the least cosine, and a quarter of
    the share of the words, of a later text that closes an open question (None: not measured)."""

    languages: frozenset[str] | None = None
    answering: float | None = None

    def reads(self, language: str | None) -> bool:
        """A passage whose language is not known is taken to be in one that the model reads."""
        return self.languages is None or language is None or language.partition("-")[0].lower() in self.languages

    def weight(self, language: str | None) -> float:
        """The dense leg's share in the score of a passage in this language."""
        return 0.5 if self.reads(language) else FOREIGN_WEIGHT


UNKNOWN = Calibration()

KNOWN: Mapping[str, Calibration] = {
    "all-MiniLM-L6-v2@": Calibration(frozenset({"en"}), answering=0.85),
    "hashing": Calibration(None, answering=0.85),
}
"""By how the model's id begins."""


def of(model_id: str) -> Calibration:
    return next((known for start, known in KNOWN.items() if model_id.startswith(start)), UNKNOWN)
