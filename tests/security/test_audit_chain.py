"""Nothing in the audit log can be changed, moved or cut off without `verify` saying so."""

from __future__ import annotations

import json
import random
from pathlib import Path
from threading import Thread

import pytest

from sensemake.protocols import AuditEvent
from sensemake.stores.audit import FileAudit
from sensemake.stores.locks import FileLocks
from sensemake.testing.catalog.nouns import START


def event(number: int) -> AuditEvent:
    return AuditEvent(START, "ana", "who", f"topic {number}", {"silos": "open", "n": str(number)})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for number in range(1, 9):
        FileAudit(tmp_path).record(event(number))
    return tmp_path


def lines(home: Path) -> list[bytes]:
    return (home / "audit.jsonl").read_bytes().splitlines(keepends=True)


def test_any_changed_byte_is_found_in_its_line(home: Path) -> None:
    whole = (home / "audit.jsonl").read_bytes()
    rng = random.Random(5)
    for _ in range(100):
        place = rng.randrange(len(whole))
        data = bytearray(whole)
        data[place] ^= 1 << rng.randrange(8)
        (home / "audit.jsonl").write_bytes(data)
        found = FileAudit(home).verify()
        assert found is not None
        assert found <= whole[:place].count(b"\n") + 1
    (home / "audit.jsonl").write_bytes(whole)
    assert FileAudit(home).verify() is None


def test_a_line_that_is_gone_doubled_moved_or_added_is_found(home: Path) -> None:
    whole = lines(home)
    forged = json.dumps({"at": "2026-01-01", "by": "x", "action": "y", "about": "", "detail": {}, "hash": "0" * 64})
    cases = {
        "gone": (whole[:3] + whole[4:], 4),
        "first gone": (whole[1:], 1),
        "doubled": ([*whole[:3], whole[2], *whole[3:]], 4),
        "moved": ([whole[1], whole[0], *whole[2:]], 1),
        "added": ([*whole, forged.encode() + b"\n"], 9),
        "cut off": (whole[:6], 7),
        "all gone": ([], 1),
    }
    for name, (changed, first) in cases.items():
        (home / "audit.jsonl").write_bytes(b"".join(changed))
        assert FileAudit(home).verify() == first, name


def test_the_end_that_was_cut_off_is_still_missed_after_more_was_written(home: Path) -> None:
    (home / "audit.jsonl").write_bytes(b"".join(lines(home)[:6]))
    FileAudit(home).record(event(9))
    assert FileAudit(home).verify() == 7


def test_a_chain_that_somebody_computed_anew_is_not_the_one_of_the_head(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for number in range(11, 19):
        FileAudit(other).record(event(number))
    (home / "audit.jsonl").write_bytes((other / "audit.jsonl").read_bytes())
    assert FileAudit(home).verify() == 8


def test_a_missing_head_is_told(home: Path) -> None:
    (home / "audit.head").unlink()
    assert FileAudit(home).verify() == 9


def test_half_a_line_of_a_killed_writer_is_no_alarm_and_is_mended(home: Path) -> None:
    whole = lines(home)
    head = (home / "audit.head").read_bytes()
    FileAudit(home).record(event(9))
    last = lines(home)[8]
    for kept in (1, len(last) // 2, len(last) - 1, len(last)):
        (home / "audit.jsonl").write_bytes(b"".join(whole) + last[:kept])
        (home / "audit.head").write_bytes(head)
        assert FileAudit(home).verify() is None, kept
        FileAudit(home).record(event(10))
        assert FileAudit(home).verify() is None, kept
        about = [found.about for found in FileAudit(home).events()]
        assert about[8:] == (["topic 9"] if kept == len(last) else []) + ["topic 10"]


def test_a_writer_waits_for_its_turn(home: Path) -> None:
    with FileLocks(home / "locks").hold("audit"):
        writer = Thread(target=FileAudit(home).record, args=(event(9),))
        writer.start()
        writer.join(0.2)
        assert len(lines(home)) == 8
    writer.join()
    assert len(lines(home)) == 9


def test_what_cannot_be_read_does_not_hide_the_rest(home: Path) -> None:
    whole = lines(home)
    (home / "audit.jsonl").write_bytes(b"".join([*whole[:2], b"\xff\xfe[]\n", b"7\n", *whole[2:]]))
    assert len(list(FileAudit(home).events())) == 8
