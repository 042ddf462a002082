"""Says what an audience's themes are, what changed and who is missing: one JSON document with its sources."""

from __future__ import annotations

from datetime import datetime

from sensemake.jobs.report_coverage import coverage
from sensemake.jobs.report_map import places
from sensemake.jobs.report_pages import page
from sensemake.jobs.report_questions import outcomes, questions
from sensemake.jobs.report_reader import LOW_SAMPLE, Material, Reader, stamp
from sensemake.jobs.report_shape import VERSION, ChangeJSON, MethodJSON, ReportJSON
from sensemake.model import Status, Theme, ThemeMap

__all__ = ["LOW_SAMPLE", "Material", "build"]

CARDS = 7
"""Themes on the first page: what a group can keep in mind."""
PAGES = 20
QUESTIONS = 20
QUIET = 8
"""Documents up to which a theme that is new, growing or returning is a quiet signal."""

LIMITS = ("likeness", "extracted", "views", "reflections", "elsewhere")
"""What a reader has to know of how far this goes; the renderers have the sentences."""


def build(
    themes: ThemeMap,
    material: Material,
    *,
    last: ThemeMap | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    title: str | None = None,
) -> ReportJSON:
    """The report on `themes` over a period, both ends included; without ends, over all there is.

    What is later than `until` is not in it. What has no date is in every period. `last` is the map before `themes`.
    """
    reader = Reader.of(themes, material, since, until)
    asked = questions(reader)
    pages = [page(reader, theme, asked) for theme in reader.themes[:PAGES]]
    quiet = [t for t in reader.themes[CARDS:] if t.status in _RISING and len(reader.documents(t)) <= QUIET]
    return {
        "report_version": VERSION,
        "title": title,
        "silos": sorted(themes.silos),
        "since": stamp(since or reader.first),
        "until": stamp(until or reader.newest),
        "coverage": coverage(reader, themes),
        "cards": [reader.card(theme) for theme in reader.themes[:CARDS]],
        "compared": last is not None,
        "changes": _changes(reader, themes, last) if last else [],
        "themes": pages,
        "map": places(reader, last),
        "quiet": [reader.card(theme) for theme in quiet],
        "questions": asked[:QUESTIONS],
        "outcomes": outcomes(reader),
        "method": _method(themes, material, shown=len(pages)),
    }


_TOLD = frozenset({"new", "growing", "fading", "returning", "split", "merged"})
_RISING = frozenset({Status.NEW, Status.GROWING, Status.RETURNING})


def _changes(reader: Reader, themes: ThemeMap, last: ThemeMap) -> list[ChangeJSON]:
    """Each theme's events, in the order of the map, then the themes that are gone. A split is told of the part."""
    before = {theme.id for theme in last.themes}
    labels = {theme.id: theme.label for theme in (*last.themes, *themes.themes)}
    changed: list[ChangeJSON] = [
        {
            "event": event.name,
            "theme_id": theme.id,
            "label": theme.label,
            "numbers": dict(event.numbers),
            "related": [labels.get(other, other) for other in event.related],
            "written": reader.named(theme),
            "documents": list(theme.documents),
        }
        for theme in themes.themes
        for event in theme.events
        if event.name in _TOLD and not (event.name == "split" and theme.id in before)
    ]
    merged = {other for theme in themes.themes for e in theme.events if e.name == "merged" for other in e.related}
    gone = {theme.id: theme for theme in last.themes}
    return changed + [_gone(reader, gone[i]) for i in themes.gone if i in gone and i not in merged]


def _gone(reader: Reader, theme: Theme) -> ChangeJSON:
    return {
        "event": "gone",
        "theme_id": theme.id,
        "label": theme.label,
        "numbers": {"documents": float(theme.size)},
        "related": [],
        "written": reader.named(theme),
        "documents": list(theme.documents),
    }


def _method(themes: ThemeMap, material: Material, *, shown: int) -> MethodJSON:
    return {
        "version": material.version,
        "state": themes.state,
        "settings": dict(sorted(themes.settings.items())),
        "themes": len(themes.themes),
        "loose": themes.loose,
        "outlier_ratio": themes.outlier_ratio,
        "stability": themes.stability,
        "without_theme_page": len(themes.themes) - shown,
        "limits": list(LIMITS),
    }
