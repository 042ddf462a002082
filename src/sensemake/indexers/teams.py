"""Reads Microsoft Teams as Microsoft Graph gives it: JSON of chatMessage, channel, team, chat and user objects.

There is no one layout of an export, so objects are told by their fields (learn.microsoft.com/graph/api/resources/
chatmessage), in any file of a folder or archive: alone, in a list, under `value`, or one on each line. Chats are
private; so are channels that are not `standard`, and those of a team that is listed as not public.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sensemake.indexers._chat import Message, clean
from sensemake.indexers._chat_html import plain
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
_QUOTED = re.compile(r'<attachment id="(\d+)"')


class TeamsIndexer(ChatIndexer):
    """Microsoft Teams messages as JSON from Microsoft Graph."""

    name = "teams"
    bid = 89
    limits = Limits(unpacked=8 << 30, member=512 << 20)
    wanted = "chatMessage objects of Microsoft Graph (JSON)"

    def recognises(self, seen: Glimpse) -> bool:
        return any(_opens(head) for name, head in seen.heads.items() if name.lower().endswith(_ENDINGS))

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        book = _Book(opened.who)
        for name in opened.export.names:
            if name.lower().endswith(_ENDINGS):
                for found in _contents(opened.export, name):
                    if isinstance(found, ReadFailure):
                        yield ReadFailure(found.path, found.reason, found.detail, found.locator, "*")
                    else:
                        book.sort(found, name)
        yield from book.heard()


def _opens(head: bytes) -> bool:
    return b'"messageType"' in head and b'"body"' in head and (b'"chatId"' in head or b'"channelIdentity"' in head)


def _contents(export: Export, name: str) -> Iterator[object | ReadFailure]:
    if name.lower().endswith(".json"):
        yield export.json(name)
        return
    for number, line in enumerate(export.lines(name), 1):
        try:
            yield line if isinstance(line, ReadFailure) else json.loads(line or b"null")
        except (ValueError, RecursionError):
            yield ReadFailure(name, Reason.MALFORMED, "no JSON object", f"line={number}")


@dataclass(frozen=True, slots=True)
class _Book:
    """The objects of an export by kind."""

    who: Who
    teams: dict[str, Json] = field(default_factory=dict)
    places: dict[str, Json] = field(default_factory=dict)
    said: dict[str, list[tuple[Json, str]]] = field(default_factory=dict)

    def sort(self, found: object, file: str) -> None:
        todo = [found]
        while todo:
            entry = todo.pop()
            if isinstance(entry, list):
                todo.extend(reversed(entry))
            elif isinstance(entry, dict):
                todo.extend(entry[key] for key in ("value", "messages", "channels", "members") if _is_list(entry, key))
                self._sort_one(entry, file)
                todo.extend(_with_place(reply, entry) for reply in objects(entry.get("replies")))

    def _sort_one(self, entry: Json, file: str) -> None:
        key = identity(entry.get("id"))
        if "messageType" in entry or ("body" in entry and "createdDateTime" in entry):
            self.said.setdefault(_place(entry), []).append((entry, file))
        elif "chatType" in entry or "membershipType" in entry:
            self.places[key] = {**self.places.get(key, {}), **entry}
        elif "userPrincipalName" in entry or "mail" in entry:
            email = entry.get("mail") or entry.get("userPrincipalName")
            self.who.add(key, name=entry.get("displayName"), email=email, title=entry.get("jobTitle"))
        elif "userId" in entry and "displayName" in entry:
            self.who.seen(entry.get("userId"), name=entry.get("displayName"), email=entry.get("email"))
        elif "visibility" in entry and key:
            self.teams[key] = entry

    def heard(self) -> Iterator[Heard]:
        for place, entries in sorted(self.said.items()):
            ids = {identity(e.get("id")): _mark(e) for e, _ in entries if _mark(e)}
            read = [self._message(entry, place, ids) for entry, _ in entries]
            messages = [message for message in read if message is not None]
            heard = Heard(self._channel(place, entries[0][0], messages), messages)
            if bad := read.count(None):
                detail = f"{bad} of its {len(read)} messages have no id or no time; the others were read"
                heard.failures.append(ReadFailure("messages", Reason.MALFORMED, detail))
            yield heard

    def _channel(self, place: str, entry: Json, messages: Iterable[Message]) -> Channel:
        identity_ = mapping(entry.get("channelIdentity"))
        key, team = identity(identity_.get("channelId")), identity(identity_.get("teamId"))
        if not key:
            chat = self.places.get(identity(entry.get("chatId")), {})
            people = sorted({self.who.name(m.author) for m in messages if m.author is not None})
            label = f"dm:{one_line(chat.get('topic')) or ','.join(people)}"
            return Channel(place, label, is_private=True, readers=self._readers(chat, messages))
        listed, owner = self.places.get(key, {}), self.teams.get(team, {})
        standard = listed.get("membershipType", "standard") == "standard"
        is_private = not standard or text(owner.get("visibility") or "public").lower() != "public"
        name = one_line(listed.get("displayName")) or key
        above = one_line(owner.get("displayName"))
        label = f"#{above} › {name}" if above else f"#{name}"
        readers = self._readers(owner if standard else listed, messages) if is_private else frozenset()
        return Channel(place, label, is_private=is_private, readers=readers, url=text(listed.get("webUrl")) or None)

    def _readers(self, place: Json, messages: Iterable[Message]) -> frozenset[str]:
        """The members that are listed, else those who wrote."""
        members = {self.who.handle(identity(m.get("userId"))) for m in objects(place.get("members"))}
        return self.who.readers(members - {None} or {message.author for message in messages})

    def _message(self, entry: Json, place: str, ids: dict[str, str]) -> Message | None:
        key, time = identity(entry.get("id")), time_of(entry.get("createdDateTime"))
        if time is None or not key:
            return None
        author, is_bot = self._author(mapping(entry.get("from")))
        body, above = mapping(entry.get("body")), identity(entry.get("replyToId"))
        said, named = self._said(body, entry.get("mentions"))
        in_channel = bool(mapping(entry.get("channelIdentity")))
        quoted = _QUOTED.search(text(body.get("content"))) if not in_channel else None
        answered = quoted[1] if quoted else "" if in_channel else above
        files = [a.get("name") for a in objects(entry.get("attachments")) if a.get("contentType") == "reference"]
        subject = one_line(entry.get("subject"))
        return Message(
            id=ids[key],
            channel=place,
            author=author,
            time=time,
            text=clean(with_files("\n".join(filter(None, (subject, said))), files)),
            thread=(ids.get(above) or above) if above and in_channel else None,
            edited=time_of(entry.get("lastEditedDateTime")),
            deleted=bool(entry.get("deletedDateTime")),
            is_bot=is_bot or self.who.is_bot(author),
            is_system=entry.get("messageType", "message") != "message",
            mentions=named,
            reactions=gathered(
                (text(r.get("reactionType")), self._reacted(r)) for r in objects(entry.get("reactions"))
            ),
            locator=f"id={key}",
            file="messages",
            note=text(entry.get("messageType")) if entry.get("messageType") != "message" else "",
            reply_to=(ids.get(answered) or answered) or None,
            subject=subject,
        )

    def _author(self, sender: Json) -> tuple[Handle | None, bool]:
        user, application = mapping(sender.get("user")), mapping(sender.get("application"))
        if user:
            return self.who.seen(identity(user.get("id")), name=user.get("displayName")), False
        handle = self.who.seen(identity(application.get("id")), name=application.get("displayName"), is_person=False)
        return handle, bool(application)

    def _reacted(self, reaction: Json) -> Handle | None:
        user = mapping(mapping(reaction.get("user")).get("user"))
        return self.who.seen(identity(user.get("id")), name=user.get("displayName"))

    def _said(self, body: Json, mentions: object) -> tuple[str, tuple[Handle, ...]]:
        content = text(body.get("content"))
        if text(body.get("contentType")).lower() != "html":
            return content, ()
        said, ids = plain(content)
        users = {identity(m.get("id")): mapping(mapping(m.get("mentioned")).get("user")) for m in objects(mentions)}
        named = [
            self.who.seen(identity(u.get("id")), name=u.get("displayName")) for i in ids if (u := users.get(i, {}))
        ]
        return said, tuple(dict.fromkeys(handle for handle in named if handle is not None))


def _with_place(reply: Json, above: Json) -> Json:
    """A reply that stands inside of the message it answers, with what goes without saying there."""
    said = {key: above.get(key) for key in ("chatId", "channelIdentity")} | {"replyToId": above.get("id")}
    return {**reply, **{key: reply.get(key) or value for key, value in said.items()}}


def _is_list(entry: Json, key: str) -> bool:
    return isinstance(entry.get(key), list)


def _place(entry: Json) -> str:
    channel = mapping(entry.get("channelIdentity"))
    if channel:
        return f"{segment(identity(channel.get('teamId'))) or 'team'}/{segment(identity(channel.get('channelId')))}"
    return f"chat/{segment(identity(entry.get('chatId'))) or 'unknown'}"


def _mark(entry: Json) -> str:
    time, key = time_of(entry.get("createdDateTime")), identity(entry.get("id"))
    return mark(time, key) if time and key else ""
