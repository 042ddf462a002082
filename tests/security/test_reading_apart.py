"""Whatever a file does to its reader, the file becomes a failure with its reason, and its neighbours are read."""

from __future__ import annotations

import logging
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sensemake import registry
from sensemake.indexers import blame
from sensemake.model import Coverage, Document, ReadFailure, Reason, SiloName, Source
from sensemake.reading import DEFAULT, Limits, Reader

LIMITS = replace(DEFAULT, seconds=2.0, memory=512 << 20, silence=2.0, export_memory=512 << 20, given=4 << 20)

WICKED = '''
import ctypes, os, resource, socket, subprocess, sys, time
from pathlib import Path

from sensemake.model import Coverage, Document, Kind, Part, ReadFailure, Scope
from sensemake.protocols import Piece


def said(source, name, text):
    return Document(source, f"w/{name}", Kind.PAGE, name, (Part(text),), path=name)


def tried(action):
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return "done"


def out_by_ctypes(path):
    """As a C library would: past Python and its hooks."""
    if ctypes.CDLL(None).open(str(path).encode(), os.O_CREAT | os.O_WRONLY, 0o600) < 0:
        raise OSError
    return None


class Wicked:
    name = "wicked"
    continues = False

    def sniff(self, path):
        return 0

    def pieces(self, path, source):
        for name in source.options["names"].split():
            yield Piece(name, f"w/{name}", {"name": name})
        yield Coverage((Scope("w/"),))

    def read_piece(self, piece, source):
        yield from self.act(piece.about["name"], source)

    def read(self, path, source):
        for name in source.options["names"].split():
            yield from self.act(name, source)
        yield Coverage((Scope("w/"),))

    def act(self, name, source):
        verb, _, rest = name.partition(":")
        if verb == "sleep":
            time.sleep(600)
        elif verb == "spin":
            while True:
                pass
        elif verb == "crash":
            ctypes.string_at(0)
        elif verb == "abort":
            os.abort()
        elif verb == "eat":
            held = bytearray(4 << 30)
        elif verb == "flood":
            while True:
                yield said(source, "flood", "words " * 10_000)
        elif verb == "line":
            yield said(source, "line", "words " * 10_000_000)
        elif verb == "print":
            print("not an answer")
            os.write(1, b"nor this")
            yield said(source, name, "words")
        elif verb == "lie":
            for descriptor in range(3, 20):
                try:
                    os.write(descriptor, b'{"type": "document"}\\n')
                except OSError:
                    pass
            yield said(source, name, "words")
        elif verb == "exit":
            os._exit(0)
        elif verb == "raise":
            raise ValueError("somebody's words")
        elif verb == "leave":
            Path(os.environ["TMPDIR"], "left").write_text("x")
            yield said(source, name, str(os.environ["TMPDIR"]))
        elif verb == "write":
            target = Path(rest)
            yield said(source, name, " ".join((
                tried(lambda: (target / "a").write_text("x")),
                tried(lambda: out_by_ctypes(target / "b")),
                tried(lambda: (target / "kept").unlink()),
                tried(lambda: (target / "made").mkdir()),
                tried(lambda: subprocess.run(["/bin/sh", "-c", f"echo x > {target}/c"], check=True)),
            )))
        elif verb == "connect":
            yield said(source, name, tried(lambda: socket.create_connection(("127.0.0.1", int(rest)), timeout=1)))
        elif verb == "environment":
            yield said(source, name, " ".join(sorted(os.environ)))
        elif verb == "who":
            yield said(source, name, str(os.getpid()))
        else:
            yield said(source, name, f"the words of {name}")
'''


@pytest.fixture(autouse=True)
def wicked(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed indexer whose pieces do what their names say."""
    site = tmp_path_factory.mktemp("site")
    (site / "wicked.py").write_text(WICKED + "\n\nclass Whole(Wicked):\n    name = 'whole'\n    pieces = None\n")
    info = site / "wicked-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wicked\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[sensemake.indexers]\nwicked = wicked:Wicked\nwhole = wicked:Whole\n")
    sys.modules.pop("wicked", None)
    monkeypatch.syspath_prepend(site)


def read(*names: str, limits: Limits = LIMITS, indexer: str = "wicked") -> list[Document | ReadFailure | Coverage]:
    source = Source(SiloName("s"), "w", indexer, "/nowhere", {"names": " ".join(names)})
    with Reader(limits) as reader:
        return list(reader.read(registry.indexer(indexer), Path("/nowhere"), source))


def words(items: Sequence[object]) -> list[str]:
    return [part.text for item in items if isinstance(item, Document) for part in item.parts]


def failures(items: Sequence[object]) -> list[tuple[str, Reason]]:
    return [(item.path, item.reason) for item in items if isinstance(item, ReadFailure)]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("sleep", Reason.TIMEOUT),
        ("spin", Reason.TIMEOUT),
        ("crash", Reason.MALFORMED),
        ("abort", Reason.MALFORMED),
        ("eat", Reason.MEMORY),
        ("flood", Reason.HOSTILE),
        ("line", Reason.HOSTILE),
        ("lie", Reason.HOSTILE),
        ("exit", Reason.UNREADABLE),
        ("raise", Reason.MALFORMED),
    ],
)
def test_a_file_that_hurts_its_reader_costs_no_other(name: str, reason: Reason) -> None:
    items = read("a", "b", name, "c", "d", "e")
    assert failures(items) == [(name, reason)]
    assert words(items) == [f"the words of {other}" for other in "abcde"]
    assert isinstance(items[-1], Coverage)


def test_many_in_a_row_and_at_both_ends() -> None:
    items = read("crash", "crash:2", "a", "eat", "b", "exit")
    assert [path for path, _ in failures(items)] == ["crash", "crash:2", "eat", "exit"]
    assert words(items) == ["the words of a", "the words of b"]


def test_a_failure_says_enough_and_never_the_words() -> None:
    (failure,) = (item for item in read("raise") if isinstance(item, ReadFailure))
    assert "ValueError" in failure.detail
    assert "wicked" in failure.detail
    assert "1.0" in failure.detail
    assert "somebody" not in failure.detail
    assert failure.uri == "w/raise"


def test_an_export_that_is_read_whole_keeps_what_came_before() -> None:
    items = read("a", "b", "crash", "c", indexer="whole")
    assert words(items) == ["the words of a", "the words of b"]
    assert [reason for _, reason in failures(items)] == [Reason.MALFORMED]
    assert not any(isinstance(item, Coverage) for item in items), "nothing may be taken for gone"
    items = read("a", "sleep", indexer="whole")
    assert [reason for _, reason in failures(items)] == [Reason.TIMEOUT]


def test_what_a_library_prints_is_no_answer() -> None:
    items = read("print", "a")
    assert words(items) == ["words", "the words of a"]
    assert not failures(items)


def test_nothing_is_written_outside_the_staging_folder(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    (told,) = words(read(f"write:{tmp_path}"))
    assert "done" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_the_staging_folder_is_removed() -> None:
    (staging,) = words(read("leave"))
    assert not Path(staging).exists()


def test_there_is_no_network(socket_enabled: None) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        (told,) = words(read(f"connect:{server.getsockname()[1]}"))
    assert told != "done"


def test_our_environment_is_not_the_childs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SENSEMAKE_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "secret")
    (told,) = words(read("environment"))
    assert not {"SENSEMAKE_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY"} & set(told.split())


def test_a_worker_reads_so_many_pieces_and_no_other_source() -> None:
    limits = replace(LIMITS, pieces=3)
    pids = words(read(*(f"who:{n}" for n in range(7)), limits=limits))
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
    sources = [Source(SiloName("s"), name, "wicked", "/nowhere", {"names": "who"}) for name in ("one", "two")]
    with Reader(LIMITS) as reader:
        one, two = (words(list(reader.read(registry.indexer("wicked"), Path("/nowhere"), s))) for s in sources)
    assert one != two


def test_no_process_is_left_behind() -> None:
    pids = words(read("who", "sleep", "who:2"))
    for pid in map(int, pids):
        until = time.monotonic() + 5
        while _alive(pid) and time.monotonic() < until:
            time.sleep(0.01)
        assert not _alive(pid)


def test_the_parents_memory_stays_flat() -> None:
    read("a")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read("flood", "line", "eat", "a")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10


def test_a_fault_of_ours_is_not_the_files() -> None:
    def ours() -> None:
        exec("undefined_name", {"__name__": "sensemake.indexers.formats.word"})  # noqa: S102

    def theirs() -> None:
        exec("None.something", {"__name__": "docx.oxml"})  # noqa: S102

    told: dict[str, tuple[Reason, str]] = {}
    for what in (ours, theirs):
        try:
            what()
        except Exception as error:  # noqa: BLE001
            told[what.__name__] = blame.why(error, "files/word", "9.9")
    assert told["ours"][0] is Reason.UNREADABLE
    assert all(part in told["ours"][1] for part in ("NameError", "files/word", "9.9", "--debug"))
    assert told["theirs"][0] is Reason.MALFORMED


@pytest.fixture
def debugging() -> Iterator[None]:
    logger = logging.getLogger("sensemake")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(before)


def test_debug_shows_where(debugging: None, capfd: pytest.CaptureFixture[str]) -> None:
    read("raise")
    told = capfd.readouterr().err
    assert "in act" in told
    assert "wicked.py" in told


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
