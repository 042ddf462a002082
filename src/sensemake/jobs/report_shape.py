"""The JSON of a report, field by field: the truth from which its HTML, Markdown and CSV are made.

Times are ISO 8601 in UTC with a Z, months `2026-04`. Every statement carries the documents or passages that it is
made from. Quotes and sentences are exact parts of a passage's text. What the report says in words of its own is named
by a key (`limits`, `prompts`), for the renderers to say in the reader's language.
"""

from __future__ import annotations

from typing import Literal

# On Python 3.11 pydantic, which makes the JSON Schema of these, asks for this TypedDict.
from typing_extensions import TypedDict

VERSION = 3


class SiloCoverageJSON(TypedDict):
    """`people` are distinct listed authors; `newest` is null where nothing has a date.

    `months` are those of the period in which it has a document.
    """

    silo: str
    documents: int
    documents_in_period: int
    people: int
    months: int
    newest: str | None


class CountJSON(TypedDict):
    name: str
    count: int


class CoverageJSON(TypedDict):
    """What is in this data, and what is not.

    `silent` silos have no document in the period; `missing_months` of its `months` have no document at all (of a
    period of more than 24 months, the last 24 are looked at). `silos_of_five` have five people or more.
    """

    documents: int
    documents_in_period: int
    passages: int
    people: int
    undated: int
    unattributed: int
    silos: list[SiloCoverageJSON]
    silos_of_five: int
    silent: list[str]
    months: int
    missing_months: list[str]
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
    """Words as they were written, extracted and not made up; never with a name. `language` is theirs, if known."""

    text: str
    language: str | None
    passage_id: str
    locator: str


class BridgingQuoteJSON(QuoteJSON):
    """A quote that is near to what two silos say of a theme."""

    between: list[str]


class ViewsJSON(TypedDict):
    """Two passages on one matter that may say different things of it, and the signs by which a rule found them:
    `opposite` words, a `negation` on one side, an `objection` at the beginning of one."""

    one: QuoteJSON
    other: QuoteJSON
    signs: list[str]


class PersonRefJSON(TypedDict):
    """Somebody listed who had a part in a theme, with documents that say so; in the order of names, never scored."""

    person_id: str
    name: str
    documents: list[DocumentRefJSON]


class PromptJSON(TypedDict):
    """A question to open a conversation: the name of a sentence of the renderers', and what stands in its gaps."""

    level: Literal["reflective", "interpretive", "decisional"]
    key: str
    words: dict[str, str]


class SeenJSON(DocumentRefJSON):
    """A passage that a language model was shown."""

    seen_passage_id: str


class WrittenJSON(TypedDict):
    """That a language model (`by`) wrote of a theme, and which of the passages of the report it saw."""

    by: str
    saw: list[SeenJSON]


class NamedJSON(WrittenJSON):
    """`plain` is the name that the theme has without the language model."""

    plain: str


class SummaryJSON(WrittenJSON):
    """What a language model (`by`) wrote that a theme is about."""

    text: str


class CardJSON(TypedDict):
    """A theme in a few lines. `items` are its passages; `low_sample` says that they are fewer than 30.

    `written` is null when no machine but ours made the `label`; `summary` is null where no language model wrote one.

    `months` count its documents by the month of their first passage in it, silent months included.
    """

    theme_id: str
    label: str
    written: NamedJSON | None
    summary: SummaryJSON | None
    status: Literal["new", "growing", "steady", "fading", "returning"]
    sentence: QuoteJSON | None
    people: int
    documents: int
    documents_in_period: int
    items: int
    silos: list[CountJSON]
    months: list[CountJSON]
    low_sample: bool


class ThemePageJSON(CardJSON):
    """A theme with the words, quotes, people and documents that say so, and questions to talk about."""

    keyphrases: list[str]
    quotes: list[QuoteJSON]
    bridging: list[BridgingQuoteJSON]
    views: list[ViewsJSON]
    people_to_ask: list[PersonRefJSON]
    related: list[DocumentRefJSON]
    questions: list[QuoteJSON]
    prompts: list[PromptJSON]


class PlaceJSON(TypedDict):
    """A theme on the map: `x` and `y` from 0 to 1, downwards; `was` is where it was on the last map, and `moved` how
    far it is from there, in hundredths of the map's width.

    `near` are the themes whose texts are most like its own, the nearest first. `written` as of a card.
    """

    theme_id: str
    label: str
    written: NamedJSON | None
    status: str
    documents: int
    people: int
    x: float
    y: float
    was: list[float] | None
    moved: int | None
    near: list[str]


class ChangeJSON(TypedDict):
    """What happened to a theme since the last map: new, growing, fading, returning, split, merged or gone.

    `related` are labels; `written` is of its own, as of a card.
    """

    event: str
    theme_id: str
    label: str
    numbers: dict[str, float]
    related: list[str]
    written: NamedJSON | None
    documents: list[str]


class OutcomeJSON(DocumentRefJSON):
    """An experiment or a decision of the period, the themes it belongs to, and its words on what came of it."""

    themes: list[str]
    showed: QuoteJSON | None


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
    """`compared` says whether there was an earlier map; without one, `changes` is empty and a status is by dates.

    `title` is null where nobody gave one.
    """

    report_version: int
    title: str | None
    silos: list[str]
    since: str | None
    until: str | None
    coverage: CoverageJSON
    cards: list[CardJSON]
    compared: bool
    changes: list[ChangeJSON]
    themes: list[ThemePageJSON]
    map: list[PlaceJSON]
    quiet: list[CardJSON]
    questions: list[QuoteJSON]
    outcomes: list[OutcomeJSON]
    method: MethodJSON
