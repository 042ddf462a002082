"""Gathers headings, paragraphs, list items and table rows into sections."""

from __future__ import annotations

from collections.abc import Iterable

from sensemake.indexers.formats.content import Section

CELL = " | "


class Lines:
    """Blocks are parted by an empty line, items and rows of one list or table by a line end."""

    def __init__(self) -> None:
        self._done: list[Section] = []
        self._heading, self._level = "", 1
        self._text: list[str] = []
        self._last = ""

    def heading(self, text: str, level: int) -> None:
        self._finish()
        self._heading, self._level = text, level

    def paragraph(self, text: str) -> None:
        self._add("p", "\n".join(line.rstrip() for line in text.strip().split("\n")))

    def item(self, text: str) -> None:
        text = " ".join(text.split())
        self._add("li", f"- {text}" if text else "")

    def row(self, cells: Iterable[str]) -> None:
        found = list(cells)
        while found and not found[-1].strip():
            found.pop()
        self._add("tr", CELL.join(found) if any(cell.strip() for cell in found) else "")

    def end(self) -> list[Section]:
        self._finish()
        return self._done

    def _add(self, kind: str, text: str) -> None:
        if not text:
            return
        if self._text:
            self._text.append("\n" if kind == self._last != "p" else "\n\n")
        self._text.append(text)
        self._last = kind

    def _finish(self) -> None:
        if self._text or self._heading:
            self._done.append(Section("".join(self._text), self._heading, self._level))
        self._heading, self._text, self._last = "", [], ""
