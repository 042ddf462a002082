"""Turns a report into tables for a spreadsheet: a row for each theme, or for each quote.

A cell that a spreadsheet would take for a formula gets an apostrophe before it (OWASP ASVS 1.2.10, "CSV Injection");
numbers are written as numbers. The first bytes say that it is UTF-8, which Excel does not assume.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sensemake.renderers import _words

BOM = "\ufeff"
Cell = str | int | None

_FORMULA = frozenset("=+-@\t\r\n\0|%＝＋－＠")
_BLANK = " \u00a0\u200b\u2060\ufeff\u3000"


class ThemesTable:
    """One row a theme: what its card says, its first quote, its prompts."""

    format = "themes.csv"

    def __init__(self, language: str = "en") -> None:
        self._words = _words.Words(language)

    def render(self, report: Mapping[str, Any]) -> str:
        head = (
            "theme_id",
            "theme",
            "movement",
            "people",
            "documents",
            "documents_in_period",
            "passages",
            "small_sample",
        )
        more = ("silos", "keyphrases", "quote", "source", "prompts", "name_written_by", "summary", "summary_written_by")
        return _written([(*head, *more), *(self._row(theme) for theme in report["themes"])])

    def _row(self, theme: Mapping[str, Any]) -> Sequence[Cell]:
        quote = theme["sentence"] or {"text": "", "title": ""}
        return (
            theme["theme_id"],
            theme["label"],
            self._words.say(theme["status"]),
            theme["people"],
            theme["documents"],
            theme["documents_in_period"],
            theme["items"],
            int(theme["low_sample"]),
            "; ".join(f"{silo['name']} {silo['count']}" for silo in theme["silos"]),
            "; ".join(theme["keyphrases"]),
            quote["text"],
            quote["title"],
            " ".join(self._words.prompt(prompt) for prompt in theme["prompts"]),
            (theme.get("written") or {"by": ""})["by"],
            *((told := theme.get("summary") or {"text": "", "by": ""})["text"], told["by"]),
        )


class QuotesTable:
    """One row a quote, with what it is shown as and where it is from."""

    format = "quotes.csv"

    def __init__(self, language: str = "en") -> None:
        self._words = _words.Words(language)

    def render(self, report: Mapping[str, Any]) -> str:
        head = ("theme_id", "theme", "shown_as", "quote", "language", "silo", "date", "title", "url", "locator")
        rows = (row for theme in report["themes"] for row in self._rows(theme))
        return _written([(*head, "document_id", "passage_id"), *rows])

    def _rows(self, theme: Mapping[str, Any]) -> Iterator[Sequence[Cell]]:
        for shown, quote in _quotes(theme):
            date = (quote["time"] or "")[:10]
            yield (
                *(theme["theme_id"], theme["label"], shown, quote["text"], quote["language"], quote["silo"], date),
                *(quote["title"], _words.link(quote["url"]), quote["locator"]),
                *(quote["document_id"], quote["passage_id"]),
            )


def _quotes(theme: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each quote of a theme, and the name of the part of its page that it stands in."""
    if theme["sentence"]:
        yield "sentence", theme["sentence"]
    for name in ("quotes", "bridging"):
        yield from ((name, quote) for quote in theme[name])
    for number, pair in enumerate(theme["views"], 1):
        yield f"view {number}a", pair["one"]
        yield f"view {number}b", pair["other"]
    yield from (("question", quote) for quote in theme["questions"])


def _written(rows: Iterable[Sequence[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[cell(value) for value in row] for row in rows])
    return BOM + text.getvalue()


def cell(value: Cell) -> Cell:
    """A value that no spreadsheet calculates: text that may be a formula gets an apostrophe."""
    if not isinstance(value, str):
        return value
    clean = _words.printable(value) if "\0" not in value else _words.printable(value.replace("\0", ""))
    risky = value[:1] in _FORMULA or clean[:1] in _FORMULA or clean.lstrip(_BLANK)[:1] in _FORMULA
    return f"'{clean}" if clean and risky else clean
