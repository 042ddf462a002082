"""Themes and reports for an audience."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sensemake.errors import NotFound
from sensemake.model import (
    Principal,
    Query,
    Theme,
    ThemeMap,
)
from sensemake.workspace import asking
from sensemake.workspace.verbs.home import Home

if TYPE_CHECKING:
    from sensemake.jobs.loose_notes import LooseNotes
    from sensemake.jobs.theme_page import ThemePage
    from sensemake.rules.theme_course import Step


class Themes(Home):
    """Makes maps of themes, lets people edit them, and reports on them."""

    def build_themes(self, by: Principal, *, audience: Sequence[str] = ()) -> ThemeMap:
        """The map of themes of what the asker, or every one of some groups, may read; made anew when that changed."""
        asking.need(by, "themes:read")
        asking.need(by, "docs:write")
        return self._map(self._audience(by, audience))

    def themes(self, by: Principal, *, audience: Sequence[str] = ()) -> ThemeMap | None:
        """The latest map that was made for exactly this audience."""
        from sensemake.workspace import sharing

        asking.need(by, "themes:read")
        return sharing.latest(self._audience(by, audience), self._catalog)

    def theme(self, theme: str, by: Principal, *, audience: Sequence[str] = (), step: Step = "month") -> ThemePage:
        """One theme of the latest map for this audience in full, by its id or label, with what may be read of it now.

        Its course is told by `step`, month or quarter. NotFound when there is no map, or no such theme on it.
        """
        from sensemake.workspace import sharing

        asking.need(by, "themes:read")
        return sharing.page(self._audience(by, audience), theme, self._catalog, step=step)

    def themes_about(self, text: str, by: Principal, *, limit: int = 5) -> tuple[tuple[Theme, float], ...]:
        """The themes nearest to a question and their cosines, on the last map of exactly what the asker may read.

        Those farther from it than most passages are from their theme are left out. NotFound when there is no map.
        """
        from sensemake.workspace import sharing

        asking.need(by, "themes:read")
        themes = sharing.latest(self._audience(by, ()), self._catalog)
        if themes is None:
            raise NotFound("there is no map of themes yet: sensemake themes build makes one")
        near = sharing.nearest(themes, self._active_engine().embedder.query(text)) if text.strip() else []
        return tuple((theme, cosine) for theme, cosine in near[:limit] if cosine >= sharing.ABOUT)

    def loose(
        self, by: Principal, *, audience: Sequence[str] = (), limit: int = 20, cursor: str | None = None
    ) -> LooseNotes:
        """Documents in no theme of the latest map for this audience, the newest first.

        NotFound when there is no map; Conflict when the cursor is another list's.
        """
        from sensemake.workspace import sharing

        asking.need(by, "themes:read")
        return sharing.loose(self._audience(by, audience), Query("", limit, cursor=cursor), self._catalog)

    def edit_theme(self, verb: str, theme: str, arguments: Mapping[str, str], by: Principal) -> ThemeMap:
        """Rename, merge, split, pin or hide a theme, or undo the last such edit; the map as it is then."""
        from sensemake.workspace import sharing

        asking.need(by, "docs:write")
        audience = self._audience(by, ())
        sharing.edit(audience, verb, theme, arguments, by=by, catalog=self._catalog, at=asking.utc_now())
        return self._map(audience)

    def report(
        self,
        by: Principal,
        *,
        audience: Sequence[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        title: str | None = None,
    ) -> Mapping[str, object]:
        """The report for an audience and a period: the document that `render` makes a page of.

        The map is brought up to the catalog first, but for those who may write nothing: they see the last one.
        """
        from sensemake.workspace import sharing

        asking.need(by, "reports:read")
        meant = self._audience(by, audience)
        themes = self._map(meant) if "docs:write" in by.scopes else sharing.latest(meant, self._catalog)
        if themes is None:
            raise NotFound("there is no map of themes for this audience yet: sensemake themes build makes one")
        hiding = self._words(meant.roster).hiding_theme
        return dict(
            sharing.report(meant, themes, self._catalog, hiding, self._find, since=since, until=until, title=title),
        )

    def render(self, report: Mapping[str, object], form: str, language: str = "en") -> str:
        """A report as a page (`html`, `md`) or a table (`themes.csv`, `quotes.csv`), its own words in a language."""
        from sensemake.workspace import sharing

        return sharing.renderer(form, language).render(report)
