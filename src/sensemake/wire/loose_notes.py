"""What is in no theme, as JSON."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

# On Python 3.11 pydantic, which makes the OpenAPI description of these, asks for this TypedDict.
from typing_extensions import TypedDict

from sensemake.wire.theme_page import NamedThemeJSON, named_theme_json
from sensemake.wire.times import moment

if TYPE_CHECKING:
    from sensemake.jobs.loose_notes import LooseNote, LooseNotes

EXCERPT = 240
"""Characters of a passage that are told."""


class LooseNoteJSON(TypedDict):
    """A document by its first passage; `nearest` is null when its words cannot be held against a theme's."""

    document_id: str
    passage_id: str
    title: str
    excerpt: str
    kind: str
    silo: str
    locator: str
    url: str | None
    time: str | None
    nearest: NamedThemeJSON | None


class LooseNotesJSON(TypedDict):
    """`loose` documents are in no theme; `changed` says that a page may tell one twice or miss one."""

    loose: int
    documents: list[LooseNoteJSON]
    next_cursor: str | None
    changed: bool


def loose_notes_json(found: LooseNotes) -> LooseNotesJSON:
    return {
        "loose": found.count,
        "documents": [_note(note) for note in found.notes],
        "next_cursor": found.next_cursor,
        "changed": found.changed,
    }


def _note(note: LooseNote) -> LooseNoteJSON:
    passage = note.passage
    return {
        "document_id": passage.document,
        "passage_id": passage.id,
        "title": passage.title,
        "excerpt": shorten(passage.text, EXCERPT, placeholder="…"),
        "kind": str(passage.kind),
        "silo": passage.silo,
        "locator": passage.locator,
        "url": note.url,
        "time": moment(passage.time),
        "nearest": named_theme_json(note.nearest) if note.nearest else None,
    }
