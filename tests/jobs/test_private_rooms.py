"""A private room is a silo of its own, and stays its own when names change hands."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.model import Query, Silo, SiloName
from sensemake.workspace import Workspace

BURIED = "We buried the strongbox beneath the juniper"
FRESH = "The newcomers meet beside the pond on Tuesday"


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        yield workspace


def _export(path: Path, *groups: tuple[str, str, str, str]) -> Path:
    """A Slack export of private channels: id, name, its one member, what was said in it."""
    listed = [{"id": key, "name": name, "members": [member]} for key, name, member, _ in groups]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", json.dumps([{"id": "U1", "team_id": "T1"}, {"id": "U2", "team_id": "T1"}]))
        archive.writestr("channels.json", "[]")
        archive.writestr("groups.json", json.dumps(listed))
        for number, (_, name, member, text) in enumerate(groups):
            entry = {"type": "message", "user": member, "text": text, "ts": f"171455400{number}.000100"}
            archive.writestr(f"{name}/2024-05-01.json", json.dumps([entry]))
    return path


def _ingest(ws: Workspace, path: Path) -> None:
    ws.ingest([path], "garden", ws.owner(), include_private=True, allow_removals=True)


def _readers(ws: Workspace) -> dict[SiloName, frozenset[str]]:
    return {silo.name: silo.readers for silo in ws.silos(ws.owner()) if "/" in silo.name}


def _where(ws: Workspace, words: str) -> set[SiloName]:
    hits = ws.search(Query(words), ws.owner()).hits
    return {hit.passage.silo for hit in hits if hit.passage.text.strip() == words}


def test_a_room_that_takes_over_a_name_gets_no_documents_of_the_other(ws: Workspace, tmp_path: Path) -> None:
    _ingest(ws, _export(tmp_path / "1.zip", ("G1", "circle", "U1", BURIED)))
    _ingest(ws, _export(tmp_path / "2.zip", ("G1", "elders", "U1", BURIED), ("G9", "circle", "U2", FRESH)))
    (new,) = _where(ws, FRESH)
    assert new.startswith("garden/#circle~")
    assert _readers(ws)[new] == {"slack:U2"}
    assert _readers(ws)[SiloName("garden/#circle")] == {"slack:U1"}
    assert _where(ws, BURIED) == {"garden/#elders"}


def test_a_room_that_is_no_longer_in_the_export_keeps_its_readers(ws: Workspace, tmp_path: Path) -> None:
    _ingest(ws, _export(tmp_path / "1.zip", ("G1", "circle", "U1", BURIED)))
    _ingest(ws, _export(tmp_path / "2.zip", ("G9", "circle", "U2", FRESH)))
    assert _where(ws, BURIED) == {"garden/#circle"}
    assert _readers(ws)[SiloName("garden/#circle")] == {"slack:U1"}


def test_read_again_every_room_keeps_its_silo(ws: Workspace, tmp_path: Path) -> None:
    _ingest(ws, _export(tmp_path / "1.zip", ("G1", "circle", "U1", BURIED)))
    for name in ("2.zip", "3.zip"):
        _ingest(ws, _export(tmp_path / name, ("G9", "circle", "U2", FRESH)))
        _ingest(ws, _export(tmp_path / name, ("G1", "circle", "U1", BURIED)))
    assert len(_readers(ws)) == 2


def test_a_silo_that_was_there_before_is_nobodys_room(ws: Workspace, tmp_path: Path) -> None:
    """As in a home that was written before rooms had keys."""
    ws._catalog.access.add_silo(Silo(SiloName("garden/#circle"), frozenset({"slack:U2"})))
    _ingest(ws, _export(tmp_path / "1.zip", ("G1", "circle", "U1", BURIED)))
    assert _readers(ws)[SiloName("garden/#circle")] == {"slack:U2"}
    assert all(silo.startswith("garden/#circle~") for silo in _where(ws, BURIED))
