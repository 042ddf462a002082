"""`--redact` masks before anything is stored, counts it, and stays with the source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.model import Query
from sensemake.workspace import Workspace

PAGE = """---
title: Pump house
author: Ada Lind <ada@example.org>
---
# Who to call

The pump house is run by bo@example.org, who answers +44 20 7946 0958 at night. password: hunter2secret
"""


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        yield workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.md").write_text(PAGE)
    return folder


def text(ws: Workspace) -> str:
    (hit,) = ws.search(Query("pump house"), ws.owner()).hits
    return hit.passage.text


def test_it_is_masked_counted_and_kept_for_next_time(ws: Workspace, folder: Path, tmp_path: Path) -> None:
    report = ws.ingest([folder], "notes", ws.owner(), redact=True)
    assert dict(report.masked) == {"email": 1, "phone": 1, "secret": 1}
    assert "run by [email], who answers [phone] at night. password: [secret]" in text(ws)
    for file in (tmp_path / "home").rglob("*"):
        if file.is_file():
            for word in (b"bo@example", b"7946", b"hunter2"):
                assert word not in file.read_bytes(), file
    again = ws.ingest([folder], "notes", ws.owner())
    assert (again.unchanged, dict(again.masked)) == (1, {"email": 1, "phone": 1, "secret": 1})
    assert ws.sync(None, ws.owner())[0].outcome.unchanged == 1  # type: ignore[union-attr]


def test_who_wrote_it_stays(ws: Workspace, folder: Path) -> None:
    ws.ingest([folder], "notes", ws.owner(), redact=True)
    (hit,) = ws.search(Query("pump house"), ws.owner()).hits
    assert hit.authors == ("Ada Lind",)


def test_it_can_be_taken_back_and_is_off_by_default(ws: Workspace, folder: Path) -> None:
    assert not ws.ingest([folder], "notes", ws.owner()).masked
    assert "bo@example.org" in text(ws)
    ws.ingest([folder], "notes", ws.owner(), redact=True)
    assert "bo@example.org" not in text(ws)
    assert not ws.ingest([folder], "notes", ws.owner(), redact=False).masked
    assert not ws.ingest([folder], "notes", ws.owner()).masked
    assert "bo@example.org" in text(ws)
