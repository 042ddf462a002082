"""Who is who, assembled: what the catalog knows of handles, handed to the rules, and what people decide about it."""

from __future__ import annotations

from dataclasses import dataclass

from sensemake.errors import NotFound, UsageError
from sensemake.model import Handle, Mark, PersonId, Proposal, SiloName
from sensemake.rules.identity import Roster
from sensemake.stores import Catalog

UNDONE, APART, REFUSED = "undone", "apart", "refused"
"""What `unlink` came to: a confirmed link is taken back, the handle stands alone now, it will not be proposed again."""


@dataclass(frozen=True, slots=True)
class Decided:
    """All that people decided about handles."""

    links: tuple[tuple[Handle, PersonId], ...]
    refused: tuple[tuple[Handle, PersonId], ...]
    marks: tuple[tuple[Handle, Mark], ...]


def proposals(known: Roster, may: frozenset[SiloName], catalog: Catalog) -> tuple[Proposal, ...]:
    """Joins that may be right, the surest first."""
    from sensemake.rules.proposals import propose

    return propose(known, _listed(catalog), catalog.people.profiles(may), refused=catalog.decisions.refused())


def decided(catalog: Catalog) -> Decided:
    return Decided(
        catalog.people.links(),
        tuple(sorted(catalog.decisions.refused())),
        tuple(sorted(catalog.decisions.marks().items())),
    )


def link(handle: Handle, person: PersonId, known: Roster, catalog: Catalog) -> None:
    """Confirm a join. A handle that is somebody else's of the directory so far is parted from them first.

    A mark that parted the handle from everybody stays: only this join holds.
    """
    if known.owner_of.get(handle, person) in _listed(catalog) - {person}:
        part(handle, catalog)
    catalog.decisions.refuse(handle, person, refused=False)
    catalog.people.link(handle, person)


def unlink(handle: Handle, person: PersonId | None, known: Roster, catalog: Catalog) -> str:
    """Say that a handle is not this person's (None: not the one's it is joined to); it is not proposed again.

    A confirmed link is taken back, which may leave them joined for another reason. Returns REFUSED or UNDONE.
    """
    now = known.owner_of.get(handle)
    target = known.now(person) if person is not None else now
    if target is None:
        raise NotFound(f"{handle} is nobody's: there is nothing to undo")
    other = _other_side(handle, target, known)
    if other is None:
        raise UsageError(f"{handle} is joined to nothing else: there is nothing to undo")
    catalog.decisions.refuse(handle, other, refused=True)
    if now != target:
        return REFUSED
    own = known.ids.get(handle)
    for linked, to in catalog.people.links():
        if linked == handle or to == own:
            catalog.people.link(linked, None)
    return UNDONE


def part(handle: Handle, catalog: Catalog) -> None:
    """Join a handle to nobody any more but by confirmed links."""
    catalog.decisions.mark(handle, Mark.APART)


def mark(who: str, what: Mark, known: Roster, catalog: Catalog) -> tuple[Handle, ...]:
    """Mark all handles of somebody. Returns them."""
    handles = _all_handles(person_named(who, known), known, catalog)
    for handle in handles:
        catalog.decisions.mark(handle, what)
    return tuple(handles)


def unmark(who: str, unmarked: Roster, catalog: Catalog) -> tuple[Handle, ...]:
    """Take the mark of a handle back, or those of all handles of whoever it was. Returns them."""
    marks = catalog.decisions.marks()
    exact = Handle.parse(who)
    meant = [exact] if exact in marks else _all_handles(person_named(who, unmarked), unmarked, catalog)
    handles = tuple(handle for handle in meant if handle in marks)
    if not handles:
        raise NotFound(f"{who!r} bears no mark: sensemake person decisions")
    for handle in handles:
        catalog.decisions.mark(handle, None)
    return handles


def handle_named(who: str, known: Roster) -> Handle:
    """The handle `namespace:value`, or else the first one of the one person who goes by this name."""
    exact = Handle.parse(who)
    if exact in known.ids or exact in known.owner_of:
        return exact
    person = person_named(who, known)
    handles = sorted(handle for handle, owner in known.owner_of.items() if owner == person)
    if not handles:
        raise NotFound(f"{who!r} bears no handle in what was taken in")
    return handles[0]


def person_named(who: str, known: Roster) -> PersonId:
    """The one person who goes by an id, a name, an e-mail address or a handle."""
    if who in known.persons:
        return PersonId(who)
    exact = known.owner_of.get(Handle.parse(who))
    meant = {exact} if exact else {known.owner_of[h] for h in known.named([who])}
    meant |= {pid for pid, person in known.persons.items() if person.name.casefold() == who.strip().casefold()}
    if len(meant) != 1:
        several = "several people go" if meant else "nobody goes"
        raise NotFound(f"{several} by {who!r}: name a person_id, an e-mail address or a handle (namespace:value)")
    return meant.pop()


def _other_side(handle: Handle, target: PersonId, known: Roster) -> PersonId | None:
    """An id of the person that stays theirs when the handle has gone: of the directory, or of another handle."""
    if target not in known.ids.values():
        return target
    others = {own for h, own in known.ids.items() if h != handle and known.owner_of.get(h) == target}
    return min(others, default=None)


def _all_handles(person: PersonId, known: Roster, catalog: Catalog) -> list[Handle]:
    handles = sorted(handle for handle, owner in known.owner_of.items() if owner == person)
    return handles + ([Handle("", person)] if person in _listed(catalog) else [])


def _listed(catalog: Catalog) -> frozenset[PersonId]:
    return frozenset(person.id for person in catalog.people.directory())
