"""`Workspace`: a home and everything that can be done with it, each verb one call."""

from __future__ import annotations

from sensemake.workspace.verbs.administration import Administration
from sensemake.workspace.verbs.experts import Experts
from sensemake.workspace.verbs.periodic import Periodic
from sensemake.workspace.verbs.questions import Questions
from sensemake.workspace.verbs.sessions import Sessions
from sensemake.workspace.working import Working


class Workspace(Periodic, Experts, Questions, Sessions, Administration):
    """A home, opened, with all its verbs. Safe to share between threads; several processes may open one home."""

    @property
    def jobs(self) -> Working:
        """Work that outlives its request."""
        return Working(self, self._catalog)
