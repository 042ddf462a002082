"""Who a handle is: joins handles into persons, at question time, from what the asker may know.

Joined without asking: a handle that the directory gives to one person (by its own namespace; a bare user name or a
full name when exactly one person bears it), a handle whose profile in a visible silo shows an e-mail address of
somebody, and what a person confirmed. Nothing else is joined, so that nobody becomes somebody else in silence; what may
belong together besides is for `rules.proposals` to say and for a person to decide. Since joins are made anew for every
question, a wrong one is undone by taking its reason away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sensemake.model import Handle, Mark, Person, PersonId, Profile

NO_MARKS: Mapping[Handle, Mark] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Roster:
    """The persons that one asker may know of, and which handle is whose. Handles of bots are nobody's."""

    persons: Mapping[PersonId, Person]
    owner_of: Mapping[Handle, PersonId]
    ids: Mapping[Handle, PersonId] = field(default_factory=dict)
    """Each visible handle's own id, by which links and choices may name whoever bears it now."""
    shown: Mapping[Handle, str] = field(default_factory=dict)
    """What handles that are nobody's (bots, shared mailboxes) are shown as."""
    _names: list[Mapping[str, set[PersonId]]] = field(default_factory=list, init=False, repr=False, compare=False)
    """Who goes by which name; empty until somebody is first called by one."""

    def now(self, person_id: PersonId) -> PersonId:
        """The person that bears the handle of this id now; the id itself when it is no handle's."""
        return self.bearers([person_id])[person_id]

    def bearers(self, ids: Collection[PersonId]) -> Mapping[PersonId, PersonId]:
        """`now` of many ids, in one pass over the handles."""
        wanted = dict.fromkeys(ids)
        handles = {own: handle for handle, own in self.ids.items() if own in wanted} if wanted else {}
        return {own: self.owner_of.get(handles[own], own) if own in handles else own for own in wanted}

    def person(self, handle: Handle) -> Person | None:
        person_id = self.owner_of.get(handle)
        return self.persons[person_id] if person_id is not None else None

    def without(self, people: Collection[PersonId]) -> Roster:
        """The same, with these persons not listed: nothing of them is named, weighed or counted."""
        if not people:
            return self
        persons = {pid: replace(p, listed=p.listed and pid not in people) for pid, p in self.persons.items()}
        return replace(self, persons=persons)

    def called(self, name: str) -> Person | None:
        """The one person who goes by a full name, an `@handle` or a first name; None when there is nobody, or several.

        Unlisted persons count here, or the name of somebody who opted out would become another's.
        """
        if not self._names:
            self._names.append(self._bearers_of_names())
        bearers = self._names[0].get(_folded(name.removeprefix("@")), set())
        return self.persons[next(iter(bearers))] if len(bearers) == 1 else None

    def name(self, handle: Handle) -> str:
        """The name to show for a handle."""
        person = self.person(handle)
        return person.name if person else self.shown.get(handle, handle.value)

    def named(self, words: Collection[str]) -> frozenset[Handle]:
        """All handles of the persons meant by these words: an id, a name, an e-mail address, a handle, in any case."""
        wanted = {word.strip().removeprefix("@").casefold() for word in words}
        return frozenset(
            handle
            for person_id, handles in self._handles().items()
            if not wanted.isdisjoint(_known_as(self.persons[person_id], handles))
            for handle in handles
        )

    def _handles(self) -> Mapping[PersonId, list[Handle]]:
        handles: defaultdict[PersonId, list[Handle]] = defaultdict(list)
        for handle, person_id in self.owner_of.items():
            handles[person_id].append(handle)
        return handles

    def _bearers_of_names(self) -> Mapping[str, set[PersonId]]:
        bearers: defaultdict[str, set[PersonId]] = defaultdict(set)
        for person in self.persons.values():
            name = _folded(person.name)
            for word in {name, name.partition(" ")[0]}:
                bearers[word].add(person.id)
        for handle, person_id in self.owner_of.items():
            if handle.namespace != "name":
                bearers[handle.value.casefold()].add(person_id)
        return bearers


def roster(
    directory: Iterable[Person],
    *,
    handles: Mapping[Handle, PersonId],
    profiles: Iterable[Profile] = (),
    links: Iterable[tuple[Handle, PersonId]] = (),
    unlisted: Collection[PersonId] = (),
    marks: Mapping[Handle, Mark] = NO_MARKS,
) -> Roster:
    """Join `handles` (those that occur in visible silos, each with its own id) into persons.

    A person outside the directory takes the least id of their handles, so that it is the same for everybody who sees
    the same handles. Marked handles are nobody's (`bot`, `shared`) and join nobody to anybody, or are joined by
    confirmed links only (`apart`); a mark on `Handle("", person_id)` makes a person of the directory nobody.
    """
    directory = tuple(directory)
    profiles = tuple(profiles)
    nobodys = {_folded_handle(handle) for handle, mark in marks.items() if mark is not Mark.APART}
    alone = {_folded_handle(handle) for handle in marks} - {_anchor(person.id) for person in directory}
    groups = _Groups({_anchor(person.id) for person in directory})
    _join_directory(groups, directory, handles, profiles, alone)
    for profile in sorted(profiles, key=repr):
        address = Handle("email", (profile.email or "").casefold())
        if profile.email and alone.isdisjoint({_folded_handle(profile.handle), address}):
            groups.join(profile.handle, address)
    by_id = {person.id: person for person in directory}
    for handle, person_id in sorted(links):
        bearer = _anchor(person_id) if person_id in by_id else _bearer(person_id, handles)
        if nobodys.isdisjoint({_folded_handle(handle), _folded_handle(bearer)}):
            groups.join(handle, bearer)
    machines = frozenset(profile.handle for profile in profiles if not profile.is_person)
    machines |= {handle for handle in handles if _folded_handle(handle) in nobodys}
    kept = {person_id: person for person_id, person in by_id.items() if _anchor(person_id) not in nobodys}
    return _persons(groups, by_id, kept, handles, profiles, machines, frozenset(unlisted))


_SHOWN = frozenset({"name", "zoom"})
"""Columns of the directory that hold names as they are shown: what is read from there bears no other handle."""


class _Groups:
    """Disjoint sets of handles (union by least member, so that the result does not hang on the order).

    Two of `apart` never come into one set: whom the directory tells apart nothing else makes one. Since nothing sorts
    before an anchor, the top of a set that holds one is that anchor.
    """

    def __init__(self, apart: Collection[Handle] = ()) -> None:
        self._parent: dict[Handle, Handle] = {}
        self._apart = frozenset(apart)

    def top(self, handle: Handle) -> Handle:
        path = []
        while (parent := self._parent.get(handle, handle)) != handle:
            path.append(handle)
            handle = parent
        for passed in path:
            self._parent[passed] = handle
        return handle

    def join(self, one: Handle, other: Handle) -> None:
        low, high = sorted((self.top(one), self.top(other)))
        if low in self._apart and high in self._apart:
            return
        if high in self._apart:  # an anchor of the directory before one of somebody who has left it
            low, high = high, low
        self._parent[high] = low


def _anchor(person: PersonId) -> Handle:
    """The node that stands for a person of the directory; no document can bear it (its namespace is empty)."""
    return Handle("", person)


def _bearer(person_id: PersonId, handles: Mapping[Handle, PersonId]) -> Handle:
    return min((h for h, own in handles.items() if own == person_id), default=_anchor(person_id))


def _join_directory(
    groups: _Groups,
    directory: Iterable[Person],
    handles: Mapping[Handle, PersonId],
    profiles: Iterable[Profile],
    alone: Collection[Handle],
) -> None:
    users: defaultdict[str, set[PersonId]] = defaultdict(set)
    names: defaultdict[str, set[PersonId]] = defaultdict(set)
    bearers_of = {"user": users, "name": names}
    listed = _listed(directory)
    for person in directory:
        names[_folded(person.name)].add(person.id)
        for handle in person.handles:
            if _folded_handle(handle) not in alone and len(listed[_folded_handle(handle)]) == 1:
                groups.join(_folded_handle(handle), _anchor(person.id))
            if handle.namespace in _SHOWN:
                names[_folded(handle.value)].add(person.id)
            if handle.namespace != "email":
                users[handle.value.casefold()].add(person.id)
    for handle in {*handles, *(profile.handle for profile in profiles)}:
        if _folded_handle(handle) in alone:
            continue
        groups.join(handle, _folded_handle(handle))
        bearers = bearers_of[handle.namespace][_folded(handle.value)] if handle.namespace in bearers_of else set()
        if len(bearers) == 1:
            groups.join(handle, _anchor(next(iter(bearers))))


def _persons(
    groups: _Groups,
    by_id: Mapping[PersonId, Person],
    kept: Mapping[PersonId, Person],
    handles: Mapping[Handle, PersonId],
    profiles: Iterable[Profile],
    machines: frozenset[Handle],
    unlisted: frozenset[PersonId],
) -> Roster:
    anchors = {groups.top(_anchor(person_id)): person_id for person_id in sorted(by_id, reverse=True)}
    shown = {p.handle: p.name for p in sorted(profiles, key=lambda p: (p.handle, p.name or "")) if p.name}
    members: defaultdict[Handle, list[Handle]] = defaultdict(list)
    for handle in handles:
        members[groups.top(handle)].append(handle)
    titles = {p.handle: p.title for p in sorted(profiles, key=lambda p: (p.handle, p.title or "")) if p.title}
    persons = {pid: replace(p, listed=p.listed and pid not in unlisted) for pid, p in kept.items()}
    owner_of: dict[Handle, PersonId] = {}
    for top, group in members.items():
        group.sort()
        hidden = any(handles[handle] in unlisted for handle in group)
        if top in anchors:
            person_id = anchors[top]
            if person_id not in persons:
                continue
            if hidden:
                persons[person_id] = replace(persons[person_id], listed=False)
        elif not machines.isdisjoint(group):
            continue
        else:
            person_id = min(handles[handle] for handle in group)
            persons[person_id] = Person(person_id, _best_name(group, shown), tuple(group), listed=not hidden)
        if title := next((titles[handle] for handle in group if handle in titles), None):
            persons[person_id] = replace(persons[person_id], title=title)
        owner_of.update(dict.fromkeys(group, person_id))
    listed = _listed(by_id.values())
    for person in kept.values():
        own = (handle for handle in person.handles if len(listed[_folded_handle(handle)]) == 1)
        theirs = (handle for handle in own if handle not in owner_of and handle not in machines)
        owner_of.update(dict.fromkeys(theirs, person.id))
    return Roster(persons, owner_of, handles, {h: shown[h] for h in handles if h not in owner_of and h in shown})


def _listed(directory: Iterable[Person]) -> Mapping[Handle, set[PersonId]]:
    """Whose each handle of the directory is; one that is listed for several people is nobody's."""
    found: defaultdict[Handle, set[PersonId]] = defaultdict(set)
    for person in directory:
        for handle in person.handles:
            found[_folded_handle(handle)].add(person.id)
    return found


def _best_name(group: list[Handle], shown: Mapping[Handle, str]) -> str:
    for handle in group:
        if handle in shown:
            return shown[handle]
    return next((h.value for h in group if h.namespace == "name"), group[0].value)


def _known_as(person: Person, handles: Iterable[Handle]) -> set[str]:
    return {
        person.id.casefold(),
        _folded(person.name),
        *(handle.value.casefold() for handle in handles),
        *(str(handle).casefold() for handle in handles),
    }


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _folded_handle(handle: Handle) -> Handle:
    return (
        Handle(handle.namespace, handle.value.casefold()) if handle.namespace in {"email", "github", "user"} else handle
    )
