"""One person across silos: proposed, confirmed, refused and undone, without anything being ingested again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensemake.config import Settings
from sensemake.errors import NotFound, NotPermitted, UsageError
from sensemake.model import Mark, Person, Query, Sign
from sensemake.workspace import Workspace

PEOPLE = "person_id,name,email,groups\nada,Ada Lovage,ada@example.org,staff\nbo,Bo Bergamot,bo@example.org,staff\n"
SAID = {
    "open": [("ada.l", "Ada Lovage", "The weir needs a new gate"), ("robby", "Robby", "The weir gate log is posted")],
    "closed": [("9", "Bo Bergamot", "A secret gate lies below the weir"), ("help", "Help", "The weir gate desk opens")],
}


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        (tmp_path / "people").mkdir()
        (tmp_path / "people" / "people.csv").write_text(PEOPLE)
        workspace.ingest([tmp_path / "people"], "people", workspace.owner())
        for silo, said in SAID.items():
            _chat(workspace, tmp_path / f"{silo}.jsonl", silo, said)
        yield workspace


def _chat(ws: Workspace, path: Path, silo: str, said: list[tuple[str, str, str]]) -> None:
    lines = [
        {
            "id": f"{n}",
            "channel": "den",
            "author": who,
            "author_name": name,
            "text": text,
            "time": f"2026-04-0{n}T09:00Z",
        }
        for n, (who, name, text) in enumerate(said, 1)
    ]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    ws.ingest(
        [path],
        silo,
        ws.owner(),
        readers=frozenset({"everyone"} if silo == "open" else {"board"}),
        indexer="jsonl",
        options={"map.system": f"={silo}", "map.author_name": "author_name"},
    )


def _who(ws: Workspace) -> set[str]:
    return {expert.person.name for expert in ws.who(Query("weir gate"), ws.owner()).experts}


def _proposed(ws: Workspace) -> set[tuple[str, str]]:
    return {(str(each.handle), each.person) for each in ws.proposals(ws.owner())}


def test_a_proposal_is_confirmed_and_the_directory_may_come_again(ws: Workspace, tmp_path: Path) -> None:
    owner = ws.owner()
    assert _proposed(ws) == {("open:ada.l", "ada"), ("closed:9", "bo")}
    assert {each.sign for each in ws.proposals(owner)} == {Sign.SAME_NAME}
    assert ws.link("open:ada.l", "ada@example.org", owner).id == "ada"
    assert _proposed(ws) == {("closed:9", "bo")}
    (tmp_path / "people" / "people.csv").write_text(PEOPLE.replace("Ada Lovage", "Ada L. Lovage"))
    for _ in range(2):
        ws.ingest([tmp_path / "people"], "people", owner)
        (ada,) = (e for e in ws.who(Query("weir gate"), owner).experts if e.person.id == "ada")
        assert ada.person.name == "Ada L. Lovage"
        assert "new gate" in ada.evidence[0].passage.text


def test_a_wrong_join_is_undone_and_not_proposed_again(ws: Workspace) -> None:
    owner = ws.owner()
    before = ws.people(owner)
    ws.link("open:ada.l", "ada", owner)
    assert ws.unlink("open:ada.l", None, owner) == "undone"
    assert ws.people(owner) == before
    assert _proposed(ws) == {("closed:9", "bo")}
    assert ws.unlink("closed:9", "bo", owner) == "refused"
    assert _proposed(ws) == set()
    ws.link("closed:9", "bo", owner)
    assert [e.person.id for e in ws.who(Query("secret gate"), owner).experts][:1] == ["bo"]
    assert not ws.decided(owner).marks


def test_what_the_directory_gives_to_one_may_be_given_to_another(ws: Workspace, tmp_path: Path) -> None:
    owner = ws.owner()
    ws.link("open:ada.l", "ada", owner)
    ws.link("open:ada.l", "bo", owner)
    assert {e.person.id for e in ws.who(Query("new gate"), owner).experts} & {"ada", "bo"} == {"bo"}


def test_a_join_that_nobody_confirmed_is_undone_too(ws: Workspace, tmp_path: Path) -> None:
    owner = ws.owner()

    def first() -> Person:
        return ws.who(Query("sluice"), owner).experts[0].person

    page = tmp_path / "page.md"
    page.write_text("---\nauthor: Ada Lovage\n---\nThe sluice is Ada Lovage's, another one's.\n")
    ws.ingest([page], "people", owner)
    assert first().id == "ada"
    assert ws.unlink("name:Ada Lovage", None, owner) == "apart"
    assert (first().id != "ada", first().name) == (True, "Ada Lovage")
    ws.mark("name:Ada Lovage", None, owner)
    assert first().id == "ada"
    with pytest.raises(UsageError, match="nothing else"):
        ws.unlink("open:robby", None, owner)


def test_bots_and_shared_mailboxes_are_gone_from_who_knows_and_their_words_remain(ws: Workspace) -> None:
    owner = ws.owner()
    assert {"Robby", "Help"} <= _who(ws)
    ws.mark("Robby", Mark.BOT, owner)
    ws.mark("closed:help", Mark.SHARED, owner)
    assert not {"Robby", "Help"} & (_who(ws) | {person.name for person in ws.people(owner)})
    hits = ws.search(Query("weir gate"), owner).hits
    assert "Robby" in {name for hit in hits for name in hit.authors}
    assert any("log is posted" in hit.passage.text for hit in hits)
    ws.mark("robby", None, owner)
    assert "Robby" in _who(ws)


def test_somebody_of_the_directory_may_be_no_person(ws: Workspace) -> None:
    owner = ws.owner()
    ws.link("open:ada.l", "ada", owner)
    ws.mark("ada", Mark.SHARED, owner)
    assert "Ada Lovage" not in _who(ws) | {person.name for person in ws.people(owner)}
    assert len(ws.mark("ada", None, owner)) == 3
    assert not ws.decided(owner).marks
    assert "Ada Lovage" in _who(ws)


def test_only_the_owner_sees_and_decides(ws: Workspace) -> None:
    for attempt in (
        ws.proposals,
        ws.decided,
        lambda by: ws.link("open:ada.l", "ada", by),
        lambda by: ws.unlink("open:ada.l", "ada", by),
        lambda by: ws.mark("ada", Mark.BOT, by),
    ):
        for by in (ws.anonymous(), ws.principal_for("ada")):
            with pytest.raises(NotPermitted):
                attempt(by)


def test_a_confirmed_link_tells_nobody_of_a_hidden_silo_and_opens_none(ws: Workspace) -> None:
    bo = ws.principal_for("bo")
    before = ws.people(bo)
    ws.link("closed:9", "bo", ws.owner())
    assert ws.people(bo) == before
    assert not ws.search(Query("secret gate"), ws.principal_for("bo")).hits or all(
        hit.passage.silo != "closed" for hit in ws.search(Query("secret gate"), bo).hits
    )
    assert "closed:9" not in {str(h) for person in ws.people(bo) for h in person.handles}


def test_decisions_are_audited_without_names(ws: Workspace) -> None:
    owner = ws.owner()
    ws.link("open:ada.l", "ada", owner)
    ws.unlink("open:ada.l", "ada", owner)
    ws.mark("robby", Mark.BOT, owner)
    told = [event for event in ws._catalog.audit.events() if event.action.startswith("person.")]
    assert [event.action for event in told] == ["person.link", "person.unlink", "person.mark"]
    assert "ada.l" not in str(told)
    assert "robby" not in str(told)
    with pytest.raises(NotFound):
        ws.link("slack:nobody", "ada", owner)
