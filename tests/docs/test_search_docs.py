"""Every example of docs/search.md finds what it says, and the same through Python, the command line and HTTP."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import small_home
from fastapi.testclient import TestClient

from sensemake import wire
from sensemake.api.app import create_app
from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.model import Filters, Kind, Query
from sensemake.rules.query_syntax import OPERATORS
from sensemake.workspace import Workspace

DOCS = (Path(__file__).parents[2] / "docs" / "search.md").read_text()
EXAMPLES = [line for block in re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL) for line in block.splitlines()]
SEARCHES = [example for example in EXAMPLES if example.startswith("sensemake search ")]

Hit = Any


def says(hit: Hit, words: str) -> bool:
    return words in f"{hit['title']} | {hit['text']}".lower()


def by_ada(hit: Hit) -> bool:
    return "Ada Alder" in hit["authors"]


FOUND: dict[str, Callable[[Hit], bool]] = {
    '"tide tables"': lambda hit: says(hit, "tide tables"),
    "-gauge": lambda hit: not says(hit, "gauge"),
    '-"high tide"': lambda hit: not says(hit, "high tide"),
    "author:": by_ada,
    "--author": by_ada,
    "in:board": lambda hit: hit["silo"] == "board",
    "kind:page": lambda hit: hit["kind"] == "page",
    "--kind page": lambda hit: hit["kind"] == "page",
    "lang:en": lambda hit: hit["language"] == "en",
    "--lang en": lambda hit: hit["language"] == "en",
    "before:": lambda hit: hit["time"] < "2026-04-01",
    "--until": lambda hit: hit["time"] < "2026-04-01",
    "after:": lambda hit: hit["time"] >= "2026-04-01",
    "--since": lambda hit: hit["time"] >= "2026-04-01",
    "--silo handbook": lambda hit: hit["silo"] == "handbook",
    "--source handbook": lambda hit: hit["source"] == "handbook",
}
"""What every hit of an example is, by what it holds."""

FLAGS = {"--silo": "silos", "--source": "sources", "--kind": "kinds", "--author": "authors", "--lang": "languages"}
DATES = {"--since": "since", "--until": "until"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    small_home.write(folder)
    with Workspace.open(Settings(home=folder / "home", model="hashing"), create=True) as workspace:
        owner = workspace.owner()
        workspace.ingest([folder / "handbook"], "handbook", owner, readers=frozenset({"everyone"}))
        workspace.ingest([folder / "board"], "board", owner, readers=frozenset({"board"}))
        workspace.build_themes(owner)
    return folder / "home"


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    monkeypatch.setenv("SENSEMAKE_HOME", str(home))
    with Workspace.open(Settings(home=home, model="hashing")) as opened:
        yield opened


def asked(words: list[str]) -> tuple[str, dict[str, Any]]:
    """The question of an example, and its flags as HTTP has them."""
    flags = dict(zip(words[3::2], words[4::2], strict=True))
    beside: dict[str, Any] = {FLAGS[name]: [value] for name, value in flags.items() if name in FLAGS}
    return words[2], beside | {DATES[name]: value for name, value in flags.items() if name in DATES}


def filters(beside: dict[str, Any]) -> Filters:
    listed = {name: tuple(value) for name, value in beside.items() if name in FLAGS.values()}
    if "kinds" in listed:
        listed["kinds"] = tuple(map(Kind, listed["kinds"]))
    since, until = beside.get("since"), beside.get("until")
    return Filters(**listed, since=wire.since(since) if since else None, until=wire.until(until) if until else None)


@pytest.mark.parametrize("example", SEARCHES)
def test_a_search_finds_what_it_says_through_every_door(
    workspace: Workspace, example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(example)
    text, beside = asked(words)
    owner = workspace.owner()
    here = wire.search_json(workspace.search(Query(text, 10, filters(beside)), owner))
    assert run([*words[1:], "--json"]) == 0
    secret, _ = workspace.create_token("t", by=owner)
    with TestClient(create_app(workspace), "http://127.0.0.1", headers={"Authorization": f"Bearer {secret}"}) as http:
        over_http = http.post("/api/v1/search", json={"query": text, **beside}).json()
    assert here == json.loads(capsys.readouterr().out) == over_http
    assert here["hits"]
    expected = [good for part, good in FOUND.items() if part in example]
    assert expected
    assert all(good(hit) for good in expected for hit in here["hits"])
    if not {"page", "en", "handbook"} & {words[-1], text.partition(":")[2]}:  # of the others the small home has two
        everything = wire.search_json(workspace.search(Query("tide", 100), owner))["hits"]
        assert not all(good(hit) for good in expected for hit in everything if hit["time"])


def test_every_operator_and_flag_has_an_example() -> None:
    together = "\n".join(SEARCHES)
    for operator in OPERATORS:
        assert f"{operator}:" in together
    for flag in (*FLAGS, *DATES):
        assert flag in together


def test_who_is_narrowed_by_operators_as_well(workspace: Workspace) -> None:
    found = workspace.who(Query('tide author:"Ada Alder"'), workspace.owner())
    assert {expert.person.name for expert in found.experts} == {"Ada Alder"}
    assert workspace.who(Query("tide author:nobody"), workspace.owner()).abstained


def test_what_leads_on_from_an_answer_runs_too(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    passage = workspace.search(Query("probe"), workspace.owner()).hits[0].passage.id
    others = [example for example in EXAMPLES if example not in SEARCHES]
    assert {example.split()[1] for example in others} == {"similar", "suggest", "helped", "pin", "insights"}
    for example in others:
        assert run([passage if word == "PASSAGE_ID" else word for word in shlex.split(example)[1:]]) == 0
        assert capsys.readouterr().out
