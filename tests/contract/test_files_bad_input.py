"""What is broken is told with a reason; neighbours are read; nothing below what was not seen is taken for gone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import IO
from zipfile import ZipFile

import pytest

from sensemake.indexers import _walk
from sensemake.indexers._archives import Refused
from sensemake.indexers.files import FilesIndexer, whole
from sensemake.indexers.formats.content import Limits
from sensemake.model import Coverage, Document, ReadFailure, Reason, SiloName, Source

SOURCE = Source(SiloName("garden"), "notes", "files", "notes")
NEIGHBOUR = "The neighbour is read."


def read(path: Path, limits: Limits | None = None) -> tuple[list[Document], list[ReadFailure]]:
    items = list(FilesIndexer(limits or Limits()).read(path, SOURCE))
    assert isinstance(items[-1], Coverage)
    return [i for i in items if isinstance(i, Document)], [i for i in items if isinstance(i, ReadFailure)]


def failure_of(folder: Path, name: str, data: bytes, limits: Limits | None = None) -> ReadFailure:
    (folder / name).write_bytes(data)
    (folder / "neighbour.txt").write_text(NEIGHBOUR)
    documents, failures = read(folder, limits)
    assert [document.parts[0].text for document in documents] == [NEIGHBOUR]
    (failure,) = failures
    assert failure.uri == f"notes/{name}"
    assert failure.path == str(folder / name)
    return failure


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.md", b"", Reason.EMPTY),
        ("blank.txt", b"\n \t\n", Reason.EMPTY),
        ("only_a_comment.md", b"<!-- nothing else -->", Reason.EMPTY),
        ("no_words.html", b"<html><body><img src=x></body></html>", Reason.EMPTY),
        ("binary.md", b"# Title\x00\x01", Reason.MALFORMED),
        ("text.pdf", b"This is no PDF file.", Reason.MALFORMED),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj", Reason.MALFORMED),
        ("text.docx", b"This is no zip.", Reason.MALFORMED),
        ("cut.docx", b"PK\x03\x04 and no end", Reason.MALFORMED),
        ("cut.epub", b"PK\x03\x04 and no end", Reason.MALFORMED),
        ("text.xlsx", b"a;b", Reason.MALFORMED),
        ("text.rtf", b"No RTF.", Reason.MALFORMED),
        ("text.msg", b"No message.", Reason.MALFORMED),
        ("no_header.eml", b"No header at all", Reason.MALFORMED),
        ("broken.xml", b"<a><b></a>", Reason.MALFORMED),
        ("half_utf16.txt", b"\xff\xfea\x00b", Reason.BAD_ENCODING),
        ("unsure.txt", b"Caf\xe9", Reason.BAD_ENCODING),
        ("old.doc", b"\xd0\xcf\x11\xe0", Reason.UNSUPPORTED),
        ("all.zip", b"PK", Reason.UNSUPPORTED),
        ("photo.JPG", b"\xff\xd8", Reason.UNSUPPORTED),
        ("thing.xyz", b"\x00\x01", Reason.UNSUPPORTED),
    ],
)
def test_each_flaw_has_its_reason(tmp_path: Path, name: str, data: bytes, reason: Reason) -> None:
    assert failure_of(tmp_path, name, data).reason is reason


def test_an_archive_is_told_to_be_ingested_by_itself(tmp_path: Path) -> None:
    assert "ingest it by itself" in failure_of(tmp_path, "backup.tar.gz", b"\x1f\x8b").detail


def test_a_zip_that_is_no_word_document(tmp_path: Path) -> None:
    held = BytesIO()
    with ZipFile(held, "w") as archive:
        archive.writestr("hello.txt", "secret words")
    failure = failure_of(tmp_path, "fake.docx", held.getvalue())
    assert failure.reason is Reason.MALFORMED
    assert "secret" not in failure.detail


def test_the_failure_does_not_hold_the_text(tmp_path: Path) -> None:
    failure = failure_of(tmp_path, "page.xml", b"<secret>words<")
    assert "secret" not in failure.detail
    assert "words" not in failure.detail


@pytest.mark.parametrize(("limit", "fails"), [(9, True), (10, False), (11, False)])
def test_a_file_larger_than_the_limit(tmp_path: Path, limit: int, *, fails: bool) -> None:
    (tmp_path / "ten.txt").write_text("ten bytes!")
    documents, failures = read(tmp_path, Limits(file=limit))
    assert [failure.reason for failure in failures] == ([Reason.TOO_LARGE] if fails else [])
    assert len(documents) == (not fails)


@pytest.mark.parametrize(("limit", "fails"), [(9, True), (10, False)])
def test_more_text_than_the_limit(tmp_path: Path, limit: int, *, fails: bool) -> None:
    (tmp_path / "ten.html").write_text("<p>0123456789</p>")
    _, failures = read(tmp_path, Limits(text=limit))
    assert [failure.reason for failure in failures] == ([Reason.TOO_LARGE] if fails else [])


@pytest.mark.parametrize(("limit", "fails"), [(5, True), (6, False)])
def test_more_cells_than_the_limit(tmp_path: Path, limit: int, *, fails: bool) -> None:
    (tmp_path / "six.csv").write_text("a,b\n1,2\n3,4\n")
    _, failures = read(tmp_path, Limits(cells=limit))
    assert [failure.reason for failure in failures] == ([Reason.TOO_LARGE] if fails else [])


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("one line\n")

    def growing(target: Path) -> IO[bytes]:
        file = target.open("rb")
        with target.open("a") as log:
            log.write("another\n")
        return file

    with pytest.raises(Refused) as refused:
        whole(path, 1 << 20, growing)
    assert refused.value.reason is Reason.CHANGED


def test_a_file_that_is_replaced_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("same size")
    (tmp_path / "new").write_text("size same")
    state = path.stat()
    os.utime(tmp_path / "new", ns=(state.st_atime_ns, state.st_mtime_ns))

    def replacing(target: Path) -> IO[bytes]:
        file = target.open("rb")
        (tmp_path / "new").replace(target)
        return file

    with pytest.raises(Refused) as refused:
        whole(path, 1 << 20, replacing)
    assert refused.value.reason is Reason.CHANGED


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("words")

    def forbidden(_: Path) -> IO[bytes]:
        raise PermissionError(13, "Permission denied")

    with pytest.raises(Refused) as refused:
        whole(path, 1 << 20, forbidden)
    assert refused.value.reason is Reason.UNREADABLE


def test_a_folder_that_cannot_be_listed_covers_what_lies_below_it(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "page.txt").write_text("words")
    (tmp_path / "shut").mkdir()

    def scan(folder: Path) -> Iterable[os.DirEntry[str]]:
        if folder.name == "shut":
            raise PermissionError(13, "Permission denied")
        return os.scandir(folder)

    found = {file.name: file.flaw for file in _walk.walk(tmp_path, scan)}
    assert found["open/page.txt"] is None
    flaw = found["shut/"]
    assert flaw is not None
    assert flaw.reason is Reason.UNREADABLE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permissions_are_told(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0o000)
    (tmp_path / "shut.txt").write_text("words")
    (tmp_path / "shut.txt").chmod(0o000)
    _, failures = read(tmp_path)
    assert {(f.uri, f.reason) for f in failures} == {
        ("notes/shut/", Reason.UNREADABLE),
        ("notes/shut.txt", Reason.UNREADABLE),
    }


def test_what_is_not_for_reading_is_passed_over(tmp_path: Path) -> None:
    for name in (".git/config", ".hidden.md", "node_modules/a/README.md", "~$plan.docx", "a.md~", "x.tmp", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("words")
    (tmp_path / "people.csv").write_text("person_id\np1\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "people.csv").write_text("who\nAnouk\n")
    documents, failures = read(tmp_path)
    assert not failures
    assert [document.uri for document in documents] == ["notes/more/people.csv"]


def test_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b/c.txt", "b/a.txt", "a.txt", "c.txt", "B.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("words")
    documents, _ = read(tmp_path)
    uris = [document.uri for document in documents]
    assert uris == ["notes/B.txt", "notes/a.txt", "notes/c.txt", "notes/b/a.txt", "notes/b/c.txt"]


def test_one_file_is_a_source_too(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Page\n\nWords.")
    (tmp_path / "page.yaml").write_text("author: '@anouk'\n")
    (tmp_path / "other.md").write_text("Other.")
    items = list(FilesIndexer().read(tmp_path / "page.md", SOURCE))
    (document,) = [item for item in items if isinstance(item, Document)]
    assert document.uri == "notes/page.md"
    assert [str(contribution.handle) for contribution in document.contributions] == ["user:anouk"]
    coverage = items[-1]
    assert isinstance(coverage, Coverage)
    assert [scope.prefix for scope in coverage.scopes] == ["notes/page.md"]


def test_an_empty_folder_is_covered(tmp_path: Path) -> None:
    assert read(tmp_path) == ([], [])


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("words")
    documents, _ = read(tmp_path)
    assert [document.uri for document in documents] == ["notes/caf\\xe9.txt"]
    documents[0].path.encode("utf-8")


@pytest.mark.parametrize(
    ("name", "bid"), [("page.md", 60), ("plan.docx", 60), ("log.qqq", 1), ("all.zip", 1), ("no_suffix", 1)]
)
def test_bids_for_files(tmp_path: Path, name: str, bid: int) -> None:
    (tmp_path / name).write_text("x")
    assert FilesIndexer().sniff(tmp_path / name) == bid
    assert FilesIndexer().sniff(tmp_path) == 50
    assert FilesIndexer().sniff(tmp_path / "missing") == 0
