"""Reads a Slack export (Slack's own since 2013, or slackdump's) from a folder, a zip or a tar.

Public channels only, unless `include_private` is "yes": then private channels and direct messages are rooms of their
own, read by their members and nobody else. Nothing that is left out is named, not even in a failure.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from sensemake.indexers._chat import Message, Place, Tally, conversations, document
from sensemake.indexers._export import Export, open_export, peek, shown
from sensemake.indexers._slack_layout import USER_FILES, Channel, folder_of, layout, looks_like_slack, objects
from sensemake.indexers._slack_messages import Context, message
from sensemake.indexers._slack_people import People
from sensemake.model import Coverage, Document, Handle, Profile, ReadFailure, Reason, Room, Scope, Source

_log = logging.getLogger(__name__)
_DAY = timedelta(days=1)

Item = Document | ReadFailure | Coverage


class SlackIndexer:
    """An Indexer. `tally` says what became of the messages of its last read."""

    name = "slack"
    continues = True

    def __init__(self) -> None:
        self.tally = Tally()

    def sniff(self, path: Path) -> int:
        return 95 if looks_like_slack(peek(path)) else 0

    def read(self, path: Path, source: Source) -> Iterator[Item]:
        self.tally = Tally()
        export = open_export(path)
        if isinstance(export, ReadFailure):
            yield export
            return
        with export:
            if not looks_like_slack(export.names):
                detail = "no Slack export: neither channels.json nor channel folders with files such as 2024-05-01.json"
                yield ReadFailure(shown(path.name), Reason.MALFORMED, detail)
                return
            yield from _Reading(export, source, self.tally).items()
            _log.info("Slack export: %s", self.tally)


@dataclass(slots=True)
class _Days:
    """What the readable day files of one channel held: their midnights (UTC) and the times of all their entries."""

    midnights: list[datetime] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    whole: bool = True

    def add(self, midnight: datetime, times: Sequence[datetime]) -> None:
        self.midnights.append(midnight)
        self.first = min((t for t in (self.first, *times) if t), default=None)
        self.last = max((t for t in (self.last, *times) if t), default=None)


class _Reading:
    """One read of one export."""

    def __init__(self, export: Export, source: Source, tally: Tally) -> None:
        self._export = export
        self._source = source
        self._tally = tally
        self._layout = layout(export)
        wanted = source.options.get("include_private") == "yes"
        self._channels = [channel for channel in self._layout.channels if wanted or not channel.is_private]
        self._days: dict[str, _Days] = {channel.id: _Days() for channel in self._channels}
        self._in_utc = True

    def items(self) -> Iterator[Item]:
        yield from self._layout.failures
        self._people, failures = _people(self._export, self._channels)
        self._team = self._people.team or "unknown"
        yield from failures
        yield from self._refused()
        for channel, room in zip(self._channels, _room_names(self._channels, self._people), strict=True):
            yield from self._channel(channel, room)
        yield from self._left_out()
        yield Coverage(tuple(self._scopes()))

    def _prefix(self, channel: Channel) -> str:
        return f"slack:{self._team}/{channel.id}/"

    # ── a channel ────────────────────────────────────────────────────────────────────────────────

    def _channel(self, channel: Channel, label: str) -> Iterator[Document | ReadFailure]:
        messages: list[Message] = []
        for name in channel.days:
            found, failure = self._day(channel, name)
            messages += found
            if failure is not None:
                self._days[channel.id].whole = False
                yield replace(failure, path=_safe_path(channel, name), uri=self._prefix(channel))
        place = self._place(channel, label)
        url = f"https://slack.com/app_redirect?team={self._team}&channel={channel.id}" if self._people.team else None
        for conversation in conversations(messages, self._tally, names_roots=True):
            yield document(conversation, place, self._source, self._profile, url)

    def _place(self, channel: Channel, label: str) -> Place:
        readers = self._people.reader_tokens(channel.members)
        room = Room(label, readers, f"slack:{channel.id}") if channel.is_private else None
        return Place(self._prefix(channel), label, room, {"channel": label.removeprefix("#")})

    def _day(self, channel: Channel, name: str) -> tuple[list[Message], ReadFailure | None]:
        """The messages of a day file. A failure says that the day is not whole; what could be read is still there."""
        entries = self._export.json(name)
        if isinstance(entries, ReadFailure):
            return [], entries
        if not isinstance(entries, list):
            return [], ReadFailure(name, Reason.MALFORMED, "the file holds no list of messages")
        try:
            midnight = datetime.strptime(PurePosixPath(name).stem, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            return [], ReadFailure(name, Reason.MALFORMED, "the file's name is no day")
        for entry in objects(entries):
            self._people.learn(entry)
        context = Context(channel.id, self._people, self._layout.channel_name)
        read = [found for entry in objects(entries) if (found := message(entry, context, name)) is not None]
        self._note(channel, midnight, [found.time for found in read])
        bad = len(entries) - len(read)
        detail = f"{bad} of its {len(entries)} entries are no messages (they have no valid ts); the others were read"
        return read, ReadFailure(name, Reason.MALFORMED, detail) if bad else None

    def _note(self, channel: Channel, midnight: datetime, times: Sequence[datetime]) -> None:
        self._days[channel.id].add(midnight, times)
        self._in_utc = self._in_utc and all(midnight <= time < midnight + _DAY for time in times)

    def _profile(self, handle: Handle) -> Profile:
        if not self._people.is_known(handle):
            self._tally.unknown.add(handle)
        return self._people.profile(handle)

    # ── what was seen to its end, and what was not ───────────────────────────────────────────────

    def _scopes(self) -> Iterator[Scope]:
        """A scope for each channel that was read: from its first day to its last, but no further than the export goes.

        Slack cuts days at midnight in California, slackdump in UTC. Where the days are not UTC's, only the span from
        the first message to the last is sure. What began before is not whole in here, so it is not held.
        """
        taken = max((days.last for days in self._days.values() if days.last), default=None)
        for channel in self._channels:
            days = self._days[channel.id]
            if taken is not None and days.first is not None and days.last is not None:
                since = days.midnights[0] if self._in_utc else days.first
                until = min(days.midnights[-1] + _DAY - timedelta.resolution, taken) if self._in_utc else days.last
                prefix = self._prefix(channel)
                yield Scope(prefix, since, until, f"{prefix}{since.timestamp():017.6f}")

    def _refused(self) -> Iterator[ReadFailure]:
        """Members that were refused: named where they belong to no room or to one that is read, else only counted."""
        folders = {channel.folder: channel for channel in self._channels if not channel.is_private}
        hidden: Counter[tuple[Reason, str]] = Counter()
        for failure in self._export.failures:
            folder = folder_of(failure.path)
            if not folder or folder in folders:
                yield failure
            else:
                hidden[failure.reason, failure.detail] += 1
        for (reason, detail), count in hidden.items():
            yield ReadFailure(shown(self._export.path.name), reason, f"{count} outside of the public rooms: {detail}")
        holed = {folder_of(name) for name in self._export.refused}
        for channel in self._channels:
            if channel.folder in holed:
                detail = "some of its files were refused; none of its conversations counts as gone"
                yield ReadFailure(_safe_path(channel, ""), Reason.MALFORMED, detail, uri=self._prefix(channel))

    def _left_out(self) -> Iterator[ReadFailure]:
        self._tally.left_out = len(self._layout.channels) - len(self._channels)
        if self._layout.unknown:
            detail = f"{self._layout.unknown} folders left out: no list says who may read them"
            yield ReadFailure(shown(self._export.path.name), Reason.UNSUPPORTED, detail)
        if "channels.json" not in self._export:
            yield ReadFailure("channels.json", Reason.UNREADABLE, "it is missing, so no channel is known to be public")


def _people(export: Export, channels: Iterable[Channel]) -> tuple[People, list[ReadFailure]]:
    """The users; without a list of them, whoever the messages introduce (which costs a second reading)."""
    name = next((name for name in USER_FILES if name in export), None)
    users = export.json(name) if name else None
    if isinstance(users, list):
        return People(objects(users)), []
    failure = users if isinstance(users, ReadFailure) else ReadFailure("users.json", Reason.UNREADABLE)
    people = People(())
    for entry in (e for channel in channels for day in channel.days for e in objects(export.json(day))):
        people.learn(entry)
    return people, [replace(failure, detail="there is no list of users that can be read: names are those in messages")]


def _safe_path(channel: Channel, name: str) -> str:
    """The file's name in the export, without the name of a private room."""
    return f"{channel.id}/{PurePosixPath(name).name}" if channel.is_private else name or channel.folder


def _room_names(channels: Sequence[Channel], people: People) -> list[str]:
    """`#channel`, or `dm:` and the members' user names. Rooms of one name get their ids: each has its own readers."""
    names = [
        "dm:" + ",".join(sorted(people.user_name(member) for member in channel.members))
        if channel.is_direct
        else f"#{channel.name}"
        for channel in channels
    ]
    times = Counter(names)
    return [
        f"{name} ({channel.id})" if times[name] > 1 else name for name, channel in zip(names, channels, strict=True)
    ]
