"""Every example of docs/who-knows.md runs, and its tables are the program's own."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import small_home

from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.rules.evidence import ROLE_WEIGHT, WEIGHTS
from sensemake.workspace import Workspace

DOCS = (Path(__file__).parents[2] / "docs" / "who-knows.md").read_text()
EXAMPLES = [line for block in re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL) for line in block.splitlines()]
SAYS = {"who": "Ada Alder", "person": "Ada Alder", "bridges": "Bridges:", "ask": "Ada Alder"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = small_home.taken_in(tmp_path_factory.mktemp("who"), handbook="everyone")
    with Workspace.open(Settings(home=home, model="hashing")) as workspace:
        workspace.build_themes(workspace.owner())
        workspace.build_themes(workspace.principal_for("bo"))
    return home


def test_examples_run_in_order_and_say_what_they_should(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENSEMAKE_MODEL", "hashing")
    assert len(EXAMPLES) > 10
    for example in EXAMPLES:
        words = shlex.split(example)[1:]
        assert run(["--home", str(home), *words]) == 0, example
        assert SAYS[words[0]] in capsys.readouterr().out, example


def test_the_roles_are_those_that_count() -> None:
    weights = {
        role.strip(): float(weight)
        for roles, weight in re.findall(r"^\| ([a-z, ]+) \| ([\d.]+) \|", DOCS, re.MULTILINE)
        for role in roles.split(",")
    }
    assert weights == {str(role): weight for role, weight in ROLE_WEIGHT.items()}


def test_the_numbers_are_those_that_count() -> None:
    assert f"every {WEIGHTS.half_life_days:,.0f} days, never below {1 - WEIGHTS.age_share:g}" in DOCS
    assert f"to the power {WEIGHTS.own_words:g}" in DOCS
    assert f"summed, to the power {WEIGHTS.together:g}" in DOCS
    assert f"{WEIGHTS.same_document:g} for each further passage" in DOCS
