"""What an indexer reads, as JSON and back: an object for each document, failure or coverage, with everything in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sensemake.model import (
    Contribution,
    Coverage,
    Document,
    Handle,
    Kind,
    Part,
    Profile,
    ReadFailure,
    Reason,
    Role,
    Room,
    Scope,
    Source,
)
from sensemake.wire.times import moment


def item_json(item: Document | ReadFailure | Coverage) -> dict[str, Any]:
    """`type` is `document`, `failure` or `coverage`; the other fields are those of the noun."""
    match item:
        case Document():
            return {"type": "document", **_document(item)}
        case ReadFailure():
            return {
                "type": "failure",
                "path": item.path,
                "reason": str(item.reason),
                "detail": item.detail,
                "locator": item.locator,
                "uri": item.uri,
                "parser": item.parser,
            }
        case Coverage():
            return {"type": "coverage", "scopes": [_scope(scope) for scope in item.scopes]}


def item_of(value: Mapping[str, Any], source: Source) -> Document | ReadFailure | Coverage:
    """The item that `item_json` made this of, read from `source`. Raises ValueError when nothing of ours made it."""
    try:
        match value["type"]:
            case "document":
                return _document_of(value, source)
            case "failure":
                texts = ("path", "detail", "locator", "uri", "parser")
                return ReadFailure(reason=Reason(value["reason"]), **{name: _text(value[name]) for name in texts})
            case "coverage":
                return Coverage(tuple(_scope_of(scope) for scope in value["scopes"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an item: {type(error).__name__}") from None
    raise ValueError("not an item: an unknown type")


def _document(document: Document) -> dict[str, Any]:
    room = document.room
    return {
        "uri": document.uri,
        "kind": str(document.kind),
        "title": document.title,
        "time": moment(document.time),
        "path": document.path,
        "url": document.url,
        "language": document.language,
        "contributions": [_contribution(each) for each in document.contributions],
        "facets": dict(document.facets),
        "profiles": [_profile(each) for each in document.profiles],
        "room": {"name": room.name, "readers": sorted(room.readers), "key": room.key} if room else None,
        "parts": [_part(part) for part in document.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "text": part.text,
        "author": str(part.author) if part.author else None,
        "role": str(part.role),
        "time": moment(part.time),
        "locator": part.locator,
        "headings": list(part.headings),
        "mentions": [str(handle) for handle in part.mentions],
    }


def _contribution(each: Contribution) -> dict[str, str]:
    return {"handle": str(each.handle), "role": str(each.role)}


def _profile(each: Profile) -> dict[str, Any]:
    return {
        "handle": str(each.handle),
        "name": each.name,
        "email": each.email,
        "title": each.title,
        "is_person": each.is_person,
    }


def _scope(scope: Scope) -> dict[str, Any]:
    return {"prefix": scope.prefix, "since": moment(scope.since), "until": moment(scope.until), "start": scope.start}


# ── and back: what is not of the type it should be raises, for the other side may have been taken over ────────


def _document_of(value: Mapping[str, Any], source: Source) -> Document:
    return Document(
        source=source,
        uri=_text(value["uri"]),
        kind=Kind(value["kind"]),
        title=_text(value["title"]),
        parts=tuple(_part_of(part) for part in value["parts"]),
        time=_moment_of(value["time"]),
        path=_text(value["path"]),
        url=_text_or_none(value["url"]),
        language=_text_or_none(value["language"]),
        contributions=tuple(
            Contribution(Handle.parse(each["handle"]), Role(each["role"])) for each in value["contributions"]
        ),
        facets={_text(name): _text(facet) for name, facet in value["facets"].items()},
        profiles=tuple(_profile_of(each) for each in value["profiles"]),
        room=None if value["room"] is None else _room_of(value["room"]),
    )


def _part_of(value: Mapping[str, Any]) -> Part:
    return Part(
        text=_text(value["text"]),
        author=None if value["author"] is None else Handle.parse(value["author"]),
        role=Role(value["role"]),
        time=_moment_of(value["time"]),
        locator=_text(value["locator"]),
        headings=tuple(map(_text, value["headings"])),
        mentions=tuple(map(Handle.parse, value["mentions"])),
    )


def _profile_of(value: Mapping[str, Any]) -> Profile:
    names = ("name", "email", "title")
    return Profile(
        Handle.parse(value["handle"]),
        **{name: _text_or_none(value[name]) for name in names},
        is_person=value["is_person"] is True,
    )


def _room_of(value: Mapping[str, Any]) -> Room:
    return Room(_text(value["name"]), frozenset(map(_text, value["readers"])), _text(value["key"]))


def _scope_of(value: Mapping[str, Any]) -> Scope:
    return Scope(_text(value["prefix"]), _moment_of(value["since"]), _moment_of(value["until"]), _text(value["start"]))


def _moment_of(value: str | None) -> datetime | None:
    if value is None:
        return None
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return time


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
