"""Hostile files are refused or read harmlessly: nothing is resolved, explodes, is fetched or followed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest

from sensemake.indexers.files import FilesIndexer
from sensemake.model import Document, ReadFailure, Reason, SiloName, Source

SOURCE = Source(SiloName("garden"), "notes", "files", "notes")
SECRET = "the words of another file"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION_LAUGHS = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]>'


def read(folder: Path) -> tuple[list[Document], list[ReadFailure]]:
    items = list(FilesIndexer().read(folder, SOURCE))
    return [i for i in items if isinstance(i, Document)], [i for i in items if isinstance(i, ReadFailure)]


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    held = BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def word(**changed: str | bytes) -> bytes:
    """A Word document some of whose members were changed; `word__document` is `word/document.xml`."""
    held = BytesIO()
    docx.Document().save(held)
    with ZipFile(BytesIO(held.getvalue())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**members, **{f"{name.replace('__', '/')}.xml": content for name, content in changed.items()}})


def odt(content: str) -> bytes:
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def epub(package: str) -> bytes:
    container = '<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>'
    return zipped({"META-INF/container.xml": container, "p.opf": package})


def xxe(target: Path) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "{target.as_uri()}">]>'


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ODF = 'xmlns:o="urn:office" xmlns:t="urn:text"'


@pytest.mark.parametrize("kind", ["docx", "core", "odt", "epub", "xml", "utf16"])
@pytest.mark.parametrize("attack", ["laughs", "xxe"])
def test_entities_are_refused(tmp_path: Path, kind: str, attack: str) -> None:
    (tmp_path / "secret").write_text(SECRET)
    head, entity = (BILLION_LAUGHS, "&l9;") if attack == "laughs" else (xxe(tmp_path / "secret"), "&x;")
    body = f"{head}<w:document {W}><w:body><w:p><w:r><w:t>{entity}</w:t></w:r></w:p></w:body></w:document>"
    data = {
        "docx": word(word__document=body),
        "core": word(docProps__core=f"{head}<d>{entity}</d>"),
        "odt": odt(f"{head}<o:x {ODF}><o:body><o:text><t:p>{entity}</t:p></o:text></o:body></o:x>"),
        "epub": epub(f"{head}<package><metadata><title>{entity}</title></metadata></package>"),
        "xml": f"{head}<d>{entity}</d>".encode(),
        "utf16": f"{head}<d>{entity}</d>".replace('"1.0"?', '"1.0" encoding="utf-16"?').encode("utf-16"),
    }[kind]
    suffix = {"core": "docx", "utf16": "xml"}.get(kind, kind)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"file.{suffix}").write_bytes(data)
    documents, (failure,) = read(tmp_path / "in")
    assert not documents
    assert failure.reason is Reason.HOSTILE


def test_an_external_document_type_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "secret.dtd").write_text('<!ENTITY x "secret">')
    (tmp_path / "in").mkdir()
    link = (tmp_path / "secret.dtd").as_uri()
    (tmp_path / "in" / "a.xml").write_text(f'<?xml version="1.0"?><!DOCTYPE d SYSTEM "{link}"><d>words &x;</d>')
    documents, _ = read(tmp_path / "in")
    assert not any("secret" in part.text for document in documents for part in document.parts)


def test_a_zip_bomb_in_a_document(tmp_path: Path) -> None:
    (tmp_path / "bomb.docx").write_bytes(word(word__document=b"<a>" + b" " * (8 << 20)))
    (tmp_path / "bomb.odt").write_bytes(odt(" " * (8 << 20)))
    (tmp_path / "good.txt").write_text("words")
    documents, failures = read(tmp_path)
    assert [failure.reason for failure in failures] == [Reason.HOSTILE, Reason.HOSTILE]
    assert len(documents) == 1


def test_yaml_bombs_say_nothing(tmp_path: Path) -> None:
    bomb = "a: &a [x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{f'*{chr(97 + n)},' * 9}]\n" for n in range(9))
    (tmp_path / "page.md").write_text(f"---\n{bomb}author: '@anouk'\n---\nwords\n")
    (tmp_path / "deep.md").write_text("---\na: " + "[" * 5_000 + "]" * 5_000 + "\n---\nwords\n")
    (tmp_path / "long.md").write_text("---\nauthor: '" + "[" * 100_000 + "'\n---\nwords\n")
    (tmp_path / "object.md").write_text("---\na: !!python/object/apply:os.system ['true']\n---\nwords\n")
    documents, failures = read(tmp_path)
    assert not failures
    assert [document.contributions for document in documents] == [(), (), (), ()]


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 5_000 + "words",
        "<table><tr><td>" * 500 + "words",
        "<ul><li>" * 2_000 + "words",
    ],
)
def test_deep_html(tmp_path: Path, page: str) -> None:
    (tmp_path / "deep.html").write_text(page)
    ((document,), _) = read(tmp_path)
    assert "words" in document.parts[0].text


@pytest.mark.parametrize(
    "page",
    [
        "> " * 5_000 + "words",
        "- " * 5_000 + "words",
        "[" * 50_000 + "words",
        "*a " * 20_000 + "words",
        "|a" * 900 + "\n" + "|-" * 900 + "\n" + "|x\n" * 9_000 + "\n\nwords",
        "![" * 20_000 + "words",
        "<p>" + "\n " * 50_000 + "words</p>",
    ],
)
def test_deep_markdown(tmp_path: Path, page: str) -> None:
    (tmp_path / "deep.md").write_text(page)
    ((document,), _) = read(tmp_path)
    assert "words" in document.parts[-1].text
    assert len(document.parts[0].text) < 40 * len(page)


def test_a_deep_xml_file_ends(tmp_path: Path) -> None:
    (tmp_path / "deep.xml").write_text("<a>" * 100_000 + "</a>" * 100_000)
    _, (failure,) = read(tmp_path)
    assert failure.reason is Reason.MALFORMED


def test_a_mail_of_mails_of_mails_ends(tmp_path: Path) -> None:
    head = "Content-Type: message/rfc822\n\n"
    (tmp_path / "deep.eml").write_text("From: a@garden.example\n" + head * 300 + "Subject: x\n\nwords")
    documents, failures = read(tmp_path)
    assert len(documents) + len(failures) == 1


def test_an_empty_million_of_repeated_cells(tmp_path: Path) -> None:
    table = (
        '<o:x xmlns:o="urn:o" xmlns:t="urn:t" xmlns:p="urn:p"><o:body><o:spreadsheet><t:table t:name="S">'
        '<t:table-row t:number-rows-repeated="1048576"><t:table-cell t:number-columns-repeated="16384"/></t:table-row>'
        '<t:table-row><t:table-cell t:number-columns-repeated="99999999"><p:p>word</p:p></t:table-cell></t:table-row>'
        "</t:table></o:spreadsheet></o:body></o:x>"
    )
    (tmp_path / "wide.ods").write_bytes(zipped({"content.xml": table}))
    ((document,), _) = read(tmp_path)
    assert len(document.parts[0].text) < 10_000
    assert document.parts[0].locator == "sheet=S;row=1048577"


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "more.txt").write_text(SECRET)
    root = tmp_path / "root"
    root.mkdir()
    (root / "page.txt").write_text("words")
    (root / "same.txt").symlink_to(root / "page.txt")
    (root / "loop").symlink_to(root)
    (root / "out.txt").symlink_to(tmp_path / "secret.txt")
    (root / "out").symlink_to(tmp_path / "secrets")
    (root / "nothing.txt").symlink_to(root / "gone.txt")
    documents, failures = read(root)
    assert [document.uri for document in documents] == ["notes/page.txt"]
    assert {(f.uri, f.reason) for f in failures} == {
        ("notes/out.txt", Reason.UNSUPPORTED),
        ("notes/out", Reason.UNSUPPORTED),
        ("notes/nothing.txt", Reason.UNREADABLE),
    }


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    _, (failure,) = read(tmp_path)
    assert failure.reason is Reason.UNSUPPORTED


@pytest.mark.usefixtures("socket_disabled")
def test_reading_every_format_needs_no_network(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(word())
    (tmp_path / "b.html").write_text('<link href="https://x.example/a.css"><img src="https://x.example/p.png">words')
    (tmp_path / "c.md").write_text("![p](https://x.example/p.png) words")
    (tmp_path / "d.xml").write_text('<!DOCTYPE d SYSTEM "https://x.example/d.dtd"><d>words</d>')
    (tmp_path / "e.eml").write_text(
        "From: a@garden.example\nContent-Type: text/html\n\n<img src='https://x.example/p'>words"
    )
    documents, _ = read(tmp_path)
    assert [document.uri[-4:] for document in documents] == ["html", "c.md", ".xml", ".eml"]


def test_no_reader_brings_the_large_libraries() -> None:
    """unstructured, spaCy and torch cost seconds of import, and the first two reach for the network."""
    code = (
        "import sys; from importlib import import_module as load; from sensemake.indexers.formats import registry as r;"
        "[r._reader(name) for name in r._READERS];"
        "import docx, pptx, openpyxl, oxmsg, pypdfium2, comrak, striprtf;"
        "assert not {'unstructured', 'spacy', 'torch', 'pandas'} & set(sys.modules), 'too much is loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_pipe_named_by_itself_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    failure, _ = FilesIndexer().read(tmp_path / "pipe.txt", SOURCE)
    assert isinstance(failure, ReadFailure)
