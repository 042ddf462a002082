"""Questions to open a conversation on a theme, one for each of three levels of ORID.

ORID (Stanfield, "The Art of Focused Conversation", 2000) goes from the Objective, which a theme's quotes are, over
the Reflective and the Interpretive to the Decisional. Which question is asked follows from what is known of the theme;
the sentences themselves are the renderers', in the reader's language. None is ever about a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["reflective", "interpretive", "decisional"]
LEVELS: tuple[Level, ...] = ("reflective", "interpretive", "decisional")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A level, the name of a sentence, and the words that stand in its gaps."""

    level: Level
    key: str
    words: Mapping[str, str] = field(default_factory=dict)


def for_theme(
    label: str, keyphrases: Sequence[str], silos: Sequence[str], *, status: str, differing: bool, asking: bool
) -> tuple[Prompt, ...]:
    """One for each of LEVELS. `silos` come with the most documents first; `asking`: the theme has an open question."""
    words = {"theme": label, "phrase": next((phrase for phrase in keyphrases if " " in phrase), label)}
    if silos:
        words |= {"silo": silos[0], "other": silos[1] if len(silos) > 1 else silos[0]}
    keys = (_reflective(status), _interpretive(silos, differing=differing), _decisional(asking=asking))
    return tuple(Prompt(level, f"{level}_{key}", words) for level, key in zip(LEVELS, keys, strict=True))


def _reflective(status: str) -> str:
    return {"new": "new", "growing": "rising", "returning": "rising", "fading": "fading"}.get(status, "steady")


def _interpretive(silos: Sequence[str], *, differing: bool) -> str:
    if differing:
        return "views"
    return "silos" if len(silos) > 1 else "one"


def _decisional(*, asking: bool) -> str:
    return "question" if asking else "try"
