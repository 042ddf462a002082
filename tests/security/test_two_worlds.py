"""Non-interference: with and without silos that one may not read, every answer is the same, byte for byte.

World A holds what the asker may read. World B is a copy of A into which the hidden silos were ingested, by the same
people, about the same things. (A copy, so that ids, which are random, are the same where both hold the same.)
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sensemake import wire
from sensemake.config import Settings
from sensemake.errors import NotFound
from sensemake.model import Filters, Kind, Principal, Query
from sensemake.workspace import Workspace

WORDS = (
    "sensor pump valve river algae probe battery gateway alarm calibration nitrate sample laptop contract budget "
    "merger salary layoff strategy audit training mentor retro incident outage deploy rollback schema vector index"
).split()
PEOPLE = ["Ada Lind", "Bo Berg", "Cy Dahl", "Di Ek", "Eva Falk"]
QUESTIONS = int(os.environ.get("TWO_WORLD_QUESTIONS", "200"))
"""`make nightly` asks 2,000."""


@dataclass(frozen=True)
class Worlds:
    """Two homes that differ in hidden silos only."""

    visible: Workspace
    everything: Workspace

    def same(self, ask: Callable[[Workspace], object]) -> None:
        one, other = (json.dumps(ask(world), sort_keys=True) for world in (self.visible, self.everything))
        assert one == other


def write_silo(folder: Path, pages: int, seed: int, *, canary: str = "") -> Path:
    """Pages of random words by the same five people, so that hidden and visible ones are about the same things."""
    rng = random.Random(seed)
    folder.mkdir()
    for number in range(pages):
        words = " ".join(rng.choices(WORDS, k=rng.randint(20, 160)))
        author = rng.choice(PEOPLE)
        kind = rng.choice(["page", "decision", "reflection"])
        (folder / f"{number:03}.md").write_text(
            f"---\ntitle: {rng.choice(WORDS)} {rng.choice(WORDS)}\nauthor: {author}\nkind: {kind}\n"
            f"date: 2026-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}\n---\n# Heading\n\n{words} {canary}\n",
            encoding="utf-8",
        )
    return folder


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    tmp = tmp_path_factory.mktemp("worlds")
    people = "person_id,name,emails,groups\n" + "".join(
        f"p{n},{name},{name.split()[0].lower()}@example.org,{'staff' if n < 4 else 'leadership'}\n"
        for n, name in enumerate(PEOPLE)
    )
    handbook = write_silo(tmp / "handbook", 25, 1)
    (handbook / "people.csv").write_text(people, encoding="utf-8")
    with Workspace.open(Settings(home=tmp / "a", model="hashing"), create=True) as a:
        a.ingest([handbook], "handbook", a.owner(), readers=frozenset({"everyone"}))
        eng = write_silo(tmp / "eng", 40, 2)
        for page in sorted(handbook.glob("*.md"))[:5]:
            (eng / f"copy-{page.name}").write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
        a.ingest([eng], "engineering", a.owner(), readers=frozenset({"staff"}))
    shutil.copytree(tmp / "a", tmp / "b")
    with (
        Workspace.open(Settings(home=tmp / "a", model="hashing")) as a,
        Workspace.open(Settings(home=tmp / "b", model="hashing")) as b,
    ):
        hidden = write_silo(tmp / "board", 60, 3, canary="zyzzyva")
        for page in [*sorted((tmp / "eng").glob("*.md"))[:20], *sorted(handbook.glob("*.md"))[:10]]:
            (hidden / f"copy-{page.name}").write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
        b.ingest([hidden], "board", b.owner(), readers=frozenset({"leadership"}))
        b.ingest([write_silo(tmp / "diary", 30, 4, canary="zyzzyva")], "diary", b.owner())
        yield Worlds(a, b)


def operators(rng: random.Random) -> list[str]:
    """What may be typed after a question."""
    one, other = rng.choices([*WORDS, "zyzzyva"], k=2)
    return [
        f' "{one}"', f' "{one} {other}"', f" -{one}", f' -"{one} {other}"', " author:ada@example.org",
        " in:board", " in:handbook", " in:eng", " in:diary in:engineering", " kind:decision", " before:2026-05",
        " after:2026-06-11", " lang:en", ' author:"Eva Falk"',
    ]  # fmt: skip


def questions(seed: int = 7) -> Iterator[tuple[Query, str]]:
    """Random questions with random filters, and who asks."""
    rng = random.Random(seed)
    for _ in range(QUESTIONS):
        text = " ".join(rng.choices([*WORDS, "zyzzyva", "merger"], k=rng.randint(1, 6)))
        text += rng.choice(["", "", "", *operators(rng)])
        filters = Filters(
            silos=rng.choice([(), (), ("handbook",), ("engineering", "board"), ("board",)]),
            kinds=rng.choice([(), (), (Kind.DECISION,)]),
            authors=rng.choice([(), (), (), ("Ada Lind",), ("eva@example.org",), ("nobody",)]),
            since=rng.choice([None, None, wire.since("2026-04-01")]),
        )
        yield Query(text, limit=rng.choice([3, 10, 50]), filters=filters), rng.choice(["staff", "anonymous"])


def principal(world: Workspace, who: str) -> Principal:
    return world.anonymous() if who == "anonymous" else world.principal_for("p0")


def test_answers_to_questions_do_not_change(worlds: Worlds) -> None:
    for query, who in questions():
        worlds.same(lambda w, q=query, p=who: wire.search_json(w.search(q, principal(w, p))))
        worlds.same(lambda w, q=query, p=who: wire.experts_json(w.who(q, principal(w, p))))


def test_what_is_similar_and_suggested_does_not_change(worlds: Worlds) -> None:
    for who in ("staff", "anonymous"):
        seen = worlds.visible.search(Query("sensor probe", limit=50), principal(worlds.visible, who)).hits
        for hit in seen[:5]:
            worlds.same(
                lambda w, p=who, id_=hit.passage.id: wire.search_json(w.similar(id_, Query("", 20), principal(w, p)))
            )
        for prefix in ("sen", "inc", "me", "ada", "eva", "zyz"):
            worlds.same(lambda w, p=who, t=prefix: wire.suggestions_json(t, w.suggest(t, principal(w, p), limit=50)))


def test_a_hidden_passage_is_absent_where_it_is_named(worlds: Worlds) -> None:
    b = worlds.everything
    (hidden, *_) = (h for h in b.search(Query("zyzzyva merger", limit=50), b.owner()).hits if h.passage.silo == "board")
    staff = b.principal_for("p0")
    said = set()
    for name in (hidden.passage.id, "never heard of"):
        for ask in (b.similar, b.helped):
            with pytest.raises(NotFound) as refused:
                ask(name, *([Query("")] if ask == b.similar else []), staff)
            said.add(str(refused.value).replace(name, "…"))
    assert len(said) == 1
    b.pin("merger zyzzyva", hidden.passage.id, b.owner())
    b.pin("merger zyzzyva", hidden.document.id, b.owner())
    try:
        assert b.search(Query("zyzzyva merger"), b.owner()).hits[0].pinned
        worlds.same(lambda w: wire.search_json(w.search(Query("zyzzyva merger"), principal(w, "staff"))))
    finally:
        b.unpin("merger zyzzyva", b.owner())


def test_routes_do_not_change(worlds: Worlds) -> None:
    for query, who in list(questions(11))[: QUESTIONS // 4]:
        worlds.same(lambda w, q=query, p=who: wire.routing_json(w.ask(q, principal(w, p))))


def test_nobody_is_named_for_hidden_evidence_alone(worlds: Worlds) -> None:
    """Eva wrote of everything, in hidden silos as in visible ones; of the canary in hidden ones only."""
    b = worlds.everything
    assert b.who(Query("zyzzyva"), b.owner()).experts
    for query, who in list(questions(13))[: QUESTIONS // 4]:
        may = {silo.name for silo in b.silos(principal(b, who))}
        for expert in b.who(query, principal(b, who)).experts:
            assert expert.evidence
            assert {e.passage.silo for e in expert.evidence} <= may
            assert set(expert.silos) <= may


def test_opting_out_moves_nobody(worlds: Worlds, tmp_path: Path) -> None:
    """The others stand in the same order, with the same evidence, as if the person had never been there."""
    shutil.copytree(worlds.visible.settings.home, tmp_path / "c")
    with Workspace.open(Settings(home=tmp_path / "c", model="hashing")) as world:
        asked = [(q, world.who(q, world.owner())) for q, _ in list(questions(17))[: QUESTIONS // 4]]
        world.set_listed("p1", listed=False, by=world.owner())
        for query, before in asked:
            after = world.who(query, world.owner())
            assert "p1" not in [e.person.id for e in after.experts]
            if len(before.experts) < query.limit:
                kept = [e.person.id for e in before.experts if e.person.id != "p1"]
                assert [e.person.id for e in after.experts] == kept


def test_lists_do_not_change(worlds: Worlds) -> None:
    for who in ("staff", "anonymous"):
        worlds.same(lambda w, p=who: [silo.name for silo in w.silos(principal(w, p))])
        worlds.same(lambda w, p=who: [person.name for person in w.people(principal(w, p))])
        worlds.same(lambda w, p=who: [status.source.id for status in w.sources(principal(w, p))])


def test_open_questions_do_not_change(worlds: Worlds, tmp_path: Path) -> None:
    """The hidden silos ask more, answer what is asked in visible ones, and speak later; nothing of it shows."""
    for name, world in (("a", worlds.visible), ("b", worlds.everything)):
        shutil.copytree(world.settings.home, tmp_path / name)
    asking = tmp_path / "asking"
    asking.mkdir()
    (asking / "q.md").write_text(
        "---\ntitle: Which sensor measures nitrate?\nkind: question\ndate: 2026-03-01\n---\nSince May.\n"
    )
    answering = tmp_path / "answering"
    answering.mkdir()
    (answering / "a.md").write_text(
        "---\ntitle: Which sensor measures nitrate\ndate: 2026-04-01\n---\nWhich sensor measures nitrate: S2.\n"
    )
    (answering / "q.md").write_text("---\ntitle: Which zyzzyva?\nkind: question\ndate: 2026-04-01\n---\nSince June.\n")
    with (
        Workspace.open(Settings(home=tmp_path / "a", model="hashing")) as a,
        Workspace.open(Settings(home=tmp_path / "b", model="hashing")) as b,
    ):
        for world in (a, b):
            world.ingest([asking], "handbook", world.owner())
        b.ingest([answering], "board", b.owner())
        copies = Worlds(a, b)
        for who in ("staff", "anonymous"):
            copies.same(lambda w, p=who: wire.questions_json(w.questions(principal(w, p))))
        assert [q.text for q in b.questions(b.principal_for("p0"))] == ["Which sensor measures nitrate?"]
        assert [q.text for q in b.questions(b.owner())] == ["Which zyzzyva?"]


def test_the_hidden_silos_are_really_there(worlds: Worlds) -> None:
    """Or else the tests above prove nothing."""
    b = worlds.everything
    seen = b.search(Query("zyzzyva merger", limit=50), b.owner())
    assert {hit.passage.silo for hit in seen.hits} >= {"board", "diary"}
    leader = b.search(Query("zyzzyva merger", limit=50), b.principal_for("p4"))
    assert "board" in {hit.passage.silo for hit in leader.hits}
    assert "diary" not in {hit.passage.silo for hit in leader.hits}


def test_a_changed_grant_holds_from_the_next_question_on(worlds: Worlds, tmp_path: Path) -> None:
    shutil.copytree(worlds.everything.settings.home, tmp_path / "c")
    with Workspace.open(Settings(home=tmp_path / "c", model="hashing")) as world:
        staff = world.principal_for("p0")
        ask = Query("zyzzyva", limit=50)
        assert not any(hit.passage.silo == "board" for hit in world.search(ask, staff).hits)
        world.grant("board", frozenset({"staff"}), world.owner())
        assert any(hit.passage.silo == "board" for hit in world.search(ask, staff).hits)
        world.revoke("board", frozenset({"staff"}), world.owner())
        assert not any(hit.passage.silo == "board" for hit in world.search(ask, staff).hits)
        worlds.same(lambda _: "the worlds themselves were not touched")
