"""Joins what two readings tell of one thread of mail or chat: each may hold messages that the other does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from sensemake.model import Coverage, Document, Part, Role

ARCHIVES = "archives"
"""The facet that names the sources of a thread that has mails from several."""
CONTINUES = "continues"
"""The facet of a thread of a chat of which only later replies were read: it began before the export begins."""
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def lacking(new: Document, stored: Document) -> tuple[Part, ...]:
    """The mails of the stored thread that the new reading of it does not have."""
    told = {part.locator for part in new.parts}
    return tuple(part for part in stored.parts if part.locator not in told)


def kept(parts: Iterable[Part], new: Document, stored: Document, coverage: Coverage | None) -> tuple[Part, ...]:
    """Those of `parts` that the new reading does not show to be gone: what another archive told, and other days'.

    Absence means deletion inside the coverage of the source that told it, and nowhere else.
    """
    if coverage is None or _archives(stored) != {new.source.name}:
        return tuple(parts)
    return tuple(part for part in parts if not any(scope.holds(new.uri, part.time) for scope in coverage.scopes))


def joined(new: Document, stored: Document, more: Iterable[Part]) -> Document:
    """The new reading with `more` mails of the stored thread, in order of time; the title is that of the first mail."""
    parts = tuple(sorted((*new.parts, *more), key=_order))
    archives = _archives(stored) | {new.source.name}
    told = {key: value for key, value in new.facets.items() if key != CONTINUES or CONTINUES in stored.facets}
    facets = {**stored.facets, **told, **({ARCHIVES: ", ".join(sorted(archives))} if len(archives) > 1 else {})}
    return replace(
        new,
        parts=tuple(_with_role(part, parts[0]) for part in parts),
        title=new.title if parts[0] in new.parts else stored.title,
        time=max((part.time for part in parts if part.time is not None), default=new.time),
        url=new.url or stored.url,
        contributions=tuple(sorted({*new.contributions, *stored.contributions})),
        facets=facets,
        profiles=tuple(sorted({*new.profiles, *stored.profiles}, key=str)),
    )


def _with_role(part: Part, opening: Part) -> Part:
    """A later reply to a question answers it."""
    if opening.role is not Role.ASKED or part.role is not Role.WROTE or part.author == opening.author:
        return part
    return replace(part, role=Role.ANSWERED)


def _archives(document: Document) -> set[str]:
    return set(document.facets.get(ARCHIVES, document.source.name).split(", "))


def _order(part: Part) -> tuple[datetime, str]:
    return part.time or _LONG_AGO, part.locator
