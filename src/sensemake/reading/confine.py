"""Takes from this process what a reader of files does not need: the network, writing, endless time and memory.

Linux gives two ways that need no privilege, both used where the kernel has them: Landlock (landlock(7); ABI 4 and
later also refuses TCP) and a network namespace of its own (unshare(2)). Everywhere else, and for what slips through,
an audit hook (PEP 578) refuses Python's own calls; that stops slips, not somebody who runs code of his own.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

from sensemake.reading.limits import Limits

_NEWNET, _NEWUSER = 0x40000000, 0x10000000
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_NO_NEW_PRIVS, _DEATH_SIGNAL = 38, 1
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_CHANGES = sum(1 << bit for bit in range(4, 14))
"""Removing and making of every kind of entry, and links from folder to folder (linux/landlock.h)."""
_TCP = 0b11
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGING = frozenset(
    {"os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate"}
)
_TALKING = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"})


class Forbidden(PermissionError):
    """What a reader tried and may not."""


def confine(staging: Path) -> None:
    """From now on: no network, and no writing but in `staging`. The process must have one thread."""
    _cut_network()
    _only_write_in(staging)
    _watch(staging)


def die_with_parent(parent: int) -> None:
    """Be killed when the process that made us ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def limit(limits: Limits, *, large: bool) -> None:
    """Memory and processor for what is read next, and how large a file in the staging folder may be."""
    _soft(resource.RLIMIT_AS, limits.export_memory if large else limits.memory)
    _soft(resource.RLIMIT_FSIZE, limits.written)
    _soft(resource.RLIMIT_CORE, 0)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime + limits.seconds) + 1
    _soft(resource.RLIMIT_CPU, resource.RLIM_INFINITY if large else seconds)


def _soft(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    within = hard != resource.RLIM_INFINITY and (most == resource.RLIM_INFINITY or most > hard)
    resource.setrlimit(what, (hard if within else most, hard))


def _cut_network() -> None:
    """A namespace with no way out. Root does without one of users, in which it could not read others' files."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if libc.unshare(_NEWNET) and os.geteuid() != 0:
            libc.unshare(_NEWNET | _NEWUSER)


def _only_write_in(staging: Path) -> None:
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    version = libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return
    changes = _CHANGES & ~(0 if version >= 2 else 1 << 13)
    files = _WRITE_FILE | (_TRUNCATE if version >= 3 else 0)
    handled = (ctypes.c_uint64 * 2)(changes | files, _TCP if version >= 4 else 0)
    rules = libc.syscall(_LANDLOCK_CREATE, handled, 16 if version >= 4 else 8, 0)
    if rules < 0:
        return
    _allow(libc, rules, staging, changes | files)
    _allow(libc, rules, Path(os.devnull), files)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.syscall(_LANDLOCK_RESTRICT, rules, 0)
    os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = rights.to_bytes(8, sys.byteorder) + handle.to_bytes(4, sys.byteorder, signed=True)
    libc.syscall(_LANDLOCK_ADD, rules, 1, rule, 0)
    os.close(handle)


def _watch(staging: Path) -> None:
    inside = os.path.realpath(staging) + os.sep

    def allowed(path: object) -> bool:
        if isinstance(path, int):
            return True
        name = os.path.realpath(os.fsdecode(path))  # type: ignore[arg-type]
        return name == os.devnull or (name + os.sep).startswith(inside)

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event in _TALKING:
            raise Forbidden("a reader has no network")
        if event == "open":
            path, mode, flags = args
            writes = isinstance(flags, int) and flags & _WRITING
            if (writes or (isinstance(mode, str) and set(mode) & set("wax+"))) and not allowed(path):
                raise Forbidden("a reader writes nothing outside its staging folder")
        elif event in _CHANGING and not allowed(args[0]):
            raise Forbidden("a reader changes nothing outside its staging folder")

    sys.addaudithook(hook)
