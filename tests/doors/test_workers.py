"""`sensemake serve --workers 2`: real processes on loopback, over one home."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import small_home
from uvicorn.config import STARTUP_FAILURE

from sensemake.api.workers import NICE, _application
from sensemake.client import Client
from sensemake.config import Settings
from sensemake.workspace import Workspace, asking


@dataclass
class Served:
    """A server of several processes, and an owner's token."""

    process: subprocess.Popen[str]
    address: str
    token: str

    def children(self) -> list[int]:
        """Its processes, but for Python's own resource tracker."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in listed if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def answering(self) -> list[int]:
        return [pid for pid in self.children() if os.getpriority(os.PRIO_PROCESS, pid) < NICE]

    def client(self) -> Client:
        return Client(self.address, token=self.token)

    def counted(self, route: str) -> float:
        found = re.findall(rf'requests_total\{{.*route="{route}".*\}} (\S+)', httpx.get(f"{self.address}metrics").text)
        return sum(map(float, found))

    @contextmanager
    def alone(self, pid: int) -> Iterator[None]:
        """Let only this process answer: the others stand still."""
        others = [other for other in self.answering() if other != pid]
        for other in others:
            os.kill(other, signal.SIGSTOP)
        try:
            yield
        finally:
            for other in others:
                os.kill(other, signal.SIGCONT)


def eventually(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to that")


@contextmanager
def serving(home: Path, *words: str) -> Iterator[Served]:
    with Workspace.open(Settings(home=home, model="hashing")) as workspace:
        token, _ = workspace.create_token("t", by=workspace.owner(), scopes=asking.SCOPES)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SENSEMAKE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "sensemake", "--home", str(home), "serve", "--port", "0", "--workers", "2", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, "SENSEMAKE_MODEL": "hashing"},
    )
    assert process.stdout is not None
    said = process.stdout.readline() + process.stdout.readline()
    found = re.search(r"(http://127\.0\.0\.1:\d+/)\?owner=", said)
    try:
        assert found, said
        served = Served(process, found[1], token)
        eventually(lambda: len(served.answering()) == 2)
        for pid in served.answering():
            with served.alone(pid):  # it has begun
                httpx.get(f"{found[1]}livez", timeout=60)
        eventually(lambda: served.counted("/livez") == 2)  # a request is counted after it was answered
        yield served
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_home.taken_in(tmp_path_factory.mktemp("served"), handbook="everyone")


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Served]:
    with serving(home) as server:
        yield server
        ends_well(server, signal.SIGTERM)


def test_the_counters_are_those_of_all_processes(served: Served) -> None:
    one, other = served.answering()
    before = served.counted("/livez")
    for pid, times in ((one, 3), (other, 4)):
        with served.alone(pid):
            for _ in range(times):
                httpx.get(f"{served.address}livez")
    eventually(lambda: served.counted("/livez") == before + 7)
    for pid in (one, other):
        with served.alone(pid):
            assert served.counted("/livez") == before + 7


def test_what_one_process_did_the_others_know(served: Served, tmp_path: Path) -> None:
    one, other = served.answering()
    (tmp_path / "new.md").write_text("# Lantern\n\nThe lantern of the pier is lit at dusk.\n")
    with served.alone(one), served.client() as client:
        job = client.wait(client.ingest([tmp_path / "new.md"], silo="piers", readers=["everyone"]))
        assert job["report"] is not None
        assert job["report"]["documents"] == 1
        made = client.create_token("second", user=None, scopes=["search:read"])
    with served.alone(other), served.client() as client:
        assert client.search("lantern of the pier")["hits"][0]["silo"] == "piers"
        assert client.revoke_token(made["token"]["id"])
    with served.alone(one):
        refused = httpx.get(f"{served.address}api/v1/silos", headers={"Authorization": f"Bearer {made['secret']}"})
        assert refused.status_code == 401


def test_one_that_crashed_is_started_again(served: Served) -> None:
    before = served.counted("/livez")
    jobs = set(served.children()) - set(served.answering())
    assert len(jobs) == 1
    for pid in (served.answering()[0], *jobs):
        os.kill(pid, signal.SIGKILL)
        eventually(lambda pid=pid: pid not in served.children() and len(served.children()) == 3)  # type: ignore[misc]
    eventually(lambda: len(served.answering()) == 2)  # a process gives way only after it has begun
    assert served.counted("/livez") == before


def test_control_c_ends_all_of_them(home: Path) -> None:
    with serving(home, "--without-worker") as served:
        assert len(served.children()) == 2
        ends_well(served, signal.SIGINT)


def ends_well(served: Served, how: signal.Signals) -> None:
    children = served.children()
    served.process.send_signal(how)
    assert served.process.wait(timeout=60) == 0
    said = served.process.stderr.read().splitlines()  # type: ignore[union-attr]
    assert not [line for line in said if "another one begins" not in line]
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


def test_one_that_cannot_begin_is_not_tried_for_ever(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        _application(Settings(home=tmp_path / "nowhere"), {})
    assert ended.value.code == STARTUP_FAILURE


def test_none_is_left_when_nobody_looks_after_them(home: Path) -> None:
    with serving(home) as served:
        children = served.children()
        assert len(children) == 3
        served.process.kill()
        served.process.wait()
        eventually(lambda: not any(alive(pid) for pid in children))


def alive(pid: int) -> bool:
    """A process that ended and that nobody has asked after (in a container, perhaps nobody will) is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
