"""The HTTP interface against its own description: Schemathesis, all checks and phases, as three callers.

`SCHEMATHESIS_EXAMPLES` is how many requests are made up for each operation; `make nightly` takes 200. The short form
goes through the phase that tries every boundary of every field once, as the owner: who may do less is refused earlier.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest
import schemathesis
import small_home
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.workspace import Workspace

SHORT = 3
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", SHORT))
SEED = int(os.environ.get("SCHEMATHESIS_SEED", "1"))
PHASES = ("examples", "coverage", "fuzzing", "stateful")
CALLERS = ("owner", "a token that only searches and reads", "nobody")

pytestmark = [
    pytest.mark.timeout(7200),
    # of the tool's own: it talks to the application through the test client, and sends what no client would
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    home = small_home.taken_in(tmp_path_factory.mktemp("fuzzed"), handbook="staff", board="board")
    with Workspace.open(Settings(home=home, model="hashing")) as opened:
        opened.build_themes(opened.owner())
        yield opened


def headers(caller: str, workspace: Workspace) -> dict[str, str]:
    owner = workspace.owner()
    if caller == "nobody":
        return {}
    user, scopes = (None, owner.scopes) if caller == "owner" else ("bo", frozenset({"search:read", "docs:read"}))
    return {"Authorization": f"Bearer {workspace.create_token('t', by=owner, user=user, scopes=scopes)[0]}"}


def failures(app: FastAPI, sent: dict[str, str], phases: tuple[str, ...]) -> tuple[dict[str, str], int, set[str]]:
    """What is wrong, by kind and operation; how many requests were made; which phases ran."""
    settings = {
        "headers": sent,
        "seed": SEED,
        "continue-on-failure": True,
        "request-timeout": 60,  # a busy machine is no failure
        "checks": {"enabled": True},
        "phases": {phase: {"enabled": phase in phases} for phase in PHASES},
        "generation": {"max-examples": EXAMPLES, "database": "none"},
    }
    config = SchemathesisConfig.from_dict(settings)
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, config=config)
    wrong: dict[str, str] = {}
    asked, ran = 0, set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            asked += len(event.recorder.cases)
            for checks in event.recorder.checks.values():
                for check in checks:
                    if check.failure_info is not None:
                        failure = check.failure_info.failure
                        where = f"{failure.operation}: {failure.title}"
                        wrong.setdefault(where, f"{failure.message}\n{check.failure_info.code_sample}")
        elif isinstance(event, events.PhaseFinished) and event.status.value in {"success", "failure"}:
            ran.add(event.phase.name.value.lower())
        elif isinstance(event, events.NonFatalError | events.FatalError):
            wrong[str(type(event))] = str(event)
    return wrong, asked, ran


@pytest.mark.parametrize("caller", CALLERS)
def test_it_is_as_described(workspace: Workspace, caller: str) -> None:
    """No answer of 500, nothing accepted that the description forbids, nothing open that it closes, and twelve more."""
    app = create_app(workspace, hosts=None, origins=["https://intranet.example.org"])
    phases = PHASES if EXAMPLES > SHORT or caller == "owner" else tuple(p for p in PHASES if p != "coverage")
    wrong, asked, ran = failures(app, headers(caller, workspace), phases)
    sys.stdout.write(f"{caller}: {asked} requests\n")  # shown by `-rP`
    assert not wrong, "\n\n".join(f"{where}\n{what}" for where, what in wrong.items())
    assert asked > 50
    assert ran >= set(phases)
