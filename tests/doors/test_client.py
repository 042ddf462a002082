"""The client against a server of its own on loopback, as `sensemake serve` runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from command_line import CommandLine
from fake_workspace import DOCUMENTS, MAP, REPORT

from sensemake import wire
from sensemake.api.server import _public, _stopped_by_signals
from sensemake.client import Client
from sensemake.config import Settings
from sensemake.errors import MissingPath, NotFound, NotSignedIn, SensemakeError, UsageError

PROGRAM = [sys.executable, str(Path(__file__).parent / "fake_cli.py")]


def started(home: Path, *words: str) -> tuple[subprocess.Popen[str], str, str]:
    """A server with its address and its owner's secret."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SENSEMAKE_")}
    process = subprocess.Popen(
        [*PROGRAM, "serve", "--home", str(home), "--port", "0", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    said = process.stdout.readline() + process.stdout.readline()
    found = re.search(r"(http://127\.0\.0\.1:\d+/)\?owner=(\S+)", said)
    assert found, said
    return process, found[1], found[2]


def stopped(process: subprocess.Popen[str], how: signal.Signals) -> tuple[int, str]:
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    process, address, secret = started(tmp_path_factory.mktemp("home"))
    yield address, secret
    assert stopped(process, signal.SIGINT) == (0, "")


@pytest.fixture(scope="module")
def anonymous(server: tuple[str, str]) -> Iterator[Client]:
    with Client(server[0]) as client:
        yield client


@pytest.fixture(scope="module")
def owner(server: tuple[str, str]) -> Iterator[Client]:
    """A client with the fake's reusable token (the name of the secret tells)."""
    with Client(server[0], token="sm_always") as client:
        yield client


def test_it_asks_the_five_verbs(owner: Client, tmp_path: Path) -> None:
    assert [hit["silo"] for hit in owner.search("tide", silos=["board"])["hits"]] == ["board"]
    assert owner.experts("tide")["experts"][0]["person"]["name"] == "Ada Alder"
    assert owner.themes() == owner.build_themes() == wire.themes_json(MAP)
    assert owner.loose(limit=1)["documents"][0]["nearest"]["id"] == "t1"
    assert owner.theme("t1")["members"] == list(MAP.themes[0].documents)
    assert owner.report(since="2026-01-01") == REPORT
    assert owner.report_text("md") == "# Themes\n"
    (tmp_path / "a.md").write_text("A")
    ended = owner.wait(owner.ingest([tmp_path / "a.md"], silo="new", readers=["board"]))
    assert ended["report"] is not None
    assert ended["report"]["documents"] == 1


def test_it_reads_and_writes_documents(owner: Client, anonymous: Client) -> None:
    assert owner.document(DOCUMENTS[3].id) == wire.document_json(DOCUMENTS[3])
    assert {silo["name"] for silo in owner.silos()["silos"]} >= {"board", "handbook"}
    assert owner.reflect("learnt", silo="handbook")["document_id"]
    assert [one["id"] for one in owner.questions(silos=["handbook"])["questions"]] == ["q2", "q1"]
    assert owner.dismiss_question("q1")["questions"][0]["dismissed"]
    assert [one["id"] for one in owner.questions(dismissed=True)["questions"]] == ["q1"]
    assert not owner.dismiss_question("q1", dismissed=False)["questions"][0]["dismissed"]
    assert [silo["name"] for silo in anonymous.silos()["silos"]] == ["handbook"]


def test_it_administrates(owner: Client, anonymous: Client) -> None:
    assert owner.add_silo("archive", readers=["staff"])["silos"] == [{"name": "archive", "readers": ["staff"]}]
    assert owner.grant("archive", ["board"])["silos"][0]["readers"] == ["board", "staff"]
    assert owner.revoke("archive", ["staff"])["silos"][0]["readers"] == ["board"]
    owner.add_silo("attic", readers=[])
    owner.remove_silo("attic")
    with pytest.raises(NotFound):
        owner.remove_silo("attic")
    made = owner.create_token("laptop", user="ada", scopes=["search:read"])
    assert made["token"] in owner.tokens()["tokens"]
    assert made["token"] not in owner.revoke_token(made["token"]["id"])["tokens"]
    assert owner.sources()["sources"][0]["id"] == DOCUMENTS[0].source.id
    synced = owner.wait(owner.sync(DOCUMENTS[0].source.id))["synced"]
    assert synced is not None
    assert synced[0]["error"] is None
    entry = owner.quarantine()["quarantine"][0]
    retried = owner.wait(owner.retry_quarantine([entry["id"]]))["retried"]
    assert retried is not None
    assert retried["quarantine"] == [entry]
    assert owner.drop_quarantine([entry["id"]]) == 1
    assert owner.cancel(owner.sync()["id"])["status"] == "done"
    assert owner.audit(action="silo")["events"][0]["action"] == "silo.grant"
    with pytest.raises(NotSignedIn):
        anonymous.audit()


def test_problems_are_our_errors(owner: Client, anonymous: Client, server: tuple[str, str]) -> None:
    with pytest.raises(NotFound):
        anonymous.document(DOCUMENTS[3].id)
    with pytest.raises(NotFound):
        owner.theme("../silos")
    with pytest.raises(NotSignedIn):
        anonymous.build_themes()
    with pytest.raises(NotSignedIn), Client(server[0], token="wrong") as wrong:
        wrong.silos()
    with pytest.raises(UsageError, match="/limit"):
        owner.search("tide", limit=1000)
    with pytest.raises(UsageError, match="is no date"):
        owner.search("tide", since="soon")
    with pytest.raises(MissingPath):
        owner.ingest([Path("nowhere.md")], silo="new")


def test_what_does_not_speak_the_contract_is_said_to(server: tuple[str, str]) -> None:
    with pytest.raises(SensemakeError, match="does not answer"), Client("http://127.0.0.1:1") as nobody:
        nobody.silos()
    other = httpx.MockTransport(lambda _: httpx.Response(502, text="<h1>Bad gateway</h1>"))
    with pytest.raises(SensemakeError, match="answered 502"), Client("http://proxy.example", transport=other) as proxy:
        proxy.silos()


def test_the_owners_link_opens_a_session(server: tuple[str, str]) -> None:
    address, secret = server
    with httpx.Client(base_url=address, follow_redirects=True) as browser:
        assert "signed in as owner" in browser.get(f"/?owner={secret}").text
        assert "confidential" in browser.post("/", data={"query": "tide"}).text
    assert httpx.get(f"{address}?owner={secret}").status_code == 401


def test_behind_a_proxy_the_link_is_for_the_public_address() -> None:
    settings = Settings(public_url="https://memory.example.org")
    assert _public(settings, "http://127.0.0.1:8765/") == "https://memory.example.org/"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_ways_to_stop_it_end_it_well(number: signal.Signals) -> None:
    with _stopped_by_signals():
        signal.raise_signal(number)
        raise AssertionError("it went on")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "localhorst"])  # noqa: S104
def test_it_does_not_open_itself_to_others_by_itself(cli: CommandLine, host: str) -> None:
    done = cli("serve", "--host", host)
    assert (done.code, done.out) == (2, "")
    assert "SENSEMAKE_PEOPLE_MODE" in done.err


def test_an_address_that_cannot_be_had_is_said(cli: CommandLine, server: tuple[str, str]) -> None:
    port = server[0].rstrip("/").rpartition(":")[2]
    assert "Address already in use" in cli("serve", "--port", port).err
    assert "'port' (from --port)" in cli("serve", "--port", "99999").err
    assert cli("serve", "--port", port).code == 2
