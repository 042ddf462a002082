"""The reflections indexer keeps the contract of an Indexer, and its promise to those who are anonymous."""

from __future__ import annotations

from pathlib import Path

from sensemake.indexers.reflections import ReflectionsIndexer
from sensemake.model import Coverage, Document, Kind, ReadFailure, SiloName, Source
from sensemake.protocols import Indexer
from sensemake.testing.indexer import IndexerContract

SURVEY = """Timestamp,Name,What went well?,What next?
2026-05-14,Ines Okafor,The seal held,Order two spares
2026-05-14,Bo Lindqvist,Nobody got wet,
"""


class TestReflectionsIndexer(IndexerContract):
    def make_indexer(self) -> Indexer:
        return ReflectionsIndexer()

    def make_sample(self, folder: Path) -> Path:
        root = folder / "retrospectives"
        root.mkdir()
        (root / "2026-05-14-pump.md").write_text("---\nauthor: Ines Okafor\n---\n## What did happen?\nIt leaked.\n")
        (root / "survey.csv").write_text(SURVEY)
        (root / "log.jsonl").write_text('{"id": "r1", "anonymous": true, "name": "Bo", "text": "Bo saw it, @ines"}\n')
        return root

    def make_broken(self, folder: Path) -> Path:
        root = self.make_sample(folder)
        (root / "noise.md").write_bytes(b"\x00\x01\x02")
        (root / "cut.jsonl").write_text('{"id": "r1", "answers": {"Why?": "Becau')
        (root / "noise.csv").write_bytes(b"\x00\x01\x02")
        return root


def test_a_source_that_is_anonymous_gives_away_nobody(tmp_path: Path) -> None:
    secrets = ("ines", "okafor", "bo@heron.example", "lindqvist")
    folder = tmp_path / "retrospectives"
    folder.mkdir()
    (folder / "ines-okafor.md").write_text("---\nauthor: Ines Okafor\n---\nIt was Ines Okafor, or @ines.\n")
    (folder / "ines-okafor.pdf").write_text("no PDF")
    (folder / "bo-lindqvist.csv").write_text("Name,Email,What?\nBo Lindqvist,bo@heron.example,Bo Lindqvist did\n")
    items = _read(folder, {"map.anonymous": "=yes"})
    assert len([item for item in items if isinstance(item, Document)]) == 2
    assert any(isinstance(item, ReadFailure) for item in items)
    told = " ".join(repr(item) for item in items if not isinstance(item, Coverage)).replace(repr(tmp_path), "").lower()
    assert not [secret for secret in secrets if secret in told]


def test_the_examples_of_the_documentation_are_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reflections.md").read_text(encoding="utf-8")
    for language, ending in (("markdown", "md"), ("csv", "csv"), ("json", "jsonl")):
        example = page.partition(f"```{language}\n")[2].partition("```")[0]
        (tmp_path / f"retro.{ending}").write_text(example, encoding="utf-8")
    items = _read(tmp_path, {})
    found = {item.uri: item for item in items if isinstance(item, Document)}
    assert not [item for item in items if isinstance(item, ReadFailure)]
    assert {item.kind for item in found.values()} == {Kind.REFLECTION}
    assert len(found) == 5
    assert found["notes/retro.csv/row=2"].facets["How did it go?"] == "4"
    assert found["notes/retro.jsonl/r1"].facets["control"] == "4"
    assert found["notes/retro.md"].facets["template"] == "after-action-review"


def _read(folder: Path, options: dict[str, str]) -> list[Document | ReadFailure | Coverage]:
    source = Source(SiloName("garden"), "notes", "reflections", "notes", options)
    return list(ReflectionsIndexer().read(folder, source))
