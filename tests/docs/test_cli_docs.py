"""The command line's documentation is the program's own, and every example in it runs."""

from __future__ import annotations

import io
import json
import shlex
import shutil
from pathlib import Path

import pytest
import small_home
from cli_reference import commands, examples, reference

from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.model import Query
from sensemake.workspace import Workspace

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"demo": "its own tests", "serve": "tests/doors/test_client.py", "mcp": "tests/doors/test_mcp.py"}
EXAMPLES = [example for path, command in commands() if path[0] not in ELSEWHERE for example in examples(command)]


def test_the_reference_is_fresh() -> None:
    assert (ROOT / "docs" / "cli.md").read_text() == reference(), "python tests/docs/cli_reference.py > docs/cli.md"


@pytest.mark.parametrize(("path", "command"), [pytest.param(*each, id=" ".join(each[0])) for each in commands()])
def test_every_command_says_what_it_does_and_shows_how(path: tuple[str, ...], command: object) -> None:
    assert command.help  # type: ignore[attr-defined]
    shown = examples(command)
    assert shown
    assert all(shlex.split(example)[: len(path) + 1] == ["sensemake", *path] for example in shown)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small home, a backup of it, and the files that examples name."""
    folder = tmp_path_factory.mktemp("examples")
    small_home.write(folder)
    with opened(folder) as workspace:
        owner = workspace.owner()
        workspace.ingest([folder / "handbook"], "handbook", owner, readers=frozenset({"everyone"}))
        workspace.add_silo("reflections", frozenset({"everyone"}), owner)
        workspace.build_themes(owner)
        workspace.create_token("example", by=owner)
        workspace.backup(folder / "restorable", owner)
    return folder


def opened(place: Path) -> Workspace:
    return Workspace.open(Settings(home=place / "home", model="hashing"), create=True)


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to work in: no example sees what another did."""
    copied = shutil.copytree(made, tmp_path / "place")
    monkeypatch.chdir(copied)
    monkeypatch.setenv("SENSEMAKE_HOME", str(copied / "home"))
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    monkeypatch.setattr("sys.stdin", io.StringIO("The new checklist saved us an hour."))
    return copied


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(place: Path, example: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = prepared(shlex.split(example)[1:], place)
    code = run(words)
    _, err = capsys.readouterr()
    assert code == 0, err
    assert "error" not in err


def prepared(words: list[str], place: Path) -> list[str]:
    """The command with identifiers of this home in the place of made-up ones, and what it needs to be there."""
    if words[0] == "restore":
        Path("restorable").rename("sensemake.backup")
    if words[0] == "session":
        (place / "filled.md").write_text("# S {session s1}\n\n### D {decided}\n\n- We bake.\n")
        with opened(place) as workspace:
            (place / "report.json").write_text(json.dumps(workspace.report(workspace.owner())))
    if "QUESTION_ID" in words:
        words = [asked(place) if word == "QUESTION_ID" else word for word in words]
    stands_for: dict[str, str] = {}
    if "PASSAGE_ID" in words or "--remove" in words:
        with opened(place) as workspace:
            owner = workspace.owner()
            passage = workspace.search(Query("probe"), owner).hits[0].passage.id
            if "--remove" in words:
                workspace.pin(words[1], passage, owner)
        words = [passage if word == "PASSAGE_ID" else word for word in words]
    if {"t1", "undo", "TOKEN_ID", "DOCUMENT_ID"} & set(words):
        with opened(place) as workspace:
            owner = workspace.owner()
            latest = workspace.themes(owner)
            assert latest is not None
            stands_for = {"t1": latest.themes[0].id, "t2": latest.themes[1].id}
            stands_for["DOCUMENT_ID"] = latest.themes[0].members[0].document
            stands_for["TOKEN_ID"] = workspace.create_token("example", by=owner)[1].id
            if "undo" in words:
                workspace.edit_theme("rename", stands_for["t1"], {"label": "Before"}, owner)
    return [stands_for.get(word, word) for word in words]


def asked(place: Path) -> str:
    """The id of an open question."""
    (place / "asked").mkdir()
    (place / "asked" / "key.md").write_text("---\nkind: question\ntitle: Who has the key?\n---\nSince May.\n")
    with opened(place) as workspace:
        owner = workspace.owner()
        workspace.ingest([place / "asked"], "asked", owner)
        return workspace.questions(owner)[0].id
