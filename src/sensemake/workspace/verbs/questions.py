"""What nobody answered: the register of open questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sensemake.workspace import asking
from sensemake.workspace.verbs.home import Home

if TYPE_CHECKING:
    from sensemake.model import OpenQuestion, Principal


class Questions(Home):
    """Lists what is still to be answered, and lets people dismiss what need not be."""

    def questions(
        self,
        by: Principal,
        *,
        silos: Sequence[str] = (),
        since: datetime | None = None,
        dismissed: bool = False,
        limit: int = 50,
    ) -> tuple[OpenQuestion, ...]:
        """What nobody answered in what the asker may read, the newest first; or what was dismissed of it.

        Administrators are also told, first, what five people or more asked the search in vain.
        """
        from sensemake.workspace import registering

        asking.need(by, "docs:read")
        self._tally.settle()
        wanted = registering.Wanted(tuple(silos), since, dismissed, limit)
        return registering.questions(wanted, by, self._catalog, self._find)

    def dismiss_question(self, question: str, by: Principal, *, dismissed: bool = True) -> OpenQuestion:
        """Take a question out of the register, for everybody, or put it back. NotFound when the asker knows of none."""
        from sensemake.workspace import registering

        asking.need(by, "docs:write")
        known = registering.set_dismissed(question, by, self._catalog, dismissed=dismissed)
        self._audit(by, "question.dismiss" if dismissed else "question.reopen", question)
        return known
