"""The Slack indexer keeps the contract of an Indexer, and no visible word of a chat is lost in it."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.indexers._chat import Message, Tally, conversations
from sensemake.indexers.slack import SlackIndexer
from sensemake.model import NOTHING, Coverage, Document, Handle, ReadFailure, Reason, SiloName, Source
from sensemake.protocols import Indexer
from sensemake.testing.indexer import IndexerContract

Export = dict[str, Any]
MORNING = datetime(2024, 5, 1, 8, tzinfo=UTC)
PRIVATE = {"include_private": "yes"}


def _ts(seconds: float) -> str:
    return f"{(MORNING + timedelta(seconds=seconds)).timestamp():.6f}"


def _said(seconds: float, user: str, text: str, **more: object) -> dict[str, object]:
    return {"type": "message", "user": user, "text": text, "ts": _ts(seconds), **more}


def _export(**days: object) -> Export:
    """An export with one public channel; keys are days (`d01` is 1 May 2024)."""
    return {
        "users.json": [
            {
                "id": "U1",
                "team_id": "T1",
                "name": "ana",
                "profile": {"real_name": "Ana Quill", "email": "A@example.org"},
            },
            {"id": "U2", "team_id": "T1", "name": "ben", "profile": {"real_name": "Ben Osei"}},
        ],
        "channels.json": [{"id": "C1", "name": "general", "members": ["U1", "U2"]}],
        **{f"general/2024-05-{day[1:]}.json": entries for day, entries in days.items()},
    }


def _sample() -> Export:
    root = _said(60, "U1", "Who has the key?", thread_ts=_ts(60))
    return {
        **_export(d01=[_said(0, "U2", "Good morning"), root, _said(90, "U2", "I have", thread_ts=_ts(60))]),
        "groups.json": [{"id": "G1", "name": "inner-circle", "members": ["U1"]}],
        "inner-circle/2024-05-01.json": [_said(0, "U1", "For me alone")],
    }


def _broken() -> Export:
    return {**_sample(), "general/2024-05-02.json": '[{"text": "cut'}


def _write(export: Export, path: Path) -> Path:
    """As a folder, a zip or a tar, by the ending of `path`."""
    contents = {n: (c if isinstance(c, str) else json.dumps(c)).encode() for n, c in export.items()}
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
        return path
    folder = path if not path.suffix else path.with_suffix("")
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    if path.suffix:
        with tarfile.open(path, "w:gz" if path.suffix == ".tgz" else "w") as archive:
            archive.add(folder, "export")
    return path


def _read(path: Path, options: Mapping[str, str] = NOTHING) -> list[Document | ReadFailure | Coverage]:
    return list(SlackIndexer().read(path, Source(SiloName("garden"), "slack", "slack", "export", options)))


def _documents(path: Path, options: Mapping[str, str] = NOTHING) -> dict[str, Document]:
    return {item.uri: item for item in _read(path, options) if isinstance(item, Document)}


def _coverage(path: Path) -> Coverage:
    last = _read(path)[-1]
    assert isinstance(last, Coverage)
    return last


def _would_remove(coverage: Coverage, document: Document) -> bool:
    return any(scope.holds(document.uri, document.time) for scope in coverage.scopes)


class TestSlackFolder(IndexerContract):
    def make_indexer(self) -> Indexer:
        return SlackIndexer()

    def make_sample(self, folder: Path) -> Path:
        return _write(_sample(), folder / "export")

    def make_broken(self, folder: Path) -> Path:
        return _write(_broken(), folder / "export")


class TestSlackZip(TestSlackFolder):
    def make_sample(self, folder: Path) -> Path:
        return _write(_sample(), folder / "export.zip")

    def make_broken(self, folder: Path) -> Path:
        return _write({**_broken(), "../general/2024-05-03.json": []}, folder / "export.zip")


class TestSlackWithPrivateRooms(TestSlackZip):
    options = PRIVATE


# ── what is opened ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["export", "export.zip", "export.tar", "export.tgz"])
def test_folder_zip_and_tar_hold_the_same(tmp_path: Path, name: str) -> None:
    path = _write(_sample(), tmp_path / name)
    assert SlackIndexer().sniff(path) == 95
    assert _read(path) == _read(_write(_sample(), tmp_path / "plain"))


@pytest.mark.parametrize(
    ("names", "bid"),
    [
        (["channels.json"], 95),
        (["users.json", "general/2024-05-01.json"], 95),
        (["dms.json", "D1/2024-05-01.json"], 95),
        (["users.json"], 0),
        (["general/2024-05-01.json"], 0),
        (["deep/er/channels.json", "README.md"], 0),
    ],
)
def test_sniff_goes_by_the_names(tmp_path: Path, names: list[str], bid: int) -> None:
    for path in (tmp_path / "folder", tmp_path / "archive.zip"):
        assert SlackIndexer().sniff(_write({name: [] for name in names}, path)) == bid


@pytest.mark.parametrize("content", [b"no zip at all", b""])
def test_what_is_no_export_is_one_failure_and_no_coverage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wrong.zip"
    path.write_bytes(content)
    assert [getattr(item, "reason", None) for item in _read(path)] == [Reason.MALFORMED]


def test_a_zip_of_something_else_is_one_failure_and_no_coverage(tmp_path: Path) -> None:
    assert [type(i) for i in _read(_write({"notes.json": []}, tmp_path / "other.zip"))] == [ReadFailure]


def test_without_channels_json_nothing_is_taken_for_public(tmp_path: Path) -> None:
    export = _sample()
    del export["channels.json"]
    items = _read(_write(export, tmp_path / "export.zip"))
    assert not [item for item in items if isinstance(item, Document)]
    assert [item.path for item in items if isinstance(item, ReadFailure)][-1] == "channels.json"


# ── private rooms ────────────────────────────────────────────────────────────────────────────────


def test_a_room_that_is_left_out_is_not_named_anywhere(tmp_path: Path) -> None:
    export = {
        **_sample(),
        "inner-circle/2024-05-02.json": "broken",
        "../inner-circle/2024-05-03.json": [],
        "unlisted-folder/2024-05-01.json": "broken",
    }
    export["general/2024-05-01.json"].append(_said(99, "U1", "Come to <#G1>"))
    told = str(_read(_write(export, tmp_path / "export.zip")))
    assert "inner-circle" not in told
    assert "unlisted-folder" not in told
    assert "For me alone" not in told


def test_a_channel_that_any_list_calls_private_is_private(tmp_path: Path) -> None:
    export = _sample()
    export["channels.json"] += [{"id": "G1", "name": "inner-circle"}, {"id": "C9", "name": "nine", "is_private": True}]
    export["channels.json"].append({"id": "C9", "name": "nine"})
    export["nine/2024-05-01.json"] = [_said(0, "U1", "For nine alone")]
    assert {uri.split("/")[1] for uri in _documents(_write(export, tmp_path / "e.zip"))} == {"C1"}


def test_a_folder_that_two_rooms_claim_is_left_out(tmp_path: Path) -> None:
    export = _sample()
    export["groups.json"].append({"id": "G2", "name": "general", "members": ["U1"]})
    assert not _documents(_write(export, tmp_path / "e.zip"))


def test_a_private_room_is_read_by_its_members_only(tmp_path: Path) -> None:
    rooms = {d.room for d in _documents(_write(_sample(), tmp_path / "e.zip"), PRIVATE).values() if d.room}
    assert {(room.name, room.readers) for room in rooms} == {
        ("#inner-circle", frozenset({"slack:U1", "email:a@example.org"}))
    }


def test_two_rooms_of_one_name_stay_two_rooms(tmp_path: Path) -> None:
    export = {**_sample(), "dms.json": [{"id": f"D{n}", "members": ["U1", f"X{n}"]} for n in (1, 2)]}
    export["users.json"] += [{"id": f"X{n}", "name": "sam", "team_id": "T1"} for n in (1, 2)]
    export |= {f"D{n}/2024-05-01.json": [_said(0, "U1", "hello")] for n in (1, 2)}
    silos = {d.silo for d in _documents(_write(export, tmp_path / "e.zip"), PRIVATE).values() if "/D" in d.uri}
    assert silos == {"garden/dm:ana,sam (D1)", "garden/dm:ana,sam (D2)"}


# ── exports that follow each other ───────────────────────────────────────────────────────────────


DAY = 86_400
OLD_ROOT = _said(0, "U1", "What is the plan?", thread_ts=_ts(0))
OLD_REPLY = _said(DAY + 60, "U2", "To plant beans", thread_ts=_ts(0))
LATE_REPLY = _said(2 * DAY, "U2", "And peas", thread_ts=_ts(0))
LOOSE = [_said(300, "U2", "Rain today"), _said(DAY + 300, "U1", "Sun today"), _said(2 * DAY + 300, "U1", "Wind today")]


def test_a_late_reply_updates_the_old_conversation(tmp_path: Path) -> None:
    first = _documents(_write(_export(d01=[OLD_ROOT, LOOSE[0]], d02=[OLD_REPLY]), tmp_path / "first.zip"))
    longer = _export(d01=[OLD_ROOT, LOOSE[0]], d02=[OLD_REPLY], d03=[LATE_REPLY])
    second = _documents(_write(longer, tmp_path / "second.zip"))
    assert first.keys() == second.keys()
    assert [part.text for part in second[f"slack:T1/C1/{_ts(0)}"].parts][-1] == "And peas"


def test_a_reply_to_what_was_no_thread_keeps_its_name(tmp_path: Path) -> None:
    plain = _said(0, "U1", "Rain is coming")
    next_one = _said(60, "U2", "Good")
    first = _documents(_write(_export(d01=[plain, next_one]), tmp_path / "first.zip"))
    reply = _said(DAY, "U2", "It came", thread_ts=_ts(0))
    second = _documents(_write(_export(d01=[plain, next_one], d02=[reply]), tmp_path / "second.zip"))
    assert list(first) == [f"slack:T1/C1/{_ts(0)}"]
    assert {uri: [p.text for p in d.parts] for uri, d in second.items()} == {
        f"slack:T1/C1/{_ts(0)}": ["Rain is coming", "It came"],
        f"slack:T1/C1/{_ts(60)}": ["Good"],
    }


def test_an_export_of_the_last_days_removes_nothing_that_began_before(tmp_path: Path) -> None:
    full = _documents(_write(_export(d01=[OLD_ROOT, LOOSE[0]], d02=[OLD_REPLY, LOOSE[1]]), tmp_path / "full.zip"))
    path = _write(_export(d02=[OLD_REPLY, LOOSE[1]], d03=[LATE_REPLY, LOOSE[2]]), tmp_path / "last.zip")
    later, coverage = _documents(path), _coverage(path)
    lost = [d.uri for uri, d in full.items() if uri not in later and _would_remove(coverage, d)]
    assert not lost
    rest = later[f"slack:T1/C1/{_ts(0)}"]  # its beginning is in the catalog, and stays there
    assert rest.facets["continues"] == "yes"
    assert not _would_remove(coverage, full[rest.uri])
    assert "And peas" in [part.text for document in later.values() for part in document.parts]


def test_what_disappeared_inside_the_export_is_covered(tmp_path: Path) -> None:
    full = _documents(_write(_export(d01=[LOOSE[0]], d02=[LOOSE[1]], d03=[LOOSE[2]]), tmp_path / "full.zip"))
    path = _write(_export(d01=[LOOSE[0]], d03=[LOOSE[2]]), tmp_path / "less.zip")
    gone = [d for uri, d in full.items() if uri not in _documents(path)]
    assert [d.parts[0].text for d in gone] == ["Sun today"]
    assert _would_remove(_coverage(path), gone[0])


def test_an_older_export_read_later_removes_nothing_newer(tmp_path: Path) -> None:
    newer = _export(d01=[LOOSE[0], _said(7200, "U2", "Later that day")], d02=[LOOSE[1]])
    older = _write(_export(d01=[LOOSE[0]]), tmp_path / "older.zip")
    held = _documents(_write(newer, tmp_path / "newer.zip"))
    assert not [d for uri, d in held.items() if uri not in _documents(older) and _would_remove(_coverage(older), d)]


def test_earlier_days_do_not_rename_later_stretches(tmp_path: Path) -> None:
    midnight = DAY - 8 * 3600
    days = {
        "d01": [_said(midnight - 30, "U1", "Nearly midnight")],
        "d02": [_said(midnight + 30, "U2", "Past midnight")],
    }
    both = _documents(_write(_export(**days), tmp_path / "both.zip"))
    assert _documents(_write(_export(d02=days["d02"]), tmp_path / "one.zip")).keys() <= both.keys()


def test_days_cut_elsewhere_than_in_utc_are_covered_from_message_to_message(tmp_path: Path) -> None:
    california = _export(d01=[_said(0, "U1", "Morning"), _said(20 * 3600, "U2", "Evening in California")])
    (scope,) = _coverage(_write(california, tmp_path / "e.zip")).scopes
    assert (scope.since, scope.until) == (MORNING, MORNING + timedelta(hours=20))


def test_a_broken_day_protects_its_channel(tmp_path: Path) -> None:
    items = _read(_write(_broken(), tmp_path / "e.zip"))
    assert [item.uri for item in items if isinstance(item, ReadFailure)] == ["slack:T1/C1/"]


# ── no visible word is lost ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Spoken:
    """A generated message: `reply_to` is the number of an earlier one."""

    user: str
    text: str
    pause: int
    reply_to: int | None
    before: str | None
    reactions: tuple[str, ...]


TEXTS = st.text(st.characters(exclude_characters=":`\r"), max_size=30) | st.sampled_from(
    [
        "مرحبا بالعالم",
        "שלום עולם",
        "👩🏽‍🌾 in the field",
        "nul\0in it",
        "lone \ud800 surrogate",
        "a < b & c > d",
        "&lt;tag&gt; &amp;amp;",
        "<@U1>",
        "🌱" * 5,
    ]
)
SPOKEN = st.builds(
    Spoken,
    user=st.sampled_from(["U1", "U2", "U3"]),
    text=TEXTS,
    pause=st.sampled_from([1, 60, 3000, 90_000]),
    reply_to=st.none() | st.integers(0, 5),
    before=st.none() | TEXTS,
    reactions=st.lists(st.sampled_from(["pray", "tada", "our_own"]), max_size=2).map(tuple),
)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _visible(text: str) -> list[str]:
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")
    return whole.split()


def _as_slack(chat: list[Spoken]) -> tuple[Export, dict[str, Spoken]]:
    seconds, roots, entries = 0, list[str](), list[tuple[int, dict[str, object]]]()
    spoken: dict[str, Spoken] = {}
    for number, line in enumerate(chat):
        seconds += line.pause
        entry = _said(seconds, line.user, _escaped(line.text))
        root = roots[line.reply_to % number] if line.reply_to is not None and number else None
        roots.append(root or _ts(seconds))
        entry |= {"thread_ts": root} if root else {}
        entry["reactions"] = [{"name": name, "users": ["U1"], "count": 1} for name in line.reactions]
        if line.before is not None:
            entries.append((seconds, {**entry, "text": _escaped(line.before)}))
            entry["edited"] = {"user": line.user, "ts": _ts(seconds + 1)}
        entries.append((seconds, entry))
        spoken[_ts(seconds)] = line
    days: dict[str, list[object]] = {}
    for at, entry in entries:
        days.setdefault(f"general/{(MORNING + timedelta(seconds=at)).date()}.json", []).append(entry)
    return {**_export(), **days}, spoken


@given(st.lists(SPOKEN, min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_every_visible_word_comes_through_in_order_with_its_author(
    tmp_path_factory: pytest.TempPathFactory, chat: list[Spoken]
) -> None:
    export, spoken = _as_slack(chat)
    items = _read(_write(export, tmp_path_factory.mktemp("chat") / "export.zip"))
    assert not [item for item in items if isinstance(item, ReadFailure)]
    parts = [part for item in items if isinstance(item, Document) for part in item.parts]
    found = {part.locator.removeprefix("ts="): part for part in parts}
    assert len(found) == len(parts)  # nothing twice
    assert found.keys() == {ts for ts, line in spoken.items() if _visible(line.text)}
    for ts, part in found.items():
        assert part.text.split() == _visible(spoken[ts].text)
        assert part.author == Handle("slack", spoken[ts].user)
    for item in items:
        if isinstance(item, Document):
            assert list(item.parts) == sorted(item.parts, key=lambda part: part.locator)


MESSAGES = st.lists(
    st.builds(
        Message,
        id=st.integers(0, 9).map(str),
        channel=st.just("C1"),
        author=st.none() | st.sampled_from("abc").map(lambda name: Handle("x", name)),
        time=st.integers(0, 20_000).map(lambda seconds: MORNING + timedelta(seconds=seconds)),
        text=st.sampled_from(["", "yes", "why?", "thanks"]),
        thread=st.none() | st.integers(0, 12).map(str),
        deleted=st.booleans(),
        is_bot=st.booleans(),
        is_system=st.booleans(),
    ),
    max_size=20,
)


@given(MESSAGES, st.sampled_from([1, 3, 50]))
@settings(max_examples=100, deadline=None)
def test_each_message_is_kept_once_or_counted_as_dropped(messages: list[Message], longest: int) -> None:
    tally = Tally()
    found = list(conversations(messages, tally, longest=longest))
    kept = [message.id for conversation in found for message in conversation.messages]
    assert len(kept) == len(set(kept)) == tally.kept
    assert tally.read == len(messages) == tally.kept + sum(tally.dropped.values())
    assert len({conversation.id for conversation in found}) == len(found) == tally.conversations
    assert list(conversations(messages, Tally(), longest=longest)) == found
    assert all(len(c.messages) <= longest or c.is_thread or any(m.reply_to for m in c.messages) for c in found)


def test_a_long_talk_is_cut(tmp_path: Path) -> None:
    quick = [Message(str(n), "C1", Handle("x", "a"), MORNING + timedelta(seconds=n), "word") for n in range(120)]
    assert [len(c.messages) for c in conversations(quick, Tally(), longest=50)] == [50, 50, 20]
    threaded = [replace(message, thread="0") for message in quick]
    assert [len(c.messages) for c in conversations(threaded, Tally(), longest=50)] == [120]


def _talk(*subjects: tuple[str, int]) -> list[Message]:
    said = [f"{word} {word}{n % 4}" for word, count in subjects for n in range(count)]
    return [Message(str(n), "C1", Handle("x", "a"), MORNING + timedelta(seconds=n), t) for n, t in enumerate(said)]


def test_a_long_talk_is_cut_where_its_subject_changes_and_the_cut_stays() -> None:
    talk = _talk(("queen", 28), ("mast", 34), ("loaf", 40))
    assert [len(c.messages) for c in conversations(talk, Tally())] == [28, 34, 40]
    grown = [*talk, *(replace(m, id=f"more{m.id}", time=m.time + timedelta(seconds=102)) for m in talk)]
    assert [c.id for c in conversations(grown, Tally())][:2] == ["0", "28"]
    assert [len(c.messages) for c in conversations(_talk(("queen", 30), ("mast", 20)), Tally())] == [50]


def test_a_late_reply_goes_to_the_piece_of_what_it_answers() -> None:
    talk = _talk(("queen", 28), ("mast", 34))
    late = [
        replace(talk[n], id=f"late{n}", time=talk[n].time + timedelta(days=1), text="so it is", reply_to=str(n))
        for n in (3, 40)
    ]
    found = list(conversations([*talk, *late], Tally()))
    assert [(c.id, c.messages[-1].id) for c in found] == [("0", "late3"), ("28", "late40")]
