"""The contract of a catalog, as tests that every implementation runs: a class for each protocol.

    class TestMyCorpus(CorpusContract):
        def open_catalog(self, home): return my_open(home)

The same home opened again is the same catalog. Needs pytest (its `tmp_path`) and hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.errors import Locked, NotFound, ReadersConflict, SensemakeError, UsageError
from sensemake.model import (
    Contribution,
    DocumentId,
    Handle,
    MapId,
    Membership,
    Passage,
    PassageId,
    Person,
    PersonId,
    Profile,
    ReadFailure,
    Reason,
    Role,
    Silo,
    SiloName,
    SourceId,
    Status,
    TextKey,
    Theme,
    ThemeEvent,
    ThemeId,
    ThemeMap,
    Vector,
    Where,
)
from sensemake.protocols import (
    Access,
    Audit,
    AuditEvent,
    Corpus,
    Locks,
    Manifest,
    ManifestStore,
    People,
    Sources,
    Stored,
    ThemeEdit,
    ThemeLog,
    Token,
)
from sensemake.testing import nouns
from sensemake.testing.nouns import HANDLES, START, stored

OPEN = SiloName("open")
HANDBOOK = nouns.source()


class CatalogLike(Protocol):
    """The bundle that a contract looks at; a suite for one protocol needs only that part of it."""

    @property
    def corpus(self) -> Corpus: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def people(self) -> People: ...
    @property
    def access(self) -> Access: ...
    @property
    def themes(self) -> ThemeLog: ...
    @property
    def manifests(self) -> ManifestStore: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def locks(self) -> Locks: ...
    def close(self) -> None: ...


class CatalogContract:
    """What all suites share. Subclass one of those below under a name that starts with `Test`."""

    examples = 30
    """How many examples hypothesis tries in each property."""

    def open_catalog(self, home: Path) -> CatalogLike:
        raise NotImplementedError

    @contextmanager
    def opened(self, home: Path) -> Iterator[CatalogLike]:
        catalog = self.open_catalog(home)
        try:
            yield catalog
        finally:
            catalog.close()

    def try_all(self, check: Callable[[Any], None], examples: st.SearchStrategy[Any]) -> None:
        settings(max_examples=self.examples, deadline=None)(given(examples)(check))()


class CorpusContract(CatalogContract):
    """Loses nothing, changes nothing twice, and its log is enough to build an index from."""

    def test_whatever_is_stored_comes_back_equal(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:

            def comes_back(item: Stored) -> None:
                document = item.document
                catalog.sources.register(document.source)
                catalog.corpus.store([item])
                assert catalog.corpus.documents([document.id]) == {document.id: document}
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
            _Followed(lambda home: self.open_catalog(home), tmp_path / str(next(homes))).follow(steps)

        step = st.tuples(
            st.sampled_from(["store", "store", "remove", "reopen"]),
            st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=4),
        )
        self.try_all(ends_alike, st.lists(step, max_size=8))

    def test_select_finds_what_where_holds(self, tmp_path: Path) -> None:
        crowd = nouns.crowd()
        passages = [passage for item in crowd for passage in item.passages]
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store(crowd)

            def agrees(where: Where) -> None:
                expected = [passage for passage in passages if where.holds(passage)]
                expected.sort(key=lambda passage: (passage.document, passage.ordinal))
                assert list(catalog.corpus.select(where)) == expected

            self.try_all(agrees, nouns.wheres())

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

    def test_a_batch_is_stored_whole_or_not_at_all(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            good, other = stored("a", "one"), stored("b", "two")
            moved = replace(other, passages=(replace(other.passages[0], silo=SiloName("elsewhere")),))
            _refuses(UsageError, lambda: catalog.corpus.store([good, moved]))
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
            catalog.corpus.store([stored("b", "other")])
            assert not catalog.corpus.vectors("model", keys)

    def test_threads_may_share_it(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:

            def write(who: int) -> None:
                for number in range(4):
                    catalog.corpus.store([stored(f"{who} {number}", f"text {who} {number}")])
                    assert len(catalog.corpus.known(HANDBOOK.id)) > number

            _all_at_once([lambda who=who: write(who) for who in range(4)])
            assert len(catalog.corpus.known(HANDBOOK.id)) == 16
            assert len(catalog.corpus.changes(OPEN, 0, 100)) == catalog.corpus.marks()[OPEN] == 16


class SourcesContract(CatalogContract):
    """Sources, their last reads, what is in quarantine, and settings."""

    def test_registering_again_replaces_path_and_options(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([stored("a", "one")])
            moved = replace(HANDBOOK, path="/elsewhere", options={"include_private": "true"})
            catalog.sources.register(moved)
            catalog.sources.register(nouns.source("open", "wiki"))
            assert catalog.sources.all() == (moved, nouns.source("open", "wiki"))
            document = stored("a", "one").document.id
            assert catalog.corpus.documents([document])[document].source == moved

    def test_a_read_puts_its_failures_in_the_place_of_the_last_ones(self, tmp_path: Path) -> None:
        failures = [ReadFailure(f"/x/{n}", reason, "why", "page=1", f"u{n}") for n, reason in enumerate(Reason)]
        with self.opened(tmp_path) as catalog:
            catalog.sources.register(HANDBOOK)
            assert catalog.sources.last_read(HANDBOOK.id) is None
            catalog.sources.finished(HANDBOOK.id, START, failures)
            assert catalog.sources.failures(HANDBOOK.id) == tuple(failures)
            catalog.sources.finished(HANDBOOK.id, START + timedelta(days=1), failures[:1])
            catalog.sources.register(HANDBOOK)
            assert catalog.sources.failures(HANDBOOK.id) == tuple(failures[:1])
            assert catalog.sources.last_read(HANDBOOK.id) == START + timedelta(days=1)

    def test_a_source_is_removed_with_its_quarantine_when_it_is_empty(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            item = stored("a", "one")
            catalog.corpus.store([item])
            catalog.sources.finished(HANDBOOK.id, START, [ReadFailure("/x", Reason.EMPTY)])
            _refuses(UsageError, lambda: catalog.sources.remove(HANDBOOK.id))
            catalog.corpus.remove([item.document.id])
            for _ in range(2):
                catalog.sources.remove(HANDBOOK.id)
                assert not catalog.sources.all()
                assert not catalog.sources.failures(HANDBOOK.id)
            _refuses(NotFound, lambda: catalog.sources.finished(HANDBOOK.id, START, []))

    def test_settings_stay(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            assert catalog.sources.setting("model") is None
            catalog.sources.set_setting("model", "one")
            catalog.sources.set_setting("model", "two")
        with self.opened(tmp_path) as catalog:
            assert catalog.sources.setting("model") == "two"


class PeopleContract(CatalogContract):
    """The directory, what silos say of handles, links and choices."""

    def test_a_new_directory_takes_the_old_ones_place_and_choices_stay(self, tmp_path: Path) -> None:
        ana = Person(PersonId("1"), "Ana", HANDLES[:2], "Pilots", frozenset({"crew", "all"}), active=False)
        bo, chidi = Person(PersonId("2"), "Bo"), Person(PersonId("3"), "Chidi")
        with self.opened(tmp_path) as catalog:
            catalog.people.import_directory([bo, ana])
            assert catalog.people.directory() == (bo, ana)
            catalog.people.set_listed(bo.id, listed=False)
            catalog.people.import_directory([chidi, bo])
            assert catalog.people.directory() == (chidi, replace(bo, listed=False))
            assert catalog.people.unlisted() == {bo.id}
            catalog.people.import_directory([])
            assert catalog.people.directory() == ()
            catalog.people.set_listed(bo.id, listed=True)
            catalog.people.import_directory([bo])
            assert catalog.people.directory() == (bo,)

    def test_handles_are_those_of_the_silos_asked_for(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            closed = nouns.source("closed", "minutes")
            catalog.corpus.store([stored("a", "one"), stored("b", "two", source=closed, author=HANDLES[1])])
            assert set(catalog.people.handles([OPEN])) == {HANDLES[0]}
            assert set(catalog.people.handles([OPEN, SiloName("closed")])) == set(HANDLES[:2])
            assert not catalog.people.handles([])

    def test_every_way_to_be_named_counts(self, tmp_path: Path) -> None:
        names = [Handle("slack", f"U{number}") for number in range(6)]
        plain = stored("a", "one", author=names[0])
        part = replace(plain.document.parts[0], author=names[1], mentions=(names[2],))
        document = replace(
            plain.document,
            parts=(part,),
            contributions=(Contribution(names[3], Role.REVIEWED),),
            profiles=(Profile(names[4], "Dee"),),
        )
        mentioned = replace(plain.passages[0], contributions=(Contribution(names[5], Role.MENTIONED),))
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([Stored(document, "d", (mentioned,))])
            assert set(catalog.people.handles([OPEN])) == set(names[1:])

    def test_a_handles_id_never_changes_and_is_nobody_elses(self, tmp_path: Path) -> None:
        item = stored("a", "one")
        with self.opened(tmp_path / "1") as catalog, self.opened(tmp_path / "2") as other:
            for some in (catalog, other):
                some.corpus.store([item, stored("b", "two", author=HANDLES[1])])
            ids = catalog.people.handles([OPEN])
            assert len(set(ids.values()) | set(other.people.handles([OPEN]).values())) == 4
            catalog.corpus.remove([item.document.id])
            assert set(catalog.people.handles([OPEN])) == {HANDLES[1]}
        with self.opened(tmp_path / "1") as catalog:
            catalog.corpus.store([item])
            assert catalog.people.handles([OPEN]) == ids

    def test_profiles_live_and_die_with_the_documents_that_say_so(self, tmp_path: Path) -> None:
        said = (Profile(HANDLES[0], "Ana", "ana@harbour.example"), Profile(HANDLES[1], "Beacon", is_person=False))
        one, two = (_with_profiles(stored(uri, "text"), said[: 2 - n]) for n, uri in enumerate("ab"))
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([one, two])
            assert set(catalog.people.profiles([OPEN])) == set(said)
            assert not catalog.people.profiles([SiloName("closed")])
            catalog.corpus.remove([one.document.id])
            assert catalog.people.profiles([OPEN]) == said[:1]
            renamed = Profile(HANDLES[0], "Ana B.")
            catalog.corpus.store([_with_profiles(two, (renamed,))])
            assert catalog.people.profiles([OPEN]) == (renamed,)

    def test_links_are_made_moved_and_taken_back(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            for person in ("1", "2"):
                catalog.people.link(HANDLES[0], PersonId(person))
            catalog.people.link(HANDLES[1], PersonId("1"))
            assert catalog.people.links() == ((HANDLES[0], "2"), (HANDLES[1], "1"))
            catalog.people.link(HANDLES[0], None)
            catalog.people.link(HANDLES[0], None)
            assert catalog.people.links() == ((HANDLES[1], "1"),)


class AccessContract(CatalogContract):
    """Silos, who may read them, tokens."""

    def test_silos_and_their_readers(self, tmp_path: Path) -> None:
        open_, closed = Silo(OPEN, frozenset({"everyone"})), Silo(SiloName("closed"), frozenset())
        with self.opened(tmp_path) as catalog:
            for silo in (open_, closed, open_):
                catalog.access.add_silo(silo)
            assert catalog.access.silos() == (closed, open_)
            _refuses(ReadersConflict, lambda: catalog.access.add_silo(replace(open_, readers=frozenset({"crew"}))))
            assert catalog.access.silos() == (closed, open_)
            catalog.access.set_readers(closed.name, frozenset({"crew", "slack:U1"}))
            catalog.access.set_readers(OPEN, frozenset())
        with self.opened(tmp_path) as catalog:
            assert [silo.readers for silo in catalog.access.silos()] == [{"crew", "slack:U1"}, set()]
            _refuses(NotFound, lambda: catalog.access.set_readers(SiloName("absent"), frozenset({"everyone"})))

    def test_new_readers_are_no_change_of_passages(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.access.add_silo(Silo(OPEN, frozenset()))
            catalog.corpus.store([stored("a", "one")])
            mark = catalog.corpus.marks()
            catalog.access.set_readers(OPEN, frozenset({"everyone"}))
            assert catalog.corpus.marks() == mark

    def test_a_silo_that_holds_documents_stays(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            item = stored("a", "one")
            catalog.access.add_silo(Silo(OPEN, frozenset({"crew"})))
            catalog.corpus.store([item])
            _refuses(UsageError, lambda: catalog.access.remove_silo(OPEN))
            catalog.corpus.remove([item.document.id])
            catalog.access.remove_silo(OPEN)
            assert not catalog.access.silos()
            catalog.access.add_silo(Silo(OPEN, frozenset()))
            assert catalog.access.silos() == (Silo(OPEN, frozenset()),)

    def test_documents_open_no_silo(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([stored("a", "one")])
            assert catalog.access.silos() == ()

    def test_tokens_are_kept_whole_and_void_once_revoked(self, tmp_path: Path) -> None:
        limits = (None, frozenset[SiloName](), frozenset({OPEN}))
        tokens = tuple(
            Token(f"t{n}", "bot", f"digest {n}", "ana", frozenset({"search"}), silos, START, None, once=bool(n))
            for n, silos in enumerate(limits)
        )
        tokens = (*tokens, replace(tokens[0], id="t9", digest="9", expires=START + timedelta(days=90)))
        with self.opened(tmp_path) as catalog:
            for token in tokens:
                catalog.access.add_token(token)
            assert catalog.access.tokens() == tokens
            assert [catalog.access.token(token.digest) for token in tokens] == list(tokens)
            assert catalog.access.token("digest") is None
            assert catalog.access.revoke("t1")
            assert not catalog.access.revoke("t1")
            assert catalog.access.token("digest 1") is None


class ThemeLogContract(CatalogContract):
    """Maps and edits of one audience never show in another's."""

    def test_maps_come_back_equal_and_in_order(self, tmp_path: Path) -> None:
        audience = frozenset({OPEN, SiloName("closed")})
        maps = [_map(n, audience) for n in range(3)]
        with self.opened(tmp_path) as catalog:
            for made in (maps[1], maps[0], maps[2]):
                catalog.themes.save(made)
            catalog.themes.save(_map(7, frozenset({OPEN})))
            assert catalog.themes.history(audience) == tuple(maps)
            assert catalog.themes.latest(audience) == maps[2]
            assert catalog.themes.latest(audience, maps[2].built_at) == maps[1]
            assert catalog.themes.latest(audience, maps[0].built_at) is None
            assert catalog.themes.get(maps[0].id) == maps[0]
            assert catalog.themes.get(MapId("absent")) is None
            assert catalog.themes.latest(frozenset()) is None
            again = replace(maps[1], loose=99)
            catalog.themes.save(again)
            assert catalog.themes.history(audience) == (maps[0], again, maps[2])

    def test_edits_are_replayed_in_order_and_undone_from_the_end(self, tmp_path: Path) -> None:
        audience, other = frozenset({OPEN}), frozenset({OPEN, SiloName("closed")})
        edits = [ThemeEdit(n, START, "ana", "rename", f"t{n}", {"label": "Tides"}) for n in (1, 2)]
        with self.opened(tmp_path) as catalog:
            for edit in edits:
                catalog.themes.edit(audience, edit)
            catalog.themes.edit(audience, replace(edits[0], number=1))
            assert catalog.themes.edits(audience) == (*edits, replace(edits[0], number=3))
            assert catalog.themes.edits(other) == ()
            assert catalog.themes.undo(other) is None
            assert catalog.themes.undo(audience) == replace(edits[0], number=3)
            assert [catalog.themes.undo(audience) for _ in range(3)] == [edits[1], edits[0], None]


class ManifestStoreContract(CatalogContract):
    """Several partitions change at once, and whoever looks can tell that they did."""

    def test_replacing(self, tmp_path: Path) -> None:
        one, two = (Manifest(name, f"{name}-1", "model", 384, {"index": "ab"}, {OPEN: 7}) for name in ("p1", "p2"))
        with self.opened(tmp_path) as catalog, self.opened(tmp_path) as other:
            versions = [other.manifests.version()]
            assert not other.manifests.load()
            for change in ({"p1": one, "p2": two}, {"p1": None, "p2": replace(two, generation="")}, {}, {"p9": None}):
                catalog.manifests.replace(change)
                versions.append(other.manifests.version())
                assert catalog.manifests.version() == versions[-1]
            assert len(set(versions)) == len(versions)
            assert dict(other.manifests.load()) == {"p2": replace(two, generation="")}


class AuditContract(CatalogContract):
    """Events stay, in order, whole."""

    def test_events_come_back_in_order(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            said: list[AuditEvent] = []

            def comes_back(event: AuditEvent) -> None:
                catalog.audit.record(event)
                said.append(event)
                assert list(catalog.audit.events()) == said
                assert catalog.audit.verify() is None

            self.try_all(
                comes_back,
                st.builds(
                    AuditEvent,
                    *(nouns.times, nouns.texts, nouns.texts, nouns.texts),
                    st.dictionaries(nouns.texts, nouns.texts, max_size=2),
                ),
            )

    def test_an_empty_log_is_whole(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            assert list(catalog.audit.events()) == []
            assert catalog.audit.verify() is None

    def test_writers_do_not_break_each_others_chain(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as one, self.opened(tmp_path) as two:

            def write(catalog: CatalogLike, by: str) -> None:
                for number in range(8):
                    catalog.audit.record(AuditEvent(START, by, "who", str(number), {}))

            _all_at_once([lambda: write(one, "one"), lambda: write(two, "two"), lambda: write(two, "three")])
            events = list(one.audit.events())
            assert len(events) == 24
            assert [event.about for event in events if event.by == "two"] == [str(n) for n in range(8)]
            assert one.audit.verify() is None


class LocksContract(CatalogContract):
    """One holder at a time."""

    def test_a_second_holder_is_told_who_the_first_is(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as one, self.opened(tmp_path) as two:
            with one.locks.hold("ingest:open/handbook"), two.locks.hold("ingest:open/wiki"):
                error = _refuses(Locked, lambda: two.locks.hold("ingest:open/handbook").__enter__())
                assert "another ingest of 'open/handbook' (process " in str(error)
                _refuses(Locked, lambda: two.locks.hold("ingest:open/handbook", wait=0.05).__enter__())
            with two.locks.hold("ingest:open/handbook"):
                pass

    def test_who_waits_gets_it(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            held: list[int] = []

            def hold(number: int) -> None:
                with catalog.locks.hold("x", wait=20):
                    held.append(number)
                    assert len(held) == 1
                    held.clear()

            _all_at_once([lambda number=number: hold(number) for number in range(5)])

    def test_names_may_be_anything(self, tmp_path: Path) -> None:
        names = ["a/b", "a-b", "../../x", "x" * 400, "\U0001f9ed\0", "A-B", ""]
        with self.opened(tmp_path) as catalog:
            for name in names:
                with catalog.locks.hold(name):
                    for other in names:
                        if other != name:
                            with catalog.locks.hold(other):
                                pass

    def test_an_error_inside_lets_go(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:

            def fail() -> None:
                with catalog.locks.hold("x"):
                    raise NotFound("on purpose")

            for _ in range(2):
                _refuses(NotFound, fail)


class _Followed:
    """A catalog, the plain dict that it should equal, and an index that follows its log."""

    def __init__(self, open_catalog: Callable[[Path], CatalogLike], home: Path) -> None:
        self._open = lambda: open_catalog(home)
        self._catalog = self._open()
        self._documents: dict[DocumentId, Stored] = {}
        self._index: dict[PassageId, Passage] = {}
        self._generations: dict[SiloName, int] = {}

    def follow(self, steps: Sequence[tuple[str, Sequence[tuple[int, int]]]]) -> None:
        try:
            for verb, which in steps:
                self._do(verb, [_version(document, version) for document, version in which])
                self._check()
        finally:
            self._catalog.close()

    def _do(self, verb: str, items: Sequence[Stored]) -> None:
        if verb == "store":
            self._catalog.corpus.store(items)
            self._documents.update((item.document.id, item) for item in items)
        elif verb == "remove":
            self._catalog.corpus.remove([item.document.id for item in items])
            for item in items:
                self._documents.pop(item.document.id, None)
        else:
            self._catalog.close()
            self._catalog = self._open()

    def _check(self) -> None:
        corpus, expected = self._catalog.corpus, self._documents
        passages = {passage.id: passage for item in expected.values() for passage in item.passages}
        known = [*corpus.known(HANDBOOK.id).values(), *corpus.known(nouns.source("closed").id).values()]
        assert {entry.id: entry.digest for entry in known} == {id_: item.digest for id_, item in expected.items()}
        assert corpus.documents(expected) == {id_: item.document for id_, item in expected.items()}
        silos = frozenset(map(SiloName, ("open", "closed")))
        assert {passage.id: passage for passage in corpus.select(Where(silos, silos))} == passages
        named = {handle for passage in passages.values() for handle in passage.authors}
        assert set(self._catalog.people.handles(silos)) == named
        self._catch_up()
        assert self._index == passages

    def _catch_up(self) -> None:
        """What a search index does: apply the log above its generation, in small slices."""
        for silo, mark in self._catalog.corpus.marks().items():
            while (after := self._generations.get(silo, 0)) < mark:
                changes = self._catalog.corpus.changes(silo, after, 2)
                found = self._catalog.corpus.passages([change.passage for change in changes])
                for change in changes:
                    self._index.pop(change.passage, None)
                    if not change.deleted:
                        self._index[change.passage] = found[change.passage]
                self._generations[silo] = changes[-1].number


def _version(document: int, version: int) -> Stored:
    """Versions share some passages, change others, and differ in what only the document or only a passage says."""
    texts = [f"{word} {document if n else ''}" for n, word in enumerate(nouns.WORDS[version : version + 3])]
    origin = nouns.source("closed" if document == 4 else "open")
    return stored(f"page {document}", *texts, source=origin, title=f"T{version // 2}", author=HANDLES[version % 3])


def _refuses(kind: type[SensemakeError], call: Callable[[], object]) -> SensemakeError:
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def _all_at_once(calls: Sequence[Callable[[], None]]) -> None:
    failed: list[BaseException] = []

    def run(call: Callable[[], None]) -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001  raised again below, in the test's own thread
            failed.append(error)

    threads = [Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _vector(seed: int) -> Vector:
    vector = np.random.default_rng(seed).standard_normal(8).astype(np.float32)
    unit: Vector = vector / np.linalg.norm(vector)
    return unit


def _with_profiles(item: Stored, profiles: tuple[Profile, ...]) -> Stored:
    return replace(item, document=replace(item.document, profiles=profiles))


def _map(number: int, silos: frozenset[SiloName]) -> ThemeMap:
    theme = Theme(
        id=ThemeId(f"theme {number}"),
        label="Tides",
        keyphrases=("high tide", "\U0001f30a"),
        members=(Membership(PassageId("p"), DocumentId("d"), 0.1 + 0.2),),
        people=5,
        silos=(OPEN,),
        centroid=(0.1, -1 / 3, 1e-30),
        parent=ThemeId("theme 0") if number else None,
        status=Status.FADING,
        events=(ThemeEvent("split", {"share": 0.3}, (ThemeId("theme 0"),)),),
    )
    return ThemeMap(
        id=MapId(f"map {number}"),
        built_at=START + timedelta(days=number),
        silos=silos,
        state="open=7",
        settings={"minimum": "5"},
        themes=(theme, replace(theme, id=ThemeId("other"), status=Status.NEW, events=())),
        loose=3,
        outlier_ratio=1 / 7,
        stability=None if number else 0.5,
        gone=(ThemeId("gone"),),
    )
