"""The files of a LocalIndex: damage is found, a crash changes nothing, and several processes may share them."""

from __future__ import annotations

import hashlib
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from index_fakes import MemoryLocks, MemoryManifests

from sensemake.errors import Locked, ModelError, StoreError
from sensemake.model import Entry, LexicalQuery, PassageId, SiloName
from sensemake.rules.analysis import terms
from sensemake.search._best import near
from sensemake.search._exact import best
from sensemake.search._selection import Scope
from sensemake.search.local import LocalIndex, _masked
from sensemake.testing.index_world import DIM, WORDS, World, everything

A, B, C = SiloName("a"), SiloName("b"), SiloName("c")
HOMES = {A: "p1", B: "p2", C: "p2"}
WORD = LexicalQuery(terms(WORDS[0]))


class Home:
    """A folder, its manifests and locks, and as many index objects over them as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifests = MemoryManifests()
        self.locks = MemoryLocks()

    def opened(self, *, model_id: str = "m", dim: int = DIM, numpy_up_to: int = 20) -> LocalIndex:
        return LocalIndex(
            self.folder,
            model_id=model_id,
            dim=dim,
            manifests=self.manifests,
            locks=self.locks,
            numpy_up_to=numpy_up_to,
        )

    def world(self, seed: int = 0, count: int = 60) -> World:
        world = World(self.opened(), HOMES, seed)
        world.fill(count)
        world.index.commit(world.generations())
        return world

    def files(self, partition: str) -> list[Path]:
        folder = self.folder / partition / self.manifests.manifests[partition].generation
        return sorted(folder / name for name in self.manifests.manifests[partition].files)

    def generation_folders(self) -> list[str]:
        return sorted(f"{path.parent.name}/{path.name}" for path in self.folder.glob("*/*"))


@pytest.fixture
def home(quick_folder: Path) -> Home:
    return Home(quick_folder / "index")


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "truncated": _truncate,
    "flipped": _flip,
    "emptied": _empty,
    "grown": _grow,
    "missing": Path.unlink,
}


@pytest.mark.parametrize("partition", ["p1", "p2"], ids=["few", "many"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_any_file_is_found(home: Home, damage: str, partition: str) -> None:
    home.world()
    silos = [silo for silo, name in HOMES.items() if name == partition]
    first = "000000000000"
    assert {path.name for path in home.files("p1")} >= {
        f"vectors-{first}.npy",
        "numbers.npy",
        "passages.npy",
        "meta.json",
    }
    assert {f"vectors-{first}.npy", f"codes-{first}.faiss"} <= {path.name for path in home.files("p2")}
    for path in home.files(partition):
        content = path.read_bytes()
        if not content and damage in ("truncated", "flipped", "emptied"):
            continue
        DAMAGES[damage](path)
        index = home.opened()
        assert [index.generation(silo, partition) for silo in silos] == [0] * len(silos), path
        path.write_bytes(content)
    assert home.opened().generation(silos[0], partition) == 1


@pytest.mark.parametrize("damage", ["flipped", "missing", "swapped"])
def test_after_damage_the_rest_answers_and_putting_again_makes_it_whole(home: Home, damage: str) -> None:
    world = home.world()
    if damage == "swapped":
        for one, other in zip(home.files("p1"), home.files("p2"), strict=False):
            first, second = one.read_bytes(), other.read_bytes()
            one.write_bytes(second)
            other.write_bytes(first)
    else:
        for path in home.files("p2"):
            DAMAGES[damage](path)
    world.index = index = home.opened()
    lost = [silo for silo, name in HOMES.items() if index.generation(silo, name) == 0]
    assert set(lost) == ({A, B, C} if damage == "swapped" else {B, C})
    whole, world.entries = (
        world.entries,
        {i: e for i, e in world.entries.items() if e.passage.silo not in lost},
    )
    world.check_at_random(5)
    for silo in lost:
        world.drop(silo)
        world.put([entry for entry in whole.values() if entry.passage.silo == silo])
    world.check_at_random(5)
    index.commit(world.generations())
    world.index = home.opened()
    world.check_at_random(10)
    assert all(world.index.generation(silo, name) == 2 for silo, name in HOMES.items())


def test_another_model_finds_nothing_in_the_files(home: Home) -> None:
    world = home.world()
    for other in (home.opened(model_id="other"), home.opened(dim=DIM + 1)):
        assert other.generation(A, "p1") == 0
        assert other.lexical(WORD, 10, everything(HOMES)) == []
    assert world.index.lexical(WORD, 10, everything(HOMES)) != []


def test_vectors_of_another_shape_are_refused(home: Home) -> None:
    world = home.world()
    entry = next(iter(world.entries.values()))
    for bad in (np.ones(DIM + 1, np.float32), np.full(DIM, np.nan, np.float32)):
        with pytest.raises(ModelError):
            world.index.put([replace(entry, vector=bad)])
        with pytest.raises(ModelError):
            world.index.dense(bad, 5, everything(HOMES))


# ── crashes ──────────────────────────────────────────────────────────────────────────────────────


def test_a_failed_switch_leaves_the_old_answers_and_can_be_repeated(home: Home) -> None:
    world, old = home.world(), home.world()
    assert len(old.entries) == len(world.entries)
    world.change()
    home.manifests.broken = "before"
    with pytest.raises(StoreError):
        world.index.commit(world.generations())
    old.index = home.opened()
    old.check_at_random(6)
    world.check_at_random(6)
    home.manifests.broken = ""
    world.index.commit(world.generations())
    world.index = home.opened()
    world.check_at_random(6)


def test_a_switch_of_which_nobody_heard_is_whole(home: Home) -> None:
    world = home.world()
    world.change()
    home.manifests.broken = "after"
    with pytest.raises(StoreError):
        world.index.commit(world.generations())
    home.manifests.broken = ""
    world.check_at_random(3)
    new = home.opened()
    assert new.generation(A, "p1") == 2
    world.index.commit(world.generations())
    world.index = home.opened()
    world.check_at_random(6)


def test_leftovers_of_a_killed_writer_are_removed_by_the_next_commit(home: Home) -> None:
    world = home.world()
    current = home.generation_folders()
    for name in ("p1/00000002", "p1/00000009", "unknown/00000001"):
        (home.folder / name / "words").mkdir(parents=True)
        (home.folder / name / "words" / "meta.json").write_text("half writ")
    world.index = home.opened()
    world.check_at_random(3)
    world.fill(3, [A])
    world.index.commit(world.generations())
    assert home.generation_folders() == ["p1/00000010", current[1]]
    world.index = home.opened()
    world.check_at_random(3)


def test_a_folder_that_cannot_be_written_is_one_clear_error(quick_folder: Path) -> None:
    (quick_folder / "file").write_text("in the way")
    home = Home(quick_folder / "file" / "index")
    world = World(home.opened(), HOMES)
    world.fill(5)
    with pytest.raises(StoreError, match="cannot write the search index"):
        world.index.commit(world.generations())
    world.check_at_random(3)


# ── several at once ──────────────────────────────────────────────────────────────────────────────


def test_what_one_object_commits_another_sees_at_its_next_search(home: Home) -> None:
    writer = home.world()
    reader = home.opened()
    for _ in range(4):
        writer.change()
        writer.index.commit(writer.generations())
        own, writer.index = writer.index, reader
        writer.check_at_random(4)
        writer.index = own


def test_a_reader_goes_on_with_what_it_has_open(home: Home) -> None:
    world = home.world()
    [partition] = world.index._shelf.touching(frozenset({A}))
    only = everything({A: "p1"})
    scope = Scope.of(only, world.index._overlay.mask)
    before = partition.statistics(WORD.terms, scope)
    other = World(home.opened(), HOMES)
    other.put([replace(entry, partition="p1") for entry in world.entries.values() if entry.passage.silo == A])
    other.delete(sorted(i for i, e in world.entries.items() if e.passage.silo == A)[:5])
    other.index.commit({A: ("p1", 2)})
    assert not partition.folder.exists()
    assert partition.statistics(WORD.terms, scope) == before
    vector = world.vector()
    assert best(near([partition], vector, 9, scope), 9) == world.dense(vector, 9, only)


def test_a_silo_never_goes_backwards(home: Home) -> None:
    behind, ahead = home.world(), home.world()
    ahead.entries = dict(behind.entries)
    ahead.index = home.opened()
    entry = next(entry for entry in behind.entries.values() if entry.passage.silo == A)
    behind.put([_saying(entry, "older words")])
    ahead.put([_saying(entry, "newer words")])
    ahead.index.commit({A: ("p1", 9)})
    behind.fill(2, [B])
    behind.index.commit({A: ("p1", 5), B: ("p2", 5)})
    ahead.entries.update({i: e for i, e in behind.entries.items() if e.passage.silo == B})
    for ahead.index in (home.opened(), behind.index):
        ahead.check_at_random(6)
        assert ahead.index.generation(A, "p1") == 9
        assert ahead.index.generation(B, "p2") == 5


def test_newer_changes_go_on_top_of_what_another_wrote(home: Home) -> None:
    world, other = home.world(), home.opened()
    some = next(entry for entry in world.entries.values() if entry.passage.silo == A)
    world.put([_saying(some, "third words")])
    other.put([_saying(some, "second words")])
    other.commit({A: ("p1", 2)})
    world.index.commit({A: ("p1", 3)})
    world.index = home.opened()
    world.check_at_random(6)
    assert world.index.generation(A, "p1") == 3


def test_what_another_wrote_need_not_be_held_any_longer(home: Home) -> None:
    """As a server does that reads ahead of the disk while an ingest runs beside it."""
    server, ingest = home.world(), home.world()
    ingest.entries, ingest.index = dict(server.entries), home.opened()
    changed, gone, back = [entry for entry in server.entries.values() if entry.passage.silo == B][:3]
    server.put([_saying(changed, "older words")])
    server.delete([gone.passage.id, back.passage.id])
    server.fill(2, [A])
    for number in (7, 8):
        ingest.put([_saying(changed, "newer words"), _saying(back, "back again")])
        ingest.delete([gone.passage.id])
        ingest.index.commit({B: ("p2", number)})
        assert server.index.generation(B, "p2") == number
        server.index.discard(B)
        ingest.entries.update((i, e) for i, e in server.entries.items() if e.passage.silo == A)
        ingest.index, other = server.index, ingest.index
        ingest.check_at_random(6)
        ingest.index = other
        server.drop(B)
    server.index.discard(B)
    server.entries = dict(ingest.entries)
    server.put([_saying(changed, f"last {WORDS[0]} words")])
    server.index.commit({A: ("p1", 2), B: ("p2", 8)})
    ingest.entries = server.entries
    ingest.index = home.opened()
    ingest.check_at_random(6)
    assert ingest.index.generation(B, "p2") == 8


def test_what_was_changed_after_another_wrote_is_held_on_and_the_rest_is_not(home: Home) -> None:
    """A server reads an ingest's passages from the catalog, keeps a reflection, and then the ingest is on the disk."""
    server, ingest = home.world(), home.world()
    ingest.entries, ingest.index = dict(server.entries), home.opened()
    changed, again, gone, late = [entry for entry in server.entries.values() if entry.passage.silo == B][:4]
    for world in (server, ingest):
        world.put([_saying(changed, f"newer {WORDS[0]}"), _saying(again, "newer words")])
        world.delete([gone.passage.id])
    server.put([_saying(again, f"last {WORDS[1]}")])
    server.delete([late.passage.id])
    ingest.index.commit({B: ("p2", 7)})
    server.index.discard(B, but={again.passage.id, late.passage.id})
    assert set(server.index._overlay.held) == {again.passage.id}
    server.check_at_random(6)
    server.index.commit({B: ("p2", 9)})
    server.index = home.opened()
    assert server.index.generation(B, "p2") == 9
    server.check_at_random(6)


def test_what_no_file_holds_is_masked_in_none(home: Home) -> None:
    world = home.world()
    known = [entry.passage.id for entry in world.entries.values()]

    def masked() -> set[PassageId]:
        return set(_masked(*world.index._read(everything(HOMES))).passages)

    world.fill(5)
    assert world.index._overlay.held
    assert masked() == set()
    world.delete(known[:2])
    assert masked() == set(known[:2])
    world.put([_saying(world.entries[known[2]], "other words")])
    assert masked() == set(known[:3])
    world.check_at_random(6)
    world.index.commit(world.generations())
    world.delete([known[3]])
    assert masked() == {known[3]}


def test_changes_to_a_silo_that_was_lost_meanwhile_are_not_taken_for_the_whole(home: Home) -> None:
    world, other = home.world(), home.opened()
    world.fill(1, [A])
    other.drop(A)
    other.commit({})
    world.index.commit({A: ("p1", 3)})
    assert home.opened().generation(A, "p1") == 0
    assert home.opened().dense(world.vector(), 5, everything({A: "p1"})) == []


def test_a_held_lock_stops_the_commit_and_nothing_is_lost(home: Home) -> None:
    world = home.world()
    world.change()
    with home.locks.hold("index-p2"), pytest.raises(Locked):
        world.index.commit(world.generations())
    assert home.opened().generation(A, "p1") == 1
    world.check_at_random(3)
    world.index.commit(world.generations())
    assert home.locks.taken[-2:] == ["index-p1", "index-p2"]
    world.index = home.opened()
    world.check_at_random(3)


def test_searches_in_other_threads_see_before_or_after_and_nothing_else(home: Home) -> None:
    world = home.world()
    twin = next(iter(world.entries.values()))
    query, where = LexicalQuery(terms("markword")), everything(HOMES)
    seen: list[set[PassageId]] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            seen.append({hit.passage for hit in world.index.lexical(query, 9, where)})

    thread = threading.Thread(target=search)
    world.put([_saying(twin, "markword")])
    thread.start()
    for i in range(5):
        world.put([_saying(twin, f"markword again{i}")])
        world.index.commit(world.generations())
    done.set()
    thread.join()
    assert seen
    assert all(found == {twin.passage.id} for found in seen)


# ── what stays on the disk ───────────────────────────────────────────────────────────────────────


def test_a_small_addition_shares_the_old_files(home: Home) -> None:
    world = home.world()
    before = {path.name: path.stat().st_ino for path in home.files("p2")}
    world.fill(1, [B])
    world.index.commit(world.generations())
    shared = [path.name for path in home.files("p2") if before.get(path.name) == path.stat().st_ino]
    assert len(shared) >= 8
    assert {"vectors-000000000000.npy", "codes-000000000000.faiss"} <= set(shared)
    assert not {"meta.json", "numbers.npy"} & set(shared)
    untouched = world.index.generation(A, "p1")
    assert untouched == 2


def test_segments_grow_like_the_partition_and_stay_few(home: Home) -> None:
    world = World(home.opened(), {B: "p2"})
    for _ in range(20):
        world.fill(4)
        world.index.commit(world.generations())
        lengths = [len(np.load(path)) for path in home.files("p2") if path.name.startswith("vectors-")]
        assert sum(lengths) == len(world.entries)
        assert all(one > other for one, other in itertools.pairwise(lengths))
    assert len(lengths) <= 5
    world.index = home.opened()
    world.check_at_random(6)


def test_what_is_gone_from_a_shared_segment_has_no_name_on_the_disk(home: Home) -> None:
    world = World(home.opened(), {B: "p2"})
    world.fill(100)
    world.index.commit(world.generations())
    for gone in sorted(world.entries)[:12:3]:  # a twentieth and less, until it is more
        world.delete([gone])
        world.index.commit(world.generations())
        names = next(path for path in home.files("p2") if path.name == "passages.npy")
        assert gone.encode() not in names.read_bytes()
        assert world.dense(world.vector(), 200, everything(world.homes))
        world.index = home.opened()
        world.check_at_random(3)


def test_vectors_of_what_is_gone_stay_for_a_twentieth_of_all_at_most(home: Home) -> None:
    world = World(home.opened(), {B: "p2"})
    world.fill(100)
    world.index.commit(world.generations())
    while len(world.entries) > 60:
        world.delete([min(world.entries)])
        world.index.commit(world.generations())
        held = sum(len(np.load(path)) for path in home.files("p2") if path.name.startswith("vectors-"))
        assert held - len(world.entries) <= 0.05 * held


def test_an_index_of_before_there_were_segments_is_made_anew(home: Home) -> None:
    world = home.world()
    [vectors] = [path for path in home.files("p1") if path.name.startswith("vectors-")]
    vectors.rename(vectors.with_name("vectors.npy"))
    manifest = home.manifests.manifests["p1"]
    files = {name.replace(vectors.name, "vectors.npy"): digest for name, digest in manifest.files.items()}
    home.manifests.replace({"p1": replace(manifest, files=files)})
    assert home.opened().generation(A, "p1") == 0
    assert home.opened().generation(B, "p2") == 1
    assert world.entries


def test_nothing_to_write_writes_nothing(home: Home) -> None:
    world = home.world()
    before, changes = home.generation_folders(), home.manifests.changes
    world.index.commit({})
    world.index.commit({A: ("p1", 1)})
    assert home.manifests.changes == changes
    world.index.commit({A: ("p1", 2)})
    assert home.generation_folders() == before
    assert home.opened().generation(A, "p1") == 2
    world.check_at_random(3)


@pytest.mark.parametrize("how", ["deleted", "dropped", "moved"])
def test_words_of_what_is_gone_do_not_stay_on_the_disk(home: Home, how: str) -> None:
    world = World(home.opened(), HOMES)
    world.fill(90, [A, B])
    secret = world.entry(C, "the quicksilver affair")
    world.put([secret])
    world.index.commit(world.generations())
    assert _on_disk(home, b"quicksilv")
    assert _on_disk(home, secret.passage.id.encode())
    if how == "deleted":
        world.delete([*(i for i, e in world.entries.items() if e.passage.silo == B), secret.passage.id][-11:])
    elif how == "dropped":
        world.drop(C)
        del world.homes[C]
    else:
        world.move(C, "p9")
        world.delete([secret.passage.id])
    world.index.commit(world.generations())
    assert not _on_disk(home, b"quicksilv")
    assert not _on_disk(home, secret.passage.id.encode())
    world.index = home.opened()
    world.check_at_random(6)


def test_an_empty_partition_has_no_folder_but_keeps_its_generation(home: Home) -> None:
    world = home.world()
    world.delete([i for i, e in world.entries.items() if e.passage.silo == A])
    world.index.commit(world.generations())
    assert not (home.folder / "p1").exists()
    assert home.opened().generation(A, "p1") == 2
    world.drop(A)
    del world.homes[A]
    world.index.commit(world.generations())
    assert "p1" not in home.manifests.manifests
    world.check_at_random(3)
    world.homes[A] = "p1"
    world.fill(5, [A])
    world.index.commit(world.generations())
    world.index = home.opened()
    world.check_at_random(3)


def test_a_passage_deleted_by_its_id_alone_is_found_in_any_partition(home: Home) -> None:
    world = home.world()
    world.delete(world.some(sorted(world.entries), 6))
    world.index.commit({})
    world.index = home.opened()
    world.check_at_random(6)
    assert {home.opened().generation(silo, name) for silo, name in HOMES.items()} == {1}


def test_a_small_index_is_searched_without_faiss(home: Home) -> None:
    code = """
import sys, numpy as np
from sensemake.search._best import near
from sensemake.search._exact import best
from sensemake.search.local import LocalIndex, _masked
assert not {"faiss", "tantivy"} & sys.modules.keys()
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_local_index_files import HOMES, WORD, Home, everything
home = Home(Path(sys.argv[2]))
world = home.world(count=15)
assert world.index.lexical(WORD, 5, everything(HOMES)) and world.index.dense(world.vector(), 5, everything(HOMES))
assert "tantivy" in sys.modules and "faiss" not in sys.modules
"""
    tests = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", code, tests, str(home.folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def _saying(entry: Entry, text: str) -> Entry:
    return replace(entry, passage=replace(entry.passage, text=text))


def _on_disk(home: Home, words: bytes) -> bool:
    return any(words in path.read_bytes() for path in home.folder.rglob("*") if path.is_file())


def test_an_index_of_before_there_were_phrases_holds_nothing(home: Home) -> None:
    home.world()
    (meta,) = [path for path in home.files("p1") if path.name == "meta.json"]
    known = json.loads(meta.read_text("utf-8"))
    known["schema"] = [field for field in known["schema"] if field["name"] != "said"]
    meta.write_text(json.dumps(known), "utf-8")
    manifest = home.manifests.manifests["p1"]
    digest = hashlib.sha256(meta.read_bytes()).hexdigest()
    home.manifests.replace({"p1": replace(manifest, files={**manifest.files, "words/meta.json": digest})})
    index = home.opened()
    assert index.generation(A, "p1") == 0
    assert index.generation(B, "p2") > 0
    assert {hit.passage for hit in index.lexical(WORD, 100, everything({A: "p1"}))} == set()
