"""A tar.xz is opened as any other archive, and within the same limits."""

from __future__ import annotations

import io
import lzma
import os
import tarfile
from pathlib import Path

import pytest

from sensemake.indexers._export import Export, Limits, open_export
from sensemake.model import ReadFailure, Reason

MIB = 1 << 20


def _tar(content: bytes, name: str = "export/general.json") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _reason(path: Path, limits: Limits | None = None) -> Reason:
    found = open_export(path, limits or Limits())
    assert isinstance(found, ReadFailure)
    return found.reason


@pytest.mark.parametrize("streams", [1, 3])
def test_it_is_read_whole(tmp_path: Path, streams: int) -> None:
    """Also when it was packed in several streams, as parallel tools do, with padding between them."""
    content = os.urandom(300_000)
    plain = _tar(content)
    step = len(plain) // streams + 1
    packed = b"\0\0\0\0".join(lzma.compress(plain[at : at + step]) for at in range(0, len(plain), step))
    export = open_export(_write(tmp_path / "e.tar.xz", packed))
    assert isinstance(export, Export)
    with export:
        assert export.names == ("general.json",)
        assert export.read("general.json") == content


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "e.tar.xz", lzma.compress(_tar(b"\0" * (3 * MIB))))
    assert _reason(path) is Reason.HOSTILE


def test_it_keeps_to_the_limit(tmp_path: Path) -> None:
    path = _write(tmp_path / "e.tar.xz", lzma.compress(_tar(os.urandom(2 * MIB))))
    assert _reason(path, Limits(unpacked=MIB)) is Reason.TOO_LARGE


@pytest.mark.parametrize("cut", [1, 30, 9_000])
def test_one_that_is_cut_short_is_damaged(tmp_path: Path, cut: int) -> None:
    packed = lzma.compress(_tar(os.urandom(100_000)))
    assert _reason(_write(tmp_path / "e.tar.xz", packed[:-cut])) is Reason.MALFORMED


def test_one_that_would_take_gigabytes_of_memory_is_not_unpacked(tmp_path: Path) -> None:
    """A header may ask for a dictionary of 4 GiB. Made here by patching the size in the block header and its CRC."""
    import zlib

    packed = bytearray(lzma.compress(_tar(b"[]"), preset=0))
    size = (packed[12] + 1) * 4
    at = packed.index(b"\x21\x01", 12, 12 + size) + 2
    packed[at] = 40
    packed[12 + size - 4 : 12 + size] = zlib.crc32(packed[12 : 12 + size - 4]).to_bytes(4, "little")
    assert _reason(_write(tmp_path / "e.tar.xz", bytes(packed))) is Reason.MALFORMED
