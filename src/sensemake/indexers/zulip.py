"""Reads a Zulip export: realm.json beside messages-000001.json and so on, in a folder or a tar.

The tables are those of zulip.readthedocs.io, "Export and import", and of zerver/models. A topic is a conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from sensemake.indexers._chat import Message, clean
from sensemake.indexers._emoji import with_emoji
from sensemake.indexers._export import Glimpse
from sensemake.indexers._fields import Json, gathered, identity, mapping, mark, objects, segment, text, time_of
from sensemake.indexers._rooms import Channel, ChatIndexer, Heard, Opened
from sensemake.indexers._who import Who, one_line
from sensemake.model import Handle, ReadFailure, Reason

_MESSAGES = re.compile(r"messages-\d+\.json")
_PERSONAL, _STREAM, _GROUP = 1, 2, 3
_NO_TOPIC = frozenset({"", "(no topic)", "general chat"})
_MENTION = re.compile(r"@_?\*\*([^*|\n]+)(?:\|(\d+))?\*\*")
_GROUP_MENTION = re.compile(r"@_?\*([^*\n]+)\*")
_CHANNEL = re.compile(r"#\*\*([^*\n]+?)(?:@\d+)?\*\*")


class ZulipIndexer(ChatIndexer):
    """A Zulip export (realm.json and messages-*.json)."""

    name = "zulip"
    bid = 94
    wanted = "a Zulip export (realm.json beside messages-000001.json)"

    def recognises(self, seen: Glimpse) -> bool:
        return "realm.json" in seen.names and not seen.is_file and any(map(_MESSAGES.fullmatch, seen.names))

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        export, who = opened.export, opened.who
        realm = export.json("realm.json") if "realm.json" in export else None
        if realm is None:
            return
        if isinstance(realm, ReadFailure):
            yield realm
            return
        book = _Book(who, mapping(realm))
        for name in filter(_MESSAGES.fullmatch, export.names):
            content = export.json(name)
            if isinstance(content, ReadFailure):
                yield ReadFailure(content.path, content.reason, content.detail, uri="*")
                continue
            entries = list(objects(mapping(content).get("zerver_message")))
            bad = sum(not book.take(entry) for entry in sorted(entries, key=_number))
            if bad:
                detail = f"{bad} of its {len(entries)} messages have no time or belong to no known room"
                yield ReadFailure(name, Reason.MALFORMED, detail, uri="*")
        yield from book.rooms.values()


@dataclass(slots=True)
class _Room:
    """A recipient as Zulip calls it: a stream, a person, or a group."""

    kind: int
    id: str
    name: str
    is_private: bool


@dataclass(slots=True)
class _Book:
    """The tables of one realm."""

    who: Who
    realm: Json
    rooms: dict[str, Heard] = field(default_factory=dict)
    _recipients: dict[str, _Room] = field(default_factory=dict)
    _members: dict[str, list[Handle | None]] = field(default_factory=dict)
    _reactions: dict[str, list[tuple[str, Handle | None]]] = field(default_factory=dict)
    _topics: dict[tuple[str, str], str] = field(default_factory=dict)
    _private_names: set[str] = field(default_factory=set)
    _place: str = "realm"

    def __post_init__(self) -> None:
        for table in ("zerver_userprofile", "zerver_userprofile_mirrordummy", "zerver_userprofile_crossrealm"):
            for user in self._table(table):
                system = table.endswith("crossrealm")
                email = user.get("delivery_email") or user.get("email")
                person = not (system or user.get("is_bot") is True)
                self.who.add(user.get("id"), name=user.get("full_name"), email=email, is_person=person)
        for realm in self._table("zerver_realm"):
            self._place = segment(identity(realm.get("string_id"))) or "realm"
        self._list_rooms()
        for row in self._table("zerver_subscription"):
            if row.get("active") is not False:
                self._members.setdefault(identity(row.get("recipient")), []).append(
                    self.who.handle(row.get("user_profile"))
                )
        for row in self._table("zerver_reaction"):
            given = (clean(text(row.get("emoji_name"))), self.who.handle(row.get("user_profile")))
            self._reactions.setdefault(identity(row.get("message")), []).append(given)

    def _table(self, name: str) -> Iterator[Json]:
        return objects(self.realm.get(name))

    def _list_rooms(self) -> None:
        """Only a stream that says it is not private is public."""
        streams = {identity(stream.get("id")): stream for stream in self._table("zerver_stream")}
        for row in self._table("zerver_recipient"):
            kind, target = row.get("type"), identity(row.get("type_id"))
            stream = streams.get(target, {}) if kind == _STREAM else {}
            hidden = stream.get("invite_only") is not False
            room = _Room(kind if isinstance(kind, int) else 0, target, one_line(stream.get("name")) or target, hidden)
            self._recipients[identity(row.get("id"))] = room
            if kind == _STREAM and hidden:
                self._private_names.add(room.name)
            if kind == _STREAM and stream:
                self.rooms[self._key(room)] = Heard(
                    Channel(self._key(room), f"#{room.name}", is_private=hidden), at_once=True
                )

    def _key(self, room: _Room) -> str:
        return f"{self._place}/{segment(room.id)}"

    def take(self, entry: Json) -> bool:
        """Put a message where it belongs; whether that could be told."""
        recipient = identity(entry.get("recipient"))
        room, sender = self._recipients.get(recipient), self.who.handle(entry.get("sender"))
        time, number = time_of(entry.get("date_sent")), identity(entry.get("id"))
        if room is None or time is None or not number:
            return False
        heard = self._heard(room, recipient, sender)
        topic = one_line(entry.get("subject")) if room.kind == _STREAM else ""
        said, named = self._said(text(entry.get("content")))
        key = mark(time, f"{int(number):010d}" if number.isdigit() else number)
        root = None
        if topic.casefold() not in _NO_TOPIC:
            root = self._topics.setdefault((heard.channel.id, topic.casefold()), key)
        message = Message(
            id=key,
            channel=heard.channel.id,
            author=sender,
            time=time,
            text=clean(said),
            thread=root,
            edited=time_of(entry.get("last_edit_time")),
            is_bot=self.who.is_bot(sender),
            mentions=named,
            reactions=gathered(self._reactions.get(number, ())),
            locator=f"id={number}",
            file="messages",
            subject=topic if topic.casefold() not in _NO_TOPIC else "",
        )
        heard.messages.append(message)
        return True

    def _heard(self, room: _Room, recipient: str, sender: Handle | None) -> Heard:
        if room.kind == _STREAM:
            listed = self._members.get(recipient, [])
            key, label = self._key(room), f"#{room.name}"
        else:
            other = [self.who.handle(room.id)] if room.kind == _PERSONAL else self._members.get(recipient, [])
            listed = [*{handle: None for handle in (*other, sender) if handle is not None}]
            names = sorted((handle.value, self.who.name(handle)) for handle in listed if handle is not None)
            key = f"{self._place}/direct-{segment('-'.join(value for value, _ in names))}"
            label = "dm:" + ",".join(sorted(name for _, name in names))
        heard = self.rooms.setdefault(key, Heard(Channel(key, label, is_private=room.is_private), at_once=True))
        if room.is_private and not heard.channel.readers:
            heard.channel = replace(heard.channel, readers=self.who.readers(listed))
        return heard

    def _said(self, markup: str) -> tuple[str, tuple[Handle, ...]]:
        named: list[Handle] = []

        def person(found: re.Match[str]) -> str:
            handle = self.who.handle(found[2]) if found[2] else self.who.named(found[1])
            if handle is not None and self.who.is_known(handle):
                named.append(handle)
            return f"@{self.who.name(handle, found[1])}" if handle else f"@{found[1]}"

        def channel(found: re.Match[str]) -> str:
            name, _, topic = found[1].partition(">")
            if name in self._private_names:
                return "#private-channel"
            return f"#{name} > {topic}" if topic else f"#{name}"

        said = _CHANNEL.sub(channel, _GROUP_MENTION.sub(r"@\1", _MENTION.sub(person, markup)))
        return with_emoji(said), tuple(dict.fromkeys(named))


def _number(entry: Json) -> int:
    number = entry.get("id")
    return number if isinstance(number, int) else 0
