"""The readers of wiki exports keep the contract of an Indexer."""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import ZipFile

from sensemake.indexers.confluence import ConfluenceIndexer
from sensemake.indexers.mediawiki import MediaWikiIndexer
from sensemake.indexers.notion import NotionIndexer
from sensemake.indexers.obsidian import ObsidianIndexer
from sensemake.protocols import Indexer
from sensemake.testing.indexer import IndexerContract

GOLDEN = Path(__file__).parents[1] / "golden"
ID = "0123456789abcdef0123456789abcde"
DUMP = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">
<page><title>Gate</title><ns>0</ns><id>1</id><revision><id>1</id><timestamp>2026-05-01T10:00:00Z</timestamp>
<contributor><username>Ines Okafor</username></contributor><text>The gate is open.</text></revision></page>
<page><title>Sluice</title><ns>0</ns><id>2</id><revision><id>2</id><timestamp>2026-05-01T10:00:00Z</timestamp>
<contributor><username>Bo Lindqvist</username></contributor><text>== Water ==
It is high.</text></revision></page>
</mediawiki>"""
PAGE = """<html><head><title>Weir : {0}</title></head><body><ol id="breadcrumbs"><li>Weir</li></ol>
<h1 id="title-heading"><span id="title-text">Weir : {0}</span></h1><div class="page-metadata">Created by
<span class='author'>Ines Okafor</span> on May 14, 2026</div><div id="main-content"><p>The {0} is open.</p></div>
</body></html>"""


class TestMediaWikiIndexer(IndexerContract):
    def make_indexer(self) -> Indexer:
        return MediaWikiIndexer()

    def make_sample(self, folder: Path) -> Path:
        (folder / "wiki.xml").write_text(DUMP)
        return folder / "wiki.xml"

    def make_broken(self, folder: Path) -> Path:
        (folder / "wiki.xml").write_text(DUMP[:-60])
        return folder / "wiki.xml"


class TestConfluenceIndexerOnHtml(IndexerContract):
    def make_indexer(self) -> Indexer:
        return ConfluenceIndexer()

    def make_sample(self, folder: Path) -> Path:
        with ZipFile(folder / "space.zip", "w") as archive:
            archive.writestr("WEIR/styles/site.css", "body {}")
            archive.writestr("WEIR/Gate_100001.html", PAGE.format("gate"))
            archive.writestr("WEIR/Sluice_100002.html", PAGE.format("sluice"))
        return folder / "space.zip"

    def make_broken(self, folder: Path) -> Path:
        with ZipFile(self.make_sample(folder), "a") as archive:
            archive.writestr("WEIR/Noise_100003.html", b"\x00\x01\x02")
            archive.writestr("WEIR/attachments/1/a.pdf", b"no PDF")
        return folder / "space.zip"


class TestConfluenceIndexerOnXml(IndexerContract):
    def make_indexer(self) -> Indexer:
        return ConfluenceIndexer()

    def make_sample(self, folder: Path) -> Path:
        """The golden space without what is left out of it."""
        shutil.copytree(GOLDEN / "confluence" / "xml_of_a_space" / "backup", folder / "space")
        entities = (folder / "space" / "entities.xml").read_text()
        kept = [line for line in entities.split("\n") if not any(f'"id">10{n}<' in line for n in (1, 2, 3, 5))]
        (folder / "space" / "entities.xml").write_text("\n".join(kept))
        return folder / "space"

    def make_broken(self, folder: Path) -> Path:
        path = self.make_sample(folder)
        entities = (path / "entities.xml").read_text()
        (path / "entities.xml").write_text(entities.replace("</hibernate-generic>", '<object class="Page"><id'))
        return path


class TestNotionIndexer(IndexerContract):
    def make_indexer(self) -> Indexer:
        return NotionIndexer()

    def make_sample(self, folder: Path) -> Path:
        with ZipFile(folder / "export.zip", "w") as archive:
            archive.writestr(f"Weir {ID}1.md", "# Weir\n\nTwo pumps.\n")
            archive.writestr(f"Weir {ID}1/Tasks {ID}2.csv", "Name,Status\nSeal,Done\n")
            archive.writestr(
                f"Weir {ID}1/Tasks {ID}2/Seal {ID}3.md", "# Seal\n\nStatus: Done\nPerson: Bo Weir\n\nNo 7.\n"
            )
        return folder / "export.zip"

    def make_broken(self, folder: Path) -> Path:
        with ZipFile(self.make_sample(folder), "a") as archive:
            archive.writestr(f"Noise {ID}4.md", b"\x00\x01\x02")
            archive.writestr("../climbs.md", "no")
        return folder / "export.zip"


class TestObsidianIndexer(IndexerContract):
    def make_indexer(self) -> Indexer:
        return ObsidianIndexer()

    def make_sample(self, folder: Path) -> Path:
        vault = folder / "vault"
        (vault / ".obsidian").mkdir(parents=True)
        (vault / ".obsidian" / "app.json").write_text("{}")
        (vault / "pump.md").write_text("---\nauthor: Ines Okafor\n---\nSee [[Seal|the seal]]. #pumps\n")
        (vault / "seal.md").write_text("# Seal\n![[pump]]\n")
        return vault

    def make_broken(self, folder: Path) -> Path:
        vault = self.make_sample(folder)
        (vault / "noise.md").write_bytes(b"\xff\xfe\x00")
        (vault / "noise.canvas").write_text("{")
        return vault
