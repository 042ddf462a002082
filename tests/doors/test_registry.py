"""Adapters are found by entry points, as a stranger's package would declare them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sensemake import registry
from sensemake.errors import SensemakeError, UnsupportedPath, UsageError

INDEXER = '''
class {cls}:
    """Reads {ending} files."""

    name = "{name}"
    continues = False

    def sniff(self, path):
        return {bid} if path.suffix == ".{ending}" else 0

    def read(self, path, source):
        yield from ()
'''


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path into which a test installs packages."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def install(site: Path, package: str, code: str, points: dict[str, str], seam: str = "indexers") -> None:
    module = package.replace("-", "_")
    sys.modules.pop(module, None)
    (site / f"{module}.py").write_text(code)
    info = site / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = "".join(f"{name} = {module}:{attribute}\n" for name, attribute in points.items())
    (info / "entry_points.txt").write_text(f"[sensemake.{seam}]\n{lines}")


def code(name: str, ending: str, bid: int = 90) -> str:
    return INDEXER.format(cls="Reader", name=name, ending=ending, bid=bid)


def test_ours_are_found_as_a_strangers_would_be() -> None:
    assert {"files", "slack"} <= set(registry.names("indexers"))
    assert {"onnx", "hashing", "sentence-transformers"} <= set(registry.names("embedders"))
    assert {"memory", "local"} <= set(registry.names("search"))


@pytest.mark.filterwarnings("ignore::sensemake.registry.BrokenPlugin")
def test_the_highest_bidder_reads(site: Path) -> None:
    install(site, "strange-a", code("tidal", "tide", 60), {"tidal": "Reader"})
    install(site, "strange-b", code("tidal-plus", "tide", 95), {"tidal-plus": "Reader"})
    assert registry.choose_indexer(Path("log.tide")).name == "tidal-plus"
    assert registry.choose_indexer(Path("log.tide"), "tidal").name == "tidal"


@pytest.mark.filterwarnings("ignore::sensemake.registry.BrokenPlugin")
def test_equal_bids_are_an_error_naming_both(site: Path) -> None:
    install(site, "strange-a", code("tidal", "tide"), {"tidal": "Reader"})
    install(site, "strange-b", code("other", "tide"), {"other": "Reader"})
    with pytest.raises(UsageError, match=r"other \(strange-b\) and tidal \(strange-a\).*--indexer NAME"):
        registry.choose_indexer(Path("log.tide"))


@pytest.mark.filterwarnings("ignore::sensemake.registry.BrokenPlugin")
def test_nobody_bids(site: Path) -> None:
    install(site, "strange-a", code("tidal", "tide"), {"tidal": "Reader"})
    with pytest.raises(UnsupportedPath, match=r"no indexer reads log\.unheard-of.*tidal \(Reads tide files\)"):
        registry.choose_indexer(Path("log.unheard-of"))


@pytest.mark.filterwarnings("ignore::sensemake.registry.BrokenPlugin")
@pytest.mark.parametrize(
    "fault",
    ["raise ImportError('no such library')", "1 / 0", "class Reader:\n    def __init__(self): raise OSError('x')"],
)
def test_a_broken_plugin_is_a_warning_and_the_others_still_bid(site: Path, fault: str) -> None:
    install(site, "strange-broken", fault, {"broken": "Reader"})
    install(site, "strange-a", code("tidal", "tide"), {"tidal": "Reader"})
    with pytest.warns(registry.BrokenPlugin, match="'broken' of the package strange-broken cannot be used"):
        assert registry.choose_indexer(Path("log.tide")).name == "tidal"


@pytest.mark.filterwarnings("ignore::sensemake.registry.BrokenPlugin")
def test_a_plugin_that_fails_to_sniff_bids_nothing(site: Path) -> None:
    install(site, "strange-a", code("tidal", "tide", bid="1 // 0"), {"tidal": "Reader"})  # type: ignore[arg-type]
    with pytest.warns(registry.BrokenPlugin, match="strange-a"), pytest.raises(UnsupportedPath):
        registry.choose_indexer(Path("log.tide"))


def test_a_broken_plugin_asked_for_by_name_is_an_error_naming_its_package(site: Path) -> None:
    install(site, "strange-broken", "raise ImportError('no such library')", {"broken": "Reader"}, "embedders")
    with pytest.raises(SensemakeError, match="strange-broken cannot be used: ImportError: no such library"):
        registry.embedder("broken")


def test_an_unknown_name_suggests_the_nearest_or_lists_what_there_is() -> None:
    with pytest.raises(UsageError, match="did you mean 'hashing'"):
        registry.embedder("hashin")
    with pytest.raises(UsageError, match="installed: local, memory"):
        registry.search_index("zzz")


def test_two_packages_with_one_name_are_named(site: Path) -> None:
    install(site, "strange-a", code("tidal", "tide"), {"tidal": "Reader"})
    install(site, "strange-b", code("tidal", "tide"), {"tidal": "Reader"})
    with pytest.raises(UsageError, match="strange-a and strange-b"):
        registry.indexer("tidal")
