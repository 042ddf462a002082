"""One small chat export for each phenomenon of each format, made up by us, and what is read from it.

To accept a change on purpose: `SENSEMAKE_REGENERATE=1 pytest tests/golden/test_chat_golden.py`, then read the diff.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from kept import assert_as_expected, options_of, plain

from sensemake import registry
from sensemake.indexers._rooms import ChatIndexer
from sensemake.model import SiloName, Source
from sensemake.protocols import Indexer

GOLDEN = Path(__file__).parent
FORMATS = (
    *("mattermost", "teams", "viva_engage", "zulip", "discord", "rocketchat", "telegram", "whatsapp", "irc"),
    *("channel_folders", "jsonl"),
)
OURS = frozenset({"expected.json", "options.json"})


@cache
def installed() -> Mapping[str, Indexer]:
    return {name: registry.indexer(name) for name in registry.names("indexers")}


def cases(*names: str) -> list[Path]:
    return [path for name in names for path in sorted((GOLDEN / name).iterdir()) if path.is_dir()]


def export_of(case: Path) -> Path:
    (export,) = (path for path in case.iterdir() if path.name not in OURS)
    return export


@pytest.mark.parametrize("case", cases(*FORMATS), ids=lambda case: f"{case.parent.name}-{case.name}")
def test_what_is_read(case: Path) -> None:
    assert_as_expected(_read(case), case / "expected.json")


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_says_where_its_fixtures_come_from(name: str) -> None:
    assert "made up by us" in (GOLDEN / name / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "case",
    cases(*FORMATS, "slack"),
    ids=lambda case: f"{case.parent.name}-{case.name}",
)
def test_exactly_one_indexer_bids_highest_for_it(case: Path) -> None:
    """Over every installed indexer. An export cut short may be told by its neighbours only, so it need not be ours."""
    path, own = export_of(case), case.parent.name.replace("_", "-")
    bids = {name: indexer.sniff(path) for name, indexer in installed().items()}
    best = [name for name, bid in bids.items() if bid == max(bids.values())]
    declared = json.loads((case / "options.json").read_text()) if (case / "options.json").exists() else {}
    if "map.text" in declared:
        assert len(best) == 1, "what has no usual names of fields has to be named with --indexer"
    else:
        assert best == [own]
    assert len([name for name, bid in bids.items() if bid and name != "files"]) <= 1


def test_no_two_formats_ever_bid_the_same() -> None:
    bids = [indexer.bid for indexer in installed().values() if isinstance(indexer, ChatIndexer)]
    assert len(bids) == len(FORMATS) == len(set(bids))


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": '{"name": "x", "version": "1"}', "data.json": '[{"id": 1, "text": "no chat"}]'},
        {"data.json": '{"messages": [{"text": "no chat"}], "body": 1}', "2024-05-01.json": '{"total": 3}'},
        {"notes.txt": "10:15 the meeting began\n10:20 and went on\n", "log.txt": "[INFO] started\n"},
        {"rows.jsonl": '{"id": 1, "label": "a"}\n', "Users.csv": "id,name\n1,a\n"},
        {"server.log": "2024-05-01 10:00:00 INFO started\n2024-05-01 10:00:01 WARN slow\n"},
        {"2024/2024-05-01.json": '[{"day": 1, "value": 2}]', "realm.json": "{}"},
        {"access.log": "\n".join(f"[01/May/2024:10:0{n}:00 +0000] GET /{n}" for n in range(5))},
        {"page.html": "<p>10:15 &lt;b&gt;</p>", "diary.txt": "01/05/2024 - Rain: all day\n02/05/2024 - Sun\n"},
    ],
)
def test_ordinary_files_are_no_chat(tmp_path: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    chats = [indexer for indexer in installed().values() if isinstance(indexer, ChatIndexer)]
    paths = [tmp_path, *(tmp_path / name for name in files)]
    assert not [(chat.name, path.name) for chat in chats for path in paths if chat.sniff(path)]


def _read(case: Path) -> object:
    options = options_of(case)
    indexer = installed()[case.parent.name.replace("_", "-")]
    assert isinstance(indexer, ChatIndexer)
    items = list(indexer.read(export_of(case), Source(SiloName("garden"), "chat", indexer.name, "export", options)))
    dropped = dict(sorted(indexer.tally.dropped.items()))
    return {"items": [plain(i) for i in items], "dropped": dropped, "rooms left out": indexer.tally.left_out}
