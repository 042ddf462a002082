"""The HTTP interface's documentation: its examples run, and it leaves nothing out."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fake_workspace import OWNER, FakeWorkspace

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.errors import SensemakeError
from sensemake.workspace.asking import SCOPES

DOCS = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
SHELL = [block for found in re.findall(r"```sh\n(.*?)```", DOCS, re.DOTALL) for block in re.split(r"\n(?=curl)", found)]


def kinds(base: type[SensemakeError] = SensemakeError) -> Iterator[str]:
    yield base.kind()
    for each in base.__subclasses__():
        yield from kinds(each)


def test_every_route_scope_and_problem_is_described() -> None:
    paths = create_app(FakeWorkspace()).openapi()["paths"]  # type: ignore[arg-type]
    for needed in (*paths, *SCOPES, *kinds()):
        assert needed in DOCS, needed


@contextmanager
def serving(workspace: FakeWorkspace) -> Iterator[str]:
    """The interface on a free port, in a thread."""
    app = create_app(workspace, origins=["https://intranet.example.org"])  # type: ignore[arg-type]
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        pass
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_curl_examples_run(tmp_path: Path) -> None:
    workspace = FakeWorkspace(Settings(home=tmp_path))
    token, _ = workspace.create_token("t", user=None, scopes=OWNER.scopes, silos=None, days=1, by=OWNER)
    (tmp_path / "notes.txt").write_text("noted")
    assert len(SHELL) >= 8
    with serving(workspace) as url:
        for example in SHELL:
            environment = {"SENSEMAKE_URL": url, "TOKEN": token, "PATH": "/usr/bin:/bin"}
            done = subprocess.run(
                ["bash", "-ec", example], capture_output=True, env=environment, cwd=tmp_path, check=False
            )
            assert done.returncode == 0, (example, done.stdout, done.stderr)
