"""Puts what came since a map was made into its themes, until the next one is made: nothing is grouped anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sensemake.model import Membership, Passage, PassageId, TextKey, Theme, ThemeId, ThemeMap, Vector
from sensemake.rules import machine_words, placing
from sensemake.rules.grouping import LOOSE


def placed(
    themes: ThemeMap, came: Sequence[Passage], gone: Collection[PassageId], vectors: Mapping[TextKey, Vector]
) -> ThemeMap:
    """The map with the passages that `came` where they belong, and without those that are `gone`.

    A passage without a vector, or far from every theme, is loose. How many people a theme reaches, its status and its
    events stay as they were: the next map says these.
    """
    known = {m.passage for theme in themes.themes for m in theme.members} | set(themes.unplaced)
    new = [p for p in came if p.id not in known and p.key in vectors]
    homes = _homes(themes, new, vectors)
    parents = {theme.id: theme.parent for theme in (*themes.themes, *themes.broader)}
    joining: defaultdict[ThemeId, list[tuple[Passage, float]]] = defaultdict(list)
    for passage, theme, strength in homes:
        above: ThemeId | None = theme
        while above is not None:
            joining[above].append((passage, strength))
            above = parents.get(above)
    inside = {passage.id for passage, _, _ in homes}
    loose = {p.document for p in came if p.id not in known and p.id not in inside} - {
        m.document for theme in themes.themes for m in theme.members
    }
    return replace(
        themes,
        themes=tuple(_with(theme, joining[theme.id], gone) for theme in themes.themes),
        broader=tuple(_with(theme, joining[theme.id], gone) for theme in themes.broader),
        loose=themes.loose + len(loose - {p.document for p, _, _ in homes}),
        settings={**themes.settings, "placed": str(len(homes))} if homes else themes.settings,
    )


def _homes(
    themes: ThemeMap, new: Sequence[Passage], vectors: Mapping[TextKey, Vector]
) -> list[tuple[Passage, ThemeId, float]]:
    there = [theme for theme in themes.themes if theme.reach is not None and len(theme.centroid) == len(themes.middle)]
    if not there or not new:
        return []
    labels, strengths = placing.place(
        np.array([vectors[p.key] for p in new], np.float64),
        np.array([theme.centroid for theme in there], np.float64),
        np.array([theme.reach for theme in there], np.float64),
        np.array(themes.middle, np.float64),
    )
    found = zip(new, labels.tolist(), strengths.tolist(), strict=True)
    return [(passage, there[label].id, round(strength, 4)) for passage, label, strength in found if label != LOOSE]


def _with(theme: Theme, joining: Sequence[tuple[Passage, float]], gone: Collection[PassageId]) -> Theme:
    theme = machine_words.without(theme, frozenset(gone))
    members = [m for m in theme.members if m.passage not in gone]
    members += [Membership(passage.id, passage.document, strength) for passage, strength in joining]
    return replace(
        theme,
        members=tuple(sorted(members, key=lambda m: (-m.strength, m.passage))),
        also=tuple(m for m in theme.also if m.passage not in gone),
        silos=tuple(sorted({*theme.silos, *(passage.silo for passage, _ in joining)})),
    )
