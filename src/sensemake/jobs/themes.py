"""Finds the themes that documents share: passages → groups → lasting ids → names, as one dated map."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from sensemake.jobs.theme_draft import SECTION, USUAL, Bounds, Draft, Material
from sensemake.jobs.theme_names import Tools, named, unwritten
from sensemake.model import DocumentId, MapId, Membership, PassageId, Theme, ThemeId, ThemeMap
from sensemake.protocols import ThemeEdit
from sensemake.rules import (
    boilerplate,
    bylines,
    grouping,
    layout,
    lineage,
    placing,
    theme_edits,
    theme_levels,
    theme_members,
    theme_quality,
)
from sensemake.rules.grouping import LOOSE, Labels
from sensemake.rules.theme_edits import Plan

SMALL = 100
"""Up to this many sections are joined pair by pair ("agglomerative"): a graph of so few neighbours has no shape."""
GROWN = 1.5
"""A corpus so much larger or smaller than when it was last grouped as a whole is grouped anew."""
MOVING = "moving"
"""The setting of a map that tells which of its edits joined or cut themes."""
TEMPLATE = "template"
"""The setting of a map that tells how many passages were set aside as a template's."""


def clusterer_name(vectors: int) -> str:
    """The built-in clusterer that suits so many vectors."""
    return "agglomerative" if vectors <= SMALL else "louvain"


def build(
    material: Material,
    tools: Tools,
    *,
    last: ThemeMap | None,
    built_at: datetime,
    edits: Sequence[ThemeEdit] = (),
    bounds: Bounds = USUAL,
) -> ThemeMap:
    """The audience's map at this state of the catalog. `last` is the map whose themes live on in it."""
    draft = Draft.of(_knowing_names(material), bounds)
    plan = theme_edits.plan(edits)
    held, whole = _held(draft, last, plan, edits)
    labels, found = draft.cluster(tools.clusterer, held, seen=_seen(last) if not whole else frozenset())
    themes = [theme for group in draft.groups(labels, held) if (theme := draft.theme(tools.new_id(), group))]
    themes = _edited(draft, _followed(draft, themes, last), plan)
    themes = _reaching(draft, _beside(draft, named(draft, themes, tools, last=last, plan=plan)))
    themes, broader = _leveled(draft, themes, tools, last=last, plan=plan, whole=whole)
    themes = _laid_out(themes, last)
    fitted = str(len(draft.passages)) if whole or last is None else last.settings.get("fitted", "0")
    settings = {**found, **_settings(draft, tools), "fitted": fitted, "edits": replayed(edits)}
    settings[MOVING] = replayed([edit for edit in edits if edit.verb in {"merge", "split"}])
    settings |= _quality(draft, themes) | unwritten((*themes, *broader), tools)
    made = _map(draft, themes, last, map_id=tools.new_id(), built_at=built_at, settings=settings)
    return replace(
        made,
        broader=tuple(sorted(broader, key=lambda theme: (theme.level, -theme.size, theme.id))),
        middle=tuple(round(float(x), 6) for x in draft.vectors.mean(axis=0)) if len(draft.vectors) else (),
        marks=dict(material.marks),
    )


def _knowing_names(material: Material) -> Material:
    """With the names that the texts hold beside the directory's, which no label may hold either."""
    written = bylines.name_words([passage.text for passage in material.passages], material.names)
    return replace(material, names={*material.names, *written})


def replayed(edits: Sequence[ThemeEdit]) -> str:
    """The edits that a map was made with, as its settings say it."""
    return ",".join(str(edit.number) for edit in edits)


def visible(themes: ThemeMap, edits: Sequence[ThemeEdit]) -> ThemeMap:
    """The map as it is shown: without hidden themes, which live on in the stored one so that they stay hidden."""
    hidden = theme_edits.plan(edits).hidden
    shown = tuple(theme for theme in themes.themes if theme.id not in hidden)
    before, after = ({d for t in some for d in t.documents} for some in (themes.themes, shown))
    kept = replace(themes, themes=shown, loose=themes.loose + len(before - after))
    return kept if len(shown) == len(themes.themes) else _without(kept, {m.passage for t in shown for m in t.members})


def _without(themes: ThemeMap, inside: Collection[PassageId]) -> ThemeMap:
    """The map whose broader themes hold only what is `inside`; one that is left with a single theme goes."""
    finer: list[Theme] = list(themes.themes)
    broader: list[Theme] = []
    for level in range(1, themes.levels):
        for theme in (theme for theme in themes.broader if theme.level == level):
            if sum(t.parent == theme.id for t in (*finer, *broader)) > 1:
                members = tuple(member for member in theme.members if member.passage in inside)
                broader.append(replace(theme, members=members))
    there = {theme.id for theme in broader}
    finer, broader = ([t if t.parent in there else replace(t, parent=None) for t in some] for some in (finer, broader))
    return replace(themes, themes=tuple(finer), broader=tuple(broader))


# ── groups of passages ───────────────────────────────────────────────────────────────────────────


# ── themes that last ─────────────────────────────────────────────────────────────────────────────


def _held(
    draft: Draft, last: ThemeMap | None, plan: Plan, edits: Sequence[ThemeEdit]
) -> tuple[tuple[Theme, ...], bool]:
    """The last map's themes that stay as they are, and whether all else is grouped anew.

    All stay until the corpus has changed in size by GROWN since it was last grouped as a whole: finding groups from
    nothing moves many passages that nobody touched. Then only pinned ones stay. What an edit joined or cut comes apart
    only in a whole new grouping, so taking an edit back asks for one.
    """
    if last is None or last.settings.get("model") != draft.material.model:
        return (), True
    fitted, count = int(last.settings.get("fitted", "0")), len(draft.passages)
    moving = last.settings.get(MOVING, last.settings.get("edits", ""))
    undone = set(filter(None, moving.split(","))) - {str(edit.number) for edit in edits}
    whole = bool(undone) or not fitted or not last.themes
    whole = whole or not fitted / GROWN <= count <= fitted * GROWN
    return tuple(theme for theme in last.themes if not whole or theme.id in plan.pinned), whole


def _seen(last: ThemeMap | None) -> frozenset[PassageId]:
    """What the last map was made from."""
    if last is None:
        return frozenset()
    return frozenset(last.unplaced) | {member.passage for theme in last.themes for member in theme.members}


def _followed(draft: Draft, themes: Sequence[Theme], last: ThemeMap | None) -> list[Theme]:
    """Themes under the ids they had, with how they moved since the last map; by their own dates where it
    had none, or was of fewer silos."""
    if last is None or not last.themes:
        return _dated(draft, themes)
    if last.settings.get("model") != draft.material.model:
        # Vectors of two models cannot be compared.
        last = replace(last, themes=tuple(replace(theme, centroid=()) for theme in last.themes))
    followed = lineage.follow(last, themes, loose=_loose(draft, themes), asked=_asked_for(draft, themes)).themes
    if last.silos != draft.material.silos:
        # What came with another silo is no movement of the themes.
        return [replace(t, events=tuple(e for e in t.events if e.related)) for t in _dated(draft, followed)]
    if last.state != draft.material.state:
        return list(followed)
    before = {theme.id: theme for theme in last.themes}
    return [
        replace(t, status=before[t.id].status, events=before[t.id].events) if t.id in before else t for t in followed
    ]


def _asked_for(draft: Draft, themes: Sequence[Theme]) -> frozenset[PassageId]:
    """Members that a heading asks of every document: they tell nothing of how a theme moves."""
    asked = boilerplate.asked(draft.passages, draft.rows, _labels(draft, themes))
    return frozenset(passage.id for passage, out in zip(draft.passages, asked, strict=True) if out)


def _dated(draft: Draft, themes: Sequence[Theme]) -> list[Theme]:
    asked = _asked_for(draft, themes)
    first: dict[DocumentId, datetime] = {}
    times = {p.id: p.time for p in draft.passages}
    for passage in draft.passages:
        if passage.time is not None:
            first[passage.document] = min(passage.time, first.get(passage.document, passage.time))
    everything = list(first.values())
    dated = []
    for theme in themes:
        own: dict[DocumentId, datetime] = {}
        for member in theme.members:
            if member.passage not in asked and (time := times[member.passage]) is not None:
                own[member.document] = min(time, own.get(member.document, time))
        dated.append(replace(theme, status=lineage.by_dates(list(own.values()), everything)))
    return dated


def _edited(draft: Draft, themes: Sequence[Theme], plan: Plan) -> list[Theme]:
    """Themes as people merged and split them. A merge into a theme that is not here waits until it is."""
    present = {theme.id for theme in themes}
    homes = {theme.id: home if (home := plan.home(theme)) in present else theme.id for theme in themes}
    guests = {home: [t for t in themes if homes[t.id] == home and t.id != home] for home in set(homes.values())}
    edited = [
        draft.joined(theme, guests[theme.id]) if guests.get(theme.id) else theme
        for theme in themes
        if homes[theme.id] == theme.id
    ]
    for whole, part in plan.splits:
        if part in present:
            continue  # the clustering keeps the two apart by itself
        edited = [half for theme in edited for half in (draft.halved(theme, part) if theme.id == whole else (theme,))]
    return edited


# ── beside and above each other ──────────────────────────────────────────────────────────────────


def _labels(draft: Draft, themes: Sequence[Theme]) -> Labels:
    """For each passage of the draft the number of its theme, or LOOSE."""
    number = {member.passage: n for n, theme in enumerate(themes) for member in theme.members}
    return np.array([number.get(passage.id, LOOSE) for passage in draft.passages], np.int64)


def _beside(draft: Draft, themes: Sequence[Theme]) -> list[Theme]:
    """Themes with the passages of others that lie in them too."""
    labels = _labels(draft, themes)
    found = theme_members.beside(draft.rows, labels, draft.middles(labels))
    return [replace(theme, also=_members(draft, some)) for theme, some in zip(themes, found, strict=True)]


def _reaching(draft: Draft, themes: Sequence[Theme]) -> list[Theme]:
    """Themes with how near a newcomer has to be."""
    if not themes:
        return []
    labels, middle = _labels(draft, themes), draft.vectors.mean(axis=0)
    return [
        replace(theme, reach=round(placing.reach(draft.vectors[labels == n], middle), 4))
        for n, theme in enumerate(themes)
    ]


def _members(draft: Draft, some: Iterable[tuple[int, float]]) -> tuple[Membership, ...]:
    passages = [(draft.passages[n], strength) for n, strength in some]
    members = [Membership(p.id, p.document, round(strength, 4)) for p, strength in passages]
    return tuple(sorted(members, key=lambda m: (-m.strength, m.passage)))


def _leveled(
    draft: Draft, themes: Sequence[Theme], tools: Tools, *, last: ThemeMap | None, plan: Plan, whole: bool
) -> tuple[list[Theme], list[Theme]]:
    """Themes with what they are part of, and these broader themes: level on level while there are too many to see."""
    finest, below = list(themes), list(themes)
    broader: list[Theme] = []
    for level in range(1, theme_levels.LEVELS):
        then = _level(last, level)
        groups = _grouped(draft, below, _were(below, last, then) if not whole else None)
        made = [theme for group in groups if (theme := draft.union(tools.new_id(), [below[n] for n in group]))]
        if len(made) != len(groups) or not made:
            break
        above = named(draft, _followed(draft, made, then), tools, last=then, plan=plan, others=finest)
        parents = {below[n].id: theme.id for group, theme in zip(groups, above, strict=True) for n in group}
        finest = [replace(theme, parent=parents.get(theme.id, theme.parent)) for theme in finest]
        broader = [replace(theme, parent=parents.get(theme.id)) for theme in broader]
        broader += (above := [replace(theme, level=level) for theme in above])
        below = [theme for theme in below if theme.id not in parents] + above
    return finest, broader


def _level(last: ThemeMap | None, level: int) -> ThemeMap | None:
    """The last map with the themes of one level alone."""
    if last is None or level == 0:
        return last
    return replace(last, themes=tuple(theme for theme in last.broader if theme.level == level))


def _were(below: Sequence[Theme], last: ThemeMap | None, then: ThemeMap | None) -> Labels | None:
    """For each theme the number of the broader one that it was part of; None when there were no broader ones."""
    if last is None or then is None or not then.themes:
        return None
    number = {theme.id: n for n, theme in enumerate(then.themes)}
    parents = {theme.id: theme.parent for theme in (*last.themes, *last.broader)}
    return np.array([number.get(parents.get(t.id) or ThemeId(""), LOOSE) for t in below], np.int64)


def _grouped(draft: Draft, below: Sequence[Theme], held: Labels | None) -> list[list[int]]:
    """The numbers of the themes that go together: as they were (`held`, new ones to the nearest), or found anew."""
    if len(below) <= theme_levels.MANY:
        return []
    middles = draft.middles(_labels(draft, below))
    if held is None or held.max() < 0:
        labels = theme_levels.broader(middles, np.array([float(theme.size) for theme in below]))
    else:
        labels = grouping.numbered(theme_levels.nearest(middles, grouping.numbered(held)), minimum=2)
    return [np.flatnonzero(labels == group).tolist() for group in range(int(labels.max()) + 1)]


def _laid_out(themes: Sequence[Theme], last: ThemeMap | None) -> list[Theme]:
    """Each with its place on a plane, near to where it was on the last map."""
    before = {theme.id: theme.place for theme in (last.themes if last else ()) if theme.place is not None}
    found = layout.places({theme.id: theme.centroid for theme in themes if theme.centroid}, before)
    return [replace(theme, place=found.get(theme.id)) for theme in themes]


# ── the map ──────────────────────────────────────────────────────────────────────────────────────


def _map(
    draft: Draft,
    themes: Sequence[Theme],
    last: ThemeMap | None,
    *,
    map_id: str,
    built_at: datetime,
    settings: Mapping[str, str],
) -> ThemeMap:
    passages = draft.material.passages
    present = frozenset(p.id for p in passages)
    inside = {m.passage for theme in themes for m in theme.members}
    kept = lineage.stability(last, themes, present) if last else None
    return ThemeMap(
        id=MapId(map_id),
        built_at=built_at,
        silos=draft.material.silos,
        state=draft.material.state,
        settings=settings,
        themes=tuple(sorted(themes, key=lambda theme: (-theme.size, theme.label, theme.id))),
        loose=_loose(draft, themes),
        outlier_ratio=round(1.0 - len(inside) / len(present), 4) if present else 0.0,
        stability=None if kept is None else round(kept, 4),
        gone=tuple(t.id for t in last.themes if t.id not in {theme.id for theme in themes}) if last else (),
        unplaced=tuple(p.id for p in (*draft.passages, *draft.template) if p.id not in inside),
    )


def _loose(draft: Draft, themes: Sequence[Theme]) -> int:
    return len(draft.documents - {document for theme in themes for document in theme.documents})


def _quality(draft: Draft, themes: Sequence[Theme]) -> dict[str, str]:
    """How good the words are: whether a theme's go together (NPMI), and whether themes have words of their own."""
    words = [theme_quality.words(theme.keyphrases) for theme in themes]
    coherent = theme_quality.coherence(words, (passage.text for passage in draft.passages))
    diverse = theme_quality.diversity(words)
    told = {"npmi": coherent, "diversity": diverse}
    return {name: f"{number:.3f}" for name, number in told.items() if number is not None}


def _settings(draft: Draft, tools: Tools) -> dict[str, str]:
    return {
        "model": draft.material.model,
        "labeller": tools.labeller.name,
        "section": str(SECTION),
        "documents": str(draft.bounds.documents),
        "people": str(draft.bounds.people),
        TEMPLATE: str(len(draft.template)),
    }
