"""Sources are read again as they were read last, watched, and forgotten whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.errors import MissingPath, NotFound, NotPermitted, UsageError
from sensemake.model import IngestReport, Query, SiloName
from sensemake.workspace import Workspace

PATIENCE = 20.0
"""Seconds that a test waits for a change to be noticed before it gives up."""
TEAM = '{"id": "1", "channel": "den", "author": "ana", "text": "The otters are back", "time": "2026-04-01T09:00:00Z"}\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def ws(home: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=home, model="hashing"), create=True) as workspace:
        yield workspace


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    return _pages(tmp_path / "pages", "heron", "otter", "stoat")


def _pages(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        _write(folder, name)
    return folder


def _write(folder: Path, name: str, author: str = "Ada Lind") -> None:
    front = f"---\ntitle: {name}\ndate: 2026-03-0{len(name)}\n" + (f"author: {author}\n" if author else "") + "---\n"
    (folder / f"{name}.md").write_text(f"{front}The {name} lives beside the weir.\n", encoding="utf-8")


def _found(ws: Workspace, words: str) -> set[str]:
    return {hit.document.title for hit in ws.search(Query(words, limit=50), ws.owner()).hits}


def _report(outcome: object) -> IngestReport:
    assert isinstance(outcome, IngestReport)
    return outcome


# ── read again ───────────────────────────────────────────────────────────────────────────────────


def test_everything_said_at_the_first_ingest_is_remembered(ws: Workspace, tmp_path: Path) -> None:
    chat = tmp_path / "chat.jsonl"
    chat.write_text(TEAM.replace('"text"', '"body"').replace('"channel"', '"is_private": true, "channel"'))
    how = {"indexer": "jsonl", "include_private": True, "options": {"map.text": "body", "map.private": "is_private"}}
    ws.ingest([chat], "den", ws.owner(), readers=frozenset({"staff"}), **how)  # type: ignore[arg-type]
    before = [(s.name, s.readers) for s in ws.silos(ws.owner())]
    with chat.open("a") as more:
        later = TEAM.replace("otters", "herons").replace("04-01", "04-09").replace('"1"', '"2"')
        more.write(later.replace('"text"', '"body"').replace('"channel"', '"is_private": true, "channel"'))
    (synced,) = ws.sync(None, ws.owner())
    assert synced.source.options == {"map.text": "body", "map.private": "is_private", "include_private": "yes"}
    assert (_report(synced.outcome).documents, _report(synced.outcome).unchanged) == (2, 1)
    assert [(s.name, s.readers) for s in ws.silos(ws.owner())] == before


def test_one_source_that_is_gone_stops_no_other(ws: Workspace, pages: Path, tmp_path: Path) -> None:
    other = _pages(tmp_path / "other", "badger")
    ws.ingest([pages, other], "brook", ws.owner())
    (pages / "heron.md").rename(tmp_path / "heron.md")
    _write(pages, "shrew")
    (other / "badger.md").unlink()
    other.rmdir()
    gone, read = ws.sync(None, ws.owner())
    assert (gone.source.name, type(gone.outcome)) == ("other", MissingPath)
    assert "no /" in str(gone.outcome)
    assert "any more" in str(gone.outcome)
    assert (read.source.name, type(read.outcome).__name__) == ("pages", "TooManyRemovals")
    (read,) = ws.sync("pages", ws.owner(), allow_removals=True)
    assert (_report(read.outcome).documents, _report(read.outcome).removed) == (3, 1)
    assert "badger" in _found(ws, "weir")


def test_a_source_is_called_by_its_id_or_by_a_name_that_is_its_alone(ws: Workspace, pages: Path) -> None:
    owner = ws.owner()
    ws.ingest([pages], "brook", owner)
    assert ws.source("pages", owner) == ws.source("brook/pages", owner)
    with pytest.raises(NotFound):
        ws.sync("heaps", owner)
    ws.ingest([pages], "pond", owner)
    with pytest.raises(UsageError, match=r"brook/pages or pond/pages"):
        ws.sync("pages", owner)


def test_what_was_written_here_is_read_from_nowhere(ws: Workspace, pages: Path) -> None:
    ws.ingest([pages], "brook", ws.owner())
    ws.reflect("We should count them in spring", ws.owner(), silo="brook")
    assert [synced.source.name for synced in ws.sync(None, ws.owner())] == ["pages"]
    (refused,) = ws.sync("reflections", ws.owner())
    assert isinstance(refused.outcome, UsageError)
    assert "count" in str(ws.search(Query("spring"), ws.owner()).hits)


# ── how they stand ───────────────────────────────────────────────────────────────────────────────


def test_a_source_tells_how_fresh_it_is_and_how_much_is_signed(ws: Workspace, pages: Path) -> None:
    _write(pages, "mink", author="")
    (pages / "broken.pdf").write_bytes(b"%PDF-1.7 no")
    ws.ingest([pages], "brook", ws.owner())
    status = ws.source("pages", ws.owner())
    assert (status.documents, status.authored, status.authored_share) == (4, 3, 0.75)
    assert status.newest is not None
    assert f"{status.newest:%Y-%m-%d}" == "2026-03-05"
    assert status.last_read is not None
    assert len(status.failures) == 1


# ── forgotten ────────────────────────────────────────────────────────────────────────────────────


def test_a_source_is_forgotten_everywhere_and_nothing_else_is(ws: Workspace, pages: Path, tmp_path: Path) -> None:
    owner = ws.owner()
    twin = _pages(tmp_path / "twin", "otter", "badger")
    ws.ingest([pages, twin], "brook", owner)
    shared = ws.search(Query("otter"), owner).hits[0].passage.key
    assert ws.remove_source("brook/pages", owner) == 3
    assert _found(ws, "weir") == {"otter", "badger"}
    assert [s.source.id for s in ws.sources(owner)] == ["brook/twin"]
    model = ws._active_engine().embedder.model_id
    assert shared in ws._catalog.corpus.vectors(model, [shared])
    event = list(ws._catalog.audit.events())[-1]
    assert (event.action, event.about, event.detail) == ("source.remove", "brook/pages", {"documents": "3"})
    with pytest.raises(NotFound):
        ws.remove_source("brook/pages", owner)
    assert ws.remove_source("twin", owner) == 2
    assert not ws._catalog.corpus.vectors(model, [shared])
    assert not ws.search(Query("weir"), owner).hits
    ws.ingest([pages], "brook", owner)
    assert _found(ws, "weir") == {"heron", "otter", "stoat"}


def test_its_words_are_gone_from_the_disk(ws: Workspace, home: Path, pages: Path) -> None:
    (pages / "secret.md").write_text("The kingfisher's password is xyzzyplugh.\n")
    ws.ingest([pages], "brook", ws.owner())
    ws.remove_source("pages", ws.owner())
    held = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert b"xyzzyplugh" not in held


def test_private_rooms_go_with_their_source(ws: Workspace, tmp_path: Path) -> None:
    chat = tmp_path / "chat.jsonl"
    chat.write_text(TEAM.replace('"channel"', '"private": true, "channel"'))
    ws.ingest([chat], "den", ws.owner(), indexer="jsonl", include_private=True)
    assert len(ws.silos(ws.owner())) == 2
    ws.remove_source("jsonl", ws.owner())
    assert [silo.name for silo in ws.silos(ws.owner())] == [SiloName("den")]
    ws.ingest([chat], "den", ws.owner(), indexer="jsonl", include_private=True)
    assert ws.search(Query("otters"), ws.owner()).hits[0].passage.silo == "den/#den"


def test_only_the_owner_reads_again_watches_or_forgets(ws: Workspace, pages: Path) -> None:
    ws.ingest([pages], "brook", ws.owner(), readers=frozenset({"everyone"}))
    for attempt in (
        lambda: ws.sync(None, ws.anonymous()),
        lambda: ws.remove_source("pages", ws.anonymous()),
        lambda: ws.changes([pages], ws.anonymous()),
    ):
        with pytest.raises(NotPermitted):
            attempt()


# ── watched ──────────────────────────────────────────────────────────────────────────────────────


def test_a_changed_file_is_told_once_and_the_home_is_not_watched(tmp_path: Path) -> None:
    folder = _pages(tmp_path / "pages", "heron")
    with Workspace.open(Settings(home=folder / "home", model="hashing"), create=True) as ws:
        deadline = time.monotonic() + PATIENCE
        changes = ws.changes([folder], ws.owner(), quiet=0.2, go_on=lambda: time.monotonic() < deadline)
        next(changes)
        _write(folder, "otter")
        _write(folder, "stoat")
        next(changes)
        ws.ingest([folder / "heron.md"], "brook", ws.owner())
        (folder / ".git").mkdir()
        (folder / ".git" / "x.md").write_text("no")
        deadline = time.monotonic() + 1.5
        assert not list(changes)


def test_a_file_is_watched_though_it_is_replaced(ws: Workspace, tmp_path: Path) -> None:
    export = tmp_path / "in" / "chat.jsonl"
    export.parent.mkdir()
    export.write_text(TEAM)
    deadline = time.monotonic() + PATIENCE
    changes = ws.changes([export], ws.owner(), quiet=0.2, go_on=lambda: time.monotonic() < deadline)
    next(changes)
    for _ in range(2):
        new = tmp_path / "new"
        new.write_text(TEAM)
        new.replace(export)
        next(changes)
    with pytest.raises(MissingPath):
        next(ws.changes([tmp_path / "nowhere"], ws.owner()))


def test_the_command_takes_in_a_real_change_and_ends_cleanly_on_ctrl_c(home: Path, pages: Path) -> None:
    words = ["--home", str(home), "ingest", str(pages), "--silo", "brook", "--watch"]
    environment = {**os.environ, "SENSEMAKE_MODEL": "hashing"}
    with subprocess.Popen(
        [sys.executable, "-m", "sensemake", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        try:
            assert "brook: 3 documents" in watching.stdout.readline()
            _write(pages, "newt")
            assert "brook: 4 documents (3 unchanged" in watching.stdout.readline()
            watching.send_signal(signal.SIGINT)
            _, said = watching.communicate(timeout=PATIENCE)
        finally:
            watching.kill()
    assert (watching.returncode, said.splitlines()[-1]) == (0, "stopped watching; everything finished is kept")
    assert "Traceback" not in said
