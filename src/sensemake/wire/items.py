"""What an indexer reads, as JSON: one object for each document, failure or coverage, with everything in it."""

from __future__ import annotations

from typing import Any

from sensemake.model import Contribution, Coverage, Document, Part, Profile, ReadFailure, Scope
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
            }
        case Coverage():
            return {"type": "coverage", "scopes": [_scope(scope) for scope in item.scopes]}


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
    return {"prefix": scope.prefix, "since": moment(scope.since), "until": moment(scope.until)}
