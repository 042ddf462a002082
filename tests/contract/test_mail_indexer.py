"""The mail indexer keeps the contract of an Indexer, and reads mailboxes in every wrapping and state."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from sensemake.indexers.files import FilesIndexer
from sensemake.indexers.mail import MailIndexer
from sensemake.model import Coverage, Document, Kind, ReadFailure, Reason, SiloName, Source
from sensemake.protocols import Indexer
from sensemake.testing.indexer import IndexerContract

GOLDEN = Path(__file__).parent.parent / "golden" / "mail"


class TestMailIndexer(IndexerContract):
    def make_indexer(self) -> Indexer:
        return MailIndexer()

    def make_sample(self, folder: Path) -> Path:
        return Path(shutil.copytree(GOLDEN / "months_of_a_list" / "archive", folder / "archive"))

    def make_broken(self, folder: Path) -> Path:
        return Path(shutil.copytree(GOLDEN / "broken_headers_and_encodings" / "mails", folder / "mails"))


class TestOneMbox(TestMailIndexer):
    def make_sample(self, folder: Path) -> Path:
        return Path(shutil.copyfile(GOLDEN / "an_mbox_with_from_in_its_lines" / "inbox.mbox", folder / "inbox.mbox"))


def read(path: Path, indexer: Indexer | None = None) -> list[Document | ReadFailure | Coverage]:
    reader = indexer or MailIndexer()
    return list(reader.read(path, Source(SiloName("garden"), "mail", reader.name, str(path))))


def documents(items: Iterable[Document | ReadFailure | Coverage]) -> list[Document]:
    return [item for item in items if isinstance(item, Document)]


def failures(items: Iterable[Document | ReadFailure | Coverage]) -> list[ReadFailure]:
    return [item for item in items if isinstance(item, ReadFailure)]


def mail(number: int, text: str = "words", **headers: str) -> bytes:
    message = EmailMessage()
    told = {"From": "Ana <ana@example.org>", "Date": f"Mon, 1 Jan 2024 {number % 24:02}:00:00 +0000"}
    for name, value in (
        told | {"Subject": f"Beans {number}", "Message-ID": f"<{number}@example.org>"} | headers
    ).items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def mbox(mails: Iterable[bytes]) -> bytes:
    return b"".join(b"From ana@example.org Mon Jan  1 10:00:00 2024\n" + each + b"\n" for each in mails)


def wrapped(folder: Path) -> Iterator[Path]:
    archive = GOLDEN / "months_of_a_list" / "archive"
    packed = folder / "packed"
    packed.mkdir()
    for month in archive.iterdir():
        (packed / f"{month.name}.gz").write_bytes(gzip.compress(month.read_bytes()))
    yield packed
    with zipfile.ZipFile(folder / "archive.zip", "w") as file:
        for month in archive.iterdir():
            file.write(month, f"archive/{month.name}")
    yield folder / "archive.zip"
    with tarfile.open(folder / "archive.tar.gz", "w:gz") as tar:
        tar.add(archive, "archive")
    yield folder / "archive.tar.gz"


def test_every_wrapping_gives_the_same_threads(tmp_path: Path) -> None:
    plain = read(GOLDEN / "months_of_a_list" / "archive")
    for path in wrapped(tmp_path):
        assert MailIndexer().sniff(path) > FilesIndexer().sniff(path), path.name
        found = read(path)
        assert [(d.uri, d.parts) for d in documents(found)] == [(d.uri, d.parts) for d in documents(plain)], path.name
        assert found[-1] == plain[-1]


def test_a_late_answer_joins_its_thread_in_the_next_reading(tmp_path: Path) -> None:
    box = tmp_path / "inbox.mbox"
    box.write_bytes(mbox([mail(1), mail(2, Subject="Peas")]))
    before = {document.uri: document for document in documents(read(box))}
    box.write_bytes(mbox([mail(1), mail(2, Subject="Peas"), mail(3, "late", In_Reply_To="<1@example.org>")]))
    after = {document.uri: document for document in documents(read(box))}
    assert before.keys() == after.keys()
    assert [part.text for part in after["mail:thread/1@example.org"].parts] == ["words", "late"]


def test_one_month_covers_its_days_and_no_others(tmp_path: Path) -> None:
    march, april = sorted((GOLDEN / "months_of_a_list" / "archive").iterdir(), reverse=True)
    assert march.name.endswith("March.txt")
    coverage = read(april)[-1]
    assert isinstance(coverage, Coverage)
    of_march = documents(read(march))
    assert of_march
    assert not any(scope.holds(document.uri, document.time) for scope in coverage.scopes for document in of_march)


def test_a_wrong_date_widens_no_coverage(tmp_path: Path) -> None:
    box = tmp_path / "inbox.mbox"
    box.write_bytes(mbox([mail(1), mail(2), mail(3, Date="Thu, 1 Jan 1970 00:00:00 +0000")]))
    coverage = read(box)[-1]
    assert isinstance(coverage, Coverage)
    spans = [(scope.since.year, scope.until.year) for scope in coverage.scopes if scope.since and scope.until]
    assert spans == [(1970, 1970), (2024, 2024)]


def test_a_mailbox_cut_short_or_damaged_keeps_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress(mbox(mail(number, f"words {number} " * 50) for number in range(40)))
    box = tmp_path / "2024-January.txt.gz"
    box.write_bytes(packed[: len(packed) * 2 // 3])
    items = read(box)
    assert documents(items)
    (failure,) = failures(items)
    assert (failure.reason, failure.uri) == (Reason.MALFORMED, "mail:thread/")


def test_a_gzip_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    box = tmp_path / "2024-January.txt.gz"
    box.write_bytes(gzip.compress(mbox([mail(1)]) + b"0" * (64 << 20)))
    assert Reason.HOSTILE in {failure.reason for failure in failures(read(box))}


def test_a_large_mail_is_told_and_its_neighbours_are_read(tmp_path: Path) -> None:
    box = tmp_path / "inbox.mbox"
    with box.open("wb") as file:
        file.write(mbox([mail(1)]) + mbox([mail(2)]))
        for _ in range(70):
            file.write((b"x" * 1023 + b"\n") * 1024)
        file.write(b"\n" + mbox([mail(3)]))
    items = read(box)
    assert [document.title for document in documents(items)] == ["Beans 1", "Beans 3"]
    assert [failure.reason for failure in failures(items)] == [Reason.TOO_LARGE]


def test_a_folder_of_documents_loses_no_mail(tmp_path: Path) -> None:
    """The files indexer reads a mixed folder: mailboxes become threads, a mail by itself a page."""
    (tmp_path / "plan.md").write_text("# Plan\n\nBeans.\n")
    (tmp_path / "inbox.mbox").write_bytes(mbox([mail(1), mail(2, "an answer", In_Reply_To="<1@example.org>"), mail(3)]))
    (tmp_path / "2024-March.txt").write_bytes((GOLDEN / "months_of_a_list/archive/2024-March.txt").read_bytes())
    (tmp_path / "single.eml").write_bytes(mail(9))
    assert MailIndexer().sniff(tmp_path) == 0
    items = read(tmp_path, FilesIndexer())
    assert not failures(items)
    mails = [document for document in documents(items) if document.kind is Kind.MAIL]
    assert sorted(len(document.parts) for document in mails) == [1, 1, 2, 2]
    coverage = items[-1]
    assert isinstance(coverage, Coverage)
    assert all(any(s.holds(d.uri, d.time) for s in coverage.scopes) for d in documents(items))


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": "From the hill one sees the spruce.\nSubject: none\n"},
        {"a.md": "# A\n", "b.eml": mail(1).decode()},
        {"settings.txt": "From: here\nTo: there\n\n"},
        {"page.html": "<p>Date: today</p>"},
        {"photo.jpg": "\xff\xd8", "1.eml": mail(1).decode()},
    ],
)
def test_other_folders_are_not_claimed(tmp_path: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    assert MailIndexer().sniff(tmp_path) == 0
