"""`sensemake` over the fake workspace, as a program: `python fake_cli.py search tide`."""

from __future__ import annotations

import sys
import time
from typing import Any

from fake_workspace import OWNER, FakeWorkspace

from sensemake.cli.edge import run


class Slow(FakeWorkspace):
    """A workspace with one token, in which a search for `slow` takes longer than anybody waits."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.create_token("always", user=None, scopes=OWNER.scopes, silos=None, days=None, by=OWNER)

    def search(self, query: Any, by: Any) -> Any:
        if query.text == "slow":
            sys.stderr.write("started\n")
            sys.stderr.flush()
            time.sleep(60)
        return super().search(query, by)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], lambda settings, **_: Slow(settings)))
