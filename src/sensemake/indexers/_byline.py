"""Finds the lines in which a text names its people and its date: `Author: Jane Doe`, `Last updated: 2026-05-14`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sensemake.indexers._metadata import ROLES
from sensemake.indexers._people import named
from sensemake.indexers.formats.content import Fields, Section
from sensemake.model import Handle, Role

_KEYS = (
    r"authors?|author\(s\)|written\s+by|editors?|reviewers?|reviewed\s+by|approvers?|approved\s+by|owners?|presenters?"
    r"|speakers?|deciders?|last\s+updated|updated|date|created|status"
)
_LINE = re.compile(rf"[\s>*_:|-]*(?P<key>{_KEYS})[\s*_]*[:：|][\s*_|]*(?P<value>[^\n]*)", re.IGNORECASE)
_ITEM = re.compile(r"\s*(?:[-*•]|\d+\.)\s+(?P<value>\S[^\n]*)")
_LINES = 15
"""A byline stands at the head of a text; further down the same words are about something else."""


def fields(sections: Iterable[Section]) -> Fields:
    """What the first lines say, in the form of front matter."""
    found: dict[str, object] = {}
    for key, value in _bylines(_head(sections)):
        found.setdefault(key, value)
    return found


def author_of(section: Section) -> Handle | None:
    """Who wrote this section, when its reader or its own first lines name exactly one person."""
    if section.author:
        people = [person.handle for person in named(section.author)]
    elif "uthor" in section.text[:400]:
        lines = section.text[:400].split("\n")[:4]
        people = [p.handle for key, value in _bylines(lines) if ROLES.get(key) is Role.WROTE for p in named(value)]
    else:
        return None
    return people[0] if len(set(people)) == 1 else None


def _head(sections: Iterable[Section]) -> list[str]:
    lines: list[str] = []
    for section in sections:
        lines += [line for line in section.text[:4_000].split("\n") if line.strip()]
        if len(lines) >= _LINES or section.text.strip():
            break
    return lines[:_LINES]


def _bylines(lines: list[str]) -> Iterator[tuple[str, object]]:
    """Keys as front matter spells them; the value is a line, or the list that follows an empty one."""
    for number, line in enumerate(lines):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        key = re.sub(r"\s+", "-", match["key"].lower().replace("(s)", "s"))
        value = match["value"].strip().strip("*_")
        items = _items(lines[number + 1 :]) if not value else []
        if items or 0 < len(value) <= 200:
            yield key, items or value


def _items(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        match = _ITEM.fullmatch(line)
        if match is None:
            break
        found.append(match["value"])
    return found
