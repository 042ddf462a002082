"""A home that others write to while it is read: what is new is read once, by one thread, for all of a process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import small_home

from sensemake.config import Settings
from sensemake.model import Entry, Query, SiloName
from sensemake.workspace import Workspace

READERS = 6


class Slowly:
    """An index to which putting takes as long as the test lets it; it counts what is put."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.put_so_often: Counter[str] = Counter()
        self.began, self.go_on = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def put(self, entries: Sequence[Entry]) -> None:
        self.put_so_often.update(str(entry.passage.id) for entry in entries)
        self.began.set()
        assert self.go_on.wait(60)
        self._inner.put(entries)


def test_what_is_new_is_read_once_and_keeps_nobody_waiting_for_long(tmp_path: Path) -> None:
    small_home.write(tmp_path)
    settings = Settings(home=tmp_path / "home", model="hashing")
    # as another process leaves it between two commits: in the catalog, and in no file of the index
    elsewhere = settings.model_copy(update={"index_url": "memory:"})
    with Workspace.open(elsewhere, create=True) as writer, Workspace.open(settings) as reader:
        writer.ingest([tmp_path / "handbook"], "handbook", writer.owner())
        asked, owner = Query("the lantern of the pier"), reader.owner()
        reader.search(asked, owner)
        index = Slowly(reader._active_engine().index)
        reader._active_engine().index = index
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "pier.md").write_text("# Pier\n\nThe lantern of the pier is lit at dusk.\n")
        writer.ingest([tmp_path / "new"], "new", writer.owner())
        with ThreadPoolExecutor(READERS) as threads:
            first = threads.submit(reader.search, asked, owner)
            assert index.began.wait(60)
            others = [threads.submit(reader.search, asked, owner) for _ in range(READERS - 1)]
            answered = [other.result(timeout=60) for other in others]  # while the first one still reads
            index.go_on.set()
            assert first.result().hits[0].passage.silo == "new"
        assert all(hit.passage.silo == "handbook" for answer in answered for hit in answer.hits)
        assert set(index.put_so_often.values()) == {1}
        assert reader.search(asked, owner).hits[0].passage.silo == "new"


def test_what_an_ingest_wrote_is_let_go_though_a_reflection_came_meanwhile(tmp_path: Path) -> None:
    small_home.write(tmp_path)
    settings = Settings(home=tmp_path / "home", model="hashing")
    elsewhere = settings.model_copy(update={"index_url": "memory:"})
    with Workspace.open(settings, create=True) as reader, Workspace.open(settings) as ingest:
        owner, asked = reader.owner(), Query("the lantern of the pier")
        reader.ingest([tmp_path / "handbook"], "handbook", owner)
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "pier.md").write_text("# Pier\n\nThe lantern of the pier is lit at dusk.\n")
        with Workspace.open(elsewhere) as writer:  # as an ingest before its commit: it is in the catalog
            writer.ingest([tmp_path / "new"], "handbook", owner)
        writing, reading = ingest._active_engine(), reader._active_engine()
        writing.catch_up(ingest._catalog, durable=False)
        assert "dusk" in reader.search(asked, owner).hits[0].passage.text
        reader.reflect("The ferry of the island has a new captain.", owner, silo="handbook")
        writing.index.commit({silo: (partition, number) for silo, (partition, number, _) in writing.held.items()})
        assert "dusk" in reader.search(asked, owner).hits[0].passage.text
        held = [one.passage.text for one in reading.index._overlay.held.values()]  # type: ignore[attr-defined]
        assert [text for text in held if "ferry" not in text] == []
        assert held
        reading.catch_up(reader._catalog, durable=True)
        assert not reading.held
        with Workspace.open(settings) as later:
            assert "captain" in later.search(Query("the captain of the ferry"), owner).hits[0].passage.text
            assert "dusk" in later.search(asked, owner).hits[0].passage.text


class Asked:
    """An index whose unrelated questions take as long as the test lets them; the rest is as ever."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.held = ""
        self.began, self.go_on = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def dense(self, *given: Any, **named: Any) -> Any:
        if threading.current_thread().name == self.held:
            self.began.set()
            assert self.go_on.wait(60)
        return self._inner.dense(*given, **named)


def test_what_chance_gives_is_looked_up_by_one_and_awaited_by_nobody(tmp_path: Path) -> None:
    with Workspace.open(Settings(home=small_home.taken_in(tmp_path, handbook="staff"), model="hashing")) as home:
        engine, catalog = home._active_engine(), home._catalog
        readable = frozenset({SiloName("handbook")})
        known = engine.background(readable, catalog)
        home.reflect("The lantern of the pier is lit at dusk.", home.owner(), silo="handbook")
        engine.index = index = Asked(engine.index)
        index.held = "first"
        made: list[object] = []
        first = threading.Thread(target=lambda: made.append(engine.background(readable, catalog)), name="first")
        first.start()
        assert index.began.wait(60)
        assert engine.background(readable, catalog) is known
        index.go_on.set()
        first.join()
        assert engine.background(readable, catalog) is made[0]
        assert made[0] is not known
