"""Several who use one home: each sees what the others wrote, at its next question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.model import Query
from sensemake.workspace import Workspace


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Workspace, Workspace]]:
    settings = Settings(home=tmp_path / "home", model="hashing")
    with Workspace.open(settings, create=True) as writer, Workspace.open(settings) as reader:
        writer.add_silo("notes", frozenset(), writer.owner())
        yield writer, reader


def found(ws: Workspace, text: str) -> list[str]:
    return [hit.passage.text for hit in ws.search(Query(text, limit=50), ws.owner()).hits]


def test_a_reflection_is_found_a_moment_later_by_everybody(two: tuple[Workspace, Workspace]) -> None:
    writer, reader = two
    writer.reflect("The barometer fell before the storm.", writer.owner(), silo="notes")
    assert found(writer, "barometer")[:1] == found(reader, "barometer")[:1] != []


def test_what_was_read_ahead_gives_way_to_what_was_written(two: tuple[Workspace, Workspace], tmp_path: Path) -> None:
    """A reader holds changes in memory; then the writer makes them, and later ones, durable."""
    writer, reader = two
    page = tmp_path / "pages" / "a.md"
    page.parent.mkdir()
    writer.reflect("The barometer fell before the storm.", writer.owner(), silo="notes")
    assert found(reader, "barometer")
    for words in ("A thermometer on the roof.", "An anemometer on the mast."):
        page.write_text(f"# Page\n\n{words}\n", encoding="utf-8")
        writer.ingest([page.parent], "notes", writer.owner())
        assert found(reader, words)[0].endswith(words)
    assert not any("thermometer" in text for text in found(reader, "thermometer roof"))
    page.unlink()
    writer.ingest([page.parent], "notes", writer.owner(), allow_removals=True)
    assert not any("anemometer" in text for text in found(reader, "anemometer mast"))
    assert found(reader, "barometer")


def test_a_grant_made_elsewhere_holds_at_the_next_question(two: tuple[Workspace, Workspace], tmp_path: Path) -> None:
    writer, reader = two
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "people.csv").write_text("person_id,name,groups\np1,Ada Lind,staff\n", encoding="utf-8")
    (folder / "a.md").write_text("# Page\n\nThe barometer fell.\n", encoding="utf-8")
    writer.ingest([folder], "notes", writer.owner())

    def seen() -> bool:
        return bool(reader.search(Query("barometer"), reader.principal_for("p1")).hits)

    assert not seen()
    writer.grant("notes", frozenset({"staff"}), writer.owner())
    assert seen()
    writer.revoke("notes", frozenset({"staff"}), writer.owner())
    assert not seen()
