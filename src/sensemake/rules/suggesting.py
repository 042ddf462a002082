"""What may be meant by the beginning of a word: titles, people and themes that hold a word which begins so."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sensemake.model import Suggestion

LEAST = 2
"""Letters before anything is suggested."""
_KINDS = ("theme", "person", "title")
_WORD_START = re.compile(r"(?<!\w)\w")


def suggestions(typed: str, known: Iterable[Suggestion], limit: int) -> list[Suggestion]:
    """The `limit` best: what begins so before what has a later word that does, short before long, each text once."""
    wanted = " ".join(typed.casefold().split())
    if len(wanted) < LEAST:
        return []
    fitting: dict[str, tuple[tuple[bool, int, int, str], Suggestion]] = {}
    for one in known:
        text = " ".join(one.text.casefold().split())
        if wanted in text and _begins(text, wanted):
            place = (not text.startswith(wanted), _KINDS.index(one.kind), len(text), one.text)
            fitting[text] = min((place, one), fitting.get(text, (place, one)), key=lambda pair: pair[0])
    return [one for _, one in sorted(fitting.values(), key=lambda pair: pair[0])][:limit]


def _begins(text: str, wanted: str) -> bool:
    return text.startswith(wanted) or any(text.startswith(wanted, at.start()) for at in _WORD_START.finditer(text))
