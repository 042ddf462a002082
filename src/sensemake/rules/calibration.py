"""What was measured of each embedding model: the languages it reads, and how near a good answer lies.

A cosine means something else with every model; what is not listed here is not known, and nothing is concluded from
its cosines. The figures and how to get them for another model: docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FOREIGN_WEIGHT = 0.25
"""The dense leg's share for passages in a language that the model does not read (of all, 0.5 for the others)."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """`languages`: those it reads (None: take it that it reads all). `medium` and `strong`: the least evidence
    (`rules.fusion.evidence`) of an answer that is worth showing, and of one that is good; `answering` that of a later
    text that closes an open question. None where not measured."""

    languages: frozenset[str] | None = None
    medium: float | None = None
    strong: float | None = None
    answering: float | None = None

    def reads(self, language: str | None) -> bool:
        """A passage whose language is not known is taken to be in one that the model reads."""
        return self.languages is None or language is None or language.partition("-")[0].lower() in self.languages

    def weight(self, language: str | None) -> float:
        """The dense leg's share in the score of a passage in this language."""
        return 0.5 if self.reads(language) else FOREIGN_WEIGHT


UNKNOWN = Calibration()

KNOWN: Mapping[str, Calibration] = {
    "all-MiniLM-L6-v2@": Calibration(frozenset({"en"}), medium=0.5, strong=0.65, answering=0.85),
    "hashing": Calibration(None, medium=0.5, strong=0.65, answering=0.85),
}
"""By how the model's id begins."""


def of(model_id: str) -> Calibration:
    return next((known for start, known in KNOWN.items() if model_id.startswith(start)), UNKNOWN)
