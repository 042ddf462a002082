"""What somebody typed → the question and what it is narrowed to: `"a phrase"`, `-without`, `author:`, `in:`, `after:` …

Any text can be read: what is no operator, or an operator with a value that means nothing, stays a word of the
question. Operators and the filters beside a question say the same thing in two ways (`combined`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sensemake.model import Filters, Kind
from sensemake.rules import analysis

EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without its operators. `phrases` and `without` are as typed; their words must, and must not, be
    found one after the other. The phrases' words are words of the question as well."""

    text: str
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    filters: Filters = EVERYTHING


def parse(text: str) -> Asked:
    """Read what was typed. Without an operator, `text` is what it was."""
    asked = Asked("")
    left: list[str] = []
    for found in _TOKEN.finditer(text):
        taken = _taken(asked, found)
        if taken is None:
            left.append(found.group())
        else:
            asked = taken
            left.extend([_inner(found)] if _is_phrase(found) else [])
    return replace(asked, text=" ".join(left) if asked != Asked("") else text)


def prose(text: str) -> str:
    """A text of which nothing is read as an operator: judged questions are sentences, whose quotation marks, dashes
    and colons ask for nothing."""
    for mark in (r"[\"“”„«»]", r"(?<=\S):(?=\S)", r"(?<!\S)-+(?=\S)"):
        text = re.sub(mark, " ", text)
    return text


def combined(beside: Filters, typed: Filters) -> Filters:
    """The filters beside a question and those typed into it: of a list either will do, of times the narrower holds."""
    since = [time for time in (beside.since, typed.since) if time is not None]
    until = [time for time in (beside.until, typed.until) if time is not None]
    return Filters(
        silos=beside.silos + typed.silos,
        kinds=beside.kinds + typed.kinds,
        sources=beside.sources + typed.sources,
        authors=beside.authors + typed.authors,
        languages=beside.languages + typed.languages,
        since=max(since, default=None),
        until=min(until, default=None),
        places=beside.places + typed.places,
    )


def sequences(phrases: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """Phrases as a `Where` holds them; what has no word in it asks for nothing."""
    return frozenset(words for phrase in phrases if (words := analysis.plain(phrase)))


# A value is quoted, or goes on to the next space. An operator begins a word; within one ("5-pound") it is none.
_QUOTED = r'"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»'
_TOKEN = re.compile(
    rf"(?<!\S)(?P<minus>-)?(?P<operator>[A-Za-z]+):(?P<value>{_QUOTED}|[^\s\"]\S*)"
    rf"|(?<!\S)(?P<not>-)?(?P<phrase>{_QUOTED})"
    r"|(?<!\S)-(?P<without>[^\W\d_]\S*)"
    r"|\S+"
)


def _taken(asked: Asked, found: re.Match[str]) -> Asked | None:
    """The question with what this token asks for; None when it is a word."""
    if found["operator"]:
        read = None if found["minus"] else _OPERATORS.get(found["operator"].lower())
        narrowed = read(asked.filters, _inner(found)) if read else None
        return replace(asked, filters=narrowed) if narrowed else None
    if found["without"]:
        return replace(asked, without=(*asked.without, found["without"]))
    if found["not"]:
        return replace(asked, without=(*asked.without, _inner(found)))
    if found["phrase"]:
        return replace(asked, phrases=(*asked.phrases, _inner(found)))
    return None


def _is_phrase(found: re.Match[str]) -> bool:
    return found["phrase"] is not None and found["not"] is None


def _inner(found: re.Match[str]) -> str:
    value: str = found["value"] or found["phrase"]
    return value[1:-1] if _is_quoted(value) else value


def _is_quoted(value: str) -> bool:
    return re.fullmatch(_QUOTED, value) is not None


def _author(filters: Filters, value: str) -> Filters | None:
    return replace(filters, authors=(*filters.authors, value)) if value.strip() else None


def _place(filters: Filters, value: str) -> Filters | None:
    return replace(filters, places=(*filters.places, value.strip())) if value.strip() else None


def _kind(filters: Filters, value: str) -> Filters | None:
    known = {kind.value: kind for kind in Kind}.get(value.strip().lower())
    return replace(filters, kinds=(*filters.kinds, known)) if known else None


def _language(filters: Filters, value: str) -> Filters | None:
    code = value.strip().lower()
    return replace(filters, languages=(*filters.languages, code)) if re.fullmatch("[a-z]{2,3}", code) else None


def _before(filters: Filters, value: str) -> Filters | None:
    span = _span(value)
    return combined(filters, Filters(until=span[0] - timedelta(microseconds=1))) if span else None


def _after(filters: Filters, value: str) -> Filters | None:
    span = _span(value)
    return combined(filters, Filters(since=span[1])) if span else None


_OPERATORS: Mapping[str, Callable[[Filters, str], Filters | None]] = {
    "author": _author,
    "in": _place,
    "kind": _kind,
    "lang": _language,
    "before": _before,
    "after": _after,
}
OPERATORS = tuple(_OPERATORS)


def _span(value: str) -> tuple[datetime, datetime] | None:
    """The first moment of a day, month or year (`2026-05-01`, `2026-05`, `2026`), and that of the next one."""
    match = re.fullmatch(r"([1-9][0-9]{3})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", value.strip())
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        begins = datetime(year or 1, month or 1, day or 1, tzinfo=UTC)
        if day:
            return begins, begins + timedelta(days=1)
        if month:
            return begins, datetime(begins.year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        return begins, datetime(begins.year + 1, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
