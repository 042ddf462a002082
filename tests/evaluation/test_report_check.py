"""The checker of reports finds nothing wrong with the report of a small home, and every fault put into one."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sensemake.config import Settings
from sensemake.stores import open_catalog, sqlite_url
from sensemake.workspace import Workspace


def _checker() -> Any:
    spec = importlib.util.spec_from_file_location(
        "report_check", Path(__file__).parents[2] / "eval" / "report_check.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["report_check"] = module
    spec.loader.exec_module(module)
    return module


CHECKER = _checker()


PLACES = ("north", "south", "east", "west", "harbour", "lake", "river", "hill", "mill", "quay", "ferry", "lock")
SAYS = {
    "tide": "The tide gauge at the {0} shows the high tide later than the tide table. We read the gauge twice a day.",
    "bread": "The dough for the bread at the {0} rests one night. We bake the bread before dawn and share the loaf.",
    "choir": "The choir of the {0} sings the hymn with sopranos, altos and basses. The rehearsal begins at eight.",
}
MORE = {
    "tide-other.md": ("decision", "The tide gauge at the harbour never shows the high tide later than the tide table."),
    "bread-trial.md": (
        "experiment",
        "The dough rested two nights.\n\n## Result\n\nThe bread was not better than before.",
    ),
    "choir-asks.md": ("question", "Who will lead the choir rehearsal of the sopranos and altos in the autumn?"),
}


def write(folder: Path) -> None:
    """Two silos that speak of three things, in files with authors, dates and kinds."""
    for n, (topic, text) in enumerate(SAYS.items()):
        for m, place in enumerate(PLACES):
            head = f"author: Ada Alder {m}\ndate: 2026-{1 + (n + m) % 9:02}-1{m % 10}"
            silo = folder / ("handbook", "field")[m % 2]
            silo.mkdir(parents=True, exist_ok=True)
            page = f"# {topic} {place}\n\n{text.format(place)}\n"
            (silo / f"{topic}-{place}.md").write_text(f"---\n{head}\n---\n{page}")
    for name, (kind, text) in MORE.items():
        head = f"author: Bo Birch\ndate: 2026-09-20\nkind: {kind}"
        (folder / "handbook" / name).write_text(f"---\n{head}\n---\n# {name[:-3]}\n\n{text}\n")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    place = tmp_path_factory.mktemp("report")
    write(place / "raw")
    with Workspace.open(Settings(home=place / "home", model="hashing"), create=True) as opened:
        for silo in ("handbook", "field"):
            opened.ingest([place / "raw" / silo], silo, opened.owner(), readers=frozenset({"everyone"}))
        yield opened


@pytest.fixture(scope="module")
def made(home: Workspace) -> Mapping[str, Any]:
    report = home.report(home.owner())
    with closing(open_catalog(sqlite_url(home.settings.home), home.settings.home, create=False)) as catalog:
        stored = catalog.corpus.passages({quote["passage_id"] for quote in CHECKER._of(report)})
    return {
        "report": report,
        "html": home.render(report, "html"),
        "markdown": home.render(report, "md"),
        "stored": stored,
    }


def test_nothing_is_wrong_with_the_report_of_a_small_home(made: Mapping[str, Any]) -> None:
    found = CHECKER.check(**made)
    assert found.faults == []
    assert found.quotes > 15
    assert found.numbers > 30
    themes = made["report"]["themes"]
    assert len(themes) == 3
    assert {outcome["kind"] for outcome in made["report"]["outcomes"]} == {"decision", "experiment"}
    assert made["report"]["questions"]
    assert any(theme["people_to_ask"] for theme in themes)


def test_in_another_language_it_says_the_same(home: Workspace, made: Mapping[str, Any]) -> None:
    for language in ("nl", "de", "fr", "sv"):
        forms = {
            "html": home.render(made["report"], "html", language),
            "markdown": home.render(made["report"], "md", language),
        }
        assert CHECKER.check(**{**made, **forms}).faults == []


def test_an_unchanged_catalog_gives_the_same_bytes(home: Workspace, made: Mapping[str, Any]) -> None:
    again = home.report(home.owner())
    assert home.render(again, "html") == made["html"]
    assert home.render(again, "md") == made["markdown"]


def changed_quote(made: Mapping[str, Any]) -> Mapping[str, Any]:
    text = made["report"]["cards"][0]["sentence"]["text"]
    return {**made, "html": made["html"].replace(text, f"{text[:-1]}, indeed.")}


def changed_number(made: Mapping[str, Any]) -> Mapping[str, Any]:
    people = made["report"]["themes"][0]["people"]
    return {**made, "html": made["html"].replace(f"{people} people", f"{people + 1} people", 1)}


def changed_markdown(made: Mapping[str, Any]) -> Mapping[str, Any]:
    documents = made["report"]["themes"][0]["documents"]
    return {**made, "markdown": made["markdown"].replace(f"{documents} documents", f"{documents + 1} documents")}


def lost_passage(made: Mapping[str, Any]) -> Mapping[str, Any]:
    gone = made["report"]["cards"][0]["sentence"]["passage_id"]
    return {**made, "stored": {key: value for key, value in made["stored"].items() if key != gone}}


def script(made: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**made, "html": made["html"].replace("</main>", "<script>1</script></main>")}


def lost_source(made: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**made, "html": made["html"].replace('<li id="source-1"', '<li id="source-none"')}


@pytest.mark.parametrize("fault", [changed_quote, changed_number, changed_markdown, lost_passage, script, lost_source])
def test_every_fault_is_found(made: Mapping[str, Any], fault: Any) -> None:
    assert CHECKER.check(**fault(made)).faults != []
