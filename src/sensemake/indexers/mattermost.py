"""Reads a Mattermost bulk export: JSON Lines, by themselves or in the zip that `mmctl export` makes.

The objects are those of docs.mattermost.com, "Bulk loading data". They carry no ids: a channel is known by the names
of its team and its own, a message by its time and its author.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sensemake.indexers._chat import Message, clean
from sensemake.indexers._emoji import with_emoji
from sensemake.indexers._export import Export, Glimpse, Limits
from sensemake.indexers._fields import Json, gathered, mapping, mark, objects, segment, text, time_of, with_files
from sensemake.indexers._rooms import Channel, ChatIndexer, Heard, Opened
from sensemake.indexers._who import Who, one_line
from sensemake.model import Handle, ReadFailure, Reason

_ENDINGS = (".jsonl", ".json", ".ndjson")
_MENTION = re.compile(r"(?<![\w@.-])@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)
_CHANNEL = re.compile(r"(?<![\w~])~([a-z0-9][a-z0-9_-]*)")


class MattermostIndexer(ChatIndexer):
    """A Mattermost bulk export (JSON Lines or its zip)."""

    name = "mattermost"
    bid = 92
    limits = Limits(unpacked=8 << 30, member=2 << 30)
    wanted = 'a Mattermost bulk export (JSON Lines whose first is {"type": "version", …})'

    def recognises(self, seen: Glimpse) -> bool:
        return any(_opens(head) for name, head in seen.heads.items() if "/" not in name and name.endswith(_ENDINGS))

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        export, who = opened.export, opened.who
        for name in export.names:
            if "/" not in name and name.endswith(_ENDINGS) and _opens(next(_whole_lines(export, name), b"")):
                book = _Book(who, name)
                yield from book.read(export)
                yield from book.heard()


@dataclass(frozen=True, slots=True)
class _Book:
    """What one file holds. People and rooms are listed in it before what was said."""

    who: Who
    file: str
    rooms: dict[str, Heard] = field(default_factory=dict)
    members: dict[str, set[Handle | None]] = field(default_factory=dict)
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)

    def read(self, export: Export) -> Iterator[ReadFailure]:
        for number, line in enumerate(export.lines(self.file), 1):
            if isinstance(line, ReadFailure):
                yield ReadFailure(line.path, line.reason, line.detail, uri="*")
            elif line.strip() and not self._take(line):
                detail = "the line is no object of a bulk export, or a message without a time or a room"
                yield ReadFailure(self.file, Reason.MALFORMED, detail, locator=f"line={number}", uri="*")

    def heard(self) -> Iterator[Heard]:
        for key, room in self.rooms.items():
            channel = room.channel
            if channel.is_private:
                readers = self.who.readers(self.members.get(key, ()))
                room.channel = replace(channel, readers=readers)
            yield room

    def _take(self, line: bytes) -> bool:
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            return False
        kind = text(mapping(entry).get("type"))
        inner = mapping(mapping(entry).get(kind))
        match kind:
            case "user" | "bot":
                self._person(inner, is_person=kind == "user")
            case "channel":
                self._channel(inner)
            case "post":
                return self._post(inner, _key(inner, "team", "channel"))
            case "direct_channel" | "direct_post":
                room = self._direct(inner)
                return kind == "direct_channel" or (bool(room) and self._post(inner, room))
        return bool(kind)

    def _person(self, user: Json, *, is_person: bool) -> None:
        key = _name(user, "username")
        full = f"{text(user.get('first_name'))} {text(user.get('last_name'))}".strip()
        handle = self.who.add(
            key,
            name=full or one_line(user.get("nickname")) or one_line(user.get("display_name")) or key,
            email=user.get("email"),
            title=user.get("position"),
            is_person=is_person,
        )
        for team in objects(user.get("teams")):
            for channel in objects(team.get("channels")):
                key = _key({**channel, "team": team.get("name")}, "team", "name")
                self.members.setdefault(key, set()).add(handle)

    def _channel(self, channel: Json) -> None:
        key = _key(channel, "team", "name")
        label = one_line(channel.get("display_name")) or _name(channel, "name")
        self.rooms[key] = Heard(Channel(key, f"#{label}", is_private=channel.get("type") != "O"), at_once=True)

    def _direct(self, room: Json) -> str:
        """A direct message or a group, known by its members."""
        listed = room.get("channel_members") or room.get("members")
        listed = listed if isinstance(listed, list) else [p.get("username") for p in objects(room.get("participants"))]
        names = sorted({name for found in listed if (name := one_line(found))})
        if not names:
            return ""
        key = f"direct/{segment(','.join(names))}"
        self.members[key] = {self.who.handle(name) for name in names}
        self.rooms.setdefault(key, Heard(Channel(key, f"dm:{','.join(names)}", is_private=True), at_once=True))
        return key

    def _post(self, post: Json, key: str) -> bool:
        room = self.rooms.get(key)
        root = self._message(post, key, None)
        if room is None or root is None:
            return False
        room.messages.append(root)
        replies = [self._message(reply, key, root.id) for reply in objects(post.get("replies"))]
        room.messages += [reply for reply in replies if reply is not None]
        return None not in replies

    def _message(self, post: Json, key: str, root: str | None) -> Message | None:
        time, user = time_of(post.get("create_at")), _name(post, "user")
        if time is None:
            return None
        author = self.who.seen(user)
        self.taken[key, mark(time, user)] += 1
        turn = self.taken[key, mark(time, user)]
        kind, properties = text(post.get("type")), mapping(post.get("props"))
        said, named = self._said(text(post.get("message")), key)
        return Message(
            id=mark(time, user) + (f"-{turn}" if turn > 1 else ""),
            channel=key,
            author=author,
            time=time,
            text=clean(
                with_files(said, (text(f.get("path")).rpartition("/")[2] for f in objects(post.get("attachments"))))
            ),
            thread=root,
            edited=time_of(post.get("edit_at")) if post.get("edit_at") else None,
            deleted=bool(post.get("delete_at")),
            is_bot=self.who.is_bot(author)
            or str(properties.get("from_webhook")) == "true"
            or bool(properties.get("from_bot")),
            is_system=kind.startswith("system_"),
            mentions=named,
            reactions=gathered(
                (clean(text(r.get("emoji_name"))), self.who.handle(r.get("user")))
                for r in objects(post.get("reactions"))
            ),
            locator=f"create_at={post.get('create_at')}",
            file=self.file,
            note=kind,
        )

    def _said(self, markup: str, key: str) -> tuple[str, tuple[Handle, ...]]:
        """The text with names in the place of user names and channels', and who is named."""
        named: list[Handle] = []

        def person(found: re.Match[str]) -> str:
            for name in (found[1], found[1].rstrip("._-")):
                handle = self.who.handle(name.lower())
                if handle is not None and self.who.is_known(handle):
                    named.append(handle)
                    return f"@{self.who.name(handle)}{found[1][len(name) :]}"
            return found[0]

        def channel(found: re.Match[str]) -> str:
            room = self.rooms.get(f"{key.partition('/')[0]}/{segment(found[1])}")
            if room is None:
                return found[0]
            return "#private-channel" if room.channel.is_private else room.channel.label

        said = _CHANNEL.sub(channel, _MENTION.sub(person, markup))
        return with_emoji(said), tuple(dict.fromkeys(named))


def _opens(head: bytes) -> bool:
    """Whether a file begins as a bulk export does."""
    line = head.lstrip(b"\xef\xbb\xbf \r\n").split(b"\n", 1)[0]
    try:
        first = mapping(json.loads(line))
    except (ValueError, RecursionError):
        return False
    return first.get("type") == "version" and "version" in first


def _whole_lines(export: Export, name: str) -> Iterator[bytes]:
    return (line for line in export.lines(name) if isinstance(line, bytes) and line.strip())


def _key(entry: Json, team: str, channel: str) -> str:
    return f"{segment(_name(entry, team))}/{segment(_name(entry, channel))}"


def _name(entry: Json, key: str) -> str:
    return one_line(entry.get(key))
