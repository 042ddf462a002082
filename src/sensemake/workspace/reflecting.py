"""A reflection, written into the home by hand: a document like any other, found a moment later."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sensemake.errors import NotFound, UsageError
from sensemake.model import Document, Handle, Kind, Part, Principal, SiloName, Source
from sensemake.rules.identity import Roster

TEMPLATES = frozenset({"open", "retrospective", "after-action-review", "journal"})
TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote, where it belongs, and whether their name goes with it."""

    text: str
    silo: SiloName
    title: str | None = None
    template: str = "open"
    author: str | None = None
    anonymous: bool = False


def document_of(draft: Draft, by: Principal, roster: Roster, at: datetime) -> Document:
    """The document of a draft. Of an anonymous one no handle is kept, by whoever it is written.

    Raises UsageError for an empty text or an unknown template, NotFound for an author whom nobody knows.
    """
    text = draft.text.strip()
    if not text:
        raise UsageError("the reflection is empty")
    if draft.template not in TEMPLATES:
        raise UsageError(f"there is no template {draft.template!r}: {', '.join(sorted(TEMPLATES))}")
    author = None if draft.anonymous else _author(draft, by, roster)
    return Document(
        source=Source(draft.silo, "reflections", "reflect", ""),
        uri=f"reflections/{secrets.token_hex(8)}",
        kind=Kind.REFLECTION,
        title=draft.title or _first_words(text),
        parts=(Part(text, author=author, time=at),),
        time=at,
        facets={"template": draft.template},
    )


def _author(draft: Draft, by: Principal, roster: Roster) -> Handle | None:
    """The one named, or else the person who writes; the owner of a home is nobody in particular."""
    if draft.author is None and by.person is None:
        return None
    handles = roster.named([draft.author if draft.author is not None else str(by.person)])
    if not handles:
        raise NotFound(f"nobody is known as {draft.author!r}: name a person_id, a name, an e-mail address or a handle")
    return min(handles, key=lambda h: (h.namespace != "email", h))


def _first_words(text: str) -> str:
    line = text.splitlines()[0].lstrip("# ").strip()
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "…"
