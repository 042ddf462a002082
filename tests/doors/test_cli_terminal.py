"""The command line as a process: pipes, terminals, colours, signals, full disks and what it imports."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAM = [sys.executable, str(HERE / "fake_cli.py")]


def environment(**extra: str) -> dict[str, str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("SENSEMAKE_", "NO_COLOR", "COV_"))}
    return {**plain, "TERM": "xterm-256color", **extra}


def piped(*words: str, **extra: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*PROGRAM, *words], capture_output=True, env=environment(**extra), timeout=60, check=False)


def on_a_terminal(*words: str, **extra: str) -> bytes:
    """What a terminal is sent."""
    leader, follower = pty.openpty()
    with subprocess.Popen([*PROGRAM, *words], stdout=follower, stderr=follower, env=environment(**extra)) as process:
        os.close(follower)
        sent = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                break
            if not piece:
                break
            sent += piece
        process.wait(60)
    os.close(leader)
    return sent


def test_a_terminal_gets_colours_and_marks() -> None:
    assert b"\x1b[1;33mtide\x1b[0m" in on_a_terminal("search", "tide")


@pytest.mark.parametrize("how", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"flag": "--no-color"}])
def test_no_escape_when_somebody_said_no(how: dict[str, str]) -> None:
    words = [how["flag"]] if "flag" in how else []
    sent = on_a_terminal("search", "tide", *words, **{k: v for k, v in how.items() if k != "flag"})
    assert b"\x1b" not in sent
    assert b"Tides" in sent


def test_no_escape_in_a_pipe_nor_in_help() -> None:
    assert b"\x1b" not in piped("search", "tide").stdout
    assert b"\x1b" not in on_a_terminal("search", "--help")


def test_what_was_indexed_cannot_act_on_the_terminal() -> None:
    """F5: the one with colours, a link, a direction override and C1 controls in it."""
    for words in (["search", "tide"], ["search", "tide", "--json"], ["who", "tide"]):
        sent = on_a_terminal(*words, NO_COLOR="1")
        assert b" and tide" in sent
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", sent), words
        assert not re.search("[\x80-\x9f\u202a-\u202e\u2066-\u2069]", sent.decode()), words
    assert b"evil.example" not in on_a_terminal("search", "tide")


def test_a_closed_pipe_is_quiet() -> None:
    command = " ".join(PROGRAM) + " search tide | true; echo ${PIPESTATUS[0]}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, env=environment(), timeout=60, check=False)
    assert (done.stdout, done.stderr) == (b"0\n", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_an_error() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "silo", "list"], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert done.returncode == 74
    assert done.stderr == b"sensemake: error: could not write: No space left on device\n"


def test_interrupted_is_130_and_a_line() -> None:
    with subprocess.Popen([*PROGRAM, "search", "slow"], stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"started\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr.read().startswith(b"sensemake: error: interrupted")


def test_a_stream_without_unicode_gets_escapes() -> None:
    done = piped("search", "tide", "--json", PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout) == json.loads(piped("search", "tide", "--json").stdout)
    assert b"Tides \\u203a Top" in piped("search", "tide", PYTHONIOENCODING="ascii").stdout


HEAVY = "numpy faiss torch fastapi umap sqlalchemy pydantic_settings sklearn rich httpx"


@pytest.mark.parametrize("words", [["--help"], ["search", "--help"], ["serach"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    script = (
        "import sys, atexit\n"
        f"heavy = set({HEAVY!r}.split())\n"
        "atexit.register(lambda: sys.stderr.write('LOADED ' + ' '.join(sorted(heavy & set(sys.modules)))))\n"
        f"sys.argv = ['sensemake', *{words!r}]\n"
        "from sensemake.cli import main\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment(), check=False
    )
    assert done.stderr.endswith("LOADED "), done.stderr


def test_python_dash_m_is_the_same_program() -> None:
    done = subprocess.run([sys.executable, "-m", "sensemake", "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"sensemake \d+\.\d+\.\d+\S*\n", done.stdout)


def test_a_search_imports_only_what_it_needs(tmp_path: Path) -> None:
    """Over a real home: no torch, nothing for reading formats, for themes, for migrations or for serving."""
    (tmp_path / "a.md").write_text("# Tides\n\nWe read the tide tables at dawn.\n")
    home = environment(SENSEMAKE_MODEL="hashing", SENSEMAKE_HOME=str(tmp_path / "home"))
    ingest = [sys.executable, "-m", "sensemake", "ingest", str(tmp_path / "a.md"), "--silo", "a"]
    subprocess.run(ingest, env=home, check=True, capture_output=True)
    not_for_search = (
        "torch sklearn umap unstructured alembic fastapi transformers sentence_transformers spacy onnx httpx"
    )
    script = (
        "import sys\n"
        "from sensemake.cli.edge import run\n"
        "assert run(['search', 'tide', '--json']) == 0\n"
        f"sys.stderr.write('LOADED ' + ' '.join(sorted(set({not_for_search!r}.split()) & set(sys.modules))))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=home, check=True)
    assert json.loads(done.stdout)["hits"]
    assert done.stderr == "LOADED "
