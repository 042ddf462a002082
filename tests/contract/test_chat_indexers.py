"""Every reader of chat exports keeps the contract of an Indexer, and none loses a visible word."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake import registry
from sensemake.model import NOTHING, Coverage, Document, Handle, ReadFailure, SiloName, Source
from sensemake.protocols import Indexer
from sensemake.testing.indexer import IndexerContract

GOLDEN = Path(__file__).parent.parent / "golden"
MORNING = datetime(2024, 5, 1, 8, tzinfo=UTC)
DAY = 86_400
PRIVATE = {"include_private": "yes"}


@cache
def installed(name: str) -> Indexer:
    return registry.indexer(name)


class _Golden(IndexerContract):
    """The contract over two golden fixtures of a format: a good one and a broken one."""

    name: str
    good: str
    broken: str

    def make_indexer(self) -> Indexer:
        return installed(self.name)

    def make_sample(self, folder: Path) -> Path:
        return self._copy(self.good, folder)

    def make_broken(self, folder: Path) -> Path:
        return self._copy(self.broken, folder)

    def _copy(self, case: str, folder: Path) -> Path:
        home = GOLDEN / self.name.replace("-", "_") / case
        (export,) = (p for p in home.iterdir() if p.name not in {"expected.json", "options.json"})
        there = folder / export.name
        (shutil.copytree if export.is_dir() else shutil.copyfile)(export, there)
        return there


class TestMattermost(_Golden):
    name, good, broken = "mattermost", "threads_mentions_and_reactions", "broken_line_protects_all_channels"


class TestMattermostZip(TestMattermost):
    def _copy(self, case: str, folder: Path) -> Path:
        plain = super()._copy(case, folder)
        with zipfile.ZipFile(folder / "export.zip", "w") as archive:
            archive.write(plain, "import.jsonl")
            archive.writestr("data/20240501/teams/t/plan.txt", "an attachment")
        plain.unlink()
        return folder / "export.zip"


class TestMattermostWithPrivateRooms(TestMattermost):
    good, options = "private_rooms_included", PRIVATE


class TestTeams(_Golden):
    name, good, broken = "teams", "channel_threads_with_html", "replies_inside_messages"


class TestTeamsWithPrivateRooms(TestTeams):
    good, options = "private_rooms_included", PRIVATE


class TestVivaEngage(_Golden):
    name, good, broken = "viva-engage", "versions_threads_and_deletions", "rows_without_a_time"


class TestZulip(_Golden):
    name, good, broken = "zulip", "topics_mentions_and_reactions", "broken_file_and_unknown_room"


class TestZulipWithPrivateRooms(TestZulip):
    good, options = "private_rooms_included", PRIVATE


class TestDiscord(_Golden):
    name, good, broken = "discord", "replies_reactions_and_markup", "a_channel_in_two_parts_and_a_broken_file"


class TestRocketChat(_Golden):
    name, good, broken = "rocketchat", "threads_edits_and_system_messages", "broken_line"


class TestRocketChatWithPrivateRooms(TestRocketChat):
    good, options = "private_rooms_included", PRIVATE


class TestTelegram(_Golden):
    name, good, broken, options = "telegram", "a_public_group", "private_rooms_included", PRIVATE


class TestWhatsApp(_Golden):
    name, good, broken, options = "whatsapp", "android_day_first", "a_day_that_does_not_exist", PRIVATE


class TestIrc(_Golden):
    name, good, broken = "irc", "brackets_in_daily_files", "lines_without_a_date"


class TestChannelFolders(_Golden):
    name, good, broken = "channel-folders", "days_and_threads", "a_broken_day"


class TestJsonLines(_Golden):
    name, good, broken = "jsonl", "every_field", "broken_lines"


# ── a chat in many formats ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Said:
    """A message of a chat: `reply_to` is the number of an earlier one."""

    user: str
    text: str
    at: float
    reply_to: int | None = None

    @property
    def milliseconds(self) -> int:
        return int(MORNING.timestamp() * 1000) + int(self.at * 1000)

    @property
    def iso(self) -> str:
        return (MORNING + timedelta(seconds=self.at)).isoformat(timespec="milliseconds")


def _lines(path: Path, entries: list[object]) -> Path:
    path.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries), encoding="utf-8")
    return path


def _root(chat: list[Said], number: int) -> int:
    while (above := chat[number].reply_to) is not None:
        number = above
    return number


def as_jsonl(chat: list[Said], folder: Path) -> Path:
    replies = {n: {"reply_to": chat[said.reply_to].iso} for n, said in enumerate(chat) if said.reply_to is not None}
    entries: list[object] = [
        {"id": said.iso, "channel": "c", "author": said.user, "text": said.text, "time": said.iso, **replies.get(n, {})}
        for n, said in enumerate(chat)
    ]
    return _lines(folder / "chat.jsonl", entries)


def as_mattermost(chat: list[Said], folder: Path) -> Path:
    channel = {"team": "t", "name": "c", "display_name": "c", "type": "O"}
    entries: list[object] = [{"type": "version", "version": 1}, {"type": "channel", "channel": channel}]
    posts: dict[int, dict[str, object]] = {}
    for number, said in enumerate(chat):
        post: dict[str, object] = {
            "user": said.user,
            "message": said.text,
            "create_at": said.milliseconds,
            "replies": [],
        }
        if said.reply_to is None:
            posts[number] = {"team": "t", "channel": "c", **post}
        else:
            replies = posts[_root(chat, number)]["replies"]
            assert isinstance(replies, list)
            replies.append(post)
    return _lines(folder / "export.jsonl", [*entries, *({"type": "post", "post": post} for post in posts.values())])


def as_discord(chat: list[Said], folder: Path) -> Path:
    messages = [
        {
            "id": str(said.milliseconds),
            "type": "Default" if said.reply_to is None else "Reply",
            "timestamp": said.iso,
            "content": said.text,
            "author": {"id": said.user, "name": said.user, "discriminator": "0000", "isBot": False},
            "reference": None if said.reply_to is None else {"messageId": str(chat[said.reply_to].milliseconds)},
        }
        for said in chat
    ]
    channel = {"id": "2", "type": "GuildTextChat", "category": "", "name": "c"}
    span = {"after": None, "before": None}
    whole = {"guild": {"id": "1", "name": "g"}, "channel": channel, "dateRange": span, "exportedAt": None}
    path = folder / "chat.json"
    path.write_text(json.dumps({**whole, "messages": messages}), encoding="utf-8")
    return path


def as_zulip(chat: list[Said], folder: Path) -> Path:
    users = sorted({said.user for said in chat})
    realm = {
        "zerver_userprofile": [{"id": user, "full_name": user, "is_bot": False} for user in users],
        "zerver_stream": [{"id": 1, "name": "c", "invite_only": False}],
        "zerver_recipient": [{"id": 7, "type": 2, "type_id": 1}],
    }
    messages = [
        {"id": s.milliseconds, "sender": s.user, "recipient": 7, "content": s.text, "date_sent": s.milliseconds / 1000}
        | {"subject": f"topic {chat[_root(chat, n)].iso}"}
        for n, s in enumerate(chat)
    ]
    folder = folder / "zulip"
    folder.mkdir()
    (folder / "realm.json").write_text(json.dumps(realm), encoding="utf-8")
    (folder / "messages-000001.json").write_text(json.dumps({"zerver_message": messages}), encoding="utf-8")
    return folder


def as_channel_folders(chat: list[Said], folder: Path) -> Path:
    days: dict[str, list[object]] = {}
    for said in chat:
        days.setdefault(said.iso[:10], []).append({"author": said.user, "content": said.text, "created_at": said.iso})
    for day, entries in days.items():
        (folder / "e" / "c").mkdir(parents=True, exist_ok=True)
        (folder / "e" / "c" / f"{day}.json").write_text(json.dumps(entries), encoding="utf-8")
    return folder / "e"


WRITERS: Mapping[str, Callable[[list[Said], Path], Path]] = {
    "jsonl": as_jsonl,
    "mattermost": as_mattermost,
    "discord": as_discord,
    "zulip": as_zulip,
    "channel-folders": as_channel_folders,
}
SPACE = {"jsonl": "user", "channel-folders": "user"}


def _read(name: str, path: Path, options: Mapping[str, str] = NOTHING) -> list[Document | ReadFailure | Coverage]:
    return list(installed(name).read(path, Source(SiloName("garden"), "chat", name, "export", options)))


def _documents(items: list[Document | ReadFailure | Coverage]) -> dict[str, Document]:
    return {item.uri: item for item in items if isinstance(item, Document)}


def _visible(text: str) -> list[str]:
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")
    return whole.split()


TEXTS = st.text(st.characters(exclude_characters=":`\r@#~<*"), max_size=30) | st.sampled_from(
    [
        "مرحبا بالعالم",
        "שלום עולם",
        "👩🏽‍🌾 in the field",
        "nul\0in it",
        "lone \ud800 surrogate",
        '{"json": 1}',
        "a\nb\u2028c",
    ]
)
CHATS = st.lists(
    st.tuples(
        st.sampled_from(["ana", "ben", "cho"]),
        TEXTS,
        st.sampled_from([1, 60, 3000, 90_000]),
        st.none() | st.integers(0, 9),
    ),
    min_size=1,
    max_size=10,
).map(
    lambda lines: [
        Said(
            user, text, sum(pause for _, _, pause, _ in lines[: n + 1]), above % n if above is not None and n else None
        )
        for n, (user, text, _, above) in enumerate(lines)
    ]
)


@pytest.mark.parametrize("name", WRITERS)
@given(chat=CHATS)
@settings(max_examples=20, deadline=None)
def test_every_visible_word_comes_through_in_order_with_its_author(
    tmp_path_factory: pytest.TempPathFactory, name: str, chat: list[Said]
) -> None:
    items = _read(name, WRITERS[name](chat, tmp_path_factory.mktemp("chat")))
    assert not [item for item in items if isinstance(item, ReadFailure)]
    spoken = {MORNING + timedelta(seconds=said.at): said for said in chat if _visible(said.text)}
    parts = [part for item in items if isinstance(item, Document) for part in item.parts]
    assert sorted(part.time for part in parts if part.time) == sorted(spoken)
    for part in parts:
        assert part.time is not None
        assert part.text.split() == _visible(spoken[part.time].text)
        assert part.author == Handle(SPACE.get(name, name), spoken[part.time].user)
    for document in _documents(items).values():
        times = [part.time for part in document.parts if part.time]
        assert times == sorted(times)


# ── exports that follow each other ───────────────────────────────────────────────────────────────

THREADED = ("jsonl", "mattermost", "discord", "zulip")
OLD = [
    Said("ana", "What is the plan?", 0),
    Said("ben", "To plant beans", DAY, 0),
    Said("cho", "Unrelated rain", DAY + 9000),
]
LATE = Said("ben", "And peas", 9 * DAY, 0)


@pytest.mark.parametrize("name", THREADED)
def test_a_late_reply_updates_the_old_conversation(tmp_path: Path, name: str) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    first = _documents(_read(name, WRITERS[name](OLD, tmp_path / "1")))
    second = _documents(_read(name, WRITERS[name]([*OLD, LATE], tmp_path / "2")))
    assert first.keys() == second.keys()
    (longer,) = [uri for uri in first if len(second[uri].parts) > len(first[uri].parts)]
    assert [part.text for part in second[longer].parts] == ["What is the plan?", "To plant beans", "And peas"]


@pytest.mark.parametrize("name", ["jsonl", "channel-folders", "mattermost", "zulip", "discord"])
def test_an_export_of_the_last_days_removes_nothing_that_began_before(tmp_path: Path, name: str) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    chat = [Said("ana", f"Day {n}", n * DAY) for n in range(6)]
    full = _documents(_read(name, WRITERS[name](chat, tmp_path / "1")))
    path = WRITERS[name](chat[3:], tmp_path / "2")
    if name == "discord":  # it is told: without a span, the file is the whole channel
        path.write_text(path.read_text().replace('"after": null', f'"after": "{chat[3].iso}"'))
    items = _read(name, path)
    coverage = items[-1]
    assert isinstance(coverage, Coverage)
    gone = [d for uri, d in full.items() if uri not in _documents(items)]
    assert len(gone) == 3
    assert not [d for d in gone if any(scope.holds(d.uri, d.time) for scope in coverage.scopes)]


@pytest.mark.parametrize("name", WRITERS)
def test_what_disappeared_inside_the_export_is_covered(tmp_path: Path, name: str) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    chat = [Said("ana", f"Day {n}", n * DAY) for n in range(5)]
    full = _documents(_read(name, WRITERS[name](chat, tmp_path / "1")))
    items = _read(name, WRITERS[name]([s for s in chat if s.text != "Day 2"], tmp_path / "2"))
    coverage = items[-1]
    assert isinstance(coverage, Coverage)
    gone = [d for uri, d in full.items() if d.parts[0].text == "Day 2"]
    assert gone
    assert all(any(scope.holds(d.uri, d.time) for scope in coverage.scopes) for d in gone)


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_something_else_is_a_failure_and_covers_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "readme.md").write_text("no chat", encoding="utf-8")
    items = _read(name, tmp_path / "other")
    assert [type(item) for item in items] == [ReadFailure]


def test_a_reply_stays_among_its_neighbours(tmp_path: Path) -> None:
    chat = [Said("ana", "one", 0), Said("ben", "two", 10), Said("cho", "to one", 20, 0), Said("ben", "three", 30)]
    (document,) = _documents(_read("jsonl", as_jsonl(chat, tmp_path))).values()
    assert [part.text for part in document.parts] == ["one", "two", "to one", "three"]


def test_what_is_said_after_a_late_reply_goes_with_it_unless_others_are_talking(tmp_path: Path) -> None:
    talk = [Said("ana", "old", 0), Said("cho", "new talk", DAY), Said("ben", "to the old", DAY + 10, 0)]
    busy = _documents(_read("jsonl", as_jsonl([*talk, Said("cho", "goes on", DAY + 20)], tmp_path))).values()
    assert [[part.text for part in d.parts] for d in busy] == [["old", "to the old"], ["new talk", "goes on"]]
    quiet = [talk[0], talk[1], Said("ben", "to the old", 2 * DAY, 0), Said("ana", "well", 2 * DAY + 20)]
    found = _documents(_read("jsonl", as_jsonl(quiet, tmp_path))).values()
    assert [[part.text for part in d.parts] for d in found] == [["old", "to the old", "well"], ["new talk"]]


def test_two_rooms_that_say_they_are_one_are_read_by_those_who_are_in_both(tmp_path: Path) -> None:
    for number, other in enumerate(("Ben", "Cho")):
        folder = tmp_path / "export" / str(number)
        folder.mkdir(parents=True)
        said = f"01/05/2024, 09:0{number} - Ana: hello {other}\n01/05/2024, 09:05 - {other}: hello\n"
        (folder / "WhatsApp Chat with Orchard.txt").write_text(said, encoding="utf-8")
    rooms = {d.room for d in _documents(_read("whatsapp", tmp_path / "export", PRIVATE)).values()}
    assert [room.readers for room in rooms if room] == [frozenset({"whatsapp:Ana"})]
