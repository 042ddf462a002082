"""What could not be read is kept with its reason, read again when asked, and let go of when it reads well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.errors import NotFound, NotPermitted
from sensemake.model import Query, Reason
from sensemake.workspace import Workspace

GOOD = "# Pumps\n\nPrime the pump before the season begins, or it runs dry.\n"


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        yield workspace


@pytest.fixture
def folder(tmp_path: Path, ws: Workspace) -> Path:
    """A good page beside two that cannot be read, ingested."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "good.md").write_text(GOOD)
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 this is no Word document")
    (folder / "empty.txt").touch()
    ws.ingest([folder], "notes", ws.owner())
    return folder


def entries(ws: Workspace) -> dict[str, Reason]:
    return {Path(entry.failure.path).name: entry.failure.reason for entry in ws.quarantine(ws.owner())}


def test_it_says_why_and_which_reader(ws: Workspace, folder: Path) -> None:
    assert entries(ws) == {"broken.docx": Reason.MALFORMED, "empty.txt": Reason.EMPTY}
    parsers = {Path(e.failure.path).name: e.failure.parser for e in ws.quarantine(ws.owner())}
    assert parsers == {"broken.docx": "files/word", "empty.txt": "files/plain"}
    for entry in ws.quarantine(ws.owner()):
        assert entry.version
        assert entry.first_seen
        assert entry.source == "notes/pages"


def test_only_these_are_read_again(ws: Workspace, folder: Path) -> None:
    (folder / "empty.txt").write_text("It has words now: the valve sticks.\n")
    (folder / "new.md").write_text("# New\n\nNobody asked for this page.\n")
    (folder / "good.md").write_text("# Pumps\n\nchanged meanwhile\n")
    done = ws.retry_quarantine(ws.owner())
    assert (done.tried, done.left, len(done.remaining)) == (2, 1, 1)
    assert set(entries(ws)) == {"broken.docx"}
    known = {known.uri for known in ws._catalog.corpus.known(ws.sources(ws.owner())[0].source.id).values()}
    assert known == {"pages/good.md", "pages/empty.txt"}
    assert ws.search(Query("valve sticks"), ws.owner()).hits
    assert ws.search(Query("prime the pump season"), ws.owner()).hits, "what was not asked for is as it was"


def test_a_file_that_is_gone_leaves(ws: Workspace, folder: Path) -> None:
    (folder / "broken.docx").unlink()
    assert ws.retry_quarantine(ws.owner()).left == 1
    assert set(entries(ws)) == {"empty.txt"}


def test_it_leaves_by_itself_at_the_next_ingest(ws: Workspace, folder: Path) -> None:
    (before,) = (e for e in ws.quarantine(ws.owner()) if e.failure.path.endswith("empty.txt"))
    (folder / "broken.docx").unlink()
    ws.ingest([folder], "notes", ws.owner())
    (after,) = ws.quarantine(ws.owner())
    assert after.id == before.id
    assert after.first_seen == before.first_seen
    assert after.last_seen > before.last_seen  # type: ignore[operator]
    (folder / "empty.txt").write_text("words")
    ws.ingest([folder], "notes", ws.owner())
    assert not ws.quarantine(ws.owner())


def test_dropping_forgets_and_touches_nothing_else(ws: Workspace, folder: Path) -> None:
    first = ws.quarantine(ws.owner())[0]
    with pytest.raises(NotFound):
        ws.drop_quarantine(ws.owner(), ids=["feed"])
    assert ws.drop_quarantine(ws.owner(), ids=[first.id[:8]]) == 1
    assert first.id not in {entry.id for entry in ws.quarantine(ws.owner())}
    assert ws.drop_quarantine(ws.owner(), source="notes/other") == 0
    assert ws.drop_quarantine(ws.owner(), source="notes/pages") == 1
    assert (folder / "empty.txt").exists()
    ws.ingest([folder], "notes", ws.owner())
    assert len(ws.quarantine(ws.owner())) == 2, "what cannot be read comes back"


def test_it_is_for_administrators(ws: Workspace, folder: Path) -> None:
    anybody = ws.anonymous()
    for refused in (ws.quarantine, ws.retry_quarantine, ws.drop_quarantine):
        with pytest.raises(NotPermitted):
            refused(anybody)
    ws.grant("notes", frozenset({"everyone"}), ws.owner())
    (status,) = ws.sources(anybody)
    assert status.failures == ()
    assert len(ws.sources(ws.owner())[0].failures) == 2
