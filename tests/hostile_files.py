"""Documents and archives made to hurt their reader (E1 and E2 of the reference); for tests and `eval/indexers.py`."""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

GOOD = 12
"""Good pages that stand between the hostile ones."""
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_BOMB = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">{_LAUGHS}]>'
_XXE = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
_REMOTE = '<?xml version="1.0"?><!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">'
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{}</Types>'
)
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="{}"/></Relationships>'
)


def documents(folder: Path) -> list[str]:
    """Write hostile documents among good ones; the names of the hostile ones."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(GOOD):
        (folder / f"{chr(97 + 2 * number)}-good.md").write_text(f"# Pump {number}\n\nPrime pump {number} at dawn.\n")
    hostile = _documents()
    for name, data in hostile.items():
        (folder / name).write_bytes(data)
    (folder / "link-out.md").symlink_to("/etc/passwd")
    (folder / "loop.md").symlink_to("loop.md")
    os.mkfifo(folder / "pipe.md")
    deep = folder
    for _ in range(60):
        deep = deep / "deeper-and-deeper"
    deep.mkdir(parents=True)
    (deep / "page.md").write_bytes(b"\0" * 1000)
    return [*hostile, "link-out.md", "loop.md", "pipe.md"]


def archives(folder: Path) -> list[Path]:
    """Write hostile exports, each with one good channel beside what is hostile."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, write in _archives().items():
        path = folder / name
        write(path)
        made.append(path)
    return made


# ── documents ────────────────────────────────────────────────────────────────────────────────────


def _documents() -> dict[str, bytes]:
    body = f"<w:document {_W}><w:body><w:p><w:r><w:t>{{}}</w:t></w:r></w:p></w:body></w:document>"
    return {
        "b-laughs.xml": f"{_BOMB}<d>&l9;</d>".encode(),
        "b-laughs16.xml": f"{_BOMB}<d>&l9;</d>".encode("utf-16"),
        "b-xxe.xml": f"{_XXE}<d>&x;</d>".encode(),
        "b-remote.xml": f"{_REMOTE}<d>words</d>".encode(),
        "b-deep.xml": b"<a>" * 200_000 + b"</a>" * 200_000,
        "c-laughs.docx": _word(_BOMB + body.format("&l9;")),
        "c-xxe.docx": _word(_XXE + body.format("&x;")),
        "c-bomb.docx": _word("<a>" + " " * (40 << 20)),
        "c-deep.docx": _word(f"<w:document {_W}><w:body>" + "<w:p>" * 50_000),
        "c-cut.docx": _word(body.format("words"))[:-200],
        "c-empty.docx": _zip({}),
        "c-climbs.docx": _word(body.format("words"), more={"../../climbed.xml": "out"}),
        "d-bomb.odt": _zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": " " * (40 << 20)}),
        "d-laughs.odt": _zip({"content.xml": f"{_BOMB}<x>&l9;</x>"}),
        "d-repeat.ods": _sheet('table:number-rows-repeated="1048576"', 'table:number-columns-repeated="16384"'),
        "e-cells.xlsx": _workbook('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "e-names.xlsx": _workbook("<row>" * 100_000),
        "f-bomb.epub": _zip({"META-INF/container.xml": " " * (40 << 20)}),
        "f-climbs.epub": _book("../../../../etc/passwd"),
        "g-loop.pdf": _pdf(b"/Parent 3 0 R /Kids [3 0 R]"),
        "g-pages.pdf": _pdf(b"/Count 2000000000"),
        "g-flate.pdf": _pdf(b"", zlib.compress(b"BT (x) Tj ET " * 4_000_000)),
        "g-cut.pdf": _pdf(b"")[:120],
        "g-noise.pdf": b"%PDF-1.7\n" + os.urandom(50_000),
        "h-deep.html": b"<div>" * 200_000 + b"words",
        "h-table.html": b"<table><tr><td>" * 20_000,
        "h-attributes.html": b"<p " + b"a=b " * 500_000 + b">words",
        "h-comment.html": b"<!--" * 200_000,
        "i-quotes.md": b"> " * 50_000 + b"words",
        "i-brackets.md": b"[" * 200_000,
        "i-stars.md": b"*a " * 100_000,
        "i-yaml.md": b"---\na: &a [x]\n" + _yaml_bomb() + b"---\nwords\n",
        "j-deep.json": b"[" * 500_000 + b"]" * 500_000,
        "j-number.json": b'{"a": ' + b"9" * 400_000 + b"}",
        "j-cut.json": b'{"a": "',
        "j-yaml.yaml": b"a: &a [x]\n" + _yaml_bomb(),
        "j-object.yaml": b"!!python/object/apply:os.system ['touch sensemake-was-here']\n",
        "k-field.csv": b'a,b\n"' + b"x" * 3_000_000,
        "k-columns.csv": b"," * 500_000 + b"\n" + b"," * 500_000,
        "k-formula.csv": b"name,note\n=cmd|' /C calc'!A0,@SUM(1)\n",
        "l-parts.eml": _mail(),
        "l-header.eml": b"From: " + b"a" * 2_000_000 + b"\nSubject: x\n\nwords\n",
        "l-encoded.eml": b"Subject: =?utf-8?B?" + b"////" * 50_000 + b"?=\nFrom: a@b.example\n\nwords\n",
        "l-noise.msg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + os.urandom(20_000),
        "m-deep.rtf": b"{\\rtf1 " + b"{" * 200_000,
        "m-binary.rtf": b"{\\rtf1\\bin2000000000 words}",
        "n-odd.txt": "words".encode("utf-16")[:-1],
        "n-nul.txt": b"words\0" * 10_000,
        "n-line.txt": b"words " * 2_000_000,
        "n-escape.txt": b"\x1b]8;;http://x\x07\x1b[2J\xe2\x80\xae words\n",
        "n-zero-width.txt": "\u200b\u2060\ufeff".encode() * 10_000,
        "n-bytes.txt": bytes(range(256)) * 200,
        "o-empty.pdf": b"",
        "o-wrong.docx": b"just words, under a wrong name\n",
        "o-wrong.txt": _word(body.format("words")),
        "o-name\u202egpj.md": b"words under a name that runs backwards\n",
        "o-line\nbreak.md": b"words under a name of two lines\n",
        "p-cut.ipynb": b'{"cells": [{"cell_type": "markdown", "source": ["# x',
        "p-cues.vtt": b"WEBVTT\n\n" + b"99:99:99.999 --> 00:00:00.000\nA: x\n\n" * 20_000,
        "p-cues.srt": b"1\n00:00:00,000 --> 99999999999:00:00,000\nwords\n\n" * 5_000,
        "q-many.mbox": b"From a@b.example Mon Jan  1 00:00:00 2024\n" * 50_000,
        "q-gap.tex": b"\\newcommand{\\a}{\\a\\a}\\begin{document}\\a" + b"{" * 50_000,
    }


def _zip(members: dict[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def _word(document: str, more: dict[str, str] | None = None) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = _TYPES.format(f'<Override PartName="/word/document.xml" ContentType="{kind}"/>')
    members = {"[Content_Types].xml": types, "_rels/.rels": _RELS.format("word/document.xml")}
    return _zip(members | {"word/document.xml": document} | (more or {}))


def _workbook(rows: str) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = _TYPES.format(
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}worksheet+xml"/>'
    )
    sheet = _RELS.format("worksheets/sheet1.xml").replace('/officeDocument"', '/worksheet"')
    return _zip(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": _RELS.format("xl/workbook.xml"),
            "xl/_rels/workbook.xml.rels": sheet,
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
            '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
        }
    )


def _sheet(rows: str, columns: str) -> bytes:
    names = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    cell = f"<table:table-cell {columns}><text:p>words</text:p></table:table-cell>"
    table = f'<table:table table:name="a"><table:table-row {rows}>{cell}</table:table-row></table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    return _zip({"content.xml": f"<office:document-content {names}>{body}</office:document-content>"})


def _book(target: str) -> bytes:
    container = f'<container><rootfiles><rootfile full-path="{target}"/></rootfiles></container>'
    return _zip({"META-INF/container.xml": container})


def _pdf(pages: bytes, stream: bytes = b"BT (words) Tj ET") -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n"
        b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1 " + pages + b">> endobj\n"
        b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R>> endobj\n"
        b"4 0 obj <</Length %d /Filter /FlateDecode>> stream\n" % len(stream) + stream + b"\nendstream endobj\n"
        b"trailer <</Root 1 0 R /Prev 9>>\nstartxref\n9\n%%EOF"
    )


def _yaml_bomb() -> bytes:
    return "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{f'*{chr(97 + n)},' * 9}]\n" for n in range(9)).encode()


def _mail() -> bytes:
    head = b"From: a@b.example\nSubject: parts\nMIME-Version: 1.0\n"
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2_000))
    return head + opened + b"Content-Type: text/plain\n\nwords\n"


# ── archives ─────────────────────────────────────────────────────────────────────────────────────


def _slack() -> dict[str, str]:
    message = {"type": "message", "user": "U1", "text": "Prime the pump at dawn.", "ts": "1714554000.000100"}
    return {
        "channels.json": json.dumps([{"id": "C1", "name": "pumps", "members": ["U1"]}]),
        "users.json": json.dumps([{"id": "U1", "name": "ada", "profile": {"real_name": "Ada Lind"}}]),
        "pumps/2024-05-01.json": json.dumps([message]),
    }


def _archives() -> dict[str, Callable[[Path], None]]:
    link = zipfile.ZipInfo("pumps/link.json")
    link.external_attr = 0o120777 << 16
    return {
        "climbs.zip": lambda path: _zipped(path, {"../../climbed.json": "out"}),
        "absolute.zip": lambda path: _zipped(path, {"/tmp/climbed-absolute.json": "out"}),  # noqa: S108
        "drive.zip": lambda path: _zipped(path, {"C:\\climbed.json": "out"}),
        "link.zip": lambda path: _zipped(path, {link: "/etc/passwd"}),
        "twice.zip": lambda path: _zipped(path, {"PUMPS/2024-05-01.json": "[]", "pumps//2024-05-01.json": "[]"}),
        "bomb.zip": lambda path: _zipped(path, {"pumps/2024-05-02.json": " " * (64 << 20)}),
        "nested.zip": lambda path: _zipped(path, {"pumps/more.zip": _zip({"a.json": " " * (64 << 20)})}),
        "many.zip": lambda path: _zipped(path, {f"pumps/{n}.txt": "" for n in range(100_100)}),
        "deep.zip": lambda path: _zipped(path, {"pumps/2024-05-02.json": "[" * 500_000}),
        "long.zip": lambda path: _zipped(path, {"a" * 300 + "/x.json": "[]"}),
        "noise.zip": lambda path: _zipped(path, {"pumps/2024-05-02.json": os.urandom(9_000)}),
        "cut.zip": _cut,
        "lying.zip": _lying,
        "encrypted.zip": _encrypted,
        "overlap.zip": _overlapping,
        "links.tar": lambda path: _tarred(path, _special),
        "climbs.tar.gz": lambda path: _tarred(path, _climbing, "w:gz"),
        "bomb.tar.gz": _tar_bomb,
        "cut.tar.xz": _cut_tar,
    }


def _zipped(path: Path, more: dict[object, object]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*_slack().items(), *more.items()):
            archive.writestr(name, content)  # type: ignore[arg-type]


def _cut(path: Path) -> None:
    _zipped(path, {})
    path.write_bytes(path.read_bytes()[:-60])


def _changed(path: Path, name: bytes, offset: int, new: bytes) -> None:
    """Write over a field of a member's entry in the table of contents (APPNOTE 4.3.12)."""
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(name))
    data[at + offset : at + offset + len(new)] = new
    path.write_bytes(bytes(data))


def _lying(path: Path) -> None:
    _zipped(path, {"pumps/2024-05-02.json": "[" + " " * 100_000 + "]"})
    _changed(path, b"pumps/2024-05-02.json", 24, struct.pack("<L", 5))


def _encrypted(path: Path) -> None:
    _zipped(path, {"pumps/2024-05-02.json": "[]"})
    _changed(path, b"pumps/2024-05-02.json", 8, struct.pack("<H", 1))


def _overlapping(path: Path) -> None:
    _zipped(path, {"pumps/2024-05-02.json": "[]", "pumps/2024-05-03.json": "[]"})
    _changed(path, b"pumps/2024-05-03.json", 42, struct.pack("<L", 0))


def _tarred(path: Path, more: Callable[[tarfile.TarFile], None], mode: str = "w") -> None:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in _slack().items():
            _member(archive, name, content.encode())
        more(archive)


def _member(archive: tarfile.TarFile, name: str, content: bytes = b"", **about: object) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in about.items():
        setattr(info, field, value)
    archive.addfile(info, io.BytesIO(content))


def _special(archive: tarfile.TarFile) -> None:
    _member(archive, "pumps/a.json", type=tarfile.SYMTYPE, linkname="/etc/passwd")
    _member(archive, "pumps/b.json", type=tarfile.LNKTYPE, linkname="../../etc/passwd")
    _member(archive, "pumps/c.json", type=tarfile.CHRTYPE, devmajor=1, devminor=5)
    _member(archive, "pumps/d.json", type=tarfile.FIFOTYPE)


def _climbing(archive: tarfile.TarFile) -> None:
    _member(archive, "../../climbed.json", b"out")
    _member(archive, "/tmp/climbed-absolute.json", b"out")  # noqa: S108


def _tar_bomb(path: Path) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        _member(archive, "pumps/2024-05-02.json", b" " * (64 << 20))
    path.write_bytes(gzip.compress(held.getvalue()))


def _cut_tar(path: Path) -> None:
    _tarred(path, lambda _: None, "w:xz")
    path.write_bytes(path.read_bytes()[:-40])
