"""Reads the form on which a session wrote down what it concluded, and loses no line of it.

The form is Markdown. What a machine needs stands in braces at the end of headings, in no language: `{session …}`,
`{theme …}` and `{concluded}`, `{decided}`, `{asked}` or `{todo}`. Entries are list items under those; lines that begin
with `>` are the form's own words. Whatever cannot be placed is told with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

Sort = Literal["concluded", "decided", "asked", "todo"]
SORTS: tuple[Sort, ...] = ("concluded", "decided", "asked", "todo")
LONGEST = 5_000
"""Characters of an entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written in one place of the form: `number` counts the entries of the same theme and sort."""

    sort: Sort
    text: str
    theme: str
    label: str
    number: int
    line: int


@dataclass(frozen=True, slots=True)
class Stray:
    """A line, from 1, that belongs nowhere, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Harvest:
    """A form as it was read; without a `session` or with `strays` something is wrong with it."""

    session: str
    day: date | None
    entries: tuple[Entry, ...]
    strays: tuple[Stray, ...]


def read(text: str) -> Harvest:
    """The entries of a form in their order, and the lines that are none and not the form's own."""
    return _Reading().read(text)


def is_own(line: str) -> bool:
    """Whether a line is one of the form's headings."""
    heading = _HEADING.match(line)
    return heading is not None and (heading[3] in {"theme", *SORTS} or (heading[3] == "session" and bool(heading[4])))


_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*(?:\{\s*(\w+)(?:\s+([\w.:-]+))?\s*\})?\s*#*\s*$")
_ITEM = re.compile(r"\s{0,3}(?:[-*+•]|\d{1,3}[.)])(?:\s+(?:\[[ xX]?\]\s*)?(.*))?$")
_ESCAPED = re.compile(r"\\(.)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NOT_A_LINE = re.compile(r"\s*(?:>.*|-{3,}|\*{3,}|_{3,}|<!--.*-->)?\s*$")


class _Reading:
    """Where in the form the reader is."""

    def __init__(self) -> None:
        self.session = ""
        self.day: date | None = None
        self.theme, self.label = "", ""
        self.sort: Sort | None = None
        self.entries: list[Entry] = []
        self.strays: list[Stray] = []
        self.is_open = False

    def read(self, text: str) -> Harvest:
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            self._line(number, line)
        if not self.session:
            self.strays.insert(
                0, Stray(1, "no heading holds {session …}: begin with the form that session prepare wrote")
            )
        return Harvest(self.session, self.day, tuple(self.entries), tuple(self.strays))

    def _line(self, number: int, line: str) -> None:
        if heading := _HEADING.match(line):
            self._heading(number, _ESCAPED.sub(r"\1", heading[2]), heading[3] or "", heading[4] or "")
        elif _NOT_A_LINE.match(line):
            self.is_open = self.is_open and bool(line.strip())
        elif item := _ITEM.match(line):
            self._item(number, (item[1] or "").strip())
        elif self.is_open and line[:1].isspace():
            last = self.entries[-1]
            self._keep(number, f"{last.text}\n{line.strip()}", last)
        else:
            self._stray(number, "this is no list item: begin it with `- `, or with `> ` when it is only a note")

    def _heading(self, number: int, label: str, name: str, value: str) -> None:
        self.is_open = False
        if name == "session" and value:
            self.session = value
            found = _DAY.search(value)
            self.day = _day(found[0]) if found else None
        elif name == "theme" and value:
            self.theme, self.label, self.sort = value, label, None
        elif name == "theme":
            self.theme, self.label, self.sort = "", label, None
        elif name in SORTS:
            self.sort = next(sort for sort in SORTS if sort == name)
        else:
            self.sort = None
            self._stray(
                number, "this heading is not of the form: its {…} is gone or changed; what follows it is not placed"
            )

    def _item(self, number: int, text: str) -> None:
        self.is_open = False
        if not text:
            return
        if self.sort is None:
            self._stray(number, "this stands under no {concluded}, {decided}, {asked} or {todo}")
            return
        earlier = sum(entry.theme == self.theme and entry.sort == self.sort for entry in self.entries)
        self._keep(number, text, Entry(self.sort, "", self.theme, self.label, earlier + 1, number), new=True)

    def _keep(self, number: int, text: str, entry: Entry, *, new: bool = False) -> None:
        if len(text) > LONGEST:
            self._stray(number, f"this is longer than {LONGEST} characters")
            return
        kept = Entry(entry.sort, text, entry.theme, entry.label, entry.number, entry.line)
        self.entries[len(self.entries) if new else -1 :] = [kept]
        self.is_open = True

    def _stray(self, number: int, reason: str) -> None:
        self.strays.append(Stray(number, reason))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
