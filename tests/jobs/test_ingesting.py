"""Taking in, again and again: nothing twice, nothing lost, what is gone is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.errors import (
    Locked,
    MissingPath,
    NotPermitted,
    ReadersConflict,
    TooManyRemovals,
    UsageError,
)
from sensemake.model import Query, Reason
from sensemake.workspace import Workspace


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def ws(home: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=home, model="hashing"), create=True) as workspace:
        yield workspace


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Ten pages of two sections, each long enough to be a passage."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for n in range(10):
        (folder / f"{n}.md").write_text(
            f"---\ntitle: Page {n}\nauthor: Ada Lind\n---\n"
            f"# First\n\n{'pump ' * 60}{n}\n\n# Second\n\n{'valve ' * 60}{n}\n",
            encoding="utf-8",
        )
    return folder


def titles(ws: Workspace, text: str) -> set[str]:
    return {hit.document.title for hit in ws.search(Query(text, limit=50), ws.owner()).hits}


def first(ws: Workspace, text: str) -> str:
    return ws.search(Query(text), ws.owner()).hits[0].document.title


def test_the_same_again_embeds_nothing(ws: Workspace, pages: Path) -> None:
    first = ws.ingest([pages], "handbook", ws.owner())
    assert (first.documents, first.passages, first.embedded, first.unchanged) == (10, 20, 20, 0)
    again = ws.ingest([pages], "handbook", ws.owner())
    assert (again.documents, again.passages, again.embedded, again.unchanged, again.removed) == (10, 0, 0, 10, 0)


def test_a_changed_page_embeds_only_what_changed(ws: Workspace, pages: Path) -> None:
    ws.ingest([pages], "handbook", ws.owner())
    page = pages / "3.md"
    page.write_text(page.read_text("utf-8").replace("valve 3", "valve thermometer"), encoding="utf-8")
    report = ws.ingest([pages], "handbook", ws.owner())
    assert (report.embedded, report.unchanged) == (1, 9)
    assert first(ws, "thermometer") == "Page 3"


def test_a_new_name_embeds_nothing(ws: Workspace, pages: Path) -> None:
    ws.ingest([pages], "handbook", ws.owner())
    (pages / "3.md").rename(pages / "renamed.md")
    report = ws.ingest([pages], "handbook", ws.owner())
    assert (report.embedded, report.removed) == (0, 1)
    assert "Page 3" in titles(ws, "pump")


def test_a_new_title_embeds_its_own_page_again_and_no_other(ws: Workspace, pages: Path) -> None:
    ws.ingest([pages], "handbook", ws.owner())
    page = pages / "3.md"
    page.write_text(page.read_text("utf-8").replace("Page 3", "Barometers"), encoding="utf-8")
    report = ws.ingest([pages], "handbook", ws.owner())
    assert (report.embedded, report.unchanged) == (2, 9)
    assert "Barometers" in titles(ws, "pump")
    assert "Page 3" not in titles(ws, "pump")
    assert first(ws, "barometers") == "Barometers"


def test_what_is_gone_at_the_source_is_gone_from_answers(ws: Workspace, pages: Path) -> None:
    ws.ingest([pages], "handbook", ws.owner())
    (pages / "7.md").unlink()
    assert ws.ingest([pages], "handbook", ws.owner()).removed == 1
    assert "Page 7" not in titles(ws, "pump valve")


def test_a_great_loss_must_be_meant(ws: Workspace, pages: Path) -> None:
    ws.ingest([pages], "handbook", ws.owner())
    for n in range(3):
        (pages / f"{n}.md").unlink()
    (pages / "new.md").write_text("# New\n\nbarometer\n", encoding="utf-8")
    with pytest.raises(TooManyRemovals, match="3 of the 10"):
        ws.ingest([pages], "handbook", ws.owner())
    assert {"Page 0", "Page 1", "Page 2"} <= titles(ws, "pump")
    assert ws.ingest([pages], "handbook", ws.owner(), allow_removals=True).removed == 3
    assert "Page 0" not in titles(ws, "pump")
    assert first(ws, "barometer") == "New"


def test_a_page_that_cannot_be_read_this_time_stays(ws: Workspace, pages: Path) -> None:
    ws.ingest([pages], "handbook", ws.owner())
    (pages / "4.md").write_bytes(b"")
    report = ws.ingest([pages], "handbook", ws.owner())
    assert [failure.reason for failure in report.failures] == [Reason.EMPTY]
    assert report.removed == 0
    assert "Page 4" in titles(ws, "pump")


def test_a_file_may_be_a_source_of_its_own(ws: Workspace, pages: Path) -> None:
    ws.ingest([pages / "1.md", pages / "2.md"], "handbook", ws.owner())
    assert titles(ws, "pump") == {"Page 1", "Page 2"}
    assert {s.source.id for s in ws.sources(ws.owner())} == {"handbook/1.md", "handbook/2.md"}


def test_two_folders_of_one_name_do_not_mix(ws: Workspace, pages: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "pages"
    other.mkdir(parents=True)
    (other / "1.md").write_text("# Other\n\nbarometer\n", encoding="utf-8")
    ws.ingest([pages], "handbook", ws.owner())
    ws.ingest([other], "handbook", ws.owner())
    assert titles(ws, "pump") >= {"Page 1"}
    assert first(ws, "barometer") == "Other"


def test_an_empty_folder_is_a_warning(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    report = ws.ingest([tmp_path / "empty"], "handbook", ws.owner())
    assert report.documents == 0
    assert "holds nothing to read" in report.warnings[0]


def test_readers_of_a_silo_are_not_changed_by_the_way(ws: Workspace, pages: Path) -> None:
    ws.ingest([pages], "handbook", ws.owner(), readers=frozenset({"staff"}))
    with pytest.raises(ReadersConflict, match="sensemake silo grant handbook"):
        ws.ingest([pages], "handbook", ws.owner(), readers=frozenset({"everyone"}))
    ws.ingest([pages], "handbook", ws.owner(), readers=frozenset({"staff"}))
    ws.ingest([pages], "handbook", ws.owner())


def test_nothing_starts_when_a_path_is_missing(ws: Workspace, pages: Path) -> None:
    with pytest.raises(MissingPath):
        ws.ingest([pages, pages / "nowhere"], "handbook", ws.owner())
    assert ws.silos(ws.owner()) == ()


def test_only_who_may_write_ingests(ws: Workspace, pages: Path) -> None:
    with pytest.raises(NotPermitted):
        ws.ingest([pages], "handbook", ws.anonymous())


@pytest.mark.parametrize("name", ["a b", "x/#y", ""])
def test_a_bad_silo_name_is_refused(ws: Workspace, pages: Path, name: str) -> None:
    with pytest.raises(UsageError):
        ws.ingest([pages], name, ws.owner())


def test_the_directory_names_people_and_is_no_document(ws: Workspace, pages: Path) -> None:
    (pages / "people.csv").write_text("person_id,name\np1,Ada Lind\n", encoding="utf-8")
    assert ws.ingest([pages], "handbook", ws.owner()).documents == 10
    (ada,) = ws.people(ws.owner())
    assert (ada.id, ada.name) == ("p1", "Ada Lind")
    answer = ws.who(Query("pump valve"), ws.owner())
    assert [e.person.id for e in answer.experts] == ["p1"]


def test_two_ingests_of_one_source_do_not_run_at_once(ws: Workspace, pages: Path, home: Path) -> None:
    ws.ingest([pages], "handbook", ws.owner())
    with (
        Workspace.open(Settings(home=home, model="hashing")) as other,
        ws._catalog.locks.hold("ingest:handbook/pages"),
        pytest.raises(Locked, match=str(os.getpid())),
    ):
        other.ingest([pages], "handbook", other.owner())


def test_a_lost_index_is_rebuilt_from_the_catalog(home: Path, pages: Path) -> None:
    with Workspace.open(Settings(home=home, model="hashing"), create=True) as ws:
        ws.ingest([pages], "handbook", ws.owner())
        before = ws.search(Query("pump"), ws.owner())
    for file in sorted((home / "index").rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    with Workspace.open(Settings(home=home, model="hashing")) as ws:
        assert ws.search(Query("pump"), ws.owner()) == before
        assert any("behind" in finding.found for finding in ws.doctor())
        ws.doctor(repair=True)
    with Workspace.open(Settings(home=home, model="hashing")) as ws:
        assert not any(finding.level == "error" or "behind" in finding.found for finding in ws.doctor())
        assert ws.search(Query("pump"), ws.owner()) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from sensemake.config import Settings
from sensemake.workspace import Workspace

after = int(sys.argv[3])
with Workspace.open(Settings(home=Path(sys.argv[1]), model="hashing"), create=True) as ws:
    calls = 0
    def progress(stage, done, total):
        global calls
        calls += 1
        if calls == after:
            os.kill(os.getpid(), signal.SIGKILL)
    ws.ingest([Path(sys.argv[2])], "handbook", ws.owner(), progress=progress)
"""


@pytest.mark.parametrize("after", [1, 5, 10, 11, 12, 13])
def test_a_killed_ingest_is_repaired_by_the_next(home: Path, pages: Path, after: int) -> None:
    """Killed while reading, embedding and indexing: afterwards the home equals one that was never killed."""
    child = subprocess.run([sys.executable, "-c", KILLED, str(home), str(pages), str(after)], check=False)
    assert child.returncode in {-signal.SIGKILL, 0}
    with Workspace.open(Settings(home=home, model="hashing"), create=True) as ws:
        ws.ingest([pages], "handbook", ws.owner())
        hits = ws.search(Query("pump valve", limit=50), ws.owner()).hits
        assert sorted(hit.document.title for hit in hits) == [f"Page {n}" for n in range(10)]
        assert ws.ingest([pages], "handbook", ws.owner()).unchanged == 10


def test_another_model_takes_over_when_it_is_complete(home: Path, pages: Path) -> None:
    with Workspace.open(Settings(home=home, model="hashing"), create=True) as ws:
        ws.ingest([pages], "handbook", ws.owner())
        (old,) = (home / "index").iterdir()
    with Workspace.open(Settings(home=home, model="hashing:64")) as ws:
        assert "Page 1" in titles(ws, "pump"), "the old index answers until an ingest moves the home"
        assert list((home / "index").iterdir()) == [old]
        assert ws.ingest([pages], "handbook", ws.owner()).unchanged == 10
        assert "Page 1" in titles(ws, "pump")
        (new,) = (home / "index").iterdir()
        assert new != old
    with Workspace.open(Settings(home=home, model="hashing")) as ws:
        assert "Page 1" in titles(ws, "pump"), "asking with other settings does not move a home"
        assert list((home / "index").iterdir()) == [new]
