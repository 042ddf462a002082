"""Office documents, books and PDF files, made here by libraries, keep headings, tables, places and people."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from sensemake.indexers.files import FilesIndexer
from sensemake.model import Document, Part, ReadFailure, Reason, SiloName, Source

SOURCE = Source(SiloName("garden"), "notes", "files", "notes")


def read(path: Path) -> Document:
    item = next(iter(FilesIndexer().read(path, SOURCE)))
    assert isinstance(item, Document), item
    return item


def failure(path: Path) -> ReadFailure:
    item = next(iter(FilesIndexer().read(path, SOURCE)))
    assert isinstance(item, ReadFailure), item
    return item


def shown(part: Part) -> tuple[str, tuple[str, ...], str]:
    return part.locator, part.headings, part.text


def people(document: Document) -> list[str]:
    return [f"{c.role} {c.handle}" for c in document.contributions]


# ── Word ─────────────────────────────────────────────────────────────────────────────────────────


def word(path: Path, write: Callable[[Any], None]) -> Path:
    document = docx.Document()
    document.core_properties.author = ""
    write(document)
    document.save(str(path))
    return path


def test_word_headings_lists_and_tables(tmp_path: Path) -> None:
    def write(document: Any) -> None:
        document.add_heading("Pond", 0)
        document.add_paragraph("Before any heading.")
        document.add_heading("Depth", 1)
        document.add_paragraph("north", style="List Bullet")
        document.add_paragraph("south", style="List Bullet")
        document.add_heading("Table", 2)
        table = document.add_table(2, 2)
        for number, text in enumerate(("bed", "depth", "one", "2 m")):
            table.cell(number // 2, number % 2).text = text

    document = read(word(tmp_path / "pond.docx", write))
    assert document.title == "Pond"
    assert [shown(part) for part in document.parts] == [
        ("", (), "Pond\nBefore any heading."),
        ("heading=Depth", ("Depth",), "Depth\nnorth\n\nsouth"),
        ("heading=Depth/Table", ("Depth", "Table"), "Table\nbed | depth\none | 2 m"),
    ]


def test_word_properties(tmp_path: Path) -> None:
    def write(document: Any) -> None:
        told = document.core_properties
        told.title, told.author, told.last_modified_by = "Pond plan", "Visser, Anouk", "Bela Marton"
        told.created, told.modified = datetime(2026, 5, 1, 8), datetime(2026, 5, 4, 9, 30)  # noqa: DTZ001
        told.keywords = "pond, frogs"
        document.add_paragraph("Words.")

    document = read(word(tmp_path / "x.docx", write))
    assert document.title == "Pond plan"
    assert people(document) == ["wrote name:Anouk Visser", "edited name:Bela Marton"]
    assert document.time is not None
    assert document.time.isoformat() == "2026-05-04T09:30:00+00:00"
    assert document.facets == {"tags": "pond, frogs"}
    assert str(document.parts[0].author) == "name:Anouk Visser"


def test_word_of_a_library_has_no_author_and_no_date(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Words.")
    document.save(str(tmp_path / "x.docx"))
    found = read(tmp_path / "x.docx")
    assert (found.contributions, found.time) == ((), None)


def test_word_keeps_what_python_docx_passes_over(tmp_path: Path) -> None:
    """Content controls, tracked insertions, text boxes; what was deleted or moved away, or is there twice, is gone."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

    def run(text: str) -> str:
        return f"<w:r><w:t>{text}</w:t></w:r>"

    def write(document: Any) -> None:
        from docx.oxml import parse_xml

        body = document.element.body
        for xml in (
            f"<w:sdt {space}><w:sdtContent><w:p>{run('in a control')}</w:p></w:sdtContent></w:sdt>",
            f"<w:p {space}><w:ins>{run('inserted')}</w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>",
            f"<w:p {space}><w:moveFrom>{run('moved away')}</w:moveFrom><w:moveTo>{run('moved')}</w:moveTo></w:p>",
            f"<w:p {space}><w:r><w:t>once</w:t><w:Fallback><w:t>twice</w:t></w:Fallback></w:r></w:p>",
            f"<w:p {space}><w:r><w:txbxContent><w:p>{run('in a box')}</w:p></w:txbxContent></w:r></w:p>",
        ):
            body.insert(0, parse_xml(xml))

    text = read(word(tmp_path / "x.docx", write)).parts[0].text
    assert text == "in a box\n\nonce\n\nmoved\n\ninserted\n\nin a control"


def test_word_comments_are_their_authors(tmp_path: Path) -> None:
    def write(document: Any) -> None:
        paragraph = document.add_paragraph("The pond is deep.")
        document.add_comment(paragraph.runs, text="How deep?", author="Bela Marton", initials="BM")

    found = read(word(tmp_path / "x.docx", write))
    assert [(part.locator, str(part.author), part.text) for part in found.parts] == [
        ("", "None", "The pond is deep."),
        ("comment=0", "name:Bela Marton", "How deep?"),
    ]


# ── PowerPoint, Excel ────────────────────────────────────────────────────────────────────────────


def test_slides(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text, first.placeholders[1].text = "Frogs", "They sing.\nAt night."
    first.notes_slide.notes_text_frame.text = "Play the record."
    second = deck.slides.add_slide(deck.slide_layouts[6])
    table = second.shapes.add_table(2, 2, 0, 0, Inches(4), Inches(1)).table
    for number, text in enumerate(("pond", "frogs", "north", "4")):
        table.cell(number // 2, number % 2).text = text
    data = CategoryChartData()
    data.categories = ["May", "June"]
    data.add_series("Songs", (3, 4))
    second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(3), Inches(2), data)
    told = deck.core_properties
    told.author, told.last_modified_by, told.title = "Anouk Visser", "", "Frogs of May"
    deck.save(str(tmp_path / "frogs.pptx"))

    document = read(tmp_path / "frogs.pptx")
    assert document.title == "Frogs of May"
    assert [shown(part) for part in document.parts] == [
        ("slide=1", ("Frogs",), "Frogs\nThey sing.\nAt night.\n\nNotes: Play the record."),
        ("slide=2", (), "pond | frogs\nnorth | 4\n\nSongs\nMay, June"),
    ]
    assert people(document) == ["wrote name:Anouk Visser"]


def test_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Beds"
    sheet.append(["bed", "litres", "since"])
    for number in range(1, 43):
        sheet.append([f"b{number}", number / 2, datetime(2026, 5, 4)])  # noqa: DTZ001
    other = book.create_sheet("Far away")
    other["D900000"] = "alone"
    book.properties.creator = "Bela Marton"
    book.save(str(tmp_path / "beds.xlsx"))

    first, second, third = read(tmp_path / "beds.xlsx").parts
    assert (first.locator, first.headings) == ("sheet=Beds;row=1-40", ("Beds",))
    assert first.text.startswith("Beds\nbed | litres | since\nb1 | 0.5 | 2026-05-04\n")
    assert shown(second) == (
        "sheet=Beds;row=41-43",
        ("Beds",),
        "bed | litres | since\nb40 | 20 | 2026-05-04\nb41 | 20.5 | 2026-05-04\nb42 | 21 | 2026-05-04",
    )
    assert shown(third) == ("sheet=Far away;row=900000", ("Far away",), "Far away\n |  |  | alone")
    assert str(third.author) == "name:Bela Marton"


# ── OpenDocument, EPUB ───────────────────────────────────────────────────────────────────────────

SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("meta", "meta"),
        ("draw", "drawing"),
    )
)


def zipped(path: Path, members: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_opendocument_text(tmp_path: Path) -> None:
    content = f"""<office:document-content {SPACES}><office:body><office:text>
    <text:tracked-changes><text:p>gone</text:p></text:tracked-changes>
    <text:p>First<text:tab/>words<text:s text:c="2"/>here<text:note><text:note-citation>1</text:note-citation>
      <text:note-body><text:p>a note</text:p></text:note-body></text:note>.</text:p>
    <text:h text:outline-level="1">Depth</text:h>
    <text:list><text:list-item><text:p>north</text:p></text:list-item><text:list-item><text:p>south</text:p>
      </text:list-item></text:list>
    <text:section><text:h text:outline-level="2">Table</text:h></text:section>
    <table:table><table:table-row><table:table-cell><text:p>bed</text:p></table:table-cell>
      <table:table-cell table:number-columns-repeated="2"><text:p>2 m</text:p></table:table-cell></table:table-row>
    </table:table></office:text></office:body></office:document-content>"""
    meta = f"""<office:document-meta {SPACES} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>
    <meta:initial-creator>Anouk Visser</meta:initial-creator><dc:creator>Bela Marton</dc:creator>
    <dc:date>2026-05-04T09:30:00.123456789</dc:date></office:meta></office:document-meta>"""
    document = read(zipped(tmp_path / "pond.odt", {"content.xml": content, "meta.xml": meta}))
    assert [shown(part) for part in document.parts] == [
        ("", (), "First\twords  here (a note) ."),
        ("heading=Depth", ("Depth",), "Depth\n- north\n- south"),
        ("heading=Depth/Table", ("Depth", "Table"), "Table\nbed | 2 m | 2 m"),
    ]
    assert people(document) == ["wrote name:Anouk Visser", "edited name:Bela Marton"]
    assert document.time is not None
    assert document.time.date().isoformat() == "2026-05-04"


def test_an_opendocument_with_a_password(tmp_path: Path) -> None:
    manifest = '<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    path = zipped(tmp_path / "x.odt", {"content.xml": "noise", "META-INF/manifest.xml": manifest})
    assert failure(path).reason is Reason.ENCRYPTED


CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
BOOK = """<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Ponds</dc:title>
<dc:creator>Anouk Visser</dc:creator><dc:creator>Bela Marton</dc:creator><dc:date>2026-05-04</dc:date></metadata>
<manifest><item id="b" href="two.xhtml" media-type="application/xhtml+xml"/><item id="a" href="one%20a.xhtml"
media-type="application/xhtml+xml"/><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
</manifest><spine><itemref idref="n"/><itemref idref="a"/><itemref idref="b"/></spine></package>"""


def test_a_book_in_reading_order(tmp_path: Path) -> None:
    members = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": BOOK,
        "OEBPS/one a.xhtml": "<html><body><h1>One</h1><p>Digging.</p></body></html>",
        "OEBPS/two.xhtml": "<html><body><h1>Two</h1><p>Filling.</p></body></html>",
        "OEBPS/nav.xhtml": "<html><body>One Two</body></html>",
    }
    document = read(zipped(tmp_path / "x.epub", members))
    assert document.title == "Ponds"
    assert [shown(part) for part in document.parts] == [
        ("heading=One", ("One",), "One\nDigging."),
        ("heading=Two", ("Two",), "Two\nFilling."),
    ]
    assert people(document) == ["wrote name:Anouk Visser", "wrote name:Bela Marton"]


def test_a_book_that_is_protected(tmp_path: Path) -> None:
    locked = '<encryption><CipherReference URI="OEBPS/one%20a.xhtml"/></encryption>'
    members = {"META-INF/container.xml": CONTAINER, "META-INF/encryption.xml": locked, "OEBPS/book.opf": BOOK}
    assert failure(zipped(tmp_path / "x.epub", members)).reason is Reason.ENCRYPTED


# ── PDF ──────────────────────────────────────────────────────────────────────────────────────────


def pdf(path: Path, **options: Any) -> Canvas:
    return Canvas(str(path), invariant=1, **options)


def test_pdf_pages_bookmarks_and_properties(tmp_path: Path) -> None:
    canvas = pdf(tmp_path / "x.pdf")
    canvas.setTitle("Ponds")
    canvas.setAuthor("Anouk Visser")
    for number, heading in enumerate(("Digging", "Filling", "")):
        canvas.drawString(72, 700, f"Words of page {number + 1}.")
        if heading:
            canvas.bookmarkPage(heading)
            canvas.addOutlineEntry(heading, heading, level=number)
        canvas.showPage()
    canvas.save()
    document = read(tmp_path / "x.pdf")
    assert document.title == "Ponds"
    assert people(document) == ["wrote name:Anouk Visser"]
    assert [shown(part) for part in document.parts] == [
        ("page=1", ("Digging",), "Words of page 1."),
        ("page=2", ("Digging", "Filling"), "Words of page 2."),
        ("page=3", ("Digging", "Filling"), "Words of page 3."),
    ]


def test_a_pdf_with_a_password(tmp_path: Path) -> None:
    canvas = pdf(tmp_path / "x.pdf", encrypt=StandardEncryption("secret"))
    canvas.drawString(72, 700, "Words.")
    canvas.save()
    assert failure(tmp_path / "x.pdf").reason is Reason.ENCRYPTED


def test_a_pdf_that_may_be_opened_is_read(tmp_path: Path) -> None:
    canvas = pdf(tmp_path / "x.pdf", encrypt=StandardEncryption("", ownerPassword="secret"))
    canvas.drawString(72, 700, "Words.")
    canvas.save()
    assert read(tmp_path / "x.pdf").parts[0].text == "Words."


def test_a_scanned_pdf(tmp_path: Path) -> None:
    canvas = pdf(tmp_path / "x.pdf")
    canvas.rect(10, 10, 100, 100, fill=1)
    canvas.save()
    found = failure(tmp_path / "x.pdf")
    assert found.reason is Reason.EMPTY
    assert "no text layer" in found.detail


@pytest.mark.parametrize("suffix", ["docx", "pptx", "xlsx"])
def test_an_office_file_with_a_password(tmp_path: Path, suffix: str) -> None:
    """Such a file is an OLE container with a stream of that name (MS-OFFCRYPTO 2.3.4)."""
    from msoffcrypto.format.ooxml import OOXMLFile

    word(tmp_path / "plain.docx", lambda document: document.add_paragraph("Words."))
    with (tmp_path / "plain.docx").open("rb") as plain, (tmp_path / f"x.{suffix}").open("wb") as locked:
        OOXMLFile(plain).encrypt("secret", locked)
    assert failure(tmp_path / f"x.{suffix}").reason is Reason.ENCRYPTED


@pytest.mark.parametrize("stated", ["A1", "A1:XFD1048576"])
def test_the_size_that_a_sheet_states_is_not_trusted(tmp_path: Path, stated: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number in range(3):
        sheet.append([f"a{number}", f"b{number}"])
    book.save(str(tmp_path / "right.xlsx"))
    with zipfile.ZipFile(tmp_path / "right.xlsx") as right, zipfile.ZipFile(tmp_path / "x.xlsx", "w") as lying:
        for name in right.namelist():
            lying.writestr(name, right.read(name).replace(b'ref="A1:B3"', f'ref="{stated}"'.encode()))
    assert read(tmp_path / "x.xlsx").parts[0].text == "Sheet\na0 | b0\na1 | b1\na2 | b2"
