"""Reports that come again and again, and those that were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sensemake.errors import NotFound, UsageError
from sensemake.workspace import asking
from sensemake.workspace.verbs.themes import Themes

if TYPE_CHECKING:
    from sensemake.model import Principal
    from sensemake.rules.periods import Every, Kept


class Periodic(Themes):
    """Makes a report once for each period, and keeps it."""

    def periodic_report(
        self,
        every: Every,
        by: Principal,
        *,
        audience: Sequence[str] = (),
        now: datetime | None = None,
        if_due: bool = True,
        language: str = "en",
    ) -> Kept | None:
        """The report on the last period that was over at `now`, kept in the home; None when there is one already.

        What it says follows from the period and the catalog; the clock says only which period is meant. Without
        `if_due` it is made anew.
        """
        from sensemake.renderers.shelf import ShelfRenderer
        from sensemake.rules import periods
        from sensemake.workspace import emended, shelf

        asking.need(by, "reports:read")
        asking.need(by, "docs:write")
        period = periods.last_ended(every, now or asking.utc_now())
        meant = self._audience(by, audience)
        home = self.settings.home
        with self._catalog.locks.hold("periodic reports", wait=60.0):
            if if_due and any(one.id == shelf.id_of(period, sorted(meant.silos)) for one in shelf.kept(home)):
                return None
            report: dict[str, Any] = dict(self.report(by, audience=audience, since=period.since, until=period.until))
            with self._catalog.locks.hold(emended.LOCK, wait=60.0):
                one, every_one = shelf.keep(home, every, period, report, emended.pages(report, language), language)
                shelf.write_page(home, ShelfRenderer(language).render(every_one))
        self._audit(by, "report.keep", one.id)
        self._emend_kept(by)  # something may have been erased while it was made
        return one

    def kept_reports(self, by: Principal) -> tuple[Kept, ...]:
        """Those made only of what the asker may read, the newest period first."""
        from sensemake.workspace import shelf

        asking.need(by, "reports:read")
        may = asking.readable(by, self._catalog)
        return tuple(one for one in shelf.kept(self.settings.home) if may.issuperset(one.silos))

    def kept_report(self, report: str, by: Principal, *, form: str = "json") -> str:
        """A kept report as `json`, `html` or `md`; NotFound when absent, or made of more than the asker may read."""
        from sensemake.workspace import shelf

        one = next((one for one in self.kept_reports(by) if one.id == report), None)
        if one is None:
            raise NotFound(f"there is no report {report}: sensemake report --kept lists them")
        if form not in shelf.FORMS:
            raise UsageError(f"a report is kept as {', '.join(shelf.FORMS)}, not as {form}")
        return shelf.read(self.settings.home, one, form)
