"""Reflections are counted from k people on; below, they are left out of every count, as if they had not been written.

Nothing is blanked, so nothing can be worked out from what stands beside a blank: sums are made anew of what is left
(the strongest form of complementary suppression). Only reflections have a floor. A person is counted once however much
they wrote, and a reflection that nobody signed counts for nobody, as five of them may be by one person; but each sheet
of a survey is somebody's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sensemake.model import DocumentId, Kind, Passage, PassageId, PersonId, SiloName, Theme, ThemeMap
from sensemake.rules import machine_words

K = 5
"""People, unless the settings say otherwise (Viva Insights has the same default)."""

People = Callable[[Passage], Collection[PersonId]]
"""Who speaks in a passage."""


def voices(people: People, surveyed: Collection[DocumentId]) -> People:
    """Who speaks, for the floor: the authors, and of the unsigned sheets of surveys somebody for each."""

    def speaking(passage: Passage) -> Collection[PersonId]:
        return people(passage) or ({PersonId(passage.document)} if passage.document in surveyed else ())

    return speaking


def countable(passages: Sequence[Passage], voices: People, k: int = K) -> list[Passage]:
    """The passages without the reflections of silos in which fewer than `k` people reflect."""
    small = _small(passages, voices, k)
    return [p for p in passages if p.kind is not Kind.REFLECTION or p.silo not in small]


def trimmed(
    themes: ThemeMap, passages: Iterable[Passage], people: People, voices: People | None = None, k: int = K
) -> ThemeMap:
    """The map of what may be counted: each theme without the reflections by fewer than `k` people of a silo in it.

    `people` are counted, `voices` (the same, unless said) make up the floor. A theme of which nothing is left is gone;
    what was left out of a theme and is in no other is loose.
    """
    known = {passage.id: passage for passage in passages}

    def left(some: Sequence[Theme]) -> tuple[Theme, ...]:
        every = (_trimmed(theme, known, people, voices or people, k) for theme in some)
        return tuple(theme for theme in every if theme.members)

    kept = left(themes.themes)
    before = {m.document for theme in themes.themes for m in theme.members if m.passage in known}
    after = {m.document for theme in kept for m in theme.members}
    return replace(themes, themes=kept, broader=left(themes.broader), loose=themes.loose + len(before - after))


def _trimmed(theme: Theme, known: Mapping[PassageId, Passage], people: People, voices: People, k: int) -> Theme:
    here = [known[m.passage] for m in theme.members if m.passage in known]
    small = _small(here, voices, k)
    members = tuple(m for m in theme.members if m.passage in known and not _in(known[m.passage], small))
    if len(members) == len(theme.members):
        return theme
    also = tuple(m for m in theme.also if m.passage in known and known[m.passage].kind is not Kind.REFLECTION)
    left = [known[m.passage] for m in members]
    return replace(
        machine_words.without(theme, {m.passage for m in theme.members} - {m.passage for m in members}),
        members=members,
        also=also,
        people=len({person for passage in left for person in people(passage)}),
        silos=tuple(sorted({passage.silo for passage in left})),
    )


def _in(passage: Passage, silos: Collection[SiloName]) -> bool:
    return passage.kind is Kind.REFLECTION and passage.silo in silos


def _small(passages: Iterable[Passage], people: People, k: int) -> frozenset[SiloName]:
    """The silos in which somebody, but fewer than `k` people, reflects."""
    who: defaultdict[SiloName, set[PersonId]] = defaultdict(set)
    for passage in passages:
        if passage.kind is Kind.REFLECTION:
            who[passage.silo].update(people(passage))
    return frozenset(silo for silo, some in who.items() if len(some) < k)
