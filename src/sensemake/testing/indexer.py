"""The contract of an Indexer, as tests that every implementation runs.

    class TestMine(IndexerContract):
        def make_indexer(self): return MyIndexer()
        def make_sample(self, folder): ...write two or more good documents, return the path to read
        def make_broken(self, folder): ...the same with something broken beside something good

Needs pytest (its `tmp_path`) and nothing else.
"""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from sensemake.model import NOTHING, Coverage, Document, Handle, Kind, ReadFailure, Reason, Role, SiloName, Source
from sensemake.protocols import Indexer

Item = Document | ReadFailure | Coverage


class IndexerContract:
    """Subclass it in a test module under a name that starts with `Test`."""

    options: Mapping[str, str] = NOTHING
    """`source.options` of every read (say `{"include_private": "true"}`)."""

    def make_indexer(self) -> Indexer:
        raise NotImplementedError

    def make_sample(self, folder: Path) -> Path:
        """Write an input with at least two good documents and nothing broken; the path to read."""
        raise NotImplementedError

    def make_broken(self, folder: Path) -> Path:
        """Write an input with something broken beside at least one good document; the path to read."""
        raise NotImplementedError

    # ── sniff ────────────────────────────────────────────────────────────────────────────────────

    def test_it_bids_for_its_own_sample(self, tmp_path: Path) -> None:
        assert 1 <= self.make_indexer().sniff(self.make_sample(tmp_path)) <= 100

    def test_a_bid_for_anything_else_is_a_number_too(self, tmp_path: Path) -> None:
        for path in _strange_paths(tmp_path):
            bid = self.make_indexer().sniff(path)
            assert type(bid) is int
            assert 0 <= bid <= 100

    def test_sniffing_does_not_read_a_large_file_whole(self, tmp_path: Path) -> None:
        for name in ("large.bin", "large.zip", "large.json", "large.md"):
            large = tmp_path / name
            with large.open("wb") as file:
                file.truncate(256 << 20)  # sparse: no disk is used
            tracemalloc.start()
            try:
                self.make_indexer().sniff(large)
                assert tracemalloc.get_traced_memory()[1] < 32 << 20
            finally:
                tracemalloc.stop()

    # ── read ─────────────────────────────────────────────────────────────────────────────────────

    def test_a_read_that_got_to_its_end_says_what_it_covered_last(self, tmp_path: Path) -> None:
        for path in self._both(tmp_path):
            items = self._read(path)
            assert [i for i, item in enumerate(items) if isinstance(item, Coverage)] == [len(items) - 1]

    def test_a_good_sample_gives_documents_and_no_failure(self, tmp_path: Path) -> None:
        items = self._read(self.make_sample(tmp_path))
        assert not _failures(items)
        assert len(_documents(items)) >= 2

    def test_broken_items_are_yielded_and_do_not_hurt_their_neighbours(self, tmp_path: Path) -> None:
        items = self._read(self.make_broken(tmp_path))
        assert _documents(items)
        assert _failures(items)
        for failure in _failures(items):
            _check_failure(failure)

    def test_uris_are_unique_and_inside_the_coverage(self, tmp_path: Path) -> None:
        for path in self._both(tmp_path):
            items = self._read(path)
            uris = [(document.silo, document.uri) for document in _documents(items)]
            assert len(uris) == len(set(uris))
            coverage = next(item for item in items if isinstance(item, Coverage))
            for document in _documents(items):
                assert any(scope.holds(document.uri, document.time) for scope in coverage.scopes), document.uri
            for failure in _failures(items):
                assert not failure.uri or any(failure.uri.startswith(scope.prefix) for scope in coverage.scopes)

    def test_documents_are_whole(self, tmp_path: Path) -> None:
        for path in self._both(tmp_path):
            for document in _documents(self._read(path)):
                assert document.source == self._source(path)
                _check_document(document)

    def test_reading_twice_gives_the_same(self, tmp_path: Path) -> None:
        for path in self._both(tmp_path):
            assert self._read(path) == self._read(path)

    def test_the_same_bytes_elsewhere_give_the_same_documents(self, tmp_path: Path) -> None:
        path = self.make_sample(_new(tmp_path / "here"))
        there = tmp_path / "there" / path.name
        _new(there.parent)
        _copy_with_new_times(path, there)
        assert _placeless(self._read(path)) == _placeless(self._read(there))

    def test_the_source_is_not_touched(self, tmp_path: Path) -> None:
        for path in self._both(tmp_path):
            before = _fingerprint(path.parent)
            self._read(path)
            assert _fingerprint(path.parent) == before

    def test_a_read_that_is_given_up_leaves_nothing_behind(self, tmp_path: Path) -> None:
        path = self.make_sample(tmp_path)
        before = _fingerprint(tmp_path)
        reading = iter(self.make_indexer().read(path, self._source(path)))
        next(reading)
        del reading
        assert _fingerprint(tmp_path) == before

    # ── what the tests lean on ───────────────────────────────────────────────────────────────────

    def _both(self, folder: Path) -> Iterator[Path]:
        yield self.make_sample(_new(folder / "sample"))
        yield self.make_broken(_new(folder / "broken"))

    def _source(self, path: Path) -> Source:
        return Source(SiloName("silo"), "source", self.make_indexer().name, path.name, self.options)

    def _read(self, path: Path) -> list[Item]:
        return list(self.make_indexer().read(path, self._source(path)))


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _documents(items: Iterable[Item]) -> list[Document]:
    return [item for item in items if isinstance(item, Document)]


def _failures(items: Iterable[Item]) -> list[ReadFailure]:
    return [item for item in items if isinstance(item, ReadFailure)]


def _placeless(items: Iterable[Item]) -> list[Item]:
    return [replace(item, path="") if isinstance(item, Document | ReadFailure) else item for item in items]


def _strange_paths(folder: Path) -> Iterator[Path]:
    yield folder
    for name in ("noise.zip", "noise.json", "noise.md", "noise.tar.gz", "noise", "noise.pdf"):
        path = folder / name
        path.write_bytes(b"\x00\xff\x1f neither this nor that")
        yield path
    (folder / "empty.zip").touch()
    yield folder / "empty.zip"
    yield folder / "missing"


def _check_failure(failure: ReadFailure) -> None:
    assert isinstance(failure.reason, Reason)
    assert failure.path
    assert "\n" not in failure.detail
    assert len(failure.detail) <= 300, "a failure is no place for somebody's text"


def _check_document(document: Document) -> None:
    assert isinstance(document.kind, Kind)
    assert document.uri
    assert document.title.strip() == document.title != ""
    _check_time(document.time)
    assert document.parts
    for part in document.parts:
        assert part.text.strip()
        _check_text(part.text)
        _check_time(part.time)
        assert isinstance(part.role, Role)
        assert all(heading.strip() for heading in part.headings)
        _check_handles([*part.mentions, *([part.author] if part.author else [])])
    _check_handles([contribution.handle for contribution in document.contributions])
    _check_handles([profile.handle for profile in document.profiles])
    assert len(set(document.contributions)) == len(document.contributions)
    assert all(type(key) is str and type(value) is str for key, value in document.facets.items())


def _check_text(text: str) -> None:
    text.encode("utf-8")  # raises on a lone surrogate, which no store would take
    assert "\0" not in text


def _check_time(time: datetime | None) -> None:
    if time is not None:
        assert time.utcoffset() == timedelta(0)
        assert time.tzinfo is UTC


def _check_handles(handles: Iterable[Handle]) -> None:
    for handle in handles:
        assert handle.namespace
        assert ":" not in handle.namespace
        assert handle.value == " ".join(handle.value.split()) != ""
        if handle.namespace == "email":
            assert handle.value == handle.value.lower()
            assert "@" in handle.value


def _fingerprint(folder: Path) -> dict[str, tuple[int, str]]:
    return {path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, _digest(path)) for path in folder.rglob("*")}


def _digest(path: Path) -> str:
    try:
        return blake2b(path.read_bytes()).hexdigest() if path.is_file() else "folder"
    except PermissionError:
        return "unreadable"


def _copy_with_new_times(path: Path, there: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, there, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(path, there)
