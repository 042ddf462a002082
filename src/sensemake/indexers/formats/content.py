"""What a format's reader gives: sections of plain text, and what the file says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sensemake.model import Handle, Kind

Fields = Mapping[str, object]
"""What a file says of itself, under the names it uses: values are strings, lists and mappings of strings."""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of text under one heading.

    `level` ranks the heading (0 a title, 1 to 9 below it); without a heading it says nothing. `headings`, where given,
    is the whole heading path and nothing is derived. `locator`, where empty, is derived from the headings.
    `mentions` are user names, `author` and `time` as the text gives them; `speaker` is an author who is known already.
    """

    text: str
    heading: str = ""
    level: int = 1
    locator: str = ""
    headings: tuple[str, ...] | None = None
    mentions: tuple[str, ...] = ()
    author: str = ""
    speaker: Handle | None = None
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A file's sections in order. `told` is what its author says of it, `properties` what its program noted.

    `kind` is what the format alone tells.
    """

    sections: tuple[Section, ...]
    told: Fields = field(default_factory=dict)
    properties: Fields = field(default_factory=dict)
    kind: Kind = Kind.PAGE


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of a file; characters of its text; pages, slides or sheets; cells."""

    file: int = 100 << 20
    text: int = 20 << 20
    pages: int = 20_000
    cells: int = 5_000_000


Reader = Callable[[bytes, Limits], Content]
"""Raises Refused with a reason it knows; whatever else it raises means that the file is malformed."""
