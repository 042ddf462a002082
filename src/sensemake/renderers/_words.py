"""The report's own words in one language: what its HTML, its Markdown and its tables say alike."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sensemake.errors import UsageError

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES = ("en", "nl", "de", "fr", "sv")
MARKS: Mapping[str, str] = {"new": "✳", "growing": "↗", "steady": "→", "fading": "↘", "returning": "↺"}
"""A sign for each status, always beside its word."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
SAFE = ("http://", "https://", "mailto:")


def link(url: str | None) -> str | None:
    """The address when it can do no harm, else None."""
    clean = (url or "").strip()
    harmless = clean.lower().startswith(SAFE) and not any(c.isspace() or not c.isprintable() for c in clean)
    return clean if harmless else None


def printable(text: str) -> str:
    """Text that can be written as UTF-8, without characters that steer a terminal."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def short(title: str) -> str:
    """A title on one line or two; it stands whole among the sources."""
    return title if len(title) <= 64 else f"{title[:62].rstrip()}…"


def tag(language: str | None) -> str | None:
    """A language's tag when it is one."""
    return language if language and _TAG.fullmatch(language) else None


class Words:
    """Sentences, plurals, dates and numbers as a language writes them (CLDR, by Babel)."""

    def __init__(self, language: str) -> None:
        from babel import Locale

        if language not in LANGUAGES:
            raise UsageError(f"a report is not written in {language!r}: {', '.join(LANGUAGES)}")
        self.language = language
        # British dates: the day first, as in the other four.
        self._locale = Locale("en", "GB") if language == "en" else Locale(language)

    def say(self, key: str, **gaps: object) -> str:
        """The sentence of this key, its gaps filled."""
        text = table()[key][self.language]
        return _filled(text if isinstance(text, str) else text[1], gaps)

    def known(self, prefix: str, name: str) -> str:
        """The word for a kind or a reason; the name itself where there is no word."""
        key = f"{prefix}_{name}"
        return self.say(key) if key in table() else name

    def many(self, count: float, key: str) -> str:
        one, other = table()[key][self.language]
        return _filled(one if self._locale.plural_form(int(count)) == "one" else other, {"n": self.number(count)})

    def number(self, count: float) -> str:
        return _number(int(count), self._locale)

    def percent(self, share: float) -> str:
        from babel.numbers import format_percent

        return str(format_percent(round(share, 2), locale=self._locale))

    def day(self, time: str | None) -> str:
        """`2026-04-01T…` as "1 April 2026"."""
        return _day(time[:10], self._locale) if time else self.say("no_date")

    def month(self, name: str) -> str:
        return _month(name, self._locale)

    def tongue(self, code: str) -> str:
        """A language's name; its code where it has none."""
        return str(self._locale.languages.get(code, code))

    def period(self, report: Mapping[str, Any]) -> str:
        since, until = report["since"], report["until"]
        if since is None and until is None:
            return self.say("undated_period")
        return self.say("period", since=self.day(since), until=self.day(until))

    def listed(self, counts: Sequence[Mapping[str, Any]], prefix: str) -> str:
        """Counts by name, as `2 encrypted, 1 empty`."""
        return ", ".join(f"{self.number(c['count'])} {self.known(prefix, c['name'])}" for c in counts)

    def named(self, report: Mapping[str, Any]) -> Callable[[str], str]:
        """Says a theme's name, with a mark when a language model wrote it."""
        parts = ("cards", "quiet", "themes", "map", "changes")
        written = {each["label"] for part in parts for each in report[part] if each.get("written")}
        return lambda label: self.say("machine", name=label) if label in written else label

    def change(self, event: Mapping[str, Any], named: Callable[[str], str] = str) -> str:
        """What happened, after the theme's name."""
        key = f"change_{event['event']}"
        if key not in table():
            return f"{event['event']}."
        gaps: dict[str, object] = {name: self.number(number) for name, number in event["numbers"].items()}
        if "documents" in event["numbers"]:
            dative = "documents" if event["event"] == "new" else "documents_count"
            gaps["documents"] = self.many(event["numbers"]["documents"], dative)
        quoted = (self.say("quoted", name=named(label)) for label in event["related"])
        gaps["others"] = self.say("and").join(quoted)
        return self.say(key, **gaps)

    def prompt(self, prompt: Mapping[str, Any]) -> str:
        return self.say(prompt["key"], **prompt["words"])

    @property
    def filters(self) -> Mapping[str, Any]:
        names = ("many", "day", "month", "period", "percent", "change", "number", "tongue", "prompt", "known", "listed")
        own = {"link": link, "tag": tag, "short": short, "own_kind": lambda name: self.known("kind", name)}
        return {**own, **{name: getattr(self, name) for name in names}}


@cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """By key and language."""
    return tomllib.loads((files("sensemake.renderers") / "words.toml").read_text("utf-8"))


@lru_cache(1 << 12)
def _day(name: str, locale: Locale) -> str:
    from babel.dates import format_date

    return format_date(date.fromisoformat(name), "d MMMM y", locale)


@lru_cache(1 << 10)
def _month(name: str, locale: Locale) -> str:
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", date.fromisoformat(f"{name}-01"), locale=locale)


@lru_cache(1 << 12)
def _number(count: int, locale: Locale) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(count, locale=locale))


def _filled(text: str, gaps: Mapping[str, object]) -> str:
    """What stands in a gap is put in as it is: no gap in it is filled again."""
    return re.sub(r"\{(\w+)\}", lambda gap: str(gaps[gap.group(1)]), text)


def labels(report: Mapping[str, Any], named: Callable[[str], str] = str) -> Mapping[str, str]:
    """The themes that the report names, by id."""
    return {theme["theme_id"]: named(theme["label"]) for part in ("map", "cards", "themes") for theme in report[part]}


def sources(report: Mapping[str, Any]) -> Mapping[str, tuple[int, Mapping[str, Any]]]:
    """Every document that the report cites, by id, numbered in the order in which it is first cited."""
    found: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for part in ("cards", "themes", "quiet", "questions", "outcomes"):
        _collect(report[part], found)
    return found


def _collect(node: Any, found: dict[str, tuple[int, Mapping[str, Any]]]) -> None:
    if isinstance(node, Mapping):
        if "document_id" in node and "title" in node:
            found.setdefault(node["document_id"], (len(found) + 1, node))
        for value in node.values():
            _collect(value, found)
    elif isinstance(node, list):
        for value in node:
            _collect(value, found)
