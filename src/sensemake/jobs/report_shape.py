"""The JSON of a report, field by field: the truth from which its HTML and Markdown are made.

Times are ISO 8601 in UTC with a Z, months `2026-04`. Every statement carries the documents or passages that it is
made from. Quotes and sentences are exact parts of a passage's text.
"""

from __future__ import annotations

# On Python 3.11 pydantic, which makes the OpenAPI description of these, asks for this TypedDict.
from typing_extensions import TypedDict

VERSION = 1


class SiloCoverageJSON(TypedDict):
    """`people` are distinct listed authors; `newest` is null where nothing has a date."""

    silo: str
    documents: int
    people: int
    newest: str | None


class CountJSON(TypedDict):
    name: str
    count: int


class CoverageJSON(TypedDict):
    """What is in this data, and what is not: `silent` silos have no document in the period."""

    documents: int
    passages: int
    people: int
    undated: int
    unattributed: int
    silos: list[SiloCoverageJSON]
    silent: list[str]
    kinds: list[CountJSON]
    languages: list[CountJSON]
    unread: list[CountJSON]


class DocumentRefJSON(TypedDict):
    document_id: str
    title: str
    silo: str
    kind: str
    time: str | None
    url: str | None


class QuoteJSON(DocumentRefJSON):
    """Words as they were written, extracted and not made up; never with a name."""

    text: str
    passage_id: str
    locator: str


class CardJSON(TypedDict):
    """A theme in a few lines. `items` are its passages; `low_sample` says that they are fewer than 30.

    `months` count its documents by the month of their first passage in it, silent months included.
    """

    theme_id: str
    label: str
    status: str
    sentence: QuoteJSON | None
    people: int
    documents: int
    documents_in_period: int
    items: int
    silos: list[CountJSON]
    months: list[CountJSON]
    low_sample: bool


class ThemePageJSON(CardJSON):
    """A theme with the words, quotes and documents that say so."""

    keyphrases: list[str]
    quotes: list[QuoteJSON]
    related: list[DocumentRefJSON]
    questions: list[QuoteJSON]


class ChangeJSON(TypedDict):
    """What happened to a theme since the last map: new, growing, fading, returning, split, merged or gone."""

    event: str
    theme_id: str
    label: str
    numbers: dict[str, float]
    related: list[str]
    documents: list[str]


class MethodJSON(TypedDict):
    version: str
    state: str
    settings: dict[str, str]
    themes: int
    loose: int
    outlier_ratio: float
    stability: float | None
    without_theme_page: int
    limits: list[str]


class ReportJSON(TypedDict):
    """`compared` says whether there was an earlier map; without one, `changes` is empty and a status is by dates."""

    report_version: int
    title: str
    silos: list[str]
    since: str | None
    until: str | None
    coverage: CoverageJSON
    cards: list[CardJSON]
    compared: bool
    changes: list[ChangeJSON]
    themes: list[ThemePageJSON]
    quiet: list[CardJSON]
    questions: list[QuoteJSON]
    method: MethodJSON
