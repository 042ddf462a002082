"""Hostile and broken archives: each attack ends in a reason, and what lies beside it is still read."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.indexers._export import DEFAULT, Export, Limits, open_export, peek
from sensemake.indexers.slack import SlackIndexer
from sensemake.model import Coverage, Document, ReadFailure, Reason, SiloName, Source

GOOD = {
    "channels.json": b'[{"id": "C1", "name": "general"}]',
    "users.json": b'[{"id": "U1", "team_id": "T1", "name": "ana", "real_name": "Ana Quill"}]',
    "general/2024-05-01.json": b'[{"type": "message", "user": "U1", "text": "still here", "ts": "1714550400.000001"}]',
}
MIB = 1 << 20


@pytest.fixture(autouse=True)
def _nothing_is_written(tmp_path: Path) -> Iterator[None]:
    """No test may leave a file but the archive that it made."""
    yield
    strays = [path for path in tmp_path.rglob("*") if path.name.startswith(("evil", "passwd"))]
    assert not strays
    assert not (tmp_path.parent / "evil.json").exists()


def _zip(path: Path, add: Callable[[zipfile.ZipFile], None] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in GOOD.items():
            archive.writestr(name, content)
        if add is not None:
            add(archive)
    return path


def _tar(path: Path, *members: tarfile.TarInfo, content: bytes = b"[]", mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, good in GOOD.items():
            _add(archive, tarfile.TarInfo(name), good)
        for member in members:
            _add(archive, member, content)
    return path


def _add(archive: tarfile.TarFile, member: tarfile.TarInfo, content: bytes) -> None:
    if member.isreg():
        member.size = len(content)
    archive.addfile(member, io.BytesIO(content) if member.isreg() else None)


def _entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = link
    return member


def _open(path: Path, limits: Limits = DEFAULT) -> Export:
    export = open_export(path, limits)
    assert isinstance(export, Export), export
    return export


def _only_the_good(path: Path, *reasons: Reason, limits: Limits = DEFAULT) -> None:
    """All that is good is read, the rest is refused with these reasons, and so says the indexer."""
    with _open(path, limits) as export:
        assert {name: export.read(name) for name in export.names} == GOOD
        assert tuple(failure.reason for failure in export.failures) == reasons
        assert all(failure.path and failure.detail and failure.path.isprintable() for failure in export.failures)
    items = list(SlackIndexer().read(path, Source(SiloName("s"), "slack", "slack", path.name)))
    assert [item.parts[0].text for item in items if isinstance(item, Document)] == ["still here"]
    assert {item.reason for item in items if isinstance(item, ReadFailure)} >= set(reasons)


def _refused_whole(path: Path, reason: Reason, limits: Limits = DEFAULT) -> None:
    failure = open_export(path, limits)
    assert isinstance(failure, ReadFailure)
    assert failure.reason == reason
    assert failure.path == path.name
    assert failure.detail


# ── names ────────────────────────────────────────────────────────────────────────────────────────

NAMES = [
    "../evil.json",
    "general/../../evil.json",
    "general/..\\..\\evil.json",
    "/etc/passwd.json",
    "\\\\server\\evil.json",
    "C:\\evil.json",
    "c:evil.json",
    "general/\x1b]0;evil.json",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_zip_member_that_climbs_out_is_refused(tmp_path: Path, name: str) -> None:
    _only_the_good(_zip(tmp_path / "e.zip", lambda z: z.writestr(name, b"[]")), Reason.HOSTILE)


@pytest.mark.parametrize("name", NAMES)
def test_a_tar_member_that_climbs_out_is_refused(tmp_path: Path, name: str) -> None:
    _only_the_good(_tar(tmp_path / "e.tar", _entry(name)), Reason.HOSTILE)


def test_a_nul_in_a_name_does_not_hide_the_rest_of_it(tmp_path: Path) -> None:
    path = _zip(tmp_path / "e.zip", lambda z: z.writestr("users2json/evil", b"[]"))
    path.write_bytes(path.read_bytes().replace(b"users2json/evil", b"users.json\0evil"))
    _only_the_good(path, Reason.HOSTILE)


def test_a_name_longer_than_a_file_system_takes_is_refused(tmp_path: Path) -> None:
    with _open(_zip(tmp_path / "n.zip", lambda z: z.writestr("general/" + "x" * 255, b"[]"))) as export:
        assert "general/" + "x" * 255 in export
    _only_the_good(_zip(tmp_path / "n1.zip", lambda z: z.writestr("general/" + "x" * 256, b"[]")), Reason.TOO_LARGE)


def test_two_members_of_one_name_are_both_refused(tmp_path: Path) -> None:
    def twice(archive: zipfile.ZipFile) -> None:
        archive.writestr("general/2024-05-02.json", b"[1]")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("general/2024-05-02.json", b"[2]")

    _only_the_good(_zip(tmp_path / "e.zip", twice), Reason.HOSTILE, Reason.HOSTILE)


def test_names_that_differ_in_case_or_composition_are_both_refused(tmp_path: Path) -> None:
    def clash(archive: zipfile.ZipFile) -> None:
        for name in ("general/Café.json", "General/Cafe\u0301.json"):
            archive.writestr(name, b"[]")

    _only_the_good(_zip(tmp_path / "e.zip", clash), Reason.HOSTILE, Reason.HOSTILE)


def test_a_name_written_on_a_mac_without_the_utf8_flag_is_understood(tmp_path: Path) -> None:
    path = _zip(tmp_path / "e.zip", lambda z: z.writestr("caf__/2024-05-01.json", b"[]"))
    path.write_bytes(path.read_bytes().replace(b"caf__", "café".encode()))
    with _open(path) as export:
        assert "café/2024-05-01.json" in export


def test_a_cp437_name_stays_readable(tmp_path: Path) -> None:
    path = _zip(tmp_path / "e.zip", lambda z: z.writestr("caf_/2024-05-01.json", b"[]"))
    path.write_bytes(path.read_bytes().replace(b"caf_", b"caf\x82"))
    with _open(path) as export:
        assert "café/2024-05-01.json" in export


def test_a_name_that_is_not_the_utf8_it_claims_to_be(tmp_path: Path) -> None:
    path = _zip(tmp_path / "e.zip", lambda z: z.writestr("é_/x.json", b"[]"))
    path.write_bytes(path.read_bytes().replace("é_".encode(), b"\xff\xfe_"))
    _refused_whole(path, Reason.BAD_ENCODING)


def test_a_tar_name_that_is_not_utf8(tmp_path: Path) -> None:
    _only_the_good(_tar(tmp_path / "e.tar", _entry("general/\udcff.json")), Reason.BAD_ENCODING)


def test_what_finder_adds_is_no_failure(tmp_path: Path) -> None:
    def junk(archive: zipfile.ZipFile) -> None:
        for name in ("__MACOSX/._channels.json", ".DS_Store", "general/._2024-05-01.json"):
            archive.writestr(name, b"\0")

    _only_the_good(_zip(tmp_path / "e.zip", junk))


def test_an_export_in_one_folder_is_opened_at_that_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.mkdir("My export")
        archive.writestr("__MACOSX/My export/._channels.json", b"\0")
        for name, content in GOOD.items():
            archive.writestr(f"My export/{name}", content)
    _only_the_good(tmp_path / "e.zip")
    assert peek(tmp_path / "e.zip") == frozenset(GOOD)


# ── what is no file ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_a_zip_member_that_is_no_regular_file_is_refused(tmp_path: Path, kind: int) -> None:
    info = zipfile.ZipInfo("general/2024-05-02.json")
    info.external_attr = (kind | 0o644) << 16
    _only_the_good(_zip(tmp_path / "e.zip", lambda z: z.writestr(info, b"/etc/passwd")), Reason.HOSTILE)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE],
)
def test_a_tar_member_that_is_no_regular_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    _only_the_good(_tar(tmp_path / "e.tar", _entry("general/2024-05-02.json", kind, "/etc/passwd")), Reason.HOSTILE)


def test_links_and_pipes_in_a_folder_are_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "general" / "2024-05-02.json").symlink_to("/etc/passwd")
    (folder / "other").symlink_to(tmp_path)
    os.mkfifo(folder / "general" / "2024-05-03.json")
    _only_the_good(folder, Reason.HOSTILE, Reason.HOSTILE, Reason.HOSTILE)


def test_a_file_that_became_a_link_after_it_was_listed_is_not_followed(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    with _open(folder) as export:
        (folder / "users.json").unlink()
        (folder / "users.json").symlink_to("/etc/passwd")
        failure = export.read("users.json")
    assert isinstance(failure, ReadFailure)


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "general" / "all.jsonl").write_bytes(b"{}\n" * 50_000)
    with _open(folder) as export:
        lines = export.lines("general/all.jsonl")
        first = next(lines)
        (folder / "general" / "all.jsonl").write_bytes(b"[]")
        rest = [first, *lines]
    assert isinstance(rest[-1], ReadFailure)
    assert rest[-1].reason == Reason.CHANGED


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "general").chmod(0)
    with _open(folder) as export:
        assert [failure.reason for failure in export.failures] == [Reason.UNREADABLE]
    (folder / "general").chmod(0o700)


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    for name, content in GOOD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


# ── bombs ────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_that_unpacks_to_more_than_a_hundred_times_its_size_is_refused(tmp_path: Path) -> None:
    zeros = b"\0" * (MIB + 1)
    _only_the_good(_zip(tmp_path / "e.zip", lambda z: z.writestr("general/big.json", zeros)), Reason.HOSTILE)
    with _open(_zip(tmp_path / "n.zip", lambda z: z.writestr("general/big.json", zeros[:MIB]))) as export:
        assert not export.failures  # the ratio counts after 1 MiB


def test_many_small_bombs_are_stopped_together(tmp_path: Path) -> None:
    def many(archive: zipfile.ZipFile) -> None:
        for number in range(8):
            archive.writestr(f"general/{number}.json", b"\0" * (MIB // 4))

    with _open(_zip(tmp_path / "e.zip", many)) as export:
        read = [export.read(f"general/{number}.json") for number in range(8)]
    assert isinstance(read[0], bytes)
    assert isinstance(read[-1], ReadFailure)
    assert read[-1].reason == Reason.HOSTILE


def test_no_more_is_unpacked_than_the_limit(tmp_path: Path) -> None:
    noise = os.urandom(1000)
    path = _zip(tmp_path / "e.zip", lambda z: [z.writestr(f"{n}.bin", noise) for n in range(3)] and None)
    with _open(path, Limits(unpacked=2000)) as export:
        read = [export.read(f"{n}.bin") for n in range(3)]
    assert [getattr(found, "reason", "read") for found in read] == ["read", "read", Reason.TOO_LARGE]


@pytest.mark.parametrize(("size", "is_read"), [(999, True), (1000, True), (1001, False)])
def test_a_file_larger_than_the_limit_is_not_read(tmp_path: Path, size: int, is_read: bool) -> None:  # noqa: FBT001
    path = _zip(tmp_path / "e.zip", lambda z: z.writestr("big.bin", os.urandom(size)))
    with _open(path, Limits(member=1000)) as export:
        assert isinstance(export.read("big.bin"), bytes) is is_read


def test_a_nested_archive_is_never_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("channels.json", b"\0" * (5 * MIB))
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr("export.zip", inner.getvalue())
    items = list(SlackIndexer().read(tmp_path / "e.zip", Source(SiloName("s"), "slack", "slack", "e.zip")))
    assert [type(item) for item in items] == [ReadFailure]


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_a_compressed_tar_that_is_a_bomb_is_refused(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    plain = _tar(tmp_path / "e.tar", _entry("general/big.json"), content=b"\0" * (3 * MIB)).read_bytes()
    path = tmp_path / f"e.tar.{suffix}"
    path.write_bytes(pack(plain))
    _refused_whole(path, Reason.HOSTILE)
    assert len(peek(path)) <= len(GOOD) + 1


def test_a_compressed_tar_keeps_to_the_limit(tmp_path: Path) -> None:
    path = _tar(tmp_path / "e.tar.gz", mode="w:gz")
    _refused_whole(path, Reason.TOO_LARGE, Limits(unpacked=4096))
    _only_the_good(path)


@pytest.mark.parametrize(("limit", "is_open"), [(4, True), (3, True), (2, False)])
@pytest.mark.parametrize("kind", ["zip", "tar", "folder"])
def test_too_many_entries(tmp_path: Path, kind: str, limit: int, is_open: bool) -> None:  # noqa: FBT001
    make = {
        "zip": lambda: _zip(tmp_path / "e.zip"),
        "tar": lambda: _tar(tmp_path / "e.tar"),
        "folder": lambda: _folder(tmp_path),
    }
    path = make[kind]()
    allowed = limit + (1 if kind == "folder" else 0)  # the channel's folder is an entry too
    opened = open_export(path, Limits(entries=allowed))
    if isinstance(opened, Export):
        opened.__exit__(None, None, None)
        assert is_open
    else:
        assert not is_open
        assert opened.reason == Reason.TOO_LARGE


def test_a_million_entries_are_counted_before_an_object_is_made_of_each(tmp_path: Path) -> None:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 99, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    directory = entry * 300_000  # each in a version that zipfile would not take, had it come that far
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), 0, 0)  # it says: one entry
    (tmp_path / "e.zip").write_bytes(directory + end)
    _refused_whole(tmp_path / "e.zip", Reason.TOO_LARGE)


# ── archives that lie ────────────────────────────────────────────────────────────────────────────


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    def overlap(archive: zipfile.ZipFile) -> None:
        archive.writestr("a.json", b"[1, 2, 3]")
        archive.writestr("b.json", b"[1, 2, 3]")
        archive.getinfo("b.json").header_offset = archive.getinfo("a.json").header_offset

    _only_the_good(_zip(tmp_path / "e.zip", overlap), Reason.HOSTILE, Reason.HOSTILE)


def test_a_member_that_quotes_the_next_one_is_refused(tmp_path: Path) -> None:
    def overlap(archive: zipfile.ZipFile) -> None:
        archive.writestr("a.json", b"[1, 2, 3]")
        archive.writestr("b.json", b"[1, 2, 3]")
        archive.getinfo("a.json").compress_size += 30

    _only_the_good(_zip(tmp_path / "e.zip", overlap), Reason.HOSTILE, Reason.HOSTILE)


@pytest.mark.parametrize("claimed", [1, 900_000])
def test_a_size_that_is_not_true_does_not_pass(tmp_path: Path, claimed: int) -> None:
    def lie(archive: zipfile.ZipFile) -> None:
        archive.writestr("lie.json", b"[1, 2, 3]" * 100)
        archive.getinfo("lie.json").file_size = claimed

    with _open(_zip(tmp_path / "e.zip", lie)) as export:
        found = export.read("lie.json")
        assert isinstance(found, ReadFailure)
        assert found.reason == Reason.MALFORMED
        assert export.read("channels.json") == GOOD["channels.json"]


def test_a_wrong_checksum_does_not_pass(tmp_path: Path) -> None:
    path = _zip(tmp_path / "e.zip", lambda z: z.writestr("x.bin", b"exactly these words", zipfile.ZIP_STORED))
    path.write_bytes(path.read_bytes().replace(b"exactly these words", b"exactly those words"))
    with _open(path) as export:
        found = export.read("x.bin")
    assert isinstance(found, ReadFailure)
    assert found.reason == Reason.MALFORMED


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    def encrypt(archive: zipfile.ZipFile) -> None:
        archive.writestr("secret.json", b"[]")
        archive.getinfo("secret.json").flag_bits |= 0x1

    _only_the_good(_zip(tmp_path / "e.zip", encrypt), Reason.ENCRYPTED)


def test_an_archive_that_is_encrypted_throughout_is_one_failure(tmp_path: Path) -> None:
    def encrypt(archive: zipfile.ZipFile) -> None:
        for info in archive.infolist():
            info.flag_bits |= 0x1

    _refused_whole(_zip(tmp_path / "e.zip", encrypt), Reason.ENCRYPTED)


def test_a_compression_that_is_not_deflate_is_unsupported(tmp_path: Path) -> None:
    path = _zip(tmp_path / "e.zip", lambda z: z.writestr("x.json", b"[]" * 50, zipfile.ZIP_LZMA))
    _only_the_good(path, Reason.UNSUPPORTED)


@pytest.mark.parametrize("name", ["e.zip", "e.tar", "e.tar.gz"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.98])
def test_an_archive_that_is_cut_short_is_one_failure(tmp_path: Path, name: str, part: float) -> None:
    path = tmp_path / name
    noise = _entry("general/noise.bin")
    _zip(path, lambda z: z.writestr("noise", os.urandom(9000))) if name == "e.zip" else _tar(
        path, noise, content=os.urandom(90_000), mode="w:gz" if name.endswith("gz") else "w"
    )
    whole = path.read_bytes().rstrip(b"\0") if name == "e.tar" else path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    _refused_whole(path, Reason.MALFORMED)


def test_a_tar_damaged_in_the_middle_is_not_taken_for_a_shorter_one(tmp_path: Path) -> None:
    path = _tar(tmp_path / "e.tar")
    content = bytearray(path.read_bytes())
    content[1024 + 148 : 1024 + 156] = b"damaged!"  # the checksum of the second header
    path.write_bytes(content)
    _refused_whole(path, Reason.MALFORMED)


def test_a_tar_that_points_back_at_itself_ends(tmp_path: Path) -> None:
    path = _tar(tmp_path / "e.tar", _entry("x.json"))
    content = bytearray(path.read_bytes())
    at = content.index(b"x.json\0")
    content[at + 124 : at + 136] = b"\xff" * 10 + struct.pack(">h", -512)  # a negative size, base 256
    content[at + 148 : at + 156] = b" " * 8
    content[at + 148 : at + 156] = f"{sum(content[at : at + 512]):06o}\0 ".encode()
    path.write_bytes(content)
    _refused_whole(path, Reason.HOSTILE)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"not an archive", b"\x1f\x8b\x08\0", b"BZh9", b"PK\x05\x06" + b"\xff" * 18]
)
def test_what_is_no_archive_is_one_failure(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "e.zip"
    path.write_bytes(content)
    _refused_whole(path, Reason.MALFORMED)
    assert peek(path) == frozenset()


def test_what_is_missing_is_one_failure(tmp_path: Path) -> None:
    _refused_whole(tmp_path / "missing.zip", Reason.UNREADABLE)


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a": ' * 100_000, b"[" + b"9" * 10_000 + b"]"])
def test_deep_or_endless_json_is_malformed(tmp_path: Path, content: bytes) -> None:
    with _open(_zip(tmp_path / "e.zip", lambda z: z.writestr("deep.json", content, zipfile.ZIP_STORED))) as export:
        found = export.json("deep.json")
    assert isinstance(found, ReadFailure)
    assert found.reason == Reason.MALFORMED


@pytest.mark.parametrize(("content", "reason"), [(b"", Reason.EMPTY), (b'["\xff\xfe\xfd"]', Reason.BAD_ENCODING)])
def test_json_that_is_empty_or_not_utf8(tmp_path: Path, content: bytes, reason: Reason) -> None:
    with _open(_zip(tmp_path / "e.zip", lambda z: z.writestr("x.json", content))) as export:
        found = export.json("x.json")
    assert isinstance(found, ReadFailure)
    assert found.reason == reason


def test_lines_come_one_by_one(tmp_path: Path) -> None:
    text = b"".join(b'{"n": %d}\n' % n for n in range(20_000)) + b"last"
    with _open(_zip(tmp_path / "e.zip", lambda z: z.writestr("all.jsonl", text))) as export:
        assert list(export.lines("all.jsonl")) == text.split(b"\n")


def test_thousands_of_refused_members_do_not_flood_the_report(tmp_path: Path) -> None:
    with _open(_zip(tmp_path / "e.zip", lambda z: [z.writestr(f"../{n}", b"") for n in range(500)] and None)) as export:
        assert len(export.failures) == 101
        assert "400" in export.failures[-1].detail


@given(place=st.integers(0, 2_000), value=st.integers(0, 255), kind=st.sampled_from(["zip", "tar", "tar.gz"]))
@settings(max_examples=60, deadline=None)
def test_no_flipped_byte_raises(tmp_path_factory: pytest.TempPathFactory, place: int, value: int, kind: str) -> None:
    path = tmp_path_factory.mktemp("flip") / f"e.{kind}"
    _zip(path) if kind == "zip" else _tar(path, mode="w:gz" if kind == "tar.gz" else "w")
    content = bytearray(path.read_bytes())
    content[place % len(content)] = value
    path.write_bytes(content)
    for item in SlackIndexer().read(path, Source(SiloName("s"), "slack", "slack", path.name)):
        assert isinstance(item, Document | ReadFailure | Coverage)
    assert zlib.crc32(content) == zlib.crc32(path.read_bytes())
