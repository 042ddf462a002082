"""Who may read what: the one place where this is decided.

A silo is read by those who share a group with its readers, by everybody when one of its readers is
`everyone`, and by the owner of the home. Everything else follows: an unknown, hidden or empty name finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sensemake.errors import UsageError
from sensemake.model import (
    EVERYONE,
    Filters,
    Handle,
    Person,
    Principal,
    Silo,
    SiloName,
    Source,
    SourceId,
    Where,
    stable_id,
)

OWNER = "sensemake:owner"
"""The group of whoever owns the home. It is in no directory and in no list of readers: `group_name` refuses it."""

_GROUP = re.compile(r"[^\s\x00-\x1f\x7f-\x9f:,;/]+")
_SILO = re.compile(r"[^\s\x00-\x1f\x7f-\x9f:,;/#]+")


def group_name(text: str) -> str:
    """A group as it may stand in `--readers` or in the directory, or a UsageError."""
    name = text.strip()
    if not _GROUP.fullmatch(name):
        raise UsageError(
            f"{text!r} is no group name: use letters, digits and dashes, without spaces, ':', ';', ',' or '/'"
        )
    return name


def is_group_name(text: str) -> bool:
    """Whether this may be a group at all."""
    return _GROUP.fullmatch(text) is not None


def silo_name(text: str) -> SiloName:
    """A silo as a person may name it, or a UsageError. (`NAME/#channel` is made by an ingest only.)"""
    name = text.strip()
    if not _SILO.fullmatch(name):
        raise UsageError(
            f"{text!r} is no silo name: use letters, digits and dashes, without spaces, ':', ';', '/' or '#'"
        )
    return SiloName(name)


def groups_of(person: Person) -> frozenset[str]:
    """What a person is compared by: their groups, and the handles by which an export names its readers."""
    return person.groups | {str(handle) for handle in person.handles} | {EVERYONE}


def may_read(principal: Principal, silo: Silo) -> bool:
    """Whether this principal may read this silo."""
    if principal.only is not None and silo.name not in principal.only:
        return False
    shared = principal.groups & silo.readers
    return OWNER in principal.groups or EVERYONE in silo.readers or bool(shared)


def readable(principal: Principal, silos: Iterable[Silo]) -> frozenset[SiloName]:
    """The names of the silos that this principal may read."""
    return frozenset(silo.name for silo in silos if may_read(principal, silo))


def audience(groups: Collection[str], silos: Iterable[Silo]) -> frozenset[SiloName]:
    """The silos that a member of any one of these groups may read: what can be shown to all of them together."""
    return frozenset(
        silo.name
        for silo in silos
        if groups and (EVERYONE in silo.readers or all(group in silo.readers for group in groups))
    )


def where(
    may: frozenset[SiloName],
    filters: Filters,
    *,
    sources: Iterable[Source] = (),
    authors: frozenset[Handle] | None = None,
) -> Where:
    """The filters of a question inside what its asker may read (`may`, from `readable`).

    `authors` are the handles that the names in `filters.authors` stand for; a name nobody bears finds nothing.
    """
    sources = tuple(sources)
    silos = _narrow(may, filters.silos) if filters.silos else may
    places = _places(may, filters.places, sources)
    named = frozenset(s.id for s in sources if {s.id, s.name} & set(filters.sources)) if filters.sources else None
    return Where(
        readable=may,
        silos=silos & places.silos if places else silos,
        kinds=frozenset(filters.kinds) or None,
        sources=_both(named, places.sources) if places else named,
        authors=(authors or frozenset()) if filters.authors else None,
        languages=frozenset(filters.languages) or None,
        since=filters.since,
        until=filters.until,
    )


@dataclass(frozen=True, slots=True)
class _Places:
    silos: frozenset[SiloName]
    sources: frozenset[SourceId] | None


def _places(may: frozenset[SiloName], names: Collection[str], sources: Collection[Source]) -> _Places | None:
    """What these names stand for: a silo where one of them can be read, else sources; None when there is no name."""
    if not names:
        return None
    silos = _narrow(may, names)
    others = {name for name in names if not _narrow(may, [name])}
    single = [s for s in sources if {s.id, s.name} & others]
    if not single:
        return _Places(silos, None)
    # Whole silos and single sources together: all of the former's sources, and these.
    bases = {silo.partition("/")[0] for silo in silos}
    wanted = frozenset(s.id for s in sources if s.silo in bases) | {s.id for s in single}
    return _Places(silos | _narrow(may, {s.silo for s in single}), wanted)


def _both(one: frozenset[SourceId] | None, other: frozenset[SourceId] | None) -> frozenset[SourceId] | None:
    return one & other if one is not None and other is not None else one if other is None else other


def partition(readers: frozenset[str]) -> str:
    """The partition of silos with exactly these readers: whoever may read one of them may read all of it."""
    return stable_id("partition", *sorted(readers))[:16]


def _narrow(may: frozenset[SiloName], names: Collection[str]) -> frozenset[SiloName]:
    """Silos by name; a silo's name also means its private rooms."""
    return frozenset(silo for silo in may if any(silo == name or silo.startswith(f"{name}/") for name in names))
