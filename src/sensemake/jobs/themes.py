"""Finds the themes that documents share: passages → groups → lasting ids → names, as one dated map."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sensemake.model import (
    DocumentId,
    Kind,
    MapId,
    Membership,
    Passage,
    PassageId,
    PersonId,
    SiloName,
    Summary,
    TextKey,
    Theme,
    ThemeEvent,
    ThemeId,
    ThemeMap,
    Vector,
    Written,
)
from sensemake.protocols import Clusterer, Clustering, Labeller, ThemeEdit, Writer
from sensemake.rules import (
    boilerplate,
    floor,
    grouping,
    keyphrases,
    layout,
    lineage,
    machine_words,
    placing,
    theme_edits,
    theme_levels,
    theme_members,
    theme_quality,
    word_company,
)
from sensemake.rules.grouping import LOOSE, Floats, Labels
from sensemake.rules.keyphrases import Described
from sensemake.rules.theme_edits import Plan

SMALL = 100
"""Up to this many sections are joined pair by pair ("agglomerative"): a graph of so few neighbours has no shape."""
SECTION = 4
"""Passages in a row of one document that speak with one voice when groups are sought."""
GROWN = 1.5
"""A corpus so much larger or smaller than when it was last grouped as a whole is grouped anew."""
FRESH = 0.5
"""The least share of a new theme's group that no theme holds and the last map had not seen."""
TOLD = 300
"""Passages of a theme, the strongest, that its words are taken from."""
MOVING = "moving"
"""The setting of a map that tells which of its edits joined or cut themes."""
TEMPLATE = "template"
"""The setting of a map that tells how many passages were set aside as a template's."""
TALK = "talk"
"""The setting of a map whose groups were found without conversations, which joined them, or that only the company of
words tells from chance: …"""
BY_WORDS = "by words"
SURELY = 2.0
"""Groups that stand apart by so many times more than chance would have it need no words to speak for them."""
WRITER, PLAIN, SILENT = "writer", "writer_named_not", "writer_summarised_not"
"""The settings of a map that tell which language model was asked, and how many themes it did not name or sum up."""
RENAMED = ThemeEvent("renamed", {})
CENTRAL = 10
"""Passages of a theme, each of another document, that its name must fit."""


@dataclass(frozen=True, slots=True)
class Material:
    """What one audience may read, and nothing else.

    `vectors` are the passages' unit vectors by text; a passage without one is loose. `people` gives a passage's
    listed authors, `voices` who speaks in it where that is more (`rules.floor`); `names` are words that name people,
    which no label may hold. `state` is the catalog's mark, made of the silos' `marks`.
    """

    silos: frozenset[SiloName]
    state: str
    model: str
    passages: Sequence[Passage]
    vectors: Mapping[TextKey, Vector]
    people: Callable[[Passage], Collection[PersonId]]
    names: Collection[str] = ()
    voices: Callable[[Passage], Collection[PersonId]] | None = None
    marks: Mapping[SiloName, int] = field(default_factory=dict)
    may_leave: Callable[[Passage], bool] = lambda passage: passage.kind is not Kind.REFLECTION


@dataclass(frozen=True, slots=True)
class Tools:
    """`clusterer` gives the one for so many vectors (see `clusterer_name`), `new_id` a fresh random id. A `writer` is
    asked for names first, with `summaries` also for these, and sees only passages that `Material.may_leave`."""

    clusterer: Callable[[int], Clusterer]
    labeller: Labeller
    new_id: Callable[[], str]
    writer: Writer | None = None
    summaries: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """A theme is in at least `documents`; the reflections of a silo in it are by `people` or more."""

    documents: int = 3
    people: int = 5


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
    bounds: Bounds = Bounds(),
) -> ThemeMap:
    """The audience's map at this state of the catalog. `last` is the map whose themes live on in it."""
    draft = _Draft.of(material, bounds)
    plan = theme_edits.plan(edits)
    held, whole = _held(draft, last, plan, edits)
    clustering = draft.cluster(tools.clusterer, held, seen=_seen(last) if not whole else frozenset())
    themes = [theme for group in draft.groups(clustering.labels, held) if (theme := draft.theme(tools.new_id(), group))]
    themes = _edited(draft, _followed(draft, themes, last), plan)
    themes = _reaching(draft, _beside(draft, _named(draft, themes, tools, last=last, plan=plan)))
    themes, broader = _leveled(draft, themes, tools, last=last, plan=plan, whole=whole)
    themes = _laid_out(themes, last)
    fitted = str(len(draft.passages)) if whole or last is None else last.settings.get("fitted", "0")
    settings = {**_settings(draft, clustering, tools), "fitted": fitted, "edits": replayed(edits)}
    settings[MOVING] = replayed([edit for edit in edits if edit.verb in {"merge", "split"}])
    settings |= _quality(draft, themes) | _unwritten((*themes, *broader), tools)
    made = _map(draft, themes, last, map_id=tools.new_id(), built_at=built_at, settings=settings)
    return replace(
        made,
        broader=tuple(sorted(broader, key=lambda theme: (theme.level, -theme.size, theme.id))),
        middle=tuple(round(float(x), 6) for x in draft.vectors.mean(axis=0)) if len(draft.vectors) else (),
        marks=dict(material.marks),
    )


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

Group = Mapping[int, float]
"""The numbers of passages in a draft, each with its strength."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """Passages in the order of their documents, and their vectors as seen from the corpus' mean.

    What is a `template`'s (`rules.boilerplate`) is set aside: it says nothing of what its documents are about.
    """

    material: Material
    bounds: Bounds
    passages: tuple[Passage, ...]
    vectors: Floats
    rows: Floats
    template: tuple[Passage, ...] = ()

    @classmethod
    def of(cls, material: Material, bounds: Bounds) -> _Draft:
        held = (p for p in material.passages if p.key in material.vectors)
        passages = tuple(sorted(held, key=lambda p: (p.document, p.ordinal, p.id)))
        vectors = _stacked([material.vectors[p.key] for p in passages])
        aside = boilerplate.templates(passages, grouping.centred(vectors))
        template = tuple(p for p, out in zip(passages, aside, strict=True) if out)
        passages = tuple(p for p, out in zip(passages, aside, strict=True) if not out)
        vectors = vectors[~aside]
        return cls(material, bounds, passages, vectors, grouping.centred(vectors), template)

    def cluster(
        self, clusterer: Callable[[int], Clusterer], held: Sequence[Theme], *, seen: Collection[PassageId]
    ) -> Clustering:
        """Groups of sections, told for each passage.

        Where themes are held, their sections stay in them; of the groups that are found those are new that are mostly
        of sections which no theme holds and the last map had not `seen`. What is left joins a group that it is as near
        to as that group's outer members.
        """
        sections = self._sections()
        means = grouping.unit(_stacked([self.vectors[section].mean(axis=0) for section in sections]))
        found = self._found(clusterer, sections, means)
        labels = found.labels
        if held:
            old = self._placed(sections, held)
            fresh = np.array([all(self.passages[n].id not in seen for n in section) for section in sections], bool)
            new = _mostly(labels, (old == LOOSE) & (fresh | (not seen)))
            both = grouping.numbered(
                np.where(old >= 0, old, np.where(new >= 0, new + len(held), LOOSE)).astype(np.int64)
            )
            labels = grouping.take_in(grouping.centred(means), both)
        told = np.repeat(labels, [len(section) for section in sections])
        return Clustering(told, grouping.strengths(self.rows, told), found.settings)

    def _found(
        self, clusterer: Callable[[int], Clusterer], sections: Sequence[Sequence[int]], means: Floats
    ) -> Clustering:
        """Groups of all sections; where none stand apart, those that words speak for (`rules.word_company`); where
        there are none either, groups of what is no conversation.

        Short talk lies so evenly that much of it hides what the rest is about. It then joins the groups of the rest.
        """
        found = self._told(clusterer(len(sections)).fit(means.astype(np.float32)), sections)
        written = np.array([self.passages[section[0]].kind is not Kind.CONVERSATION for section in sections], bool)
        if (found.labels != LOOSE).any() or written.all() or not written.any():
            return found
        apart = clusterer(int(written.sum())).fit(means[written].astype(np.float32))
        apart = self._told(apart, [section for section, own in zip(sections, written, strict=True) if own])
        labels = np.full(len(sections), LOOSE, np.int64)
        labels[written] = apart.labels
        labels = grouping.take_in(grouping.centred(means), labels)
        return Clustering(labels, grouping.strengths(means, labels), {**apart.settings, TALK: "joined"})

    def _told(self, found: Clustering, sections: Sequence[Sequence[int]]) -> Clustering:
        """The groups that vectors tell from chance, unless it is by little and words gainsay it; or those that words
        tell from it, when all groups together are more than chance by their words."""
        if found.beyond is None or found.beyond >= SURELY:
            return found
        labels = found.labels if found.doubtful is None else found.doubtful
        company = self._company(labels, sections)
        if found.doubtful is None:
            doubted = company.whole < word_company.LEAST and company.expected >= word_company.EXPECTED
            return replace(found, labels=np.full_like(labels, LOOSE)) if doubted else found
        if company.whole < word_company.NO_CHANCE:
            return found
        spoken = np.append(company.groups >= word_company.TELLING, False)
        labels = grouping.numbered(np.where(spoken[labels], labels, LOOSE).astype(np.int64))
        return replace(found, labels=labels, settings={**found.settings, TALK: BY_WORDS})

    def _company(self, labels: Labels, sections: Sequence[Sequence[int]]) -> word_company.Company:
        said = [word_company.words(p.text, p.language) for p in self.passages]
        texts = [frozenset[str]().union(*(said[n] for n in own)) for own in sections]
        return word_company.company(texts, [self.passages[own[0]].document for own in sections], labels)

    def _placed(self, sections: Sequence[Sequence[int]], held: Sequence[Theme]) -> Labels:
        """Each section in the held theme that most of its passages were in."""
        theme_of = {member.passage: number for number, theme in enumerate(held) for member in theme.members}
        placed = np.full(len(sections), LOOSE, np.int64)
        for number, section in enumerate(sections):
            were = [theme_of[p] for n in section if (p := self.passages[n].id) in theme_of]
            if were:
                placed[number] = max(sorted(set(were)), key=were.count)
        return placed

    def _sections(self) -> list[list[int]]:
        """Each document cut into stretches of up to SECTION passages, as even as can be."""
        sections: list[list[int]] = []
        for _, numbers in groupby(range(len(self.passages)), key=lambda n: self.passages[n].document):
            whole = list(numbers)
            parts = np.array_split(whole, -(-len(whole) // SECTION))
            sections.extend(part.tolist() for part in parts)
        return sections

    def groups(self, labels: Labels, held: Sequence[Theme] = ()) -> list[Group]:
        """The groups that enough documents share, with each passage in the one that it is nearest to.

        A section brings its passages along; a passage that lies as near to another theme as that theme's outer
        members goes there, so a long document may be in several; one that is far from its section's theme is loose.
        What was in a theme that is `held` stays in it.
        """
        kept = self._shared(labels)
        middles = self.middles(kept)
        if not len(middles):
            return []
        cosines = self.rows @ middles.T
        reach = np.array([np.quantile(cosines[kept == g, g], 0.25) for g in range(len(middles))])
        nearest = cosines.argmax(axis=1)
        within = cosines.max(axis=1) >= reach[nearest]
        moved = np.where(within, nearest, kept)
        own = cosines[np.arange(len(moved)), np.maximum(moved, 0)]
        near = np.where((moved >= 0) & (own >= 0.5 * reach[np.maximum(moved, 0)]), moved, LOOSE)
        staying = self._staying(kept, held)
        final = self._shared(np.where(staying >= 0, staying, near))
        strengths = grouping.strengths(self.rows, final)
        return [{int(n): float(strengths[n]) for n in np.flatnonzero(final == g)} for g in range(final.max() + 1)]

    def _staying(self, labels: Labels, held: Sequence[Theme]) -> Labels:
        """For each passage of a held theme the group that most of that theme is in now; LOOSE for others."""
        theme_of = {member.passage: number for number, theme in enumerate(held) for member in theme.members}
        were = np.array([theme_of.get(passage.id, LOOSE) for passage in self.passages], np.int64)
        homes = np.full(len(held) + 1, LOOSE, np.int64)
        for number in range(len(held)):
            inside = labels[(were == number) & (labels >= 0)]
            homes[number] = np.bincount(inside).argmax() if len(inside) else LOOSE
        return homes[were]

    def _shared(self, labels: Labels) -> Labels:
        """Only the groups in at least `bounds.documents` documents, numbered anew."""
        holders: dict[int, set[DocumentId]] = {}
        for passage, label in zip(self.passages, labels.tolist(), strict=True):
            holders.setdefault(label, set()).add(passage.document)
        few = [label for label, documents in holders.items() if len(documents) < self.bounds.documents]
        return grouping.numbered(np.where(np.isin(labels, few), LOOSE, labels).astype(np.int64))

    def middles(self, labels: Labels) -> Floats:
        """Centroids in which each document counts once, however long it is."""
        often: dict[tuple[DocumentId, int], int] = {}
        keys = [(p.document, label) for p, label in zip(self.passages, labels.tolist(), strict=True)]
        for key in keys:
            often[key] = often.get(key, 0) + 1
        weights = np.array([1.0 / often[key] for key in keys]).reshape(-1, 1)
        return grouping.centroids(self.rows * weights, labels)

    def theme(self, theme_id: str, group: Group) -> Theme | None:
        """A group as a theme without a name or reflections by too few people; None when too little is left."""
        whole = [self.passages[n] for n in group]
        kept = {p.id for p in floor.countable(whole, self.material.voices or self.material.people, self.bounds.people)}
        group = {n: strength for n, strength in group.items() if self.passages[n].id in kept}
        passages = [self.passages[n] for n in group]
        if len(kept) < len(whole) and len({p.document for p in passages}) < self.bounds.documents:
            return None
        people = {person for passage in passages for person in self.material.people(passage)}
        centroid = grouping.unit(self.vectors[list(group)].mean(axis=0, keepdims=True))[0]
        members = [Membership(self.passages[n].id, self.passages[n].document, round(s, 4)) for n, s in group.items()]
        return Theme(
            id=ThemeId(theme_id),
            label="",
            keyphrases=(),
            members=tuple(sorted(members, key=lambda m: (-m.strength, m.passage))),
            people=len(people),
            silos=tuple(sorted({p.silo for p in passages})),
            centroid=tuple(round(float(x), 6) for x in centroid),
        )

    def union(self, theme_id: str, themes: Sequence[Theme]) -> Theme | None:
        """A theme, without a name yet, that holds what these hold."""
        inside = {member.passage for theme in themes for member in theme.members}
        labels = np.array([0 if passage.id in inside else LOOSE for passage in self.passages], np.int64)
        strengths = grouping.strengths(self.rows, labels)
        return self.theme(theme_id, {int(n): float(strengths[n]) for n in np.flatnonzero(labels == 0)})

    def joined(self, theme: Theme, others: Iterable[Theme]) -> Theme:
        """One theme with the members of all."""
        strengths = {m.passage: m.strength for t in (*others, theme) for m in t.members}
        group = {n: strengths[p.id] for n, p in enumerate(self.passages) if p.id in strengths}
        whole = self.theme(theme.id, group)
        return theme if whole is None else replace(whole, label=theme.label, status=theme.status, events=theme.events)

    def halved(self, theme: Theme, part: ThemeId) -> tuple[Theme, ...]:
        """The theme without the half of its documents that differs most, and that half; or the theme, if too small."""
        strengths = {m.passage: m.strength for m in theme.members}
        inside = [n for n, p in enumerate(self.passages) if p.id in strengths]
        documents = {d: i for i, d in enumerate(dict.fromkeys(self.passages[n].document for n in inside))}
        place = np.array([documents[self.passages[n].document] for n in inside], np.int64)
        labels = grouping.halves(grouping.centroids(self.rows[inside], place))
        if np.bincount(labels, minlength=2).min() < self.bounds.documents:
            return (theme,)
        groups = [
            {n: strengths[self.passages[n].id] for n, at in zip(inside, place, strict=True) if labels[at] == side}
            for side in (0, 1)
        ]
        halves = [self.theme(name, group) for name, group in zip((theme.id, part), groups, strict=True)]
        # The half that went out last time comes back in every clustering; that it was taken in is no news.
        events = tuple(event for event in theme.events if part not in event.related)
        parts = tuple(replace(half, status=theme.status) for half in halves if half is not None)
        return (replace(parts[0], events=events), parts[1]) if len(parts) == 2 else (theme,)

    @property
    def documents(self) -> frozenset[DocumentId]:
        return frozenset(p.document for p in self.material.passages)


def _mostly(labels: Labels, wanted: NDArray[np.bool_]) -> Labels:
    """Only the groups of which at least FRESH is wanted, without what is not."""
    groups = [g for g in sorted(set(labels.tolist()) - {LOOSE}) if wanted[labels == g].mean() >= FRESH]
    return np.where(np.isin(labels, groups) & wanted, labels, LOOSE).astype(np.int64)


def _stacked(vectors: Sequence[Vector] | Sequence[Floats]) -> Floats:
    return np.array(vectors, np.float64) if vectors else np.zeros((0, 1))


# ── themes that last ─────────────────────────────────────────────────────────────────────────────


def _held(
    draft: _Draft, last: ThemeMap | None, plan: Plan, edits: Sequence[ThemeEdit]
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
    whole = bool(undone) or not fitted or not last.themes or not fitted / GROWN <= count <= fitted * GROWN
    return tuple(theme for theme in last.themes if not whole or theme.id in plan.pinned), whole


def _seen(last: ThemeMap | None) -> frozenset[PassageId]:
    """What the last map was made from."""
    if last is None:
        return frozenset()
    return frozenset(last.unplaced) | {member.passage for theme in last.themes for member in theme.members}


def _followed(draft: _Draft, themes: Sequence[Theme], last: ThemeMap | None) -> list[Theme]:
    """Themes under the ids they had, with how they moved since the last map; by their own dates where it had none."""
    if last is None or not last.themes:
        return _dated(draft, themes)
    if last.settings.get("model") != draft.material.model:
        # Vectors of two models cannot be compared.
        last = replace(last, themes=tuple(replace(theme, centroid=()) for theme in last.themes))
    followed = lineage.follow(last, themes, loose=_loose(draft, themes)).themes
    if last.state != draft.material.state:
        return list(followed)
    before = {theme.id: theme for theme in last.themes}
    return [
        replace(t, status=before[t.id].status, events=before[t.id].events) if t.id in before else t for t in followed
    ]


def _dated(draft: _Draft, themes: Sequence[Theme]) -> list[Theme]:
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
            if (time := times[member.passage]) is not None:
                own[member.document] = min(time, own.get(member.document, time))
        dated.append(replace(theme, status=lineage.by_dates(list(own.values()), everything)))
    return dated


def _edited(draft: _Draft, themes: Sequence[Theme], plan: Plan) -> list[Theme]:
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


def _named(
    draft: _Draft,
    themes: Sequence[Theme],
    tools: Tools,
    *,
    last: ThemeMap | None,
    plan: Plan,
    others: Sequence[Theme] = (),
) -> list[Theme]:
    """Themes with their keyphrases and labels. A person's label comes first, then the one a theme had; none twice, and
    none that `others` have."""
    by_id = {p.id: p for p in draft.passages}
    told = [[by_id[m.passage] for m in theme.members[:TOLD]] for theme in themes]
    inside = {m.passage for theme in themes for m in theme.members}
    rest = [p for p in (*draft.passages, *draft.template) if p.id not in inside]
    found = keyphrases.described(told, rest=rest, exclude=draft.material.names)
    # A name that a person gave holds as long as their edit does.
    were = _were_written(draft, themes, last)
    kept = {theme.id: theme.label for theme in were.values() if RENAMED not in theme.events}
    kept.update(plan.labels)
    taken = {kept[theme.id] for theme in themes if theme.id in kept} | {theme.label for theme in others}
    taken |= {theme.plain for theme in (*were.values(), *others) if theme.plain}
    named: dict[int, Theme] = {}
    # A phrase belongs to the theme that it stands for, before others make a name of it.
    for number in sorted(range(len(themes)), key=lambda n: not found[n].names):
        theme, words, passages = themes[number], found[number], told[number]
        central = _central(passages)
        label, was = kept.get(theme.id), were.get(theme.id)
        by, plain = (was.written, was.plain) if was and theme.id not in plan.labels else (None, None)
        if label is None or (tools.writer and by is None and theme.id not in plan.labels):
            asked = _asked(tools.writer, words.phrases, central, taken - {label}, draft.material)
            label = label or _fresh(tools.labeller, words, central, taken)
            label, by, plain = (*asked, label) if asked else (label, None, None)
        taken |= {label, plain or label}
        events = tuple(event for event in theme.events if event != RENAMED)
        renamed = (RENAMED,) if theme.id in plan.labels else ()
        theme = replace(theme, keyphrases=words.phrases, label=label, written=by, plain=plain)
        summary = _summary(theme, was, tools, central, draft.material)
        named[number] = replace(theme, summary=summary, events=(*events, *renamed))
    return [named[number] for number in range(len(themes))]


def _were_written(draft: _Draft, themes: Sequence[Theme], last: ThemeMap | None) -> dict[ThemeId, Theme]:
    """The last map's themes, without what a machine wrote from passages that are gone or may no longer leave.

    A reflection that it saw must still count in the theme: below the floor it is as if it had not been written.
    """
    if last is None or not any(theme.written or theme.summary for theme in last.themes):
        return {theme.id: theme for theme in last.themes} if last else {}
    there = {p.id: p for p in draft.material.passages}
    free = {pid for pid, p in there.items() if p.kind is not Kind.REFLECTION}
    inside = {theme.id: {m.passage for m in theme.members} for theme in themes}
    were = {}
    for theme in last.themes:
        saw = {*(theme.written.saw if theme.written else ()), *(theme.summary.saw if theme.summary else ())}
        counted = inside.get(theme.id, set())
        may = {p for p in saw if p in free or (p in counted and p in there and draft.material.may_leave(there[p]))}
        were[theme.id] = machine_words.without(theme, saw - may)
    return were


def _asked(
    writer: Writer | None, phrases: Sequence[str], central: Sequence[Passage], taken: Collection[str], of: Material
) -> tuple[str, Written] | None:
    """A machine's name and what it was made from; None without a writer, an answer, or anything that may leave.

    Only those phrases go with the passages that these hold: others may come from texts that may not leave. A name that
    names somebody is none.
    """
    shown = [passage for passage in central if of.may_leave(passage)]
    if writer is None or not shown:
        return None
    text = "\n".join(f"{p.title}\n{p.text}" for p in shown).casefold()
    label = writer.write([phrase for phrase in phrases if phrase.casefold() in text], shown)
    if not label or label in taken or not machine_words.unnamed(label, of.names):
        return None
    return label, Written(writer.name, tuple(p.id for p in shown))


def _summary(theme: Theme, was: Theme | None, tools: Tools, central: Sequence[Passage], of: Material) -> Summary | None:
    """The one it had while that says what the theme is about; else a new one, when a writer is asked for summaries.

    The name goes with the passages when a machine gave it, as a plain one may be of words that may not leave.
    """
    if was and was.summary and machine_words.holds(was.summary, theme):
        return was.summary
    shown = [passage for passage in central if of.may_leave(passage)]
    if tools.writer is None or not tools.summaries or not shown:
        return None
    told = tools.writer.summarise(theme.label if theme.written else "", shown)
    text = machine_words.unnamed(told, of.names) if told else ""
    return Summary(text, tools.writer.name, tuple(p.id for p in shown), theme.size) if text else None


def _unwritten(themes: Sequence[Theme], tools: Tools) -> dict[str, str]:
    """Which machine was asked, and how many themes it gave no name or no summary to."""
    if tools.writer is None:
        return {}
    plain = sum(theme.written is None and RENAMED not in theme.events for theme in themes)
    silent = sum(theme.summary is None for theme in themes)
    told = {WRITER: tools.writer.name, PLAIN: str(plain)}
    return {**told, SILENT: str(silent)} if tools.summaries else told


def _fresh(labeller: Labeller, words: Described, passages: Sequence[Passage], taken: Collection[str]) -> str:
    """A label that no other theme has: where two would agree, the later is named by its next words."""
    ways = [some[skip:] for some in (words.names, words.phrases) for skip in range(len(some))] or [()]
    labels = [labeller.label(way, passages) for way in ways]
    numbered = (f"{labels[0]} ({number})" for number in range(2, len(taken) + 3))
    return next(label for label in (*labels, *numbered) if label not in taken)


def _central(passages: Sequence[Passage]) -> list[Passage]:
    best = {p.document: p for p in reversed(passages)}
    return [p for p in passages if best[p.document] is p][:CENTRAL]


# ── beside and above each other ──────────────────────────────────────────────────────────────────


def _labels(draft: _Draft, themes: Sequence[Theme]) -> Labels:
    """For each passage of the draft the number of its theme, or LOOSE."""
    number = {member.passage: n for n, theme in enumerate(themes) for member in theme.members}
    return np.array([number.get(passage.id, LOOSE) for passage in draft.passages], np.int64)


def _beside(draft: _Draft, themes: Sequence[Theme]) -> list[Theme]:
    """Themes with the passages of others that lie in them too."""
    labels = _labels(draft, themes)
    found = theme_members.beside(draft.rows, labels, draft.middles(labels))
    return [replace(theme, also=_members(draft, some)) for theme, some in zip(themes, found, strict=True)]


def _reaching(draft: _Draft, themes: Sequence[Theme]) -> list[Theme]:
    """Themes with how near a newcomer has to be."""
    if not themes:
        return []
    labels, middle = _labels(draft, themes), draft.vectors.mean(axis=0)
    return [
        replace(theme, reach=round(placing.reach(draft.vectors[labels == n], middle), 4))
        for n, theme in enumerate(themes)
    ]


def _members(draft: _Draft, some: Iterable[tuple[int, float]]) -> tuple[Membership, ...]:
    passages = [(draft.passages[n], strength) for n, strength in some]
    members = [Membership(p.id, p.document, round(strength, 4)) for p, strength in passages]
    return tuple(sorted(members, key=lambda m: (-m.strength, m.passage)))


def _leveled(
    draft: _Draft, themes: Sequence[Theme], tools: Tools, *, last: ThemeMap | None, plan: Plan, whole: bool
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
        above = _named(draft, _followed(draft, made, then), tools, last=then, plan=plan, others=finest)
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


def _grouped(draft: _Draft, below: Sequence[Theme], held: Labels | None) -> list[list[int]]:
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
    draft: _Draft,
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


def _loose(draft: _Draft, themes: Sequence[Theme]) -> int:
    return len(draft.documents - {document for theme in themes for document in theme.documents})


def _quality(draft: _Draft, themes: Sequence[Theme]) -> dict[str, str]:
    """How good the words are: whether a theme's go together (NPMI), and whether themes have words of their own."""
    words = [theme_quality.words(theme.keyphrases) for theme in themes]
    coherent = theme_quality.coherence(words, (passage.text for passage in draft.passages))
    diverse = theme_quality.diversity(words)
    told = {"npmi": coherent, "diversity": diverse}
    return {name: f"{number:.3f}" for name, number in told.items() if number is not None}


def _settings(draft: _Draft, clustering: Clustering, tools: Tools) -> dict[str, str]:
    return {
        **clustering.settings,
        "model": draft.material.model,
        "labeller": tools.labeller.name,
        "section": str(SECTION),
        "documents": str(draft.bounds.documents),
        "people": str(draft.bounds.people),
        TEMPLATE: str(len(draft.template)),
    }
