"""Profiles, hidden topics, offers of help, bridges and routes, through the doors, over one small organisation."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sensemake import wire
from sensemake.api.app import create_app
from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.errors import NotFound, NotPermitted
from sensemake.model import Query, Verb
from sensemake.workspace import Workspace

PEOPLE = """person_id,name,email,team,groups,active
ada,Ada Alder,ada@example.org,field,staff,yes
bo,Bo Birch,bo@example.org,workshop,staff,yes
cleo,Cleo Cedar,cleo@example.org,field,staff,yes
dan,Dan Dorn,dan@example.org,workshop,staff,no
"""
TIDE = "The tide gauge number {0}: we read the tide table, note high tide and low tide and check the gauge zero."
BREAD = "Baking number {0}: knead the dough, let the dough rest, bake the bread and share the loaf at lunch."


def page(folder: Path, name: str, author: str, title: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(f"---\ntitle: {title}\nauthor: {author}\ndate: 2026-03-01\n---\n{text}\n")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada writes of tides in both silos; bread is Bo's in the field and Cleo's in the workshop."""
    place = tmp_path_factory.mktemp("knowing")
    for n in range(8):
        page(place / "field", f"tide{n}", "Ada Alder", f"Tide {n}", TIDE.format(n))
        page(place / "shop", f"tide{n}", "Ada Alder" if n % 2 else "Bo Birch", f"Gauge {n}", TIDE.format(n + 20))
        page(place / "field", f"bread{n}", "Bo Birch", f"Bread {n}", BREAD.format(n))
        page(place / "shop", f"bread{n}", "Cleo Cedar", f"Loaf {n}", BREAD.format(n + 20))
    (place / "field" / "people.csv").write_text(PEOPLE)
    with Workspace.open(settings(place), create=True) as workspace:
        for silo in ("field", "shop"):
            workspace.ingest([place / silo], silo, workspace.owner(), readers=frozenset({"everyone"}))
        workspace.build_themes(workspace.owner())
    return place


def settings(place: Path) -> Settings:
    return Settings(home=place / "home", model="hashing")


@pytest.fixture
def world(place: Path) -> Iterator[Workspace]:
    with Workspace.open(settings(place)) as workspace:
        yield workspace
        for wish in workspace._catalog.people.wishes():
            workspace._catalog.people.set_wish(wish, kept=False)
        for person in ("ada", "bo", "cleo"):
            workspace.set_listed(person, listed=True, by=workspace.owner())


def named(world: Workspace, topic: str) -> list[str]:
    return [expert.person.id for expert in world.who(Query(topic), world.owner()).experts]


def test_a_profile_shows_themes_over_time_with_evidence_and_the_silos_it_joins(world: Workspace) -> None:
    profile = world.profile("ada@example.org", world.owner())
    (tide,) = profile.themes
    assert tide.years == ((2026, 12),)
    assert set(profile.bridged) == {"field", "shop"}
    assert tide.evidence
    assert all("tide" in e.passage.text.lower() for e in tide.evidence)
    with pytest.raises(NotFound):
        world.profile("nobody", world.owner())


def test_a_hidden_topic_is_hidden_at_once_everywhere(world: Workspace) -> None:
    ada = world.principal_for("ada")
    assert named(world, "tide tables")[0] == "ada"
    world.set_wish("ada", Verb.HIDE, "Tide table", kept=True, by=ada)
    assert "ada" not in named(world, "tide tables")
    assert world.who(Query("tide tables"), world.owner()).left_out["opted_out"] == 1
    assert not world.profile("ada", world.owner()).themes
    assert all(p.id != "ada" for b in world.bridges(world.owner(), names=True).bridges for p in b.persons)
    assert "ada" not in [c.person.id for c in world.ask(Query("tide tables"), world.owner()).contacts]
    world.set_wish("ada", Verb.HIDE, "Tide table", kept=False, by=ada)
    assert named(world, "tide tables")[0] == "ada"


def test_what_somebody_hides_is_for_themselves_and_the_owner(world: Workspace) -> None:
    world.set_wish("ada", Verb.HIDE, "sea snails", kept=True, by=world.owner())
    assert world.profile("ada", world.principal_for("ada")).hidden == ("sea snails",)
    assert world.profile("ada", world.owner()).hidden == ("sea snails",)
    assert world.profile("ada", world.principal_for("bo")).hidden == ()


def test_only_oneself_and_the_owner_may_speak_for_somebody(world: Workspace) -> None:
    with pytest.raises(NotPermitted):
        world.set_wish("ada", Verb.HIDE, "tides", kept=True, by=world.principal_for("bo"))


def test_an_offer_of_help_is_shown_where_it_fits_and_names_nobody(world: Workspace) -> None:
    for person in ("ada", "cleo"):
        world.set_wish(person, Verb.HELP, "reading tide tables", kept=True, by=world.owner())
    answer = world.who(Query("tide tables"), world.owner())
    assert {e.person.id: e.offers for e in answer.experts}["ada"] == ("reading tide tables",)
    assert "cleo" not in named(world, "tide tables"), "an offer is no evidence"
    assert not any(e.offers for e in world.who(Query("bread"), world.owner()).experts)


def test_bridges_and_missing_bridges_are_views_of_groups(world: Workspace) -> None:
    answer = world.bridges(world.owner())
    (bridge,) = answer.bridges
    assert (bridge.silos, bridge.people, bridge.persons) == (("field", "shop"), None, ()), "one person is not counted"
    assert [missing.silos for missing in answer.missing] == [("field", "shop")]
    assert "bread" in answer.missing[0].label.lower() or "dough" in answer.missing[0].label.lower()
    assert [p.id for p in world.bridges(world.owner(), names=True).bridges[0].persons] == ["ada"]
    assert world.bridges(world.principal_for("ada")).bridges[0].mine


def test_who_opted_out_is_no_bridge_and_has_no_profile(world: Workspace) -> None:
    world.set_listed("ada", listed=False, by=world.owner())
    answer = world.bridges(world.owner(), names=True)
    assert not answer.bridges
    assert len(answer.missing) == 2
    with pytest.raises(NotFound):
        world.profile("ada", world.principal_for("bo"))
    assert world.profile("ada", world.principal_for("ada")).themes == ()


def test_a_theme_that_rests_on_one_is_told_without_a_name(world: Workspace) -> None:
    world.set_listed("bo", listed=False, by=world.owner())
    answer = world.bridges(world.owner())
    assert {holding.holders for holding in answer.single} == {"one"}
    mine = world.bridges(world.principal_for("cleo")).single
    assert [holding.mine for holding in mine] == [True, False]


def test_a_question_goes_to_people_of_other_teams_and_of_ones_own(world: Workspace) -> None:
    routing = world.ask(Query("tide tables"), world.principal_for("cleo"))
    assert routing.answered
    contacts = {contact.person.id: contact for contact in routing.contacts}
    assert contacts["ada"].inside, "Ada is of Cleo's team"
    assert not contacts["bo"].inside
    assert contacts["ada"].message.startswith("Hi Ada, I have a question: tide tables\n")
    assert "ada" not in [c.person.id for c in world.ask(Query("tide tables"), world.principal_for("ada")).contacts]


def test_a_hidden_silo_moves_no_profile_and_no_bridge(place: Path, world: Workspace, tmp_path: Path) -> None:
    """Ada and Bo write of the same things where Cleo may not look."""
    world.build_themes(world.principal_for("cleo"))
    shutil.copytree(place / "home", tmp_path / "home")
    for n in range(8):
        page(tmp_path / "board", f"tide{n}", "Ada Alder", f"Secret {n}", TIDE.format(n + 40))
        page(tmp_path / "board", f"bread{n}", "Bo Birch", f"Secret bread {n}", BREAD.format(n + 40))
    with Workspace.open(settings(tmp_path)) as other:
        other.ingest([tmp_path / "board"], "board", other.owner(), readers=frozenset({"leads"}))
        for ask in (
            lambda w: wire.bridges_json(w.bridges(w.principal_for("cleo"), names=True)),
            lambda w: wire.profile_json(w.profile("ada", w.principal_for("cleo"))),
            lambda w: wire.profile_json(w.profile("bo", w.principal_for("cleo"))),
            lambda w: wire.routing_json(w.ask(Query("bread"), w.principal_for("cleo"))),
        ):
            assert json.dumps(ask(world)) == json.dumps(ask(other))
        assert len(other.build_themes(other.owner()).silos) == 3, "it is really there"
        assert len(other.bridges(other.owner()).bridges) > len(world.bridges(world.owner()).bridges)


def test_the_doors_agree(
    place: Path, world: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")

    def cli(*words: str) -> Any:
        capsys.readouterr()
        assert run(["--home", str(place / "home"), "--json", *words]) == 0
        return json.loads(capsys.readouterr().out)

    secret, _ = world.create_token("t", user=None, by=world.owner())
    with TestClient(create_app(world), "http://127.0.0.1", headers={"Authorization": f"Bearer {secret}"}) as http:
        profile = wire.profile_json(world.profile("ada", world.owner()))
        assert profile == cli("person", "show", "ada")
        assert http.get("/api/v1/people/ada").json() == {**profile, "hidden": []}
        bridges = wire.bridges_json(world.bridges(world.owner(), names=True))
        assert bridges == cli("bridges", "--names") == http.get("/api/v1/bridges", params={"names": True}).json()
        routing = wire.routing_json(world.ask(Query("tide tables"), world.owner()))
        assert routing == cli("ask", "tide tables")
        assert routing == http.post("/api/v1/ask", json={"question": "tide tables"}).json()
        assert http.get("/api/v1/people/zoe").status_code == 404
    assert cli("person", "offer", "ada", "tides")["helps"] == ["tides"]
    assert cli("person", "hide", "ada", "bread")["hidden"] == ["bread"]
    assert cli("person", "hide", "ada", "bread", "--undo")["hidden"] == []


def test_people_read_it_too(place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    for words, said in (
        (["person", "show", "ada"], "joins field, shop"),
        (["bridges"], "Missing bridges"),
        (["ask", "tide tables", "--as", "cleo"], "In your team"),
        (["who", "tide tables", "--explain"], "role 1"),
    ):
        assert run(["--home", str(place / "home"), *words]) == 0
        assert said in capsys.readouterr().out


def test_what_another_process_changes_holds_from_the_next_question_on(world: Workspace, place: Path) -> None:
    """Rosters are kept between questions, for as long as nothing was written that an answer may follow from."""
    assert "ada" in named(world, "tide tables")
    with Workspace.open(settings(place)) as other:
        other.set_listed("ada", listed=False, by=other.owner())
        assert "ada" not in named(world, "tide tables")
        other.set_listed("ada", listed=True, by=other.owner())
    assert "ada" in named(world, "tide tables")
    version = world._catalog.version()
    world.search(Query("tide tables"), world.owner())
    world.insights(world.owner())  # writes down what was counted
    assert world._catalog.version() == version
