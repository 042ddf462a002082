"""Sessions: a pack from a report, and what came of it back into the memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sensemake.errors import NotFound, UsageError
from sensemake.workspace import asking
from sensemake.workspace.verbs.home import Home

if TYPE_CHECKING:
    from sensemake.model import Principal
    from sensemake.rules.harvest import Harvest


class Sessions(Home):
    """Prepares sessions and takes in their harvest."""

    def prepare_session(
        self, report: Mapping[str, Any], *, method: str = "world-cafe", minutes: int = 60, language: str = "en"
    ) -> Mapping[str, str]:
        """The files of a session on a report, by name. It reads the report and nothing else."""
        from sensemake.jobs import session
        from sensemake.renderers.session import SessionRenderer

        known = next((each for each in session.METHODS if each == method), None)
        if known is None:
            raise UsageError(f"there is no method {method!r}: {', '.join(session.METHODS)}")
        return SessionRenderer(language).render(session.prepare(report, known, minutes))

    def harvest_session(self, form: str, by: Principal, *, silo: str) -> Harvest:
        """Keep what a session wrote down in a silo that the writer may read, in the place of an earlier form of it.

        What cannot be placed is in the answer's `strays`. UsageError, and nothing is kept, when it is no such form.
        """
        from sensemake.jobs import session
        from sensemake.model import SiloName
        from sensemake.rules import harvest
        from sensemake.workspace import taking_in

        asking.need(by, "docs:write")
        if silo not in asking.readable(by, self._catalog):
            raise NotFound(f"there is no silo {silo}: sensemake silo list")
        found = harvest.read(form)
        if not found.session:
            raise UsageError(f"this is no form of a session: {found.strays[0].reason}")
        source = session.source_of(found.session, SiloName(silo))
        taking_in.replace_all(
            session.documents(found, source.silo),
            source,
            catalog=self._catalog,
            engine=self._wanted_engine(taking_in.silent),
            cache=self._cache(),
        )
        self._audit(by, "session.harvest", found.session, {"entries": str(len(found.entries))})
        self._emend_kept(by)
        return found
