"""The audit log: one JSON line an event in `<home>/audit.jsonl`, each bound to the one before it by SHA-256.

`audit.head` holds the number, the end (in bytes) and the hash of the last line. It makes appending quick and a
log whose end was cut off detectable. It is written after the line: a process that dies between the two leaves a head
that is a little behind, which the next writer mends.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sensemake.errors import StoreReadOnly
from sensemake.protocols import AuditEvent
from sensemake.stores.faults import translated
from sensemake.stores.locks import FileLocks

AUDIT_FILE = "audit.jsonl"
HEAD_FILE = "audit.head"
_WAIT = 5.0


@dataclass(frozen=True, slots=True)
class _Head:
    number: int = 0
    size: int = 0
    hash: str = "0" * 64


class FileAudit:
    """The `Audit` of one home; any number of processes may write to it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = home / AUDIT_FILE
        self._head = home / HEAD_FILE
        self._locks = FileLocks(home / "locks")

    def record(self, event: AuditEvent) -> None:
        """Append; when this returns, the line is on the disk."""
        with self._locks.hold("audit", wait=_WAIT), translated(str(self._file), self._home):
            log = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                self._append(log, event)
            finally:
                os.close(log)

    def events(self) -> Iterator[AuditEvent]:
        """All that can be read, oldest first; whether anything was tampered with is `verify`'s to say."""
        for line in self._lines():
            try:
                yield _event(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue

    def verify(self) -> int | None:
        """The number of the first line that was changed, moved or taken away; None when the chain is whole."""
        with self._quiet():
            head = self._read_head()
            last, number = _Head().hash, 0
            for number, line in enumerate(self._lines(), 1):
                if head is not None and number > head.number and not line.endswith("\n"):
                    return None  # half a line, of a process that died while it wrote
                found = _chained(line, last)
                if found is None or (head is not None and number == head.number and found != head.hash):
                    return number
                last = found
            whole = number == 0 if head is None else number >= head.number
            return None if whole else number + 1

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Keep writers away; in a home that cannot be written there are none."""
        with ExitStack() as stack:
            with suppress(StoreReadOnly):
                stack.enter_context(self._locks.hold("audit", wait=_WAIT))
            yield

    def _append(self, log: int, event: AuditEvent) -> None:
        head = self._caught_up(log)
        content = _content(event)
        linked = _link(head.hash, content)
        line = json.dumps({**content, "hash": linked}, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        size = os.fstat(log).st_size
        _write(log, line, size)
        os.fsync(log)
        self._write_head(_Head(head.number + 1, size + len(line), linked))

    def _caught_up(self, log: int) -> _Head:
        """The end of the chain: the head, and whole lines after it that a killed process left. Half a line goes."""
        head = self._read_head() or _Head()
        rest = os.pread(log, max(0, os.fstat(log).st_size - head.size), head.size)
        for line in rest.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                os.ftruncate(log, head.size)
            elif (found := _chained(line.decode("utf-8", "replace"), head.hash)) is not None:
                head = _Head(head.number + 1, head.size + len(line), found)
            else:
                break
        return head

    def _read_head(self) -> _Head | None:
        try:
            number, size, linked = self._head.read_text("ascii").split()
            return _Head(int(number), int(size), linked)
        except (OSError, ValueError):
            return None

    def _write_head(self, head: _Head) -> None:
        """Always the same length, so that it is overwritten in place and never half there."""
        file = os.open(self._head, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            _write(file, f"{head.number:020d} {head.size:020d} {head.hash}\n".encode("ascii"), 0)
        finally:
            os.close(file)

    def _lines(self) -> Iterator[str]:
        if not self._file.exists():
            return
        with translated(str(self._file), self._home), self._file.open("rb") as file:
            for line in file:
                yield line.decode("utf-8", "replace")


def _content(event: AuditEvent) -> dict[str, object]:
    return {
        "at": event.at.isoformat(),
        "by": event.by,
        "action": event.action,
        "about": event.about,
        "detail": dict(event.detail),
    }


def _event(line: dict[str, Any]) -> AuditEvent:
    detail = {str(name): str(value) for name, value in dict(line["detail"]).items()}
    return AuditEvent(datetime.fromisoformat(line["at"]), line["by"], line["action"], line["about"], detail)


def _link(previous: str, content: dict[str, object]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256(f"{previous}{canonical}".encode()).hexdigest()


def _chained(line: str, previous: str) -> str | None:
    """The hash of a line that follows `previous` and is written exactly as we write it; None otherwise."""
    try:
        content = json.loads(line)
        linked = content.pop("hash")
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    if linked != _link(previous, content):
        return None
    written = json.dumps({**content, "hash": linked}, sort_keys=True, separators=(",", ":")) + "\n"
    return linked if written == line else None


def _write(file: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(file, data, at)
        data, at = data[written:], at + written
