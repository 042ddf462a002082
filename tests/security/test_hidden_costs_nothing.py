"""What is hidden takes the very steps of what is absent, so that no time tells one from the other."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import small_home

from sensemake.config import Settings
from sensemake.errors import NotFound
from sensemake.model import Where
from sensemake.workspace import Workspace
from sensemake.workspace.answering import readable_document, readable_passage


def steps(act: Callable[[], Any]) -> Counter[str]:
    """How often each function of ours is called until `act` finds nothing."""
    called: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and "sensemake" in frame.f_code.co_filename:
            called[frame.f_code.co_qualname] += 1

    sys.setprofile(note)
    try:
        with pytest.raises(NotFound):
            act()
    finally:
        sys.setprofile(None)
    return called


@pytest.mark.parametrize("look", [readable_document, readable_passage])
def test_what_is_hidden_takes_the_steps_of_what_is_absent(tmp_path: Path, look: Callable[..., Any]) -> None:
    home = small_home.taken_in(tmp_path, handbook="staff", board="board")
    with Workspace.open(Settings(home=home, model="hashing")) as workspace:
        catalog, bo = workspace._catalog, workspace.principal_for("bo")
        board = frozenset(silo.name for silo in catalog.access.silos() if silo.name == "board")
        passage = catalog.corpus.select(Where(board, board))[0]
        hidden = str(passage.document if look is readable_document else passage.id)
        look(hidden, workspace.owner(), catalog)  # it is really there
        for asked in (hidden, "0" * len(hidden)):
            steps(lambda asked=asked: look(asked, bo, catalog))  # the first ones fill what is kept
        assert steps(lambda: look(hidden, bo, catalog)) == steps(lambda: look("0" * len(hidden), bo, catalog))
