"""`--map` says which field of a message holds what, at the doors where exports come in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sensemake.config import Settings
from sensemake.model import Query
from sensemake.workspace import Workspace


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive" / "orchard"
    folder.mkdir(parents=True)
    entry = {"by": {"login": "ana"}, "words": "After the frost, and not before", "posted": 1714554000}
    (folder / "2024-05-01.json").write_text(json.dumps([entry]), encoding="utf-8")
    return tmp_path / "archive"


DECLARED = ("author=by.login", "text=words", "time=posted", "system==discord")


def test_indexer_run_reads_declared_fields(cli: Any, archive: Path) -> None:
    done = cli("indexer", "run", "channel-folders", str(archive), *(w for d in DECLARED for w in ("--map", d)))
    first = json.loads(done.out.splitlines()[0])
    assert first["parts"][0]["text"] == "After the frost, and not before"
    assert "discord:ana" in json.dumps(first)


@pytest.mark.parametrize("wrong", ["author", "author=", "=by"])
def test_a_map_that_says_nothing_is_refused(cli: Any, archive: Path, wrong: str) -> None:
    done = cli("ingest", str(archive), "--silo", "garden", "--map", wrong)
    assert done.code == 2
    assert "--map author=author.name" in done.err


def test_an_ingest_hands_the_options_to_the_indexer(tmp_path: Path, archive: Path) -> None:
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as ws:
        options = {f"map.{key}": field for key, _, field in (declared.partition("=") for declared in DECLARED)}
        report = ws.ingest([archive], "garden", ws.owner(), indexer="channel-folders", options=options)
        assert (report.documents, report.failures) == (1, ())
        assert ws.sources(ws.owner())[0].source.options["map.author"] == "by.login"
        (hit,) = ws.search(Query("frost"), ws.owner()).hits
        assert hit.authors == ("ana",)
