"""Answers of search: their pages, what is pinned, what is similar, what may be meant, and what is counted of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sensemake import wire
from sensemake.config import Settings
from sensemake.errors import NotFound, NotPermitted, UsageError
from sensemake.model import Filters, Principal, Query
from sensemake.workspace import Workspace

SUBJECTS = ("heron", "otter", "beaver", "kingfisher", "dragonfly", "lamprey")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty pages about the river, and a directory of six people."""
    folder = tmp_path_factory.mktemp("river")
    for number in range(30):
        subject = SUBJECTS[number % len(SUBJECTS)]
        head = f"---\ntitle: River {subject} {number}\nauthor: Ada Lind\ndate: 2026-04-{number % 28 + 1:02}\n---\n"
        (folder / f"{number:02}.md").write_text(f"{head}The {subject} lives at the river, mile {number}.\n", "utf-8")
    people = "".join(f"p{n},Person {n},p{n}@example.org,staff\n" for n in range(6))
    (folder / "people.csv").write_text(f"person_id,name,emails,groups\n{people}", encoding="utf-8")
    return folder


@pytest.fixture
def river(pages: Path, tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        workspace.ingest([pages], "river", workspace.owner(), readers=frozenset({"staff"}))
        workspace.add_silo("notes", frozenset({"staff"}), workspace.owner())
        yield workspace


def asked(workspace: Workspace, text: str, by: Principal | None = None, **more: object) -> dict[str, object]:
    query = Query(text, **more)  # type: ignore[arg-type]
    return dict(wire.search_json(workspace.search(query, by or workspace.owner())))


# ── pages ──


def test_pages_give_each_hit_once_and_end(river: Workspace) -> None:
    whole = river.search(Query("river", 100), river.owner())
    seen, cursor = [], None
    for _ in range(20):
        page = river.search(Query("river", 7, cursor=cursor), river.owner())
        seen += [(hit.rank, hit.passage.id) for hit in page.hits]
        assert not page.changed
        if (cursor := page.next_cursor) is None:
            break
    assert seen == [(hit.rank, hit.passage.id) for hit in whole.hits]
    assert len(seen) == 30


def test_a_page_says_when_documents_have_changed_since(river: Workspace) -> None:
    cursor = river.search(Query("river", 5), river.owner()).next_cursor
    river.reflect("The river rose overnight.", river.owner(), silo="notes")
    assert river.search(Query("river", 5, cursor=cursor), river.owner()).changed
    again = river.search(Query("river", 5), river.owner())
    assert not again.changed
    assert not river.search(Query("river", 5, cursor=again.next_cursor), river.owner()).changed


# ── hits ──


def test_every_field_of_a_hit_is_true(river: Workspace) -> None:
    for hit in river.search(Query("where does the otter live", 10), river.owner()).hits:
        said = wire.search_json(river.search(Query("otter"), river.owner()))["hits"][0]
        assert set(said) >= {"headings", "locator", "url", "similar_count", "pinned"}
        assert hit.passage.text.casefold().count("otter") == sum(
            hit.passage.text[start:end].casefold() == "otter" for start, end in hit.highlights
        )
        assert all(0 <= start < end <= len(hit.passage.text) for start, end in hit.highlights)
        assert hit.authors == ("Ada Lind",)
        assert river.document(hit.document.id, river.owner()).title == hit.passage.title
        assert hit.dense_rank or hit.lexical_rank


def test_similar_passages_are_of_other_documents_and_filters_hold(river: Workspace) -> None:
    first = river.search(Query("otter"), river.owner()).hits[0]
    answer = river.similar(first.passage.id, Query("", 4), river.owner())
    assert len(answer.hits) == 4
    assert all("otter" in hit.passage.text for hit in answer.hits)
    assert first.document.id not in {hit.document.id for hit in answer.hits}
    more = river.similar(first.passage.id, Query("", 4, cursor=answer.next_cursor), river.owner())
    assert not {h.passage.id for h in more.hits} & {h.passage.id for h in answer.hits}
    assert [hit.rank for hit in more.hits] == [5, 6, 7, 8]
    nowhere = Query("", filters=Filters(silos=("notes",)))
    assert not river.similar(first.passage.id, nowhere, river.owner()).hits


def test_suggestions_are_titles_people_and_themes_that_the_asker_may_know_of(river: Workspace) -> None:
    river.build_themes(river.owner())
    found = {(one.kind, one.text) for one in river.suggest("lin", river.owner(), limit=50)}
    assert ("person", "Ada Lind") in found
    assert {kind for kind, _ in {(s.kind, s.text) for s in river.suggest("river", river.owner(), limit=50)}} >= {
        "title"
    }
    assert river.suggest("river", river.anonymous()) == []
    searcher = replace(river.owner(), scopes=frozenset({"search:read"}))
    assert not river.suggest("ada lind", searcher)


def test_an_honest_nothing_names_the_nearest_themes_and_people(river: Workspace) -> None:
    labels = {theme.label for theme in river.build_themes(river.owner()).themes}
    answer = river.search(Query("zzzz qqqq"), river.owner())
    assert answer.abstained
    assert not answer.hits
    assert labels
    assert 0 < len(answer.nearest.themes) <= 3
    assert set(answer.nearest.themes) <= labels
    assert answer.nearest.people == ("Ada Lind",)
    (ada,) = (person for person in river.people(river.owner()) if person.name == "Ada Lind")
    river.set_listed(ada.id, listed=False, by=river.owner())
    assert river.search(Query("zzzz qqqq"), river.owner()).nearest.people == ()
    hidden = river.search(Query("zzzz qqqq"), river.anonymous())
    assert hidden.abstained
    assert hidden.nearest.themes == hidden.nearest.people == ()


# ── pins ──


def test_a_pinned_answer_comes_first_and_is_marked(river: Workspace) -> None:
    owner, staff = river.owner(), river.principal_for("p1")
    target = river.search(Query("lamprey"), owner).hits[0]
    river.pin("Where does the otter live?", target.passage.id, owner)
    for by in (owner, staff):
        answer = river.search(Query("the otter: where does it LIVE", 5), by)
        assert [(hit.passage.id, hit.pinned) for hit in answer.hits[:1]] == [(target.passage.id, True)]
        assert [hit.rank for hit in answer.hits] == [1, 2, 3, 4, 5]
        assert not any(hit.pinned for hit in answer.hits[1:])
    assert not river.search(Query("otter"), owner).hits[0].pinned
    assert not river.search(Query("where does the otter live"), river.anonymous()).hits
    narrowed = Query("where does the otter live -lamprey", 5)
    assert not any(hit.pinned for hit in river.search(narrowed, owner).hits)
    with pytest.raises(NotPermitted):
        river.pin("x", target.passage.id, staff)
    assert [pin.question for pin in river.pins(owner)] == ["Where does the otter live?"]
    assert river.unpin("where does the otter live", owner) == 1
    assert not river.search(Query("where does the otter live"), owner).hits[0].pinned
    with pytest.raises(NotFound):
        river.unpin("where does the otter live", owner)


def test_a_pin_answers_where_search_would_not_and_outlives_a_new_text(river: Workspace, pages: Path) -> None:
    owner = river.owner()
    question = "zzzz qqqq wwww"
    assert river.search(Query(question), owner).abstained
    made = river.reflect("Nobody knows.", owner, silo="notes", title="The riddle")
    river.pin(question, made, owner)
    answer = river.search(Query(question), owner)
    assert not answer.abstained
    assert [(hit.document.id, hit.pinned) for hit in answer.hits] == [(made, True)]


def test_only_what_is_there_can_be_pinned_to_a_question_with_words(river: Workspace) -> None:
    with pytest.raises(NotFound):
        river.pin("otter", "never heard of", river.owner())
    document = river.search(Query("otter"), river.owner()).hits[0].document.id
    with pytest.raises(UsageError):
        river.pin("?!", document, river.owner())


# ── what is counted ──


def people(workspace: Workspace) -> list[Principal]:
    return [workspace.principal_for(f"p{number}") for number in range(6)]


def told(workspace: Workspace) -> list[tuple[str, int, str]]:
    return [(one.what, one.people, one.text or title) for one, title in workspace.insights(workspace.owner())]


def test_a_question_is_told_of_from_five_people_on(river: Workspace) -> None:
    everybody = people(river)
    for by in everybody[:4] * 3:
        asked(river, "where do zzzz live", by)
    assert told(river) == []
    asked(river, "Zzzz, where do they live?", everybody[4])
    assert told(river) == [("in vain", 5, "Zzzz, where do they live?")]
    asked(river, "where do zzzz live", everybody[5])
    assert [(what, n) for what, n, _ in told(river)] == [("in vain", 6)]


def test_what_is_opened_and_helps_is_told_by_its_title(river: Workspace) -> None:
    hit = river.search(Query("otter"), river.owner()).hits[0]
    for by in people(river)[:5]:
        river.document(hit.document.id, by)
        river.helped(hit.passage.id, by, question="where is the otter")
    assert {(what, n) for what, n, _ in told(river)} == {("opened", 5), ("helped", 5), ("helped with", 5)}
    with pytest.raises(NotPermitted):
        river.insights(people(river)[0])


def test_a_narrowed_question_is_not_asked_in_vain(river: Workspace) -> None:
    for by in people(river):
        asked(river, "otter author:nobody", by)
        asked(river, "otter", by, filters=Filters(silos=("notes",)))
    assert told(river) == []


def test_nothing_readable_is_kept_of_what_few_people_ask(river: Workspace) -> None:
    secret = "quixotic zephyr"
    for by in people(river)[:4]:
        asked(river, secret, by)
    river.insights(river.owner())
    kept = b"".join(path.read_bytes() for path in river.settings.home.glob("catalog.sqlite*"))
    assert b"river" in kept.lower()
    assert b"quixotic" not in kept.lower()


def test_it_can_be_turned_off(pages: Path, tmp_path: Path) -> None:
    quiet = Settings(home=tmp_path / "quiet", model="hashing", insights=False)
    with Workspace.open(quiet, create=True) as workspace:
        workspace.ingest([pages], "river", workspace.owner(), readers=frozenset({"staff"}))
        for by in people(workspace):
            asked(workspace, "otter", by)
        assert told(workspace) == []
