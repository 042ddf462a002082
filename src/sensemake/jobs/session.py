"""Makes a session of a report: who does what when, what lies on the tables, and the form for what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, Literal

from typing_extensions import TypedDict

from sensemake.errors import UsageError
from sensemake.model import Document, Kind, Part, SiloName, Source, stable_id
from sensemake.rules.harvest import Entry, Harvest, Sort

Method = Literal["world-cafe", "what", "orid", "1-2-4-all"]
METHODS: tuple[Method, ...] = ("world-cafe", "what", "orid", "1-2-4-all")
TABLES = 5
"""Themes of a session: as many tables as a room has hosts for."""
QUOTES = 3
SOURCE = "session"

# Steps with their minutes, of 60 and of 90. World Café: rounds at tables whose hosts stay, then a harvest (Brown and
# Isaacs, 2005). What, So what, Now what and 1-2-4-All: Lipmanowicz and McCandless, 2013. ORID: Stanfield, 2000.
STEPS: Mapping[Method, Sequence[tuple[str, int, int]]] = {
    "world-cafe": (
        ("welcome", 5, 10),
        ("round", 15, 20),
        ("round_again", 15, 20),
        ("harvest", 20, 30),
        ("close", 5, 10),
    ),
    "what": (("welcome", 5, 10), ("what", 15, 20), ("so_what", 15, 25), ("now_what", 20, 25), ("close", 5, 10)),
    "orid": (
        ("welcome", 5, 10),
        ("objective", 10, 15),
        ("reflect", 10, 15),
        ("interpret", 15, 20),
        ("decide", 15, 20),
        ("close", 5, 10),
    ),
    "1-2-4-all": (
        ("welcome", 5, 10),
        ("alone", 5, 5),
        ("pairs", 10, 15),
        ("fours", 15, 25),
        ("all", 20, 25),
        ("close", 5, 10),
    ),
}
LEVELS: Mapping[Method, Sequence[str]] = {
    "world-cafe": ("interpretive",),
    "what": ("reflective", "interpretive", "decisional"),
    "orid": ("reflective", "interpretive", "decisional"),
    "1-2-4-all": ("decisional",),
}
"""Which of a theme's questions lie on its table."""
KINDS: Mapping[Sort, Kind] = {
    "concluded": Kind.PAGE,
    "decided": Kind.DECISION,
    "asked": Kind.QUESTION,
    "todo": Kind.DECISION,
}
"""As what an entry is kept; that it is something to do, its facet `outcome` says."""
TITLE = 160


class StepJSON(TypedDict):
    """A step of the agenda: a name of the renderers', and the minutes from and to which it goes on."""

    name: str
    since: int
    until: int


class TableJSON(TypedDict):
    """A theme to sit around; `written_by` is the language model that wrote its label, null when none did."""

    theme_id: str
    label: str
    written_by: str | None
    prompts: list[Any]
    quotes: list[Any]
    questions: list[Any]


class SessionJSON(TypedDict):
    session: str
    method: str
    minutes: int
    since: str | None
    until: str | None
    silos: list[str]
    agenda: list[StepJSON]
    tables: list[TableJSON]


def prepare(report: Mapping[str, Any], method: Method, minutes: int) -> SessionJSON:
    """The session of a report. Its name follows from what the report is of, so that the same report gives the same."""
    if minutes not in {60, 90}:
        raise UsageError(f"a session takes 60 or 90 minutes, not {minutes}")
    try:
        return {
            "session": _name(report),
            "method": method,
            "minutes": minutes,
            "since": report["since"],
            "until": report["until"],
            "silos": list(report["silos"]),
            "agenda": list(_agenda(method, minutes)),
            "tables": [_table(theme, method) for theme in report["themes"][:TABLES]],
        }
    except (KeyError, TypeError) as error:
        raise UsageError("this is not a report: make one with sensemake report --json -o report.json") from error


def documents(harvest: Harvest, silo: SiloName) -> Iterator[Document]:
    """What a session wrote down, as documents: a corrected form gives the same documents with other words."""
    source = source_of(harvest.session, silo)
    at = datetime.combine(harvest.day, time(12), UTC) if harvest.day else None
    for entry in harvest.entries:
        yield Document(
            source=source,
            uri=f"{SOURCE}/{harvest.session}/{entry.theme or 'open'}/{entry.sort}/{entry.number}",
            kind=KINDS[entry.sort],
            title=_title(entry.text),
            parts=(Part(entry.text, time=at, locator=f"line={entry.line}", headings=(entry.label,)),),
            time=at,
            facets=_facets(entry, harvest.session),
        )


def source_of(session: str, silo: SiloName) -> Source:
    return Source(silo, f"{SOURCE} {session}", SOURCE, "")


def _facets(entry: Entry, session: str) -> Mapping[str, str]:
    told = {"session": session, "outcome": entry.sort}
    return {**told, "theme": entry.theme} if entry.theme else told


def _title(text: str) -> str:
    line = text.splitlines()[0]
    return line if len(line) <= TITLE else f"{line[: TITLE - 1].rsplit(' ', 1)[0]}…"


def _name(report: Mapping[str, Any]) -> str:
    day = str(report["until"] or report["since"] or "undated")[:10]
    return f"{day}-{stable_id('session', *report['silos'], str(report['since']), report['method']['state'])[:6]}"


def _agenda(method: Method, minutes: int) -> Iterator[StepJSON]:
    at = 0
    for name, short, long in STEPS[method]:
        ends = at + (short if minutes == 60 else long)
        yield {"name": name, "since": at, "until": ends}
        at = ends


def _table(theme: Mapping[str, Any], method: Method) -> TableJSON:
    central = [theme["sentence"]] if theme["sentence"] else []
    return {
        "theme_id": theme["theme_id"],
        "label": theme["label"],
        "written_by": theme["written"]["by"] if theme.get("written") else None,
        "prompts": [prompt for prompt in theme["prompts"] if prompt["level"] in LEVELS[method]],
        "quotes": [*central, *theme["quotes"]][:QUOTES],
        "questions": list(theme["questions"])[:QUOTES],
    }
