"""Makes a document of a file's content, of what describes it, and of its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from sensemake.indexers import _anonymous, _byline, _dates, _metadata, _minutes, _parts
from sensemake.indexers._archives import Refused
from sensemake.indexers._metadata import Metadata
from sensemake.indexers.formats.content import Content, Fields, Section
from sensemake.model import Contribution, Document, Handle, Kind, Part, Reason, Role, Source

_WORD = re.compile(r"[^\W\d_]{2,}")
_ANY_MEETING = frozenset(
    "transcript corrected audio video chat meeting saved captions caption closed subtitles recording gmt en cl".split()
)
"""Words that the files of every meeting have in their names."""
_IN_TABLES = ("row=", "sheet=")
"""Places whose `Author: …` is one row's and nobody else's."""
_INDEX = frozenset({"readme", "index"})


def document(content: Content, described: Fields, *, name: str, path: str, source: Source, uri: str) -> Document:
    """The document of the file called `name` (relative, with slashes). Raises Refused: empty."""
    is_talk = content.kind is Kind.CONVERSATION
    sections = list(content.sections) if is_talk else _byline.signed(content.sections)
    told = [section for section in sections if not section.locator.startswith(_IN_TABLES)]
    byline = _byline.fields(told) if content.kind is Kind.PAGE else {}
    known = _metadata.read([content.told, described, byline], content.properties)
    title = known.title or _first_heading(sections) or (meeting(uri) if is_talk else readable(name))
    spoken = [section.time for section in sections if section.time is not None]
    dates = _minutes.days(sections, f"{title} {PurePosixPath(name).stem}")
    parts = _parts.parts(sections, dates, title)
    if not parts:
        raise Refused(Reason.EMPTY, "it has no text")
    contributions = tuple(dict.fromkeys(Contribution(person.handle, role) for person, role in known.people))
    made = Document(
        source=source,
        uri=uri,
        kind=known.kind or content.kind,
        title=_parts.clean(title).strip() or readable(name),
        parts=_signed(parts, contributions),
        time=_time(known, [*dates, *spoken], uri if is_talk else name),
        path=path,
        contributions=contributions,
        facets=_flagged(known.facets, parts),
        profiles=tuple(dict.fromkeys(p for person, _ in known.people if (p := person.profile) is not None)),
    )
    if not _anonymous.is_asked(known.facets.get("anonymous", "")):
        return made
    return _anonymous.without_people(made, _byline.names(sections))


def readable(name: str) -> str:
    """`docs/2026-05-14-team_retro.md` as `2026-05-14 team retro`; a README is called after its folder."""
    path = PurePosixPath(name)
    stem = path.parent.name if path.stem.lower() in _INDEX and path.parent.name else path.stem
    return " ".join(re.sub(r"(?<!\d)[-_]+|[-_]+(?!\d)", " ", stem).split()) or stem


def meeting(uri: str) -> str:
    """`calls/weir/2026-05-14_003/chat.txt` as `weir 2026-05-14_003 chat`: up to a name that says which meeting."""
    words: list[str] = []
    for part in reversed(PurePosixPath(uri).parts):
        words.insert(0, readable(part if not words else f"{part}.x"))
        if not {word.lower() for word in _WORD.findall(part.partition(".")[0])} <= _ANY_MEETING:
            break
    return " ".join(words)


def _first_heading(sections: Iterable[Section]) -> str:
    return next((section.heading for section in sections if section.heading and section.level <= 1), "")


def _flagged(facets: Mapping[str, str], parts: Iterable[Part]) -> Mapping[str, str]:
    """What could not be decoded is told, with the number of characters."""
    damaged = sum(part.text.count("\ufffd") for part in parts)
    return {**facets, "damaged-characters": str(damaged)} if damaged else facets


def _signed(parts: tuple[Part, ...], contributions: Iterable[Contribution]) -> tuple[Part, ...]:
    """What one person wrote is theirs, part by part."""
    authors: list[Handle] = [c.handle for c in contributions if c.role is Role.WROTE]
    if len(authors) != 1:
        return parts
    return tuple(part if part.author is not None else replace(part, author=authors[0]) for part in parts)


def _time(known: Metadata, days: Iterable[datetime | None], name: str) -> datetime | None:
    """When the content was last as it is: said so, or the last date in it, or the one in its name; never the file's."""
    if known.updated is not None:
        return known.updated
    dates = [*known.dates, *(day for day in days if day is not None)]
    return max(dates) if dates else _dates.in_name(name)
