"""The register of open questions through every door: who sees what, dismissing, and closing by itself."""

from __future__ import annotations

import json
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
from sensemake.model import Document, Handle, Insight, Kind, Part, Query, SiloName, Source
from sensemake.protocols import Signal
from sensemake.workspace import Workspace

WIPER = "Who cleans the wiper of the optical probe in winter?"
KEY = "Where is the spare key of the boat house kept?"
BUDGET = "What does the board spend on the tide gauge next year?"
PEOPLE = "person_id,name,emails,groups\nada,Ada Alder,ada@example.org,staff;board\nbo,Bo Birch,bo@example.org,staff\n"


def write_page(folder: Path, title: str, text: str, *, kind: str = "page", date: str = "2026-03-01") -> Path:
    folder.mkdir()
    (folder / "page.md").write_text(f"---\ntitle: {title}\nkind: {kind}\ndate: {date}\n---\n{text}\n")
    return folder


def chat(number: int, *turns: tuple[str, str, str]) -> Document:
    """A conversation of (day, who, text)."""
    parts = tuple(
        Part(text, Handle("slack", who), time=wire.since(day), locator=f"ts={number}.{n}")
        for n, (day, who, text) in enumerate(turns)
    )
    source = Source(SiloName("field"), "slack", "slack", "")
    return Document(
        source, f"slack:{number}", Kind.CONVERSATION, "#field", parts, parts[-1].time, facets={"channel": "field"}
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory" / "people.csv").write_text(PEOPLE)
    (tmp_path / "directory" / "weir.md").write_text("# The weir\n\nThe weir is open.\n")
    asked = [
        chat(1, ("2026-05-01", "U1", "The probe is wet."), ("2026-05-02", "U2", WIPER)),
        chat(2, ("2026-06-25", "U1", "Hello all, the painters come tomorrow.")),
    ]
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as opened:
        owner = opened.owner()
        opened.ingest([tmp_path / "directory"], "handbook", owner, readers=frozenset({"everyone"}))
        opened.add_silo("field", frozenset({"staff"}), owner)
        opened.take_in(asked, asked[0].source, owner)
        opened.ingest(
            [write_page(tmp_path / "key", KEY, "Since May.", kind="question")],
            "keys",
            owner,
            readers=frozenset({"staff"}),
        )
        opened.ingest(
            [write_page(tmp_path / "budget", BUDGET, "?", kind="question", date="2026-03-02")],
            "board",
            owner,
            readers=frozenset({"board"}),
        )
        yield opened


def texts(workspace: Workspace, user: str | None = None, **narrowed: Any) -> list[str]:
    by = workspace.principal_for(user) if user else workspace.owner()
    return [one.text for one in workspace.questions(by, **narrowed)]


def test_the_newest_first_of_what_the_asker_may_read(workspace: Workspace) -> None:
    assert texts(workspace) == [WIPER, BUDGET, KEY]
    assert texts(workspace, "ada") == [WIPER, BUDGET, KEY]
    assert texts(workspace, "bo") == [WIPER, KEY]
    assert workspace.questions(workspace.anonymous()) == ()


def test_filters(workspace: Workspace) -> None:
    assert texts(workspace, silos=["keys"]) == [KEY]
    assert texts(workspace, "bo", silos=["board"]) == []
    assert texts(workspace, since=wire.since("2026-04-01")) == [WIPER]
    assert texts(workspace, limit=1) == [WIPER]


def test_a_dismissed_question_is_gone_until_it_is_reopened(workspace: Workspace) -> None:
    bo = workspace.principal_for("bo")
    wiper = workspace.questions(bo)[0]
    assert workspace.dismiss_question(wiper.id, bo).dismissed
    workspace.dismiss_question(wiper.id, bo)
    assert texts(workspace, "ada") == [BUDGET, KEY]
    assert texts(workspace, "ada", dismissed=True) == [WIPER]
    assert not workspace.dismiss_question(wiper.id, bo, dismissed=False).dismissed
    assert texts(workspace, "ada") == [WIPER, BUDGET, KEY]
    assert [event.action for event in workspace.audit(workspace.owner())][-3:] == [
        "question.dismiss", "question.dismiss", "question.reopen",
    ]  # fmt: skip


def test_nobody_dismisses_what_they_may_not_read(workspace: Workspace) -> None:
    budget = next(q for q in workspace.questions(workspace.owner()) if q.text == BUDGET)
    said = set()
    for id_ in (budget.id, "0" * 12):
        with pytest.raises(NotFound) as refused:
            workspace.dismiss_question(id_, workspace.principal_for("bo"))
        said.add(str(refused.value).replace(id_, "…"))
    assert len(said) == 1
    with pytest.raises(NotPermitted):
        workspace.dismiss_question(budget.id, workspace.anonymous())


def test_it_closes_itself_when_a_later_page_answers(workspace: Workspace, tmp_path: Path) -> None:
    owner = workspace.owner()
    for number, (title, date, still) in enumerate(
        [
            ("Paint", "2026-06-01", True),
            (WIPER.rstrip("?"), "2026-01-01", True),  # written before it was asked
            (WIPER, "2026-06-01", True),  # asks the same
            (WIPER.rstrip("?"), "2026-06-01", False),
        ]
    ):
        text = {"Paint": "The painters come to the weir.", WIPER: WIPER}.get(title, f"{title}: Nele does.")
        workspace.ingest([write_page(tmp_path / f"p{number}", title, text, date=date)], "handbook", owner)
        assert (WIPER in texts(workspace)) == still, (title, date)


def test_an_answer_that_one_may_not_read_closes_nothing_for_them(workspace: Workspace, tmp_path: Path) -> None:
    answer = write_page(
        tmp_path / "a", WIPER.rstrip("?"), "Nele cleans the wiper of the optical probe.", date="2026-06-01"
    )
    workspace.ingest([answer], "board", workspace.owner())
    assert WIPER in texts(workspace, "bo")
    assert WIPER not in texts(workspace, "ada")


def test_what_five_asked_in_vain_is_told_to_administrators(workspace: Workspace, tmp_path: Path) -> None:
    vain = "hippopotamus telescope saxophone"
    told = Insight("", "in vain", 0, vain)
    for who in range(4):
        workspace._catalog.signals.record([Signal("in vain", vain, told, f"u{who}")], "2026-05")
    assert vain not in texts(workspace)
    workspace._catalog.signals.record([Signal("in vain", vain, told, "u5")], "2026-05")
    (gap,) = (one for one in workspace.questions(workspace.owner()) if one.document is None)
    assert (gap.text, gap.people, gap.month) == (vain, 5, "2026-05")
    assert vain not in texts(workspace, "ada")
    with pytest.raises(NotFound):
        workspace.dismiss_question(gap.id, workspace.principal_for("ada"))
    page = write_page(tmp_path / "gap", vain, f"A {vain} is in the boat house.")
    workspace.ingest([page], "keys", workspace.owner())
    assert not workspace.search(Query(vain), workspace.owner()).abstained
    assert vain not in texts(workspace)


def test_every_door_says_the_same(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    bo = workspace.principal_for("bo")
    secret, _ = workspace.create_token("t", user="bo", by=workspace.owner())

    def command(*words: str) -> str:
        assert run(["--home", str(workspace.settings.home), "--as", "bo", "questions", *words]) == 0
        return capsys.readouterr().out

    headers = {"Authorization": f"Bearer {secret}"}
    with TestClient(create_app(workspace), "http://127.0.0.1", headers=headers) as http:
        at = "/api/v1/questions"
        here = wire.questions_json(workspace.questions(bo))
        assert here["questions"][0]["document"] is not None
        assert here == json.loads(command("--json")) == json.loads(command("list", "--json")) == http.get(at).json()
        wiper = here["questions"][0]["id"]
        assert WIPER in command()
        assert json.loads(command("dismiss", wiper, "--json"))["questions"][0]["dismissed"]
        assert http.get(at, params={"dismissed": "true"}).json()["questions"][0]["id"] == wiper
        assert not http.post(f"{at}/{wiper}/reopen").json()["questions"][0]["dismissed"]
        narrowed = {"silo": ["keys"], "since": "2026-01-01", "limit": 1}
        assert http.get(at, params=narrowed).json()["questions"][0]["question"] == KEY
        assert http.post(f"{at}/{wiper}/dismiss").json()["questions"][0]["dismissed"]
    assert WIPER not in command("-n", "5")
    command("reopen", wiper)
    assert WIPER in command("list")


def test_the_report_tells_what_the_register_does(workspace: Workspace, tmp_path: Path) -> None:
    owner = workspace.owner()
    workspace.build_themes(owner)

    def reported(until: str | None = None) -> list[str]:
        report: Any = workspace.report(owner, until=wire.until(until) if until else None)
        return [question["text"] for question in report["questions"]]

    assert reported() == texts(workspace) == [WIPER, BUDGET, KEY]
    assert reported("2026-03-20") == [BUDGET, KEY]
    workspace.dismiss_question(workspace.questions(owner)[1].id, owner)
    assert reported() == [WIPER, KEY]
    answer = write_page(tmp_path / "answer", WIPER.rstrip("?"), f"{WIPER.rstrip('?')}: Nele does.", date="2026-06-01")
    workspace.ingest([answer], "handbook", owner)
    assert reported() == [KEY]
