"""Who knows, assembled: what people said of themselves, profiles, bridges and where a question goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sensemake.errors import NotFound, UsageError
from sensemake.model import (
    Bridge,
    BridgesAnswer,
    Document,
    DocumentId,
    Evidence,
    Holding,
    KnownFor,
    Passage,
    Person,
    PersonId,
    PersonProfile,
    Principal,
    Role,
    Theme,
    ThemeMap,
    Vector,
    Verb,
    Wish,
)
from sensemake.rules import evidence, wishes
from sensemake.rules.bridging import UNDATED, Link, Parts, Rest
from sensemake.rules.identity import Roster
from sensemake.stores import Catalog

SHOWN = 3
"""Passages or documents shown for a theme."""
LONGEST = 200
"""Characters of a topic that somebody hides or offers help with."""


@dataclass(frozen=True, slots=True)
class Words:
    """What people said of topics and themselves, and how near one topic is to another."""

    wishes: tuple[Wish, ...]
    embed: Callable[[str], Vector]

    def hiding(self, topic: str) -> frozenset[PersonId]:
        """Who is not to be named for a question or a topic."""
        if not any(wish.verb is Verb.HIDE for wish in self.wishes):
            return frozenset()
        asked = self.embed(topic)
        return wishes.hiding(topic, self.wishes, lambda hidden: float(np.dot(asked, self.embed(hidden))))

    def hiding_theme(self, theme: Theme) -> frozenset[PersonId]:
        """Who is not to be named for a theme: its label and key phrases are the topic, its centre the meaning."""
        centre = np.asarray(theme.centroid, dtype=np.float32)

        def near(hidden: str) -> float:
            vector = self.embed(hidden)
            # A map that also holds languages which the model does not speak has further directions for these.
            return float(np.dot(vector, centre[: len(vector)])) if len(vector) <= len(centre) else 0.0

        topics = (theme.label, *theme.keyphrases)
        return frozenset(person for topic in topics for person in wishes.hiding(topic, self.wishes, near))

    def of(self, person: PersonId, verb: Verb) -> tuple[str, ...]:
        return tuple(wish.topic for wish in self.wishes if wish.person == person and wish.verb is verb)


def meant(who: str, roster: Roster) -> PersonId:
    """The one person meant by an id, a name, an e-mail address or a handle; NotFound when there is none such."""
    found = {roster.owner_of[handle] for handle in roster.named([who]) if handle in roster.owner_of}
    found |= {pid for pid in roster.persons if pid == who}
    if len(found) != 1:
        raise nobody(who)
    return found.pop()


def nobody(who: str) -> NotFound:
    """What is said of somebody who is absent, hidden, or not the only one: never told apart."""
    return NotFound(f"there is no one person {who!r}: name a person_id, an e-mail address or a handle")


def topic_of(text: str) -> str:
    """A topic as it is kept: one line."""
    topic = " ".join(text.split())
    if not topic or len(topic) > LONGEST:
        raise UsageError(f"a topic has 1 to {LONGEST} characters")
    return topic


def profile(
    person: Person, themes: ThemeMap | None, passages: Sequence[Passage], roster: Roster, said: Words, catalog: Catalog
) -> tuple[KnownFor, ...]:
    """The themes that somebody has a part in, the newest first. Those they hide are not among them."""
    by_id = {p.id: p for p in passages}
    found = []
    for theme in themes.themes if themes else ():
        if person.id in said.hiding_theme(theme):
            continue
        members = [by_id[m.passage] for m in theme.members if m.passage in by_id]
        if mine := [(p, role) for p in members if (role := _role(p, person.id, roster)) is not None]:
            found.append(_known_for(theme, mine, catalog))
    return tuple(sorted(found, key=lambda k: (k.until is None, -(k.until.timestamp() if k.until else 0), k.theme)))


def _known_for(theme: Theme, mine: Sequence[tuple[Passage, Role]], catalog: Catalog) -> KnownFor:
    times = [p.time for p, _ in mine if p.time]
    newest: dict[DocumentId, tuple[Passage, Role]] = {}
    for passage, role in sorted(mine, key=lambda pair: (pair[0].time or UNDATED, pair[0].id)):
        newest[passage.document] = (passage, role)
    latest = list(reversed(newest.values()))[:SHOWN]
    documents = catalog.corpus.documents({p.document for p, _ in latest}, parts=False)
    years = Counter(p.time.year for p, _ in newest.values() if p.time)
    return KnownFor(
        theme=theme.id,
        label=theme.label,
        since=min(times, default=None),
        until=max(times, default=None),
        years=tuple(sorted(years.items())),
        silos=tuple(sorted({p.silo for p, _ in mine})),
        evidence=tuple(
            Evidence(p, documents[p.document], role, evidence.ROLE_WEIGHT[role])
            for p, role in latest
            if p.document in documents
        ),
        written_by=theme.written_by,
    )


def _role(passage: Passage, person: PersonId, roster: Roster) -> Role | None:
    """Their best role in a passage that makes it a part of what they know."""
    roles = [c.role for c in passage.contributions if roster.owner_of.get(c.handle) == person]
    best = max(roles, key=lambda role: evidence.ROLE_WEIGHT[role], default=None)
    return None if best in {None, Role.ASKED, Role.MENTIONED} else best


def bridges(
    themes: ThemeMap,
    passages: Sequence[Passage],
    roster: Roster,
    said: Words,
    by: Principal,
    catalog: Catalog,
    *,
    names: bool,
    of_reflections: int,
) -> BridgesAnswer:
    """What links the silos of a map. The asker's own come first; others are named only with `names`."""
    parts = Parts(themes.themes, passages, roster, said.hiding_theme, of_reflections=of_reflections)
    links = list(parts.links())
    joined = [link for link in links if link.people]
    shown = catalog.corpus.documents({d for link in joined for d in link.documents[:SHOWN]}, parts=False)
    found = [_bridge(link, roster, by, shown, names=names) for link in joined]
    rests = [_holding(rest, by) for rest in parts.rests()]
    return BridgesAnswer(
        bridges=tuple(sorted(found, key=lambda b: (not b.mine, b.label, b.silos))),
        missing=tuple(
            Bridge(link.theme.id, link.theme.label, link.silos, 0, written_by=link.theme.written_by)
            for link in links
            if not link.people
        ),
        single=tuple(sorted(rests, key=lambda h: (not h.mine, h.label))),
    )


def _bridge(
    link: Link, roster: Roster, by: Principal, documents: Mapping[DocumentId, Document], *, names: bool
) -> Bridge:
    persons = sorted((roster.persons[p] for p in link.people), key=lambda p: (p.name, p.id))
    return Bridge(
        theme=link.theme.id,
        label=link.theme.label,
        silos=link.silos,
        people=link.count,
        documents=tuple(documents[d] for d in link.documents[:SHOWN] if d in documents),
        persons=tuple(persons) if names else (),
        mine=by.person in link.people,
        written_by=link.theme.written_by,
    )


def _holding(rest: Rest, by: Principal) -> Holding:
    return Holding(
        theme=rest.theme.id,
        label=rest.theme.label,
        silos=rest.silos,
        documents=rest.documents,
        holders="one" if rest.holder else "nobody",
        mine=rest.holder is not None and rest.holder == by.person,
        written_by=rest.theme.written_by,
    )


def told(person: Person, themes: tuple[KnownFor, ...], said: Words, *, own: bool) -> PersonProfile:
    """A profile; what somebody hides is for themselves and the owner only."""
    return PersonProfile(person, themes, said.of(person.id, Verb.HELP), said.of(person.id, Verb.HIDE) if own else ())
