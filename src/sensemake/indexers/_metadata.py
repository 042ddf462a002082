"""Reads what a file says of itself (front matter, sidecar, document properties) as title, people, times and facets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sensemake.indexers import _dates
from sensemake.indexers._people import Named, named, noted
from sensemake.indexers.formats.content import Fields
from sensemake.model import Kind, Role

_ROLES = {
    Role.WROTE: "author authors by writer writers written-by creator created-by initial-creator",
    Role.EDITED: "editor editors edited-by last-edited-by last-modified-by contributor contributors",
    Role.REVIEWED: "reviewer reviewers reviewed-by",
    Role.APPROVED: "approver approvers approved-by",
    Role.OWNS: "owner owners owned-by maintainer maintainers",
    Role.PRESENTED: "presenter presenters presented-by speaker speakers",
    Role.DECIDED: "decider deciders decision-maker decision-makers decided-by",
    Role.MENTIONED: "to cc",
}
ROLES = {key: role for role, keys in _ROLES.items() for key in keys.split()}
_UPDATED = "last-updated updated updated-at last-update last-modified modified lastmod date-modified revised".split()
_CREATED = "date created created-at creation-date date-created published date-published pubdate date-issued".split()
_LONG = frozenset({"title", "description", "summary", "abstract", "subtitle", "excerpt"})
_TELLING = frozenset({"title", "date", "created", "creation-date", "last-updated", "status", "tags"}) | frozenset(ROLES)
_SHORT = 100
_FACETS = 30
_TITLELESS = re.compile(
    r"(untitled.*|document\d*|powerpoint presentation|presentation\d*|workbook|sheet\d*|slide \d+|microsoft \w+ - .*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a whole document. `dates` are those of its content, `updated` says when it was last changed."""

    title: str | None
    kind: Kind | None
    people: tuple[tuple[Named, Role], ...]
    updated: datetime | None
    dates: tuple[datetime, ...]
    facets: Mapping[str, str]


def read(told: Iterable[Fields], properties: Fields) -> Metadata:
    """What the author's `told` and the program's `properties` say; the first that says something wins."""
    author = [_normal(fields) for fields in told]
    program = _normal(properties)
    everything = [*author, program]
    return Metadata(
        title=_title(author, program),
        kind=next((kind for fields in author if (kind := _kind(fields))), None),
        people=tuple(dict.fromkeys(_people(author, program))),
        updated=next(_times(everything, _UPDATED), None),
        dates=tuple(_times(everything, _CREATED)),
        facets=_facets(everything),
    )


def is_about_a_page(fields: Fields) -> bool:
    """Whether a YAML or JSON file speaks of a page, and not of a machine's settings."""
    return not _TELLING.isdisjoint(_normal(fields))


def _normal(fields: Fields) -> dict[str, object]:
    """Keys in one spelling: `Last_Updated` is `last-updated`."""
    return {re.sub(r"[\s_]+", "-", str(key).strip().lower()): value for key, value in fields.items()}


def _title(author: Iterable[Fields], program: Fields) -> str | None:
    for fields in (*author, program):
        title = " ".join(value.split()) if isinstance(value := fields.get("title"), str) else ""
        if title and not _TITLELESS.fullmatch(title):
            return title[:300]
    return None


def _kind(fields: Fields) -> Kind | None:
    for key in ("kind", "type"):
        value = fields.get(key)
        if isinstance(value, str) and value.strip().lower() in set(Kind):
            return Kind(value.strip().lower())
    return None


def _people(author: Iterable[Fields], program: Fields) -> Iterator[tuple[Named, Role]]:
    for fields in author:
        for key, value in fields.items():
            if role := ROLES.get(key):
                yield from ((person, role) for person in named(value))
    for key, value in program.items():
        if role := ROLES.get(key):
            people = noted(value) if isinstance(value, str) else named(value)
            yield from ((person, role) for person in people)


def _times(sources: Iterable[Fields], keys: Iterable[str]) -> Iterator[datetime]:
    for fields in sources:
        for key in keys:
            value = fields.get(key)
            if isinstance(value, str) and (time := _dates.parse(value)):
                yield time


def _facets(sources: Iterable[Fields]) -> Mapping[str, str]:
    """Short values that nothing else has taken, the author's first."""
    facets: dict[str, str] = {}
    for fields in sources:
        for key, value in fields.items():
            text = _short(value)
            taken = key in ROLES or key in _LONG or key in _UPDATED or key in _CREATED or _is_kind(key, value)
            if text and key and not taken and len(key) <= 40 and len(facets) < _FACETS:
                facets.setdefault(key, text)
    return facets


def _is_kind(key: str, value: object) -> bool:
    return key in {"kind", "type"} and _kind({key: value}) is not None


def _short(value: object) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value[:20]):
        value = ", ".join(str(item) for item in value[:20])
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if len(text) <= _SHORT else ""
