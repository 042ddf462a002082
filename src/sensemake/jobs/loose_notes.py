"""What is in no theme of a map: the rest, told honestly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sensemake.model import DocumentId, Passage, Theme, ThemeMap


@dataclass(frozen=True, slots=True)
class LooseNote:
    """A document in no theme by its first passage, where it opens, and the theme whose middle is nearest to that."""

    passage: Passage
    url: str | None = None
    nearest: Theme | None = None


@dataclass(frozen=True, slots=True)
class LooseNotes:
    """Some of the `count` documents in no theme. `changed` says that there is other knowledge, or there are other
    edits, than when the page before was told."""

    count: int
    notes: tuple[LooseNote, ...]
    next_cursor: str | None = None
    changed: bool = False


def loose(themes: ThemeMap, passages: Iterable[Passage]) -> list[Passage]:
    """The first passage of each document that no theme holds a passage of; the newest first, those without a time last.

    `themes` is the map as it is shown: what only a hidden theme holds is in none.
    """
    inside = {document for theme in themes.themes for document in theme.documents}
    first: dict[DocumentId, Passage] = {}
    for passage in passages:
        known = first.get(passage.document)
        if passage.document not in inside and (known is None or passage.ordinal < known.ordinal):
            first[passage.document] = passage
    return sorted(first.values(), key=lambda p: (-(p.time.timestamp() if p.time else float("-inf")), p.document))
