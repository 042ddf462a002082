"""Reads the chat of a meeting as Zoom saves it (`chat.txt`), in the layouts since 2016."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sensemake.indexers.formats import turns
from sensemake.indexers.formats.content import Content, Limits
from sensemake.indexers.formats.encoding import text_of
from sensemake.indexers.formats.speakers import is_machine
from sensemake.indexers.formats.turns import Said
from sensemake.model import Kind

_STAMP = r"(?:(?P<date>\d{4}-\d\d-\d\d)[ T])?(?P<at>\d{1,2}:\d\d:\d\d)(?:\s?[AP]M)?"
_TABBED = re.compile(rf"{_STAMP}\t(?P<who>[^\t\n]{{1,100}}?):?\t(?P<text>.*)")
_FROM = re.compile(
    rf"{_STAMP}\s+From\s+(?P<who>.{{1,100}}?)(?:\s+to\s+(?P<to>[^:]{{1,100}}?))?\s*:(?:\s+(?P<text>.*))?", re.IGNORECASE
)
_PRIVATE = re.compile(r"\((?:direct message|privately|private)\)", re.IGNORECASE)
_EVERYONE = re.compile(r"every(?:one|body)\b.*|all|all panelists.*|hosts? and panelists|waiting room.*", re.IGNORECASE)
_REACTION = re.compile(
    r"(?:Reacted to .* with \S{1,20}(?:\s\S{1,20}){0,2}|Removed an? .{1,40} (?:reaction )?from .*|Liked \".*\")",
    re.DOTALL,
)
_ANSWERED = re.compile(r"\AReplying to \"[^\n]*(?:\n[^\n]*){0,3}?\"\s*\n\s*")
_ENOUGH = 3


@dataclass(slots=True)
class _Message:
    at: str
    who: str
    text: str
    is_private: bool


def looks_so(text: str) -> bool:
    """Whether the first lines are messages of a meeting's chat: nothing stands before the first of them."""
    lines = [line for line in text[:20_000].split("\n") if line.strip()]
    if not lines or _opened(lines[0]) is None:
        return False
    return sum(_opened(line) is not None for line in lines) >= min(_ENOUGH, len(lines))


def read(data: bytes, limits: Limits) -> Content:
    """Reactions and machines are left out; so is what was written to one person, whose number is a facet."""
    del limits
    messages = list(_messages(text_of(data)))
    said = (Said(m.who, m.text, m.at) for m in messages if m.text and not m.is_private and not is_machine(m.who))
    private = sum(message.is_private for message in messages)
    told = {"private-messages-left-out": str(private)} if private else {}
    return Content(tuple(turns.sections(said, glue="\n")), told=told, kind=Kind.CONVERSATION)


def _messages(text: str) -> Iterator[_Message]:
    """Each message with the lines below it that are no other message's; without the words that it answers."""
    current: _Message | None = None
    for line in text.split("\n"):
        opened = _opened(line)
        if opened is not None:
            if current is not None:
                yield _cleaned(current)
            current = opened
        elif current is not None:
            current.text += f"\n{line.removeprefix(chr(9))}"
    if current is not None:
        yield _cleaned(current)


def _opened(line: str) -> _Message | None:
    """The message that a line begins; None when it begins none."""
    match = _TABBED.match(line)
    if match is not None and not match["who"].lstrip().lower().startswith("from "):
        return _Message(match["at"], match["who"].strip(), match["text"], is_private=False)
    match = _FROM.match(line)
    if match is None:
        return None
    to = (match["to"] or "everyone").strip()
    is_private = _PRIVATE.search(to) is not None or not _EVERYONE.fullmatch(to)
    return _Message(match["at"], match["who"].strip(), match["text"] or "", is_private)


def _cleaned(message: _Message) -> _Message:
    text = _ANSWERED.sub("", message.text.strip())
    message.text = "" if _REACTION.fullmatch(text) else text.strip()
    return message
