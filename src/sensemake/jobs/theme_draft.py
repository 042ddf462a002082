"""The passages of one audience as their vectors lie, and the groups of them that may be themes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from sensemake.model import (
    DocumentId,
    Kind,
    Membership,
    Passage,
    PassageId,
    PersonId,
    SiloName,
    TextKey,
    Theme,
    ThemeId,
    Vector,
)
from sensemake.protocols import Clusterer, Clustering
from sensemake.rules import boilerplate, floor, grouping, word_company
from sensemake.rules.grouping import LOOSE, Floats, Labels

SECTION = 4
"""Passages in a row of one document that speak with one voice when groups are sought."""
FRESH = 0.5
"""The least share of a new theme's group that no theme holds and the last map had not seen."""
TALK = "talk"
"""The setting of a map whose groups were found without conversations, which joined them, or that only the company of
words tells from chance: …"""
BY_WORDS = "by words"
SURELY = 2.0
"""Groups that stand apart by so many times more than chance would have it need no words to speak for them."""


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
class Bounds:
    """A theme is in at least `documents`; the reflections of a silo in it are by `people` or more."""

    documents: int = 3
    people: int = 5


USUAL = Bounds()


Group = Mapping[int, float]
"""The numbers of passages in a draft, each with its strength."""
Grouped = tuple[Labels, Mapping[str, str]]
"""The group of each passage, or of each section, and the settings that tell how they were found."""


@dataclass(frozen=True)
class Draft:
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
    def of(cls, material: Material, bounds: Bounds) -> Draft:
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
    ) -> Grouped:
        """Groups of sections, told for each passage, and how they were found.

        Where themes are held, their sections stay in them; of the groups that are found those are new that are mostly
        of sections which no theme holds and the last map had not `seen`. What came since joins the theme that most of
        its group is in. What is left joins a group that it is as near to as that group's outer members.
        """
        sections = self._sections()
        means = grouping.unit(_stacked([self.vectors[section].mean(axis=0) for section in sections]))
        labels, settings = self._found(clusterer, sections, means)
        if held:
            old = self._placed(sections, held)
            fresh = np.array([all(self.passages[n].id not in seen for n in section) for section in sections], bool)
            new = _mostly(labels, (old == LOOSE) & (fresh | (not seen)))
            joined = np.where(fresh & bool(seen), _hosts(labels, old), LOOSE)
            both = np.where(old >= 0, old, np.where(new >= 0, new + len(held), joined))
            labels = grouping.take_in(grouping.centred(means), grouping.numbered(both.astype(np.int64)))
        return np.repeat(labels, [len(section) for section in sections]), settings

    def _found(
        self, clusterer: Callable[[int], Clusterer], sections: Sequence[Sequence[int]], means: Floats
    ) -> Grouped:
        """Groups of all sections; where none stand apart, those that words speak for (`rules.word_company`); where
        there are none either, groups of what is no conversation.

        Short talk lies so evenly that much of it hides what the rest is about. It then joins the groups of the rest.
        """
        labels, settings = self._told(clusterer(len(sections)).fit(means.astype(np.float32)), sections)
        written = np.array([self.passages[section[0]].kind is not Kind.CONVERSATION for section in sections], bool)
        if (labels != LOOSE).any() or written.all() or not written.any():
            return labels, settings
        apart = clusterer(int(written.sum())).fit(means[written].astype(np.float32))
        some = [section for section, own in zip(sections, written, strict=True) if own]
        labels[written], settings = self._told(apart, some)
        return grouping.take_in(grouping.centred(means), labels), {**settings, TALK: "joined"}

    def _told(self, found: Clustering, sections: Sequence[Sequence[int]]) -> Grouped:
        """The groups that vectors tell from chance, unless it is by little and words gainsay it; or those that words
        tell from it, when all groups together are more than chance by their words."""
        if found.beyond is None or found.beyond >= SURELY:
            return found.labels, found.settings
        labels = found.labels if found.doubtful is None else found.doubtful
        company = self._company(labels, sections)
        if found.doubtful is None:
            doubted = company.whole < word_company.LEAST and company.expected >= word_company.EXPECTED
            return np.full_like(labels, LOOSE) if doubted else labels, found.settings
        if company.whole < word_company.NO_CHANCE:
            return found.labels, found.settings
        spoken = np.append(company.groups >= word_company.TELLING, False)
        labels = grouping.numbered(np.where(spoken[labels], labels, LOOSE).astype(np.int64))
        return labels, {**found.settings, TALK: BY_WORDS}

    def _company(self, labels: Labels, sections: Sequence[Sequence[int]]) -> word_company.Company:
        texts = [frozenset[str]().union(*(self._words[n] for n in own)) for own in sections]
        return word_company.company(texts, [self.passages[own[0]].document for own in sections], labels)

    @cached_property
    def _words(self) -> list[frozenset[str]]:
        return [word_company.words(p.text, p.language) for p in self.passages]

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


def _hosts(labels: Labels, old: Labels) -> Labels:
    """For each section the held theme that most of its group is in, or LOOSE."""
    hosts = np.full(int(labels.max(initial=LOOSE)) + 2, LOOSE, np.int64)
    for group in sorted(set(labels.tolist()) - {LOOSE}):
        inside = old[labels == group]
        themes, counts = np.unique(inside[inside != LOOSE], return_counts=True)
        if len(counts) and counts.max() > len(inside) / 2:
            hosts[group] = themes[counts.argmax()]
    return hosts[labels]


def _stacked(vectors: Sequence[Vector] | Sequence[Floats]) -> Floats:
    return np.array(vectors, np.float64) if vectors else np.zeros((0, 1))
