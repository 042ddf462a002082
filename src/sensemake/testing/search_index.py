"""The contract of a SearchIndex, as tests that every implementation runs.

    class TestMine(SearchIndexContract):
        def make_index(self): return MyIndex()

What is right is computed from the definitions (`Where.holds`, `rules.bm25`, inner products), passage by passage.
Needs pytest and numpy and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from sensemake.model import Contribution, Handle, LexicalQuery, PassageId, Role, SiloName, SourceId, Where, stable_id
from sensemake.protocols import SearchIndex
from sensemake.rules.analysis import terms
from sensemake.testing.index_world import DIM, MANY, NARROWINGS, ONE, WORDS, World, everything

__all__ = ["DIM", "SearchIndexContract"]


class SearchIndexContract:
    """Subclass it in a test module under a name that starts with `Test`."""

    def make_index(self) -> SearchIndex:
        """A new, empty index for vectors of `DIM` numbers."""
        raise NotImplementedError

    def settled(self, index: SearchIndex, generations: Mapping[SiloName, tuple[str, int]]) -> SearchIndex:
        """The index as it is asked: after its commit, here. It may be another object over the same files."""
        index.commit(generations)
        return index

    def world(self, homes: Mapping[SiloName, str], seed: int = 0) -> World:
        return World(self.make_index(), homes, seed)

    def settle(self, world: World) -> None:
        world.index = self.settled(world.index, world.generations())

    @pytest.mark.parametrize("homes", [ONE, MANY], ids=["one", "many"])
    @pytest.mark.parametrize("seed", range(2))
    def test_it_agrees_with_the_definition(self, homes: Mapping[SiloName, str], seed: int) -> None:
        world = self.world(homes, seed)
        world.fill(80)
        self.settle(world)
        world.check_at_random(10)

    @pytest.mark.parametrize("homes", [ONE, MANY], ids=["one", "many"])
    def test_it_agrees_after_deletes_and_replacements(self, homes: Mapping[SiloName, str]) -> None:
        world = self.world(homes, 7)
        world.fill(60)
        for _ in range(3):
            self.settle(world)
            world.change()
            world.check_at_random(4)
        self.settle(world)
        world.check_at_random(8)

    def test_it_agrees_after_one_passage_of_many_is_deleted(self) -> None:
        world = self.world(ONE, 8)
        world.fill(150)
        self.settle(world)
        for _ in range(3):
            world.delete(world.some(sorted(world.entries), 1))
            self.settle(world)
            for word in WORDS[:3]:
                world.check(everything(ONE), query=LexicalQuery(terms(word)))

    def test_silos_move_between_partitions(self) -> None:
        world = self.world(MANY, 9)
        world.fill(60)
        self.settle(world)
        for silo, home in (("b", "p1"), ("a", "new"), ("d", "p2"), ("c", "p2")):
            world.move(SiloName(silo), home)
            world.check_at_random(2)
            self.settle(world)
            world.check_at_random(4)
            assert world.index.generation(SiloName(silo), home) == world.mark

    def test_what_a_moved_silo_left_behind_is_forgotten(self) -> None:
        world = self.world(MANY, 10)
        world.fill(40)
        self.settle(world)
        world.homes[SiloName("b")] = "elsewhere"
        stay = [e for e in world.entries.values() if e.passage.silo == "b"][:2]
        world.index.put([replace(entry, partition="elsewhere") for entry in stay])
        self.settle_durably(world)
        kept = {entry.passage.id for entry in stay}
        world.entries = {i: e for i, e in world.entries.items() if e.passage.silo != "b" or i in kept}
        world.check_at_random(6)

    @pytest.mark.parametrize("narrowing", NARROWINGS)
    @pytest.mark.parametrize("homes", [ONE, MANY], ids=["one", "many"])
    def test_every_filter(self, homes: Mapping[SiloName, str], narrowing: str) -> None:
        world = self.world(homes, 11)
        world.fill(60)
        self.settle(world)
        where = NARROWINGS[narrowing](everything(homes))
        for k in (1, 5, 100):
            world.check(where, k, LexicalQuery(terms(" ".join(WORDS[:3]))))

    def test_where_holds_before_k(self) -> None:
        """Twenty visible passages among 4,200, none of them near the question."""
        world = self.world({SiloName("a"): "p", SiloName("rare"): "p"}, 12)
        seen = world.vector()
        one = replace(world.entry(SiloName("a"), "bando bando rilke"), vector=seen)
        ids = (PassageId(stable_id("crowd", str(i))) for i in range(4_180))
        world.put([replace(one, passage=replace(one.passage, id=id_)) for id_ in ids])
        world.put([world.entry(SiloName("rare"), f"bando {'filke ' * (i + 5)}") for i in range(20)])
        self.settle(world)
        rare = frozenset({SiloName("rare")})
        for readable in (rare, frozenset(world.homes)):
            for k in (5, 50):
                where = Where(readable, rare)
                query = LexicalQuery(terms("bando"))
                assert world.index.dense(seen, k, where) == world.dense(seen, k, where)
                assert world.index.lexical(query, k, where) == world.lexical(query, k, where)
                assert len(world.index.lexical(query, k, where)) == min(k, 20)

    def test_ties_come_in_order_of_their_ids(self) -> None:
        world = self.world(ONE, 13)
        vector = world.vector()
        world.put([replace(world.entry(SiloName("abc"[i % 3]), "bando filke"), vector=vector) for i in range(200)])
        self.settle(world)
        query, where = LexicalQuery(terms("filke")), everything(ONE)
        for k in (1, 7, 150):
            assert [hit.passage for hit in world.index.dense(vector, k, where)] == sorted(world.entries)[:k]
            assert [hit.passage for hit in world.index.lexical(query, k, where)] == sorted(world.entries)[:k]

    @pytest.mark.parametrize("home", ["p", "q"], ids=["same-partition", "other-partition"])
    def test_hidden_passages_never_move_visible_results(self, home: str) -> None:
        """Two worlds, with and without a hidden silo: the same answers, to the last digit."""
        hidden = SiloName("hidden")
        lone = self.world(ONE, 14)
        lone.fill(50)
        both = self.world({**ONE, hidden: home})
        both.put(lone.entries.values())
        both.fill(120, [hidden])
        self.settle(lone)
        self.settle(both)
        for _ in range(12):
            where, query, vector = lone.where(), lone.question(), lone.vector()
            assert both.index.lexical(query, 10, where) == lone.index.lexical(query, 10, where)
            assert both.index.dense(vector, 10, where) == lone.index.dense(vector, 10, where)

    def test_statistics_are_those_of_what_may_be_read_not_of_what_is_searched(self) -> None:
        world = self.world(MANY, 15)
        world.fill(80)
        self.settle(world)
        for silo in MANY:
            world.check(Where(frozenset(MANY), frozenset({silo})))
            world.check(Where(frozenset({silo, SiloName("a")}), frozenset({silo})))

    def test_passages_of_very_different_lengths_in_different_partitions(self) -> None:
        """Chat beside long pages: no partition may reckon with its own mean length."""
        world = self.world({SiloName("chat"): "p1", SiloName("pages"): "p2"}, 16)
        chat, pages = SiloName("chat"), SiloName("pages")
        world.put([world.entry(chat, " ".join(world.some(WORDS, n, skewed=True))) for n in [*[4] * 250, 90, 120]])
        world.put([world.entry(pages, " ".join(world.some(WORDS, 100, skewed=True))) for _ in range(40)])
        self.settle(world)
        for _ in range(12):
            world.check(everything(world.homes), 5)

    def test_nothing_allowed_finds_nothing(self) -> None:
        world = self.world(ONE, 17)
        world.fill(20)
        self.settle(world)
        none: frozenset[SiloName] = frozenset()
        a, b, nowhere = (frozenset({SiloName(name)}) for name in ("a", "b", "nowhere"))
        every = everything(ONE)
        for where in (
            Where(none, none),
            Where(every.readable, none),
            Where(none, every.silos),
            Where(a, b),
            Where(nowhere, nowhere),
            replace(every, kinds=frozenset()),
            replace(every, authors=frozenset()),
            replace(every, sources=frozenset()),
            replace(every, languages=frozenset()),
        ):
            assert world.index.dense(world.vector(), 10, where) == []
            assert world.index.lexical(LexicalQuery(terms(" ".join(WORDS))), 10, where) == []

    def test_an_empty_index_no_terms_and_no_k_find_nothing(self) -> None:
        world = self.world(ONE, 18)
        query, vector, where = LexicalQuery(terms(" ".join(WORDS))), world.vector(), everything(ONE)
        assert world.index.dense(vector, 10, where) == world.index.lexical(query, 10, where) == []
        self.settle(world)
        assert world.index.dense(vector, 10, where) == world.index.lexical(query, 10, where) == []
        world.fill(5)
        self.settle(world)
        assert world.index.lexical(LexicalQuery(()), 10, where) == []
        assert world.index.lexical(LexicalQuery(("unheard",)), 10, where) == []
        assert world.index.dense(vector, 0, where) == world.index.lexical(query, 0, where) == []

    def test_put_replaces(self) -> None:
        world = self.world(ONE, 19)
        world.fill(10)
        self.settle(world)
        old = world.entry(SiloName("a"), "filke filke")
        world.put([old])
        self.settle(world)
        world.put([replace(old, passage=replace(old.passage, text="rilke"), vector=world.vector())])
        self.settle(world)
        where = everything(ONE)
        found = world.index.lexical(LexicalQuery(terms("rilke")), 50, where)
        assert [hit.passage for hit in found].count(old.passage.id) == 1
        assert [hit.passage for hit in world.index.dense(old.vector, 50, where)].count(old.passage.id) == 1
        world.check(where, 50, LexicalQuery(terms("filke")))

    def test_every_call_may_be_repeated(self) -> None:
        world = self.world(MANY, 20)
        world.fill(30)
        entries, gone = list(world.entries.values()), sorted(world.entries)[:4]
        for _ in range(2):
            world.put(entries)
            world.put(entries)
            world.delete(gone)
            world.delete([*gone, PassageId("never heard of")])
            self.settle(world)
            world.mark -= 1
            self.settle(world)
            world.check_at_random(5)

    def test_the_last_word_counts(self) -> None:
        world = self.world(ONE, 21)
        world.fill(12)
        self.settle(world)
        entry = world.entry(SiloName("a"))
        world.put([entry])
        world.delete([entry.passage.id])
        world.check_at_random(2)
        first = next(iter(world.entries.values()))
        world.delete([first.passage.id])
        world.put([first])
        world.check_at_random(2)
        self.settle(world)
        world.check_at_random(5)

    def test_changes_are_seen_before_a_commit(self) -> None:
        world = self.world(MANY, 22)
        world.fill(30)
        self.settle(world)
        world.fill(5)
        world.check_at_random(4)
        world.delete(world.some(sorted(world.entries), 3))
        world.check_at_random(4)
        world.drop(SiloName("b"))
        world.check_at_random(4)
        world.fill(3, [SiloName("b")])
        world.check_at_random(4)

    def test_a_dropped_silo_is_forgotten_whole(self) -> None:
        world = self.world(MANY, 23)
        world.fill(40)
        self.settle(world)
        world.drop(SiloName("b"))
        assert world.index.generation(SiloName("b"), "p2") == 0
        del world.homes[SiloName("b")]
        self.settle_durably(world)
        assert world.index.generation(SiloName("b"), "p2") == 0
        assert world.index.generation(SiloName("c"), "p2") == world.mark
        world.check(everything(MANY))
        world.check(Where(frozenset({SiloName("b")}), frozenset({SiloName("b")})))

    def test_generations_are_kept_by_silo_and_partition(self) -> None:
        world = self.world(MANY, 24)
        assert world.index.generation(SiloName("a"), "p1") == 0
        world.fill(10, [SiloName("a")])
        self.settle_durably(world)
        assert world.index.generation(SiloName("a"), "p1") == 1
        assert world.index.generation(SiloName("d"), "p3") == 1  # empty, and known to be
        assert world.index.generation(SiloName("a"), "p2") == 0
        assert world.index.generation(SiloName("nowhere"), "p1") == 0
        world.delete(sorted(world.entries))
        self.settle_durably(world)
        assert world.index.generation(SiloName("a"), "p1") == 2

    def test_names_and_texts_may_hold_anything(self) -> None:
        odd = SiloName("odd/#\x00 \ud800 ünï")
        world = self.world({**ONE, odd: "p/../\x00 odd"}, 25)
        author = Handle("name", "A\x00\udfff B")
        world.put([
            world.entry(odd, "bando \x00\ud800 filke", contributions=(Contribution(author, Role.WROTE),)),
            world.entry(odd, ""),
            world.entry(odd, "x" * 70_000, source=SourceId("\udc80")),
        ])  # fmt: skip
        world.fill(5)
        self.settle(world)
        where = everything(world.homes)
        world.check(where, 10, LexicalQuery(terms("bando")))
        world.check(where, 10, LexicalQuery(terms("x" * 70_000)))
        world.check(replace(where, authors=frozenset({author})), 10, LexicalQuery(terms("bando")))
        world.check(replace(where, sources=frozenset({SourceId("\udc80")})), 10)

    def settle_durably(self, world: World) -> None:
        """Settle where the contract speaks of what a commit does."""
        world.index.commit(world.generations())
