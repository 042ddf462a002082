"""Lists what a folder, a zip or a tar holds, without unpacking any of it and without trusting what it says of itself.

The limits and the attacks are those of OWASP ASVS 5.0.0, 5.2.3 and 5.2.5, and of what happened to others: members
that climb out (zip slip), links, devices, overlapping members (CVE-2024-0450), members that come out of nearly
nothing, tar headers that point backwards (CVE-2025-8194).
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from io import BufferedIOBase
from pathlib import Path
from typing import IO, cast

from sensemake.model import Reason

CHUNK = 1 << 16
BROKEN = (
    *(OSError, EOFError, ValueError, RuntimeError, OverflowError),
    *(struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile),
)
"""What Python's readers raise on bad data (NotImplementedError is a RuntimeError); TarError beside."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, but for `ratio` (unpacked : packed, counted after `ratio_after` bytes) and `entries`."""

    unpacked: int = 1 << 30
    ratio: int = 100
    ratio_after: int = 1 << 20
    entries: int = 100_000
    member: int = 100 << 20
    name_part: int = 255
    directory: int = 64 << 20


class Refused(Exception):
    """Raised inside `_archives` and `_export` only; `_export` turns it into a ReadFailure."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an export. `stamp` changes when the file does; `flaw` says why it is not to be read."""

    name: str
    size: int
    packed: int
    open: Callable[[], IO[bytes]]
    stamp: Callable[[], object] = lambda: None
    flaw: Refused | None = None


def members(path: Path, limits: Limits, stack: ExitStack, *, whole: bool = True) -> Iterator[Member]:
    """The files of an export. `whole` false is for a quick look: a compressed tar is listed as far as the limits reach.

    Raises Refused when it cannot be opened at all. What has to be closed later is put on `stack`.
    """
    try:
        if path.is_dir():
            yield from _folder(path, limits)
            return
        file = stack.enter_context(path.open("rb"))
        start = file.read(265)
        if zipfile.is_zipfile(file):
            yield from zip_members(file, limits, stack)
        elif start[:2] == b"\x1f\x8b":
            yield from _tar(_unpack(gzip.GzipFile(fileobj=file), file, limits, stack, whole=whole), limits, whole=whole)
        elif start[:3] == b"BZh":
            yield from _tar(_unpack(bz2.BZ2File(file), file, limits, stack, whole=whole), limits, whole=whole)
        elif start[:6] == b"\xfd7zXZ\0":
            yield from _tar(_unpack(_Xz(file), file, limits, stack, whole=whole), limits, whole=whole)
        elif start[257:262] == b"ustar":
            yield from _tar(file, limits, whole=whole)
        else:
            raise Refused(Reason.MALFORMED, "neither a folder nor a whole zip, tar, tar.gz, tar.bz2 or tar.xz")
    except UnicodeDecodeError as error:
        raise Refused(Reason.BAD_ENCODING, "the archive holds a name that is not the UTF-8 it says it is") from error
    except (FileNotFoundError, PermissionError) as error:
        raise Refused(Reason.UNREADABLE, f"it cannot be opened: {os.strerror(error.errno or 0)}") from error
    except (*BROKEN, tarfile.TarError) as error:
        raise Refused(Reason.MALFORMED, "the archive is damaged or cut short") from error


def the_file(path: Path) -> Member:
    """One plain file as the only member of an export."""
    return _file(path, path.name)


# ── a folder ─────────────────────────────────────────────────────────────────────────────────────


def _folder(root: Path, limits: Limits) -> Iterator[Member]:
    """Breadth first, so that a quick look sees what lies at the root."""
    folders, count = [root], 0
    while folders:
        folder = folders.pop(0)
        for path in _listing(folder, root):
            count += 1
            if count > limits.entries:
                raise Refused(Reason.TOO_LARGE, f"more than {limits.entries:,} entries")
            if isinstance(path, Member):
                yield path
            elif path.is_dir() and not path.is_symlink():
                folders.append(path)
            else:
                yield _file(path, path.relative_to(root).as_posix())


def _listing(folder: Path, root: Path) -> Sequence[Path | Member]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        if folder == root:
            raise
        detail = f"the folder cannot be listed: {os.strerror(error.errno or 0)}"
        return [_flawed(folder.relative_to(root).as_posix(), Refused(Reason.UNREADABLE, detail))]


def _file(path: Path, name: str) -> Member:
    try:
        state = path.lstat()
    except OSError:
        return _flawed(name, Refused(Reason.CHANGED, "it disappeared while the folder was listed"))
    if stat.S_ISLNK(state.st_mode):
        return _flawed(name, Refused(Reason.HOSTILE, "a symbolic link"))
    if not stat.S_ISREG(state.st_mode):
        return _flawed(name, Refused(Reason.HOSTILE, "not a regular file"))
    return Member(name, state.st_size, state.st_size, partial(_open_regular, path), partial(_stamp, path))


def _open_regular(path: Path) -> IO[bytes]:
    """Opens the file that was listed, not a link or a pipe that took its place since."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Refused(Reason.HOSTILE, "not a regular file")
    return os.fdopen(handle, "rb")


def _stamp(path: Path) -> object:
    state = path.lstat()
    return state.st_ino, state.st_size, state.st_mtime_ns


# ── a zip ────────────────────────────────────────────────────────────────────────────────────────

_END, _LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
_SHELL_TYPES = frozenset({0, stat.S_IFREG, stat.S_IFDIR})


def zip_members(file: IO[bytes], limits: Limits, stack: ExitStack) -> Iterator[Member]:
    """The files of a zip, those not to be read with their flaw. Raises Refused, or one of BROKEN when it is damaged."""
    directory = _check_directory(file, limits)
    archive = stack.enter_context(zipfile.ZipFile(file))
    infos = archive.infolist()
    if len(infos) > limits.entries:
        raise Refused(Reason.TOO_LARGE, f"more than {limits.entries:,} entries")
    overlapping = _overlapping(infos, directory)
    for info in infos:
        if not info.filename.endswith("/"):  # is_dir() fails on a name that is empty
            flaw = _zip_flaw(info, limits, overlaps=id(info) in overlapping)
            yield Member(
                _zip_name(info), info.file_size, info.compress_size, partial(_open_in_zip, archive, info), flaw=flaw
            )


def _open_in_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    return archive.open(info)


def _check_directory(file: IO[bytes], limits: Limits) -> int:
    """Where the central directory starts. Counts its entries before zipfile makes an object of each of them.

    The layout is PKWARE's APPNOTE 4.3.12–4.3.16; the count that the archive states is not trusted.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    bare = tail[-22:-18] == _END and tail[-2:] == b"\0\0"
    at = len(tail) - 22 if bare else tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise Refused(Reason.MALFORMED, "the zip has no end: it is damaged or cut short")
    (length,) = struct.unpack_from("<L", tail, at + 12)
    end = size - len(tail) + at
    if at >= 76 and tail[at - 20 : at - 16] == _LOCATOR:
        (length,) = struct.unpack_from("<Q", tail, at - 76 + 40)
        end -= 76
    if length > end:
        raise Refused(Reason.MALFORMED, "the zip is damaged or cut short")
    if length > limits.directory:
        raise Refused(Reason.TOO_LARGE, f"its table of contents is longer than {limits.directory >> 20} MiB")
    file.seek(end - length)
    if file.read(length).count(b"PK\x01\x02") > limits.entries:
        raise Refused(Reason.TOO_LARGE, f"more than {limits.entries:,} entries")
    return int(end - length)


def _overlapping(infos: Sequence[zipfile.ZipInfo], directory: int) -> set[int]:
    """The identities of members that share bytes with another member or with the central directory.

    A local header has at least 30 bytes; Python checks this itself only from 3.11.8 on.
    """
    found: set[int] = set()
    furthest: zipfile.ZipInfo | None = None
    end = 0
    for info in sorted(infos, key=lambda i: i.header_offset):
        stop = info.header_offset + 30 + info.compress_size
        if furthest is not None and info.header_offset < end:
            found |= {id(info), id(furthest)}
        if stop > directory:
            found.add(id(info))
        if stop > end:
            furthest, end = info, stop
    return found


def _zip_flaw(info: zipfile.ZipInfo, limits: Limits, *, overlaps: bool) -> Refused | None:
    if overlaps:
        return Refused(Reason.HOSTILE, "it shares its bytes with another member")
    if stat.S_IFMT(info.external_attr >> 16) not in _SHELL_TYPES:
        return Refused(Reason.HOSTILE, "a link or a device, not a regular file")
    if info.flag_bits & 0x41:
        return Refused(Reason.ENCRYPTED, "it is encrypted: take the password off and try again")
    if info.file_size > limits.ratio_after and info.file_size > limits.ratio * info.compress_size:
        return Refused(Reason.HOSTILE, f"it would unpack to more than {limits.ratio} times its size")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return Refused(Reason.UNSUPPORTED, "its compression is neither stored nor deflate")
    return None


def _zip_name(info: zipfile.ZipInfo) -> str:
    """A name without the UTF-8 flag is cp437 by the standard, and UTF-8 in fact when a Mac wrote it."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


# ── a tar ────────────────────────────────────────────────────────────────────────────────────────


def _tar(file: IO[bytes], limits: Limits, *, whole: bool) -> Iterator[Member]:
    file.seek(0)
    archive = tarfile.TarFile(fileobj=file, mode="r", errorlevel=2)
    last, count = -1, 0
    while (info := _next(archive, whole=whole)) is not None:
        count += 1
        if info.offset <= last:
            raise Refused(Reason.HOSTILE, "the tar points back at itself")
        if count > limits.entries:
            raise Refused(Reason.TOO_LARGE, f"more than {limits.entries:,} entries")
        last = info.offset
        if not info.isdir():
            flaw = _tar_flaw(info)
            yield Member(info.name, info.size, info.size, partial(_open_in_tar, archive, info), flaw=flaw)
    if whole:
        _check_end(file, archive.offset)


def _check_end(file: IO[bytes], offset: int) -> None:
    """Python takes a damaged header for the end; the real end is a block of zeros (POSIX.1-2017, pax)."""
    file.seek(offset)
    block = file.read(512)
    if not block or block.strip(b"\0"):
        raise Refused(Reason.MALFORMED, "the tar is damaged or cut short")


def _next(archive: tarfile.TarFile, *, whole: bool) -> tarfile.TarInfo | None:
    try:
        return archive.next()
    except tarfile.TarError:
        if whole:
            raise
        return None


def _open_in_tar(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(info)  # a stream over the archive; nothing is written
    if stream is None:
        raise Refused(Reason.MALFORMED, "not a regular file")
    return stream


def _tar_flaw(info: tarfile.TarInfo) -> Refused | None:
    if info.issym() or info.islnk():
        return Refused(Reason.HOSTILE, "a link")
    if info.issparse():
        return Refused(Reason.HOSTILE, "a sparse file: its size says nothing of what is in it")
    if not info.isreg() or info.size < 0:
        return Refused(Reason.HOSTILE, "a device or a pipe, not a regular file")
    return None


class _Xz:
    """Reads .xz streams as gzip.GzipFile reads .gz, but in bounded memory: a dictionary may ask for 4 GiB."""

    MEMORY = 256 << 20

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self._stream = self._new()

    def read(self, size: int) -> bytes:
        while True:
            if self._stream.eof:
                left = self._next_stream()
                if not left:
                    return b""
                self._stream = self._new()
            else:
                left = self._packed.read(CHUNK) if self._stream.needs_input else b""
                if self._stream.needs_input and not left:
                    raise EOFError
            if found := self._stream.decompress(left, size):
                return found

    def _next_stream(self) -> bytes:
        """The beginning of the stream after this one, past the zeros that may lie between them."""
        left = self._stream.unused_data.lstrip(b"\0")
        while not left and (chunk := self._packed.read(CHUNK)):
            left = chunk.lstrip(b"\0")
        return left

    def _new(self) -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=self.MEMORY)


def _unpack(
    stream: BufferedIOBase | _Xz, packed: IO[bytes], limits: Limits, stack: ExitStack, *, whole: bool
) -> IO[bytes]:
    """A compressed tar as a file without a name (in memory while small), so that any member can be read at any time."""
    packed.seek(0)
    spool = tempfile.SpooledTemporaryFile(max_size=16 << 20)  # noqa: SIM115  (the stack closes it)
    stack.callback(spool.close)
    total = 0
    while chunk := stream.read(CHUNK):
        total += len(chunk)
        if total > limits.ratio_after and total > limits.ratio * max(packed.tell(), 1):
            raise Refused(Reason.HOSTILE, f"it would unpack to more than {limits.ratio} times its size")
        if total > limits.unpacked:
            if not whole:
                break
            raise Refused(Reason.TOO_LARGE, f"it would unpack to more than {limits.unpacked >> 20:,} MiB")
        spool.write(chunk)
    return cast("IO[bytes]", spool)


def _flawed(name: str, flaw: Refused) -> Member:
    def refuse() -> IO[bytes]:
        raise flaw

    return Member(name, 0, 0, refuse, flaw=flaw)
