"""The contract of documents, passages, vectors and the log of changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from sensemake.errors import UsageError
from sensemake.model import (
    DocumentId,
    Handle,
    PassageId,
    Silo,
    SiloName,
    SourceId,
    TextKey,
    Vector,
    Where,
)
from sensemake.protocols import (
    Stored,
)
from sensemake.testing.catalog import nouns
from sensemake.testing.catalog.base import CatalogContract, all_at_once, refuses
from sensemake.testing.catalog.following import Followed
from sensemake.testing.catalog.nouns import HANDBOOK, HANDLES, OPEN, START, stored


class CorpusContract(CatalogContract):
    """Loses nothing, changes nothing twice, and its log is enough to build an index from."""

    def test_whatever_is_stored_comes_back_equal(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:

            def comes_back(item: Stored) -> None:
                document = item.document
                catalog.sources.register(document.source)
                catalog.corpus.store([item])
                assert catalog.corpus.documents([document.id]) == {document.id: document}
                titled = {document.id: replace(document, parts=())}
                assert catalog.corpus.documents([document.id], parts=False) == titled
                assert catalog.corpus.passages([p.id for p in item.passages]) == {p.id: p for p in item.passages}
                known = catalog.corpus.known(document.source.id)[document.id]
                assert (known.uri, known.digest, known.time) == (document.uri, item.digest, document.time)
                mark = catalog.corpus.marks().get(document.silo, 0)
                catalog.corpus.store([item])
                assert catalog.corpus.marks().get(document.silo, 0) == mark

            self.try_all(comes_back, nouns.any_stored())

    def test_any_sequence_of_writes_ends_as_in_a_plain_dict(self, tmp_path: Path) -> None:
        homes = iter(range(10**6))

        def ends_alike(steps: list[tuple[str, list[tuple[int, int]]]]) -> None:
            Followed(self.open_catalog, tmp_path / str(next(homes))).follow(steps)

        step = st.tuples(
            st.sampled_from(["store", "store", "remove", "reopen"]),
            st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=4),
        )
        self.try_all(ends_alike, st.lists(step, max_size=5))

    def test_select_finds_what_where_holds(self, tmp_path: Path) -> None:
        crowd = nouns.crowd()
        passages = [passage for item in crowd for passage in item.passages]
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store(crowd)

            def agrees(where: Where) -> None:
                expected = [passage for passage in passages if where.holds(passage)]
                expected.sort(key=lambda passage: (passage.document, passage.ordinal))
                assert list(catalog.corpus.select(where)) == expected

            self.try_all(agrees, nouns.wheres(), times=5)

    def test_select_takes_sets_of_any_size(self, tmp_path: Path) -> None:
        names = [f"n{number}" for number in range(2_000)]
        silos = frozenset(map(SiloName, (OPEN, *names)))
        where = Where(
            silos,
            silos,
            sources=frozenset(map(SourceId, (HANDBOOK.id, *names))),
            authors=frozenset(Handle("email", name) for name in names) | {HANDLES[1]},
            languages=None,
        )
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([stored("a", "one"), stored("b", "two", author=HANDLES[1])])
            assert [passage.text for passage in catalog.corpus.select(where)] == ["two"]

    def test_the_ends_of_a_span_of_time_belong_to_it(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([stored("a", "one")])
            everything = Where(frozenset({OPEN}), frozenset({OPEN}))
            assert catalog.corpus.select(replace(everything, since=START, until=START))
            moment = timedelta(microseconds=1)
            assert not catalog.corpus.select(replace(everything, since=START + moment))
            assert not catalog.corpus.select(replace(everything, until=START - moment))

    def test_no_silo_means_nothing(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([stored("a", "one")])
            for readable, silos in ((set(), {OPEN}), ({OPEN}, set()), (set(), set())):
                assert not catalog.corpus.select(Where(frozenset(readable), frozenset(silos)))

    def test_only_passages_that_changed_are_logged(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            first = stored("a", "one", "two", "three")
            catalog.corpus.store([first, stored("b", "one")])
            mark = catalog.corpus.marks()[OPEN]
            second = stored("a", "one", "zwei", "three")
            catalog.corpus.store([second])
            changed = catalog.corpus.changes(OPEN, mark, 100)
            assert [(change.passage, change.deleted) for change in changed] == [
                (first.passages[1].id, True),
                (second.passages[1].id, False),
            ]
            assert catalog.corpus.marks()[OPEN] == changed[-1].number

    def test_a_passage_with_another_title_or_author_is_logged_under_its_id(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([stored("a", "one")])
            for other in (stored("a", "one", title="New"), stored("a", "one", title="New", author=HANDLES[2])):
                mark = catalog.corpus.marks()[OPEN]
                catalog.corpus.store([other])
                logged = catalog.corpus.changes(OPEN, mark, 9)
                assert [(c.passage, c.deleted) for c in logged] == [(other.passages[0].id, False)]
                assert catalog.corpus.passages([other.passages[0].id])[other.passages[0].id] == other.passages[0]

    def test_what_no_passage_holds_is_kept_and_logs_nothing(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            item = stored("a", "one")
            catalog.corpus.store([item])
            mark = catalog.corpus.marks()[OPEN]
            changed = replace(item, document=replace(item.document, facets={"state": "draft"}), digest="other")
            catalog.corpus.store([changed])
            assert catalog.corpus.marks()[OPEN] == mark
            assert catalog.corpus.documents([item.document.id])[item.document.id].facets == {"state": "draft"}
            assert catalog.corpus.known(HANDBOOK.id)[item.document.id].digest == "other"

    def test_changes_come_in_order_in_slices_and_once_for_each_passage(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([stored(str(number), "first") for number in range(7)])
            catalog.corpus.store([stored(str(number), "first", title="again") for number in range(3)])
            numbers: list[int] = []
            seen: list[PassageId] = []
            while some := catalog.corpus.changes(OPEN, numbers[-1] if numbers else 0, 2):
                assert len(some) <= 2
                numbers += [change.number for change in some]
                seen += [change.passage for change in some]
            assert numbers == sorted(set(numbers))
            assert numbers[-1] == catalog.corpus.marks()[OPEN]
            assert len(seen) == len(set(seen)) == 7

    def test_a_passage_that_comes_and_goes_is_logged_once(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            item, numbers = stored("a", "one"), []
            for _ in range(3):
                catalog.corpus.store([item])
                (change,) = catalog.corpus.changes(OPEN, 0, 9)
                assert not change.deleted
                catalog.corpus.remove([item.document.id])
                (gone,) = catalog.corpus.changes(OPEN, 0, 9)
                assert gone.deleted
                numbers += [change.number, gone.number]
            assert numbers == sorted(set(numbers))

    def test_a_batch_is_stored_whole_or_not_at_all(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            good, other = stored("a", "one"), stored("b", "two")
            moved = replace(other, passages=(replace(other.passages[0], silo=SiloName("elsewhere")),))
            refuses(UsageError, lambda: catalog.corpus.store([good, moved]))
            assert not catalog.corpus.known(HANDBOOK.id)
            assert not catalog.corpus.passages([good.passages[0].id])

    def test_of_two_documents_of_one_id_the_last_counts(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([stored("a", "one"), stored("a", "two")])
            where = Where(frozenset({OPEN}), frozenset({OPEN}))
            assert [passage.text for passage in catalog.corpus.select(where)] == ["two"]

    def test_known_holds_the_private_rooms_of_a_source(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store(nouns.crowd(12))
            known = catalog.corpus.known(nouns.source("open", "handbook").id)
            silos = {document.silo for document in catalog.corpus.documents(known).values()}
            assert silos == {"open", "open/#room"}

    def test_unknown_ids_and_empty_calls_are_nothing(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            corpus = catalog.corpus
            corpus.store([])
            corpus.remove([])
            corpus.remove([DocumentId("absent")])
            corpus.keep_vectors("model", {})
            assert not corpus.documents([DocumentId("absent")])
            assert not corpus.passages([])
            assert not corpus.vectors("absent", [TextKey("absent")])
            assert not corpus.changes(OPEN, 0, 10)
            assert not corpus.marks()

    def test_marks_are_zero_for_a_silo_that_never_held_anything(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.access.add_silo(Silo(OPEN, frozenset()))
            assert catalog.corpus.marks() == {OPEN: 0}

    def test_a_silo_that_returns_counts_on(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            item = stored("a", "one")
            catalog.access.add_silo(Silo(OPEN, frozenset()))
            catalog.corpus.store([item])
            catalog.corpus.remove([item.document.id])
            mark = catalog.corpus.marks()[OPEN]
            catalog.access.remove_silo(OPEN)
            assert not catalog.corpus.marks()
            catalog.access.add_silo(Silo(OPEN, frozenset()))
            catalog.corpus.store([item])
            assert catalog.corpus.marks()[OPEN] > mark

    def test_vectors_come_back_as_unit_rows_of_their_model(self, tmp_path: Path) -> None:
        given_ = {TextKey(f"key {n}"): _vector(n) for n in range(1_300)}
        with self.opened(tmp_path) as catalog:
            catalog.corpus.keep_vectors("model a", given_)
            catalog.corpus.keep_vectors("model a", dict(list(given_.items())[:3]))
            found = catalog.corpus.vectors("model a", [*given_, TextKey("absent")])
            assert found.keys() == given_.keys()
            assert not catalog.corpus.vectors("model b", given_)
            for key, vector in found.items():
                assert vector.dtype == np.float32
                assert abs(float(np.linalg.norm(vector)) - 1) < 1e-6
                assert float(vector @ given_[key]) > 0.9999

    def test_vectors_leave_with_the_last_passage_that_has_the_text(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            one, two = stored("a", "shared", "own"), stored("b", "shared")
            keys = [passage.key for passage in one.passages]
            catalog.corpus.keep_vectors("model", {key: _vector(n) for n, key in enumerate(keys)})
            catalog.corpus.store([one, two])
            catalog.corpus.remove([one.document.id])
            assert set(catalog.corpus.vectors("model", keys)) == {keys[0]}
            reworded = replace(two, passages=(replace(two.passages[0], text="other words, same id"),))
            catalog.corpus.store([reworded])
            assert not catalog.corpus.vectors("model", keys)

    def test_a_vector_leaves_with_the_title_that_it_was_made_from(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            old, new = stored("a", "same", title="Old"), stored("a", "same", title="New")
            keys = [old.passages[0].key, new.passages[0].key]
            catalog.corpus.store([old])
            catalog.corpus.keep_vectors("model", {key: _vector(n) for n, key in enumerate(keys)})
            catalog.corpus.store([new])
            assert set(catalog.corpus.vectors("model", keys)) == {keys[1]}

    def test_threads_may_share_it(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:

            def write(who: int) -> None:
                for number in range(4):
                    catalog.corpus.store([stored(f"{who} {number}", f"text {who} {number}")])
                    assert len(catalog.corpus.known(HANDBOOK.id)) > number

            all_at_once([partial(write, who) for who in range(4)])
            assert len(catalog.corpus.known(HANDBOOK.id)) == 16
            assert len(catalog.corpus.changes(OPEN, 0, 100)) == catalog.corpus.marks()[OPEN] == 16


def _vector(seed: int) -> Vector:
    vector = np.random.default_rng(seed).standard_normal(8).astype(np.float32)
    unit: Vector = vector / np.linalg.norm(vector)
    return unit
