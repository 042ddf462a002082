"""What chance gives: looked up among what the asker may read, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.model import Principal, Query
from sensemake.rules.calibration import UNRELATED, Background
from sensemake.workspace import Workspace

ABOUT = Query("where does the otter live")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "page.txt").write_text("The otter lives at the river, below the mill.", "utf-8")
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        owner = workspace.owner()
        workspace.ingest([tmp_path / "page.txt"], "river", owner, readers=frozenset({"staff"}))
        workspace.add_silo("kitchen", frozenset({"cooks"}), owner)
        yield workspace


def chance(home: Workspace, by: Principal) -> Background:
    return home.find(ABOUT, by)[0].background


def test_a_new_page_that_lies_near_to_anything_raises_it_at_once(home: Workspace) -> None:
    before = chance(home, home.owner())
    home.reflect(" ".join(UNRELATED), home.owner(), silo="river")
    after = chance(home, home.owner())
    assert after.mean > before.mean + 0.05
    assert chance(home, home.owner()) == after


def test_what_the_asker_may_not_read_counts_for_nothing(home: Workspace) -> None:
    staff = Principal("ada", frozenset({"staff"}), scopes=home.owner().scopes)
    home.reflect(" ".join(UNRELATED), home.owner(), silo="kitchen")
    before = chance(home, staff)
    assert chance(home, home.owner()).mean > before.mean + 0.05
    home.reflect(" ".join(UNRELATED[:4]), home.owner(), silo="kitchen")
    assert chance(home, staff) == before
