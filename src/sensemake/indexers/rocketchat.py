"""Reads a Rocket.Chat database export: the collections rocketchat_message, rocketchat_room and users.

They are as mongoexport writes them: JSON Lines or one array, a file for each collection. Objects are told apart by
their fields (packages/core-typings of github.com/RocketChat/Rocket.Chat), so the files may have any name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sensemake.indexers._chat import Message, clean
from sensemake.indexers._emoji import with_emoji
from sensemake.indexers._export import Export, Glimpse, Limits
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

_ENDINGS = (".json", ".jsonl", ".ndjson")
_SAID = frozenset({"", "discussion-created", "e2e"})
_MENTION = re.compile(r"(?<![\w@.-])@([\w][\w.-]*)")


class RocketChatIndexer(ChatIndexer):
    """A Rocket.Chat database export (mongoexport of rocketchat_message, rocketchat_room, users)."""

    name = "rocketchat"
    bid = 88
    limits = Limits(unpacked=8 << 30, member=2 << 30)
    wanted = "messages of Rocket.Chat (objects with rid, msg, ts and u)"

    def recognises(self, seen: Glimpse) -> bool:
        return any(_opens(head) for name, head in seen.heads.items() if name.lower().endswith(_ENDINGS))

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        book = _Book(opened.who)
        for name in opened.export.names:
            if name.lower().endswith(_ENDINGS):
                yield from book.sort(_entries(opened.export, name), name)
        yield from book.heard()


def _opens(head: bytes) -> bool:
    return all(re.search(rb'"%s"\s*:' % key, head) for key in (b"rid", b"msg", b"ts")) and bool(
        re.search(rb'"u"\s*:\s*\{', head)
    )


def _entries(export: Export, name: str) -> Iterator[Json | ReadFailure]:
    """The objects of a file, whether it is an array or has one on each line."""
    first = next((line.lstrip() for line in export.lines(name) if isinstance(line, bytes) and line.strip()), b"")
    if first.startswith(b"["):
        content = export.json(name)
        yield from [content] if isinstance(content, ReadFailure) else objects(content)
        return
    for number, line in enumerate(export.lines(name), 1):
        if isinstance(line, ReadFailure):
            yield line
        elif line.strip():
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                found = None
            where = f"line={number}"
            yield found if isinstance(found, dict) else ReadFailure(name, Reason.MALFORMED, "no JSON object", where)


@dataclass(frozen=True, slots=True)
class _Book:
    """What the collections hold, by kind. Messages wait until people and rooms are known."""

    who: Who
    listed: dict[str, Json] = field(default_factory=dict)
    said: dict[str, list[tuple[Json, str]]] = field(default_factory=dict)
    user_names: set[str] = field(default_factory=set)

    def sort(self, entries: Iterator[Json | ReadFailure], file: str) -> Iterator[ReadFailure]:
        for entry in entries:
            if isinstance(entry, ReadFailure):
                yield ReadFailure(entry.path, entry.reason, entry.detail, entry.locator, "*")
            elif "rid" in entry and "u" in entry and "ts" in entry:
                self.said.setdefault(identity(entry.get("rid")), []).append((entry, file))
            elif "username" in entry:
                self._person(entry)
            elif "t" in entry and "_id" in entry:
                self.listed[identity(entry.get("_id"))] = entry

    def _person(self, user: Json) -> None:
        name = one_line(user.get("username"))
        email = next((mail.get("address") for mail in objects(user.get("emails"))), None)
        person = user.get("type") not in {"bot", "app"}
        self.who.add(name, name=user.get("name"), email=email, title=user.get("bio"), is_person=person)
        self.user_names.add(name)

    def heard(self) -> Iterator[Heard]:
        """Only a channel (`t`: c) that the list of rooms has is public; a discussion is as public as it says itself."""
        for rid, entries in sorted(self.said.items()):
            room = self.listed.get(rid, {})
            ids = {
                identity(e.get("_id")): mark(t, identity(e.get("_id"))) for e, _ in entries if (t := time_of(e["ts"]))
            }
            read = [self._message(entry, ids) for entry, _ in entries]
            messages = [message for message in read if message is not None]
            heard = Heard(self._channel(rid, room, messages), messages, at_once=True)
            if bad := read.count(None):
                detail = f"{bad} of its {len(read)} messages have no id or no time; the others were read"
                heard.failures.append(ReadFailure(entries[0][1], Reason.MALFORMED, detail))
            yield heard

    def _channel(self, rid: str, room: Json, messages: list[Message]) -> Channel:
        kind = room.get("t")
        listed = room.get("usernames")
        members = {self.who.handle(name) for name in listed} if isinstance(listed, list) else set()
        is_private = kind != "c"
        if is_private and not members:
            members = {message.author for message in messages}
        names = ",".join(sorted(handle.value for handle in members if handle))
        label = f"dm:{names}" if kind == "d" else f"#{one_line(room.get('fname')) or one_line(room.get('name')) or rid}"
        readers = self.who.readers(members) if is_private else frozenset()
        return Channel(segment(rid), label, is_private=is_private, readers=readers)

    def _message(self, entry: Json, ids: dict[str, str]) -> Message | None:
        key, time = identity(entry.get("_id")), time_of(entry.get("ts"))
        if key not in ids or time is None or not key:
            return None
        user, kind = mapping(entry.get("u")), text(entry.get("t"))
        author = self.who.seen(user.get("username"), name=user.get("name"))
        above = identity(entry.get("tmid"))
        said, named = self._said(text(entry.get("msg")))
        files = [f.get("name") for f in objects(entry.get("files"))] or [mapping(entry.get("file")).get("name")]
        return Message(
            id=ids[key],
            channel=identity(entry.get("rid")),
            author=author,
            time=time,
            text=clean(with_files(said, dict.fromkeys(f for f in files if isinstance(f, str)))),
            thread=(ids.get(above) or above) if above else None,
            edited=time_of(entry.get("editedAt")),
            deleted=kind == "rm" or entry.get("_hidden") is True,
            is_bot=bool(entry.get("bot")) or self.who.is_bot(author),
            is_system=kind not in _SAID,
            mentions=named,
            reactions=gathered(self._reactions(entry)),
            locator=f"id={key}",
            file="messages",
            note=kind,
        )

    def _reactions(self, entry: Json) -> Iterator[tuple[str, Handle | None]]:
        for name, given in mapping(entry.get("reactions")).items():
            users = mapping(given).get("usernames")
            for user in users if isinstance(users, list) else []:
                yield clean(name).strip(":"), self.who.handle(user)

    def _said(self, markup: str) -> tuple[str, tuple[Handle, ...]]:
        named: list[Handle] = []

        def person(found: re.Match[str]) -> str:
            for name in (found[1], found[1].rstrip(".-_")):
                handle = self.who.handle(name) if name in self.user_names else None
                if handle is not None:
                    named.append(handle)
                    return f"@{self.who.name(handle)}{found[1][len(name) :]}"
            return found[0]

        said = _MENTION.sub(person, markup)
        return with_emoji(said), tuple(dict.fromkeys(named))
