"""The files indexer keeps the contract of an Indexer."""

from __future__ import annotations

from pathlib import Path

from sensemake.indexers.files import FilesIndexer
from sensemake.protocols import Indexer
from sensemake.testing.indexer import IndexerContract

PAGE = """---
title: Pump trials
author: Ines Okafor <ines@heron.example>
date: 2026-05-14
---
# Pump trials

We tried three pumps.

## 3 June 2026

@bo saw the second one leak.
"""

CALL = """WEBVTT

1
00:00:05.120 --> 00:00:07.000
Bo Lindqvist: Shall we begin?
"""


class TestFilesIndexer(IndexerContract):
    def make_indexer(self) -> Indexer:
        return FilesIndexer()

    def make_sample(self, folder: Path) -> Path:
        root = folder / "notes"
        (root / "more").mkdir(parents=True)
        (root / "pumps.md").write_text(PAGE)
        (root / "more" / "2026-04-01-visit.txt").write_text("Bo and Ines went to the weir.\n")
        (root / "more" / "list.csv").write_text("part,count\npump,3\nvalve,5\n")
        (root / "2026-05-02_007").mkdir()
        (root / "2026-05-02_007" / "chat.txt").write_text("00:01:02\tInes Okafor:\tgood morning\n")
        (root / "2026-05-02_007" / "call.vtt").write_text(CALL)
        (root / "people.csv").write_text("person_id,name\np1,Ines Okafor\n")
        return root

    def make_broken(self, folder: Path) -> Path:
        root = self.make_sample(folder)
        (root / "empty.md").touch()
        (root / "named.pdf").write_text("This is no PDF file.")
        (root / "cut.srt").write_text("1\n")
        (root / "noise.txt").write_bytes(b"\x00\x01\x02")
        (root / "loop").symlink_to(root)
        (root / "out.md").symlink_to("/etc/hostname")
        return root
