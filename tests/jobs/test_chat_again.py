"""A chat that is exported, ingested and read again: nothing twice, late replies in, every word as it was said."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.cli.edge import run
from sensemake.config import Settings
from sensemake.model import Document, IngestReport, Query
from sensemake.workspace import Workspace
from sensemake.workspace.sharing import passages_of

MORNING = datetime(2026, 4, 1, 8, tzinfo=UTC)


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=tmp_path / "home", model="hashing"), create=True) as workspace:
        yield workspace


def _documents(ws: Workspace) -> dict[str, Document]:
    corpus = ws._catalog.corpus
    ids = [known for status in ws.sources(ws.owner()) for known in corpus.known(status.source.id)]
    return {document.uri: document for document in corpus.documents(ids).values()}


def _texts(ws: Workspace) -> list[str]:
    silos = frozenset(silo.name for silo in ws.silos(ws.owner()))
    return [passage.embedded for passage in passages_of(silos, ws._catalog)]


# ── a second export that overlaps the first by 90 % ──────────────────────────────────────────────

SUBJECTS = "weir hull mast sail loaf oven hive swarm vine frost".split()


def _days(first: int, last: int) -> list[dict[str, Any]]:
    """A question, an answer and, three days later, thanks, on each of these days."""
    said = []
    for day in range(first, last):
        root, at = f"{day}", MORNING + timedelta(days=day)
        asked = f"How do I mend the {SUBJECTS[day % 10]} number {day}?"
        said.append({"id": root, "thread": root, "author": "ana", "text": asked, "time": at})
        answer = {
            "id": f"{day}a",
            "author": "ben",
            "text": f"Patiently, with {day} nails",
            "time": at + timedelta(hours=1),
        }
        late = {"id": f"{day}b", "author": "ana", "text": f"Thanks, {day} held", "time": at + timedelta(days=3)}
        said += [{**answer, "thread": root}, {**late, "thread": root}]
    return said


def _export(path: Path, said: list[dict[str, Any]], since: datetime, until: datetime) -> Path:
    """What was said in between; a thread that began in between comes whole up to the end."""
    roots = {each["id"]: each["time"] for each in said if each["id"] == each["thread"]}
    kept = [e for e in said if roots[e["thread"]] >= since and e["time"] < until]
    lines = [json.dumps({**each, "channel": "yard", "time": each["time"].isoformat()}) for each in kept]
    path.write_text("\n".join(lines) + "\n")
    return path


def _ingest(ws: Workspace, path: Path) -> IngestReport:
    return ws.ingest([path], "yard", ws.owner(), indexer="jsonl")


def test_an_export_that_overlaps_by_nine_tenths_costs_only_what_is_new(ws: Workspace, tmp_path: Path) -> None:
    said = _days(0, 44)
    first = _ingest(ws, _export(tmp_path / "1.jsonl", said, MORNING, MORNING + timedelta(days=40)))
    before, texts = _documents(ws), set(_texts(ws))
    second = _ingest(ws, _export(tmp_path / "2.jsonl", said, MORNING + timedelta(days=4), MORNING + timedelta(days=44)))
    after = _documents(ws)
    assert (first.documents, second.documents, len(after)) == (40, 40, 44)
    assert second.removed == 0
    assert before.keys() < after.keys()
    assert Counter(len(document.parts) for document in after.values()) == {3: 41, 2: 3}
    late = [uri for uri in before if len(after[uri].parts) > len(before[uri].parts)]
    assert len(late) == 3
    said_once = Counter(part.text for document in after.values() for part in document.parts)
    assert set(said_once.values()) == {1}
    assert second.unchanged == 40 - 4 - len(late)
    assert second.embedded == len(set(_texts(ws)) - texts) == 4 + len(late)
    assert _ingest(ws, tmp_path / "2.jsonl").embedded == 0
    assert "Thanks, 38 held" in {
        p.text for hit in ws.search(Query("number 38"), ws.owner()).hits for p in after[hit.document.uri].parts
    }


def _slack(path: Path, *days: list[dict[str, str]]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "users.json", json.dumps([{"id": user, "team_id": "T1", "name": user} for user in ("U1", "U2")])
        )
        archive.writestr("channels.json", json.dumps([{"id": "C1", "name": "yard", "members": ["U1", "U2"]}]))
        for day in days:
            name = f"yard/{datetime.fromtimestamp(float(day[0]['ts']), UTC):%Y-%m-%d}.json"
            archive.writestr(name, json.dumps([{"type": "message", **each} for each in day]))
    return path


def test_later_replies_continue_a_thread_whose_beginning_only_the_older_export_has(
    ws: Workspace, tmp_path: Path
) -> None:
    stamps = [f"{(MORNING + timedelta(days=day)).timestamp():.6f}" for day in range(4)]
    said = ["How do I mend the hull?", "With tar", "And patience", "Or buy a new one"]
    root, *replies = (
        [{"ts": ts, "thread_ts": stamps[0], "user": "U1" if n == 0 else "U2", "text": text}]
        for n, (ts, text) in enumerate(zip(stamps, said, strict=True))
    )
    owner = ws.owner()
    for name, days, embedded in (
        ("1.zip", [root, *replies[:2]], 1),
        ("2.zip", replies[1:], 1),
        ("2.zip", replies[1:], 0),
    ):
        assert ws.ingest([_slack(tmp_path / name, *days)], "yard", owner).embedded == embedded
    (thread,) = _documents(ws).values()
    assert [part.text for part in thread.parts] == said
    assert [str(part.role) for part in thread.parts] == ["asked", "answered", "answered", "answered"]
    assert "continues" not in thread.facets
    other = Settings(home=tmp_path / "other", model="hashing")
    with Workspace.open(other, create=True) as alone:
        alone.ingest([_slack(tmp_path / "2.zip", *replies[1:])], "yard", alone.owner())
        (rest,) = _documents(alone).values()
        assert ([part.text for part in rest.parts], rest.facets["continues"]) == (said[2:], "yes")
        alone.ingest([_slack(tmp_path / "all.zip", root, *replies)], "yard", alone.owner())
        (whole,) = _documents(alone).values()
        assert ([part.text for part in whole.parts], "continues" in whole.facets) == (said, False)


# ── any chat, from the export through the catalog to `indexer run` ───────────────────────────────


@dataclass(frozen=True)
class Said:
    author: str
    text: str
    pause: int
    thread: int | None
    edit: str | None
    deleted: bool
    thanks: bool


TEXTS = st.text(st.characters(exclude_characters=":`\r@#~<*"), max_size=25) | st.sampled_from(
    [
        "مرحبا بالعالم",
        "שלום \u202e עולם",
        "👩🏽‍🌾 😀 in the field",
        "nul\0in it",
        "lone \ud800 surrogate",
        "\ufdd0d800",
        "a\nb\u2028c",
    ]
)
CHATS = st.lists(
    st.builds(
        Said,
        st.sampled_from(["ana", "ben", "cho"]),
        TEXTS,
        st.sampled_from([1, 60, 3000, 90_000]),
        st.none() | st.integers(0, 5),
        st.none() | TEXTS,
        st.sampled_from([False, False, False, True]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def _lines(chat: list[Said]) -> tuple[list[dict[str, Any]], list[tuple[str, datetime, list[str]]]]:
    """The export, with an edit as a line of its own, and what has to be left of it: who, when, which words."""
    lines, left, at = [], [], MORNING
    for n, said in enumerate(chat):
        at += timedelta(seconds=said.pause)
        root = str(said.thread) if said.thread is not None and said.thread < n else None
        line: dict[str, Any] = {"id": str(n), "channel": "yard", "author": said.author, "text": said.text}
        line |= {"time": at.isoformat(), "reactions": [{"name": "🙏", "users": ["ana"]}] if said.thanks else []}
        line |= {"thread": root} if root else {}
        lines.append(line)
        if said.edit is not None:
            lines.append({**line, "text": said.edit, "edited": (at + timedelta(seconds=5)).isoformat()})
        if said.deleted:
            lines.append({**line, "deleted": True})
        words = _visible(said.text if said.edit is None else said.edit)
        left += [(f"user:{said.author}", at, words)] if words and not said.deleted else []
    return lines, left


def _visible(text: str) -> list[str]:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "").split()


@given(chat=CHATS)
@settings(max_examples=25, deadline=None)
def test_any_chat_survives_export_catalog_and_indexer_run(
    tmp_path_factory: pytest.TempPathFactory, chat: list[Said]
) -> None:
    place = tmp_path_factory.mktemp("chat")
    lines, left = _lines(chat)
    (place / "chat.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    printed = _indexer_run(place / "chat.jsonl")
    assert sorted(
        (p["author"], datetime.fromisoformat(p["time"]), p["text"].split()) for d in printed for p in d["parts"]
    ) == sorted(left)
    for document in printed:
        times = [part["time"] for part in document["parts"]]
        assert times == sorted(times)
    with Workspace.open(Settings(home=place / "home", model="hashing"), create=True) as ws:
        _ingest(ws, place / "chat.jsonl")
        held = _documents(ws)
        assert {uri: [p.text for p in d.parts] for uri, d in held.items()} == {
            d["uri"]: [p["text"] for p in d["parts"]] for d in printed
        }
        found = "\n".join(_texts(ws)).split()
        assert Counter(found) >= Counter(word for _, _, words in left for word in words)


def _indexer_run(path: Path) -> list[dict[str, Any]]:
    """What the command writes, as another program would read it."""
    import io
    from contextlib import redirect_stdout

    with redirect_stdout(io.StringIO()) as written:
        assert run(["indexer", "run", "jsonl", str(path)]) == 0
    return [item for line in written.getvalue().splitlines() if (item := json.loads(line))["type"] == "document"]
