"""Documents and passages as rows and back; each comes back equal to what was stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from sensemake.model import (
    Contribution,
    Document,
    DocumentId,
    Handle,
    Kind,
    Part,
    Passage,
    PassageId,
    Profile,
    Role,
    Room,
    SiloName,
    Source,
    SourceId,
    Span,
)
from sensemake.protocols import Stored
from sensemake.stores.columns import from_json, microseconds, moment, to_json

Values = dict[str, Any]


def document_row(stored: Stored) -> Values:
    document = stored.document
    room = document.room
    return {
        "id": document.id,
        "silo": document.silo,
        "source": document.source.id,
        "uri": document.uri,
        "kind": document.kind.value,
        "title": document.title,
        "time": document.time,
        "path": document.path,
        "url": document.url,
        "language": document.language,
        "digest": stored.digest,
        "facets": to_json(dict(document.facets)),
        "parts": to_json([_part_row(part) for part in document.parts]),
        "contributions": to_json(_contribution_rows(document.contributions)),
        "profiles": to_json([_profile_row(profile) for profile in document.profiles]),
        "room": None if room is None else to_json([room.name, sorted(room.readers), room.key]),
    }


def document_of(row: Row[Any], source: Source) -> Document:
    return Document(
        source=source,
        uri=row.uri,
        kind=Kind(row.kind),
        title=row.title,
        parts=tuple(_part_of(values) for values in from_json(row.parts)),
        time=row.time,
        path=row.path,
        url=row.url,
        language=row.language,
        contributions=_contributions_of(row.contributions),
        facets=from_json(row.facets),
        profiles=tuple(_profile_of(values) for values in from_json(row.profiles)),
        room=None if row.room is None else _room_of(from_json(row.room)),
    )


def passage_row(passage: Passage) -> Values:
    return {
        "id": passage.id,
        "document": passage.document,
        "silo": passage.silo,
        "source": passage.source,
        "kind": passage.kind.value,
        "title": passage.title,
        "text": passage.text,
        "ordinal": passage.ordinal,
        "locator": passage.locator,
        "headings": to_json(passage.headings),
        "language": passage.language,
        "time": passage.time,
        "contributions": to_json(_contribution_rows(passage.contributions)),
        "spans": to_json([_span_row(span) for span in passage.spans]),
        "text_key": passage.key,
    }


def passage_of(row: Row[Any]) -> Passage:
    return Passage(
        id=PassageId(row.id),
        document=DocumentId(row.document),
        silo=SiloName(row.silo),
        source=SourceId(row.source),
        kind=Kind(row.kind),
        title=row.title,
        text=row.text,
        ordinal=row.ordinal,
        locator=row.locator,
        headings=_headings_of(row.headings),
        language=row.language,
        time=row.time,
        contributions=_contributions_of(row.contributions),
        spans=tuple(_span_of(values) for values in from_json(row.spans)) if row.spans != "[]" else (),
    )


def handles_in(document: Document, passages: Iterable[Passage]) -> set[Handle]:
    """Every handle that a document names, in whatever role."""
    found = {contribution.handle for contribution in document.contributions}
    found |= {profile.handle for profile in document.profiles}
    for part in document.parts:
        found.update(part.mentions, () if part.author is None else (part.author,))
    for passage in passages:
        found |= {contribution.handle for contribution in passage.contributions}
        found |= {span.contribution.handle for span in passage.spans}
    return found


def profile_values(profile: Profile) -> Values:
    """The columns of a profile's row but its silo."""
    return {
        "namespace": profile.handle.namespace,
        "value": profile.handle.value,
        "name": profile.name,
        "email": profile.email,
        "title": profile.title,
        "is_person": profile.is_person,
    }


def profile_from(row: Row[Any]) -> Profile:
    return Profile(Handle(row.namespace, row.value), row.name, row.email, row.title, row.is_person)


def same(row: Row[Any], values: Mapping[str, Any]) -> bool:
    """Whether a stored row holds just these values."""
    stored = row._mapping  # noqa: SLF001  public in spite of its name (SQLAlchemy)
    return all(stored[name] == value for name, value in values.items())


def _handle_of(values: Sequence[str]) -> Handle:
    namespace, value = values
    return Handle(namespace, value)


def _handle_row(handle: Handle) -> list[str]:
    return [handle.namespace, handle.value]


def _contribution_rows(contributions: Iterable[Contribution]) -> list[list[str]]:
    return [[*_handle_row(contribution.handle), contribution.role.value] for contribution in contributions]


@lru_cache(maxsize=1 << 15)
def _contribution_of(namespace: str, value: str, role: str) -> Contribution:
    return Contribution(Handle(namespace, value), Role(role))


# Neighbouring passages share their headings and authors: decoding each once saves time and memory.
@lru_cache(maxsize=4096)
def _contributions_of(text: str) -> tuple[Contribution, ...]:
    return tuple(_contribution_of(*values) for values in from_json(text))


@lru_cache(maxsize=4096)
def _headings_of(text: str) -> tuple[str, ...]:
    return tuple(from_json(text))


def _span_row(span: Span) -> list[Any]:
    return [span.start, span.end, *_contribution_rows([span.contribution])[0]]


def _span_of(values: Sequence[Any]) -> Span:
    start, end, namespace, value, role = values
    return Span(start, end, _contribution_of(namespace, value, role))


def _part_row(part: Part) -> list[Any]:
    return [
        part.text,
        None if part.author is None else _handle_row(part.author),
        part.role.value,
        None if part.time is None else microseconds(part.time),
        part.locator,
        list(part.headings),
        [_handle_row(handle) for handle in part.mentions],
    ]


def _part_of(values: Sequence[Any]) -> Part:
    text, author, role, time, locator, headings, mentions = values
    return Part(
        text=text,
        author=None if author is None else _handle_of(author),
        role=Role(role),
        time=None if time is None else moment(time),
        locator=locator,
        headings=tuple(headings),
        mentions=tuple(_handle_of(handle) for handle in mentions),
    )


def _profile_row(profile: Profile) -> list[Any]:
    return [*_handle_row(profile.handle), profile.name, profile.email, profile.title, profile.is_person]


def _profile_of(values: Sequence[Any]) -> Profile:
    namespace, value, name, email, title, is_person = values
    return Profile(Handle(namespace, value), name, email, title, is_person)


def _room_of(values: Sequence[Any]) -> Room:
    name, readers, *key = values  # rooms stored before they had keys are pairs
    return Room(name, frozenset(readers), *key)
