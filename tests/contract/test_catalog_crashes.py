"""A catalog whose writers are killed, or work at the same time, loses nothing that it acknowledged.

SENSEMAKE_TEST_KILLS says how many times a writer is killed (20 unless told).
"""

from __future__ import annotations

import os
import random
import select
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest

from sensemake.errors import Locked
from sensemake.model import PassageId, SiloName, Where
from sensemake.protocols import AuditEvent
from sensemake.stores import Catalog, integrity_problems, open_catalog, sqlite_url
from sensemake.testing.catalog.nouns import HANDBOOK, HANDLES, OPEN, START, stored

KILLS = int(os.environ.get("SENSEMAKE_TEST_KILLS", "20"))
ALL = Where(frozenset({OPEN}), frozenset({OPEN}))
PAGE = "tide table " * 10_000
"""Large enough that a dozen writes make a checkpoint."""


def opened(home: Path) -> Catalog:
    return open_catalog(sqlite_url(home), home, create=True)


@contextmanager
def child(work: Callable[[Callable[[str], None]], None]) -> Iterator[tuple[int, int]]:
    """A process that does `work`, which is given a way to say lines; its id and the pipe's end. Killed at the end."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            os.close(reader)
            work(lambda line: os.write(writer, f"{line}\n".encode()) and None)
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    try:
        yield process, reader
    finally:
        with_grace(process)
        os.close(reader)


def with_grace(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    except (ProcessLookupError, ChildProcessError):
        pass


def drained(reader: int) -> list[str]:
    """Everything that was said until the pipe closed."""
    data = b""
    while some := os.read(reader, 1 << 16):
        data += some
    return data.decode().splitlines()


def kill_after(process: int, reader: int, words: int, seconds: float) -> list[str]:
    """Kill it that long after it said so many lines; all it said."""
    said = b""
    while said.count(b"\n") < words and (some := os.read(reader, 1 << 16)):
        said += some
    sleep(seconds)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return [*said.decode().splitlines(), *drained(reader)]


def write_for_ever(home: Path, first: int, rng: random.Random, say: Callable[[str], None]) -> None:
    catalog = opened(home)
    number = first
    while True:
        number += 1
        item = stored(str(number), f"{PAGE} {number}", f"short {number}")
        say(f"try {item.document.id}")
        catalog.corpus.keep_vectors("model", {p.key: np.ones(8, np.float32) for p in item.passages})
        catalog.corpus.store([item])
        say(f"stored {item.document.id}")
        if rng.random() < 0.3:
            say(f"drop {item.document.id}")
            catalog.corpus.remove([item.document.id])
            say(f"removed {item.document.id}")
        catalog.audit.record(AuditEvent(START, "writer", "store", str(number), {}))
        say(f"audited {number}")


def test_what_was_acknowledged_survives_any_kill(tmp_path: Path) -> None:
    opened(tmp_path).close()
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    kept: set[str] = set()
    audited: set[str] = set()
    acknowledged = 0
    for kill in range(KILLS):
        begin = kill * 100_000
        with child(lambda say, begin=begin: write_for_ever(tmp_path, begin, rng, say)) as (process, reader):
            lines = kill_after(process, reader, rng.randrange(1, 9), rng.uniform(0, 0.03))
        said: dict[str, set[str]] = {verb: set() for verb in ("try", "stored", "drop", "removed", "audited")}
        for line in lines:
            verb, _, about = line.partition(" ")
            said[verb].add(about)
        audited |= said["audited"]
        catalog = opened(tmp_path)
        found = set(catalog.corpus.known(HANDBOOK.id))
        assert (kept | said["stored"]) - said["drop"] <= found, (seed, kill)
        assert found <= (kept | said["try"]) - said["removed"], (seed, kill)
        check_whole(catalog, found)
        assert audited <= {event.about for event in catalog.audit.events()}, (seed, kill)
        assert catalog.audit.verify() is None, (seed, kill)
        catalog.close()
        kept = found
        acknowledged += len(said["stored"])
    assert acknowledged


def check_whole(catalog: Catalog, documents: set[str]) -> None:
    assert integrity_problems(catalog) == ()
    passages = catalog.corpus.select(ALL)
    assert {passage.document for passage in passages} == documents
    assert len(passages) == 2 * len(documents)
    assert set(catalog.corpus.vectors("model", {p.key for p in passages})) == {p.key for p in passages}
    index: set[PassageId] = set()
    for change in catalog.corpus.changes(OPEN, 0, 10**6):
        (index.discard if change.deleted else index.add)(change.passage)
    assert index == {passage.id for passage in passages}


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    opened(tmp_path).close()

    def write(who: int, say: Callable[[str], None]) -> None:
        catalog = opened(tmp_path)
        for number in range(12):
            catalog.corpus.store([stored(f"{who} {number}", f"text {number}", author=HANDLES[number % 4])])
            catalog.audit.record(AuditEvent(START, str(who), "store", str(number), {}))
        say("done")

    with child(lambda say: write(1, say)) as (_, one), child(lambda say: write(2, say)) as (_, two):
        assert drained(one) == drained(two) == ["done"]
    catalog = opened(tmp_path)
    assert len(catalog.corpus.known(HANDBOOK.id)) == 24
    assert len(list(catalog.audit.events())) == 24
    assert catalog.audit.verify() is None
    assert len(catalog.people.handles([OPEN])) == 4
    catalog.close()


def test_readers_see_whole_batches_while_another_process_writes(tmp_path: Path) -> None:
    opened(tmp_path).close()

    def write(say: Callable[[str], None]) -> None:
        catalog = opened(tmp_path)
        for number in range(15):
            catalog.corpus.store([stored(f"{side} {number}", f"{side} {number}") for side in ("left", "right")])
        say("done")

    catalog = opened(tmp_path)
    with child(write) as (_, reader):
        seen = 0
        while not select.select([reader], [], [], 0)[0]:
            texts = [passage.text for passage in catalog.corpus.select(ALL)]
            seen += 1
            assert len(texts) % 2 == 0
            assert {text[5:] for text in texts if text.startswith("left")} == {
                text[6:] for text in texts if text.startswith("right")
            }
        assert drained(reader) == ["done"]
    assert seen > 1
    assert len(catalog.corpus.select(ALL)) == 30
    catalog.close()


def test_two_processes_make_one_catalog(tmp_path: Path) -> None:
    home = tmp_path / "home"

    def make(who: str, say: Callable[[str], None]) -> None:
        opened(home).corpus.store([stored(who, who)])
        say("done")

    with child(lambda say: make("one", say)) as (_, one), child(lambda say: make("two", say)) as (_, two):
        assert drained(one) == drained(two) == ["done"]
    catalog = opened(home)
    assert len(catalog.corpus.known(HANDBOOK.id)) == 2
    catalog.close()


def test_a_catalog_whose_making_was_killed_is_made_again(tmp_path: Path) -> None:
    rng = random.Random(7)
    for attempt in range(3):
        home = tmp_path / str(attempt)

        def make(say: Callable[[str], None], home: Path = home) -> None:
            say("begun")
            opened(home)

        with child(make) as (process, reader):
            kill_after(process, reader, 1, rng.uniform(0, 0.15))
        catalog = opened(home)
        catalog.corpus.store([stored("a", "one")])
        assert integrity_problems(catalog) == ()
        catalog.close()


def test_what_was_half_written_before_there_was_a_log_is_taken_back(tmp_path: Path) -> None:
    def make(say: Callable[[str], None]) -> None:
        with closing(sqlite3.connect(tmp_path / "catalog.sqlite", isolation_level=None)) as raw:
            raw.execute("PRAGMA cache_size=1")
            raw.execute("BEGIN")
            raw.execute("CREATE TABLE half (made)")
            raw.executemany("INSERT INTO half VALUES (?)", [("x" * 500,)] * 1000)
            say("half")
            sleep(60)

    with child(make) as (process, reader):
        kill_after(process, reader, 1, 0)
    assert (tmp_path / "catalog.sqlite-journal").stat().st_size > 512
    catalog = opened(tmp_path)
    catalog.corpus.store([stored("a", "one")])
    assert integrity_problems(catalog) == ()
    catalog.close()


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    catalog = opened(tmp_path)

    def hold(say: Callable[[str], None]) -> None:
        with opened(tmp_path).locks.hold("ingest:open/handbook"):
            say("held")
            sleep(60)

    with child(hold) as (process, reader):
        select.select([reader], [], [], 30)
        with pytest.raises(Locked) as met, catalog.locks.hold("ingest:open/handbook"):
            pass
        assert f"another ingest of 'open/handbook' (process {process}, since " in str(met.value)
        assert str(met.value).endswith("is running; try again when it has ended")
        with_grace(process)
        with catalog.locks.hold("ingest:open/handbook"):
            pass
    catalog.close()


def test_a_writer_waits_for_the_one_before_it(tmp_path: Path) -> None:
    catalog = opened(tmp_path)

    def hold(say: Callable[[str], None]) -> None:
        with opened(tmp_path).locks.hold("write"):
            say("held")
            sleep(0.3)
            say("free")

    with child(hold) as (_, reader):
        select.select([reader], [], [], 30)
        catalog.corpus.store([stored("a", "one")])
        assert os.read(reader, 1 << 10) == b"held\nfree\n"
    catalog.close()


def test_a_program_that_does_not_ask_for_the_lock_is_said_to_be_in_the_way(tmp_path: Path) -> None:
    catalog = opened(tmp_path)
    other = sqlite3.connect(tmp_path / "catalog.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Locked, match="in use by another program"):
        catalog.corpus.store([stored("a", "one")])
    other.execute("ROLLBACK")
    other.close()
    catalog.corpus.store([stored("a", "one")])
    catalog.close()


def test_the_journal_does_not_grow_for_ever_and_the_log_neither(tmp_path: Path) -> None:
    catalog = opened(tmp_path)
    began = monotonic()
    for number in range(30):
        catalog.corpus.store([stored("a", f"{PAGE} {number}"), stored("b", "same", title=str(number))])
    assert (tmp_path / "catalog.sqlite-wal").stat().st_size < 6 << 20, monotonic() - began
    same = stored("b", "same").passages[0].id
    assert len(catalog.corpus.changes(SiloName("open"), 0, 10**6)) == 31
    assert [change.passage for change in catalog.corpus.changes(OPEN, 0, 10**6)].count(same) == 1
    catalog.close()
