"""Who may read what: the one place where this is decided.

A silo is read by those who share a group with its readers, by everybody when one of its readers is
`everyone`, and by the owner of the home. Everything else follows: an unknown, hidden or empty name finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

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
    Where,
    stable_id,
)

OWNER = "sensemake:owner"
"""The group of whoever owns the home. It is in no directory and in no list of readers: `group_name` refuses it."""

_GROUP = re.compile(r"[^\s:,;/][^\s:,;/]*", re.UNICODE)
_SILO = re.compile(r"[^\s:,;/#][^\s:,;/#]*", re.UNICODE)


def group_name(text: str) -> str:
    """A group as it may stand in `--readers` or in the directory, or a UsageError."""
    name = text.strip()
    if not _GROUP.fullmatch(name):
        raise UsageError(
            f"{text!r} is no group name: use letters, digits and dashes, without spaces, ':', ';', ',' or '/'"
        )
    return name


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
    return Where(
        readable=may,
        silos=_narrow(may, filters.silos) if filters.silos else may,
        kinds=frozenset(filters.kinds) or None,
        sources=frozenset(s.id for s in sources if {s.id, s.name} & set(filters.sources)) if filters.sources else None,
        authors=(authors or frozenset()) if filters.authors else None,
        languages=frozenset(filters.languages) or None,
        since=filters.since,
        until=filters.until,
    )


def partition(readers: frozenset[str]) -> str:
    """The partition of silos with exactly these readers: whoever may read one of them may read all of it."""
    return stable_id("partition", *sorted(readers))[:16]


def _narrow(may: frozenset[SiloName], names: Collection[str]) -> frozenset[SiloName]:
    """Silos by name; a silo's name also means its private rooms."""
    return frozenset(silo for silo in may if any(silo == name or silo.startswith(f"{name}/") for name in names))
