"""Small made-up nouns for tests: only what a test cares about has to be said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sensemake.model import (
    Contribution,
    Document,
    DocumentId,
    Handle,
    Kind,
    Part,
    Passage,
    PassageId,
    Person,
    PersonId,
    Role,
    SiloName,
    Source,
    SourceId,
)

DAY_ZERO = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


def day(number: float) -> datetime:
    return DAY_ZERO + timedelta(days=number)


def source(silo: str = "handbook", name: str = "pages", indexer: str = "files") -> Source:
    return Source(SiloName(silo), name, indexer, "")


def document(*texts: str, uri: str = "pages/a.md", kind: Kind = Kind.PAGE, title: str = "A page") -> Document:
    parts = tuple(Part(text, locator=f"line={n}") for n, text in enumerate(texts, 1))
    return Document(source(), uri, kind, title, parts)


def conversation(turns: Sequence[tuple[str, str]], uri: str = "slack:T/C/1") -> Document:
    """Turns are (user, text), a minute apart."""
    parts = tuple(
        Part(text, author=Handle("slack", user), time=day(n / 1440), locator=f"ts={n}")
        for n, (user, text) in enumerate(turns)
    )
    return Document(source("chat", "slack", "slack"), uri, Kind.CONVERSATION, "#general", parts)


def passage(
    number: int,
    text: str = "words",
    *,
    silo: str = "handbook",
    by: Sequence[tuple[str, Role]] = (),
    document: str | None = None,
    on: float | None = None,
    kind: Kind = Kind.PAGE,
) -> Passage:
    """A passage; `by` are (handle, role) pairs such as ("slack:U1", Role.WROTE)."""
    return Passage(
        id=PassageId(f"p{number:05}"),
        document=DocumentId(document or f"d{number:05}"),
        silo=SiloName(silo),
        source=SourceId(f"{silo}/pages"),
        kind=kind,
        title=f"Page {number}",
        text=text,
        ordinal=0,
        time=None if on is None else day(on),
        contributions=tuple(Contribution(Handle.parse(handle), role) for handle, role in by),
    )


def person(person_id: str, *handles: str, name: str = "", active: bool = True, groups: Sequence[str] = ()) -> Person:
    return Person(
        PersonId(person_id),
        name or person_id.title(),
        tuple(map(Handle.parse, handles)),
        active=active,
        groups=frozenset(groups),
    )
