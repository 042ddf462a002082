"""Reads what DiscordChatExporter writes as JSON: one file for each channel or thread, in any folder or archive.

The fields are those of github.com/Tyrrrz/DiscordChatExporter (JsonMessageWriter). A file does not say who may read its
channel, so all but direct messages and private threads count as public: export what everybody may read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from sensemake.indexers._chat import Message, clean
from sensemake.indexers._discord_text import readable
from sensemake.indexers._export import Glimpse
from sensemake.indexers._fields import (
    Json,
    gathered,
    identity,
    mapping,
    mark,
    objects,
    segment,
    text,
    time_of,
    with_files,
)
from sensemake.indexers._rooms import Channel, ChatIndexer, Heard, Opened
from sensemake.indexers._who import Who, one_line
from sensemake.model import Handle, ReadFailure, Reason

_HEAD = re.compile(rb'\s*\{\s*"guild"\s*:\s*\{')
_SAID = frozenset({"Default", "Reply", "0", "19"})
_COMMANDS = frozenset({"20", "23", "ChatInputCommand", "ContextMenuCommand"})


class DiscordIndexer(ChatIndexer):
    """Discord channels as JSON files of DiscordChatExporter."""

    name = "discord"
    bid = 91
    wanted = 'a JSON file of DiscordChatExporter (it begins with "guild" and "channel")'

    def recognises(self, seen: Glimpse) -> bool:
        return any(_opens(head) for head in seen.heads.values())

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        export, who = opened.export, opened.who
        heard: dict[str, Heard] = {}
        for name in export.names:
            if not name.lower().endswith(".json"):
                continue
            content = export.json(name)
            if isinstance(content, ReadFailure):
                yield content
            elif {"guild", "channel", "messages"} <= mapping(content).keys():
                room = _file(mapping(content), who, name)
                before = heard.get(room.channel.id)
                heard[room.channel.id] = room if before is None else _joined(before, room)
            else:
                yield ReadFailure(name, Reason.MALFORMED, "the file is no channel as DiscordChatExporter writes it")
        yield from (_finished(room, who) for room in heard.values())


def _opens(head: bytes) -> bool:
    return bool(_HEAD.match(head)) and b'"channel"' in head and (b'"exportedAt"' in head or b'"dateRange"' in head)


def _file(content: Json, who: Who, name: str) -> Heard:
    guild, channel, span = (mapping(content.get(key)) for key in ("guild", "channel", "dateRange"))
    kind = text(channel.get("type"))
    room = Heard(
        Channel(
            f"{segment(identity(guild.get('id'))) or 'guild'}/"
            f"{segment(identity(channel.get('id')) or one_line(channel.get('name')))}",
            _label(channel, kind),
            is_private=kind.startswith("Direct") or "Private" in kind,
        ),
        whole=span.get("after") is None,
        since=time_of(span.get("after")),
        until=time_of(span.get("before")) or time_of(content.get("exportedAt")),
    )
    entries = list(objects(content.get("messages")))
    times = {identity(entry.get("id")): time_of(entry.get("timestamp")) for entry in entries}
    ids = {key: mark(time, key) for key, time in times.items() if time and key}
    topic = next(iter(ids.values()), None) if "Thread" in kind and room.whole else None
    read = [_message(entry, who, room.channel.id, ids, topic) for entry in entries]
    room.messages = [message for message in read if message is not None]
    if bad := read.count(None):
        detail = f"{bad} of its {len(read)} messages have no id or no time; the others were read"
        room.failures.append(ReadFailure(name, Reason.MALFORMED, detail))
    return room


def _label(channel: Json, kind: str) -> str:
    name, above = one_line(channel.get("name")), one_line(channel.get("category"))
    if kind.startswith("Direct"):
        return f"dm:{name}"
    return f"#{above} › {name}" if "Thread" in kind and above else f"#{name}"


def _joined(one: Heard, two: Heard) -> Heard:
    """Two files of one channel: parts of one export, or exports that follow each other."""
    one.messages += two.messages
    one.failures += two.failures
    one.whole = one.whole and two.whole
    one.since = min((t for t in (one.since, two.since) if t), default=None)
    one.until = min((t for t in (one.until, two.until) if t), default=None)
    return one


def _finished(room: Heard, who: Who) -> Heard:
    channel = room.channel
    if channel.is_private:
        readers = who.readers({message.author for message in room.messages})
        room.channel = replace(channel, readers=readers)
    return room


def _message(entry: Json, who: Who, channel: str, ids: dict[str, str], topic: str | None) -> Message | None:
    key, kind = identity(entry.get("id")), text(entry.get("type"))
    time = time_of(entry.get("timestamp"))
    if key not in ids or time is None:
        return None
    author = _user(mapping(entry.get("author")), who)
    mentions = {identity(user.get("id")): _user(user, who) for user in objects(entry.get("mentions"))}
    said = readable(text(entry.get("content")), {key: who.name(handle) for key, handle in mentions.items()})
    answered = identity(mapping(entry.get("reference")).get("messageId")) if kind in {"Reply", "19"} else ""
    return Message(
        id=ids[key],
        channel=channel,
        author=author,
        time=time,
        text=clean(with_files(said, (file.get("fileName") for file in objects(entry.get("attachments"))))),
        thread=topic,
        edited=time_of(entry.get("timestampEdited")),
        is_bot=who.is_bot(author) or kind in _COMMANDS,
        is_system=kind not in _SAID | _COMMANDS and bool(kind),
        mentions=tuple(sorted({handle for handle in mentions.values() if handle is not None})),
        reactions=gathered(_reactions(entry, who)),
        locator=f"id={key}",
        note=kind,
        reply_to=ids.get(answered) or answered or None,
    )


def _reactions(entry: Json, who: Who) -> Iterator[tuple[str, Handle | None]]:
    for reaction in objects(entry.get("reactions")):
        name = clean(text(mapping(reaction.get("emoji")).get("name")))
        yield name, None
        yield from ((name, _user(user, who)) for user in objects(reaction.get("users")))


def _user(user: Json, who: Who) -> Handle | None:
    """User names are unique since 2023; before that with a number behind them."""
    name, number = one_line(user.get("name")), text(user.get("discriminator"))
    key = f"{name}#{number}" if name and number.strip("0") else name or identity(user.get("id"))
    return who.seen(key, name=one_line(user.get("nickname")) or name, is_person=user.get("isBot") is not True)
