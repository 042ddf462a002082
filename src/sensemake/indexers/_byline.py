"""Finds the lines in which a text names its people and its date: `Author: Jane Doe`, `Last updated: 2026-05-14`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, islice

from sensemake.indexers._metadata import ROLES
from sensemake.indexers._people import named
from sensemake.indexers.formats.content import Fields, Section
from sensemake.model import Role

_KEYS = (
    r"authors?|author\(s\)|written\s+by|editors?|reviewers?|reviewed\s+by|approvers?|approved\s+by|owners?|presenters?"
    r"|speakers?|deciders?|last\s+updated|updated|(?:meeting\s+)?date(?:\s*(?:/|&|and)\s*time)?|created|status"
)
_LINE = re.compile(rf"[\s>*_:|-]*(?P<key>{_KEYS})[\s*_]*[:：|][\s*_|]*(?P<value>[^\n]*)", re.IGNORECASE)
_ITEM = re.compile(r"\s*(?:[-*•]|\d+\.)\s+(?P<value>\S[^\n]*)")
_DATES = frozenset({"date", "created", "updated", "last-updated"})
_SECTIONS = 20
_LINES = 15
"""A byline stands at the head of a text; further down the same words are about something else."""


def fields(sections: Sequence[Section]) -> Fields:
    """What the first lines say, in the form of front matter.

    Where several sections name an author of their own, people are looked for before the second heading only.
    """
    found: dict[str, object] = {}
    whole = [replace(section, text=f"{section.heading}\n{section.text}") for section in sections]
    head = _lines(sections[: _head(sections)] if _is_by_many(sections) else whole)
    dates = ((key, value) for key, value in _bylines(_lines(whole)) if key in _DATES)
    for key, value in (*_bylines(head), *dates):
        found.setdefault(key, value)
    return found


def names(sections: Sequence[Section]) -> Iterator[str]:
    """The names in the lines that name people, wherever in a text they stand."""
    for section in sections:
        for key, value in _bylines([line for line in section.text.split("\n") if line.strip()]):
            if key in ROLES:
                yield from (person.handle.value for person in named(value))


def signed(sections: Sequence[Section]) -> list[Section]:
    """The sections, each with the author that its own first lines name, where several do."""
    if not _is_by_many(sections):
        return list(sections)
    head = _head(sections)
    return [*sections[:head], *(replace(section, author=_author(section)) for section in sections[head:])]


def _is_by_many(sections: Sequence[Section]) -> bool:
    return sum(bool(_author(section)) for section in sections) > 1


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
    """The first lines; those of a list are not counted, as a table of contents may come first."""
    lines = [
        line for section in islice(sections, _SECTIONS) for line in section.text[:4_000].split("\n") if line.strip()
    ]
    counted = accumulate(not _ITEM.fullmatch(line) for line in lines)
    return [line for line, count in zip(lines, counted, strict=True) if count <= _LINES]


def _bylines(lines: list[str]) -> Iterator[tuple[str, object]]:
    """Keys as front matter spells them; the value is the rest of the line, or what follows."""
    for number, line in enumerate(lines):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        key = re.sub(r"\s+", "-", match["key"].lower().replace("(s)", "s"))
        key = "date" if "date" in key.replace("updated", "") else key
        value = match["value"].strip().strip("*_")
        following = value or _following(lines[number + 1 :])
        if following and len(value) <= 200:
            yield key, following


def _following(lines: list[str]) -> object:
    """The list that stands below a key, or a line of user names."""
    if lines and "@" in lines[0] and len(lines[0]) <= 200 and not _ITEM.fullmatch(lines[0]):
        return lines[0]
    found: list[str] = []
    for line in lines:
        match = _ITEM.fullmatch(line)
        if match is None:
            break
        found.append(match["value"])
    return found
