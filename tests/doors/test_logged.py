"""The log of `sensemake serve`, as whoever collects it finds it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import small_home

from sensemake.config import Settings
from sensemake.workspace import Workspace

SECRETS = ("quokkabeacon", "handbook", "smk_")


@pytest.mark.parametrize("form", ["json", "text"])
def test_each_request_is_a_line_without_what_was_asked(tmp_path: Path, form: str) -> None:
    small_home.write(tmp_path)
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        workspace.ingest([tmp_path / "handbook"], "handbook", workspace.owner())
    said = {"SENSEMAKE_MODEL": "hashing", "SENSEMAKE_LOG_LEVEL": "info", "SENSEMAKE_LOG_FORMAT": form}
    command = [sys.executable, "-m", "sensemake", "--home", str(tmp_path / "home"), "serve", "--port", "0"]
    environment = {**os.environ, **said}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        found = httpx.post(f"{address}api/v1/search", json={"query": "quokkabeacon"}, timeout=60)
        httpx.get(f"{address}api/v1/documents/quokkabeacon?silo=handbook", timeout=60)
        process.send_signal(signal.SIGTERM)
        lines = process.communicate()[1].splitlines()
    assert not any(secret in line for line in lines for secret in SECRETS)
    if form == "text":
        assert any(found.headers["x-request-id"] in line and "POST /api/v1/search 200" in line for line in lines)
        return
    told = [json.loads(line) for line in lines]
    (ours,) = (each for each in told if each.get("request_id") == found.headers["x-request-id"])
    assert (ours["method"], ours["route"], ours["status"]) == ("POST", "/api/v1/search", 200)
    assert ours["level"] == "info"
    assert "/api/v1/documents/{document}" in {each.get("route") for each in told}
