"""A theme in full, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

# On Python 3.11 pydantic, which makes the OpenAPI description of these, asks for this TypedDict.
from typing_extensions import TypedDict

from sensemake.model import Passage, Theme
from sensemake.wire.answers import theme_json
from sensemake.wire.shapes import ThemeJSON
from sensemake.wire.times import moment

if TYPE_CHECKING:
    from sensemake.jobs.theme_page import ThemePage
    from sensemake.rules.theme_course import Count, Momentum
    from sensemake.rules.theme_members import Share


class ThemePassageJSON(TypedDict):
    passage_id: str
    document_id: str
    title: str
    text: str
    silo: str
    time: str | None
    strength: float


class ThemeDocumentJSON(TypedDict):
    """`passages` of its `of` are in the theme, with this mean `strength`."""

    document_id: str
    title: str
    kind: str
    silo: str
    passages: int
    of: int
    strength: float


class NamedThemeJSON(TypedDict):
    """`written_by` is the language model that wrote the label; null when none did."""

    id: str
    label: str
    level: int
    written_by: str | None


class CountJSON(TypedDict):
    """`people` is null where they are too few to count."""

    passages: int
    documents: int
    people: int | None


class MomentumJSON(TypedDict):
    """Parts from 0 to 1; `whole` is their mean, and `growth` 0.5 for a theme that grows as the corpus does."""

    whole: float
    activity: float
    people: float
    growth: float
    breadth: float


class ConcentrationJSON(TypedDict):
    """1 when all is in one silo, or by one person; 0 when it is spread evenly."""

    silos: float | None
    people: float | None


class ThemePageJSON(ThemeJSON):
    """`also` are documents of other themes that lie in this one too; `periods` are oldest first."""

    central: list[ThemePassageJSON]
    borderline: list[ThemePassageJSON]
    documents: list[ThemeDocumentJSON]
    also: list[ThemeDocumentJSON]
    narrower: list[NamedThemeJSON]
    broader: NamedThemeJSON | None
    periods: dict[str, CountJSON]
    undated: int
    momentum: MomentumJSON | None
    concentration: ConcentrationJSON
    by_silo: dict[str, CountJSON]
    by_kind: dict[str, CountJSON]
    by_language: dict[str, CountJSON]


def theme_page_json(page: ThemePage) -> ThemePageJSON:
    course = page.course
    return {
        **theme_json(page.theme),
        "central": [_passage(*each) for each in page.central],
        "borderline": [_passage(*each) for each in page.borderline],
        "documents": [_document(*each) for each in page.documents],
        "also": [_document(*each) for each in page.also],
        "narrower": [named_theme_json(theme) for theme in page.narrower],
        "broader": named_theme_json(page.broader) if page.broader else None,
        "periods": _counts(course.periods),
        "undated": course.undated,
        "momentum": _momentum(course.momentum) if course.momentum else None,
        "concentration": {"silos": course.concentration.silos, "people": course.concentration.people},
        "by_silo": _counts(course.silos),
        "by_kind": _counts(course.kinds),
        "by_language": _counts(course.languages),
    }


def _passage(passage: Passage, strength: float) -> ThemePassageJSON:
    return {
        "passage_id": passage.id,
        "document_id": passage.document,
        "title": passage.title,
        "text": passage.text,
        "silo": passage.silo,
        "time": moment(passage.time),
        "strength": strength,
    }


def _document(share: Share, passage: Passage) -> ThemeDocumentJSON:
    return {
        "document_id": share.document,
        "title": passage.title,
        "kind": str(passage.kind),
        "silo": passage.silo,
        "passages": share.passages,
        "of": share.of,
        "strength": share.strength,
    }


def named_theme_json(theme: Theme) -> NamedThemeJSON:
    return {"id": theme.id, "label": theme.label, "level": theme.level, "written_by": theme.written_by}


def _counts(counts: Mapping[str, Count]) -> dict[str, CountJSON]:
    return {name: {"passages": c.passages, "documents": c.documents, "people": c.people} for name, c in counts.items()}


def _momentum(momentum: Momentum) -> MomentumJSON:
    return {
        "whole": momentum.whole,
        "activity": momentum.activity,
        "people": momentum.people,
        "growth": momentum.growth,
        "breadth": momentum.breadth,
    }
