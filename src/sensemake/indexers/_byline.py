"""Finds the lines in which a text names its people and its date: `Author: Jane Doe`, `Last updated: 2026-05-14`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from sensemake.indexers._metadata import ROLES
from sensemake.indexers.formats.content import Fields, Section
from sensemake.model import Role

_KEYS = (
    r"authors?|author\(s\)|written\s+by|editors?|reviewers?|reviewed\s+by|approvers?|approved\s+by|owners?|presenters?"
    r"|speakers?|deciders?|last\s+updated|updated|date|created|status"
)
_LINE = re.compile(rf"[\s>*_:|-]*(?P<key>{_KEYS})[\s*_]*[:：|][\s*_|]*(?P<value>[^\n]*)", re.IGNORECASE)
_ITEM = re.compile(r"\s*(?:[-*•]|\d+\.)\s+(?P<value>\S[^\n]*)")
_LINES = 15
"""A byline stands at the head of a text; further down the same words are about something else."""


def fields(sections: Sequence[Section]) -> Fields:
    """What the lines before the second heading say, in the form of front matter."""
    found: dict[str, object] = {}
    for key, value in _bylines(_lines(sections[: _head(sections)])):
        found.setdefault(key, value)
    return found


def signed(sections: Sequence[Section]) -> list[Section]:
    """The sections, each further one with the author that its own first lines name."""
    head = _head(sections)
    return [*sections[:head], *(replace(section, author=_author(section)) for section in sections[head:])]


def _author(section: Section) -> str:
    if section.author or "uthor" not in section.text[:200]:
        return section.author
    named = [value for key, value in _bylines(_lines([section])[:3]) if ROLES.get(key) is Role.WROTE]
    return named[0] if len(named) == 1 and isinstance(named[0], str) else ""


def _head(sections: Sequence[Section]) -> int:
    """How many sections stand before the second heading."""
    headings = [number for number, section in enumerate(sections) if section.heading]
    return headings[1] if len(headings) > 1 else len(sections)


def _lines(sections: Iterable[Section]) -> list[str]:
    lines = (line for section in sections for line in section.text[:4_000].split("\n") if line.strip())
    return list(islice(lines, _LINES))


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
