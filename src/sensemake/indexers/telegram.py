"""Reads what Telegram Desktop exports as JSON: result.json of one chat, or of all.

The fields are those of core.telegram.org/import-export. Only groups and channels that say they are public are public.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from sensemake.indexers._chat import Message, clean
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

_PUBLIC = frozenset({"public_supergroup", "public_channel"})
_MARKS = (rb'"date_unixtime"\s*:', rb'"from_id"\s*:', rb'"text_entities"\s*:')
_KIND = rb'"type"\s*:\s*"(?:personal_chat|bot_chat|saved_messages|(?:private|public)_\w+)"'


class TelegramIndexer(ChatIndexer):
    """A Telegram Desktop export (result.json)."""

    name = "telegram"
    bid = 90
    wanted = "a Telegram Desktop export as JSON (result.json)"

    def recognises(self, seen: Glimpse) -> bool:
        return any(_opens(head) for name, head in seen.heads.items() if name.lower().endswith(".json"))

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        for name in opened.export.names:
            if not name.lower().endswith(".json"):
                continue
            content = opened.export.json(name)
            if isinstance(content, ReadFailure):
                yield content
                continue
            top = mapping(content)
            chats = [chat for key in ("chats", "left_chats") for chat in objects(mapping(top.get(key)).get("list"))]
            for chat in [top] if isinstance(top.get("messages"), list) else chats:
                yield _chat(chat, opened.who, name)


def _opens(head: bytes) -> bool:
    """Its own names of fields, near the beginning of an object."""
    signs = sum(bool(re.search(sign, head)) for sign in (*_MARKS, _KIND))
    return head.lstrip()[:1] == b"{" and b'"messages"' in head and signs >= 1 and not _is_whole_other(head)


def _is_whole_other(head: bytes) -> bool:
    """Teams and others have `messages` too; they are told apart by what Telegram never writes."""
    return b'"guild"' in head or b'"chatId"' in head


def _chat(chat: Json, who: Who, name: str) -> Heard:
    key = identity(chat.get("id")) or one_line(chat.get("name")) or name.removesuffix(".json")
    title = one_line(chat.get("name")) or ("Saved messages" if chat.get("type") == "saved_messages" else key)
    entries = list(objects(chat.get("messages")))
    ids = {identity(e.get("id")): mark(time, identity(e.get("id"))) for e in entries if (time := _time(e, "date"))}
    numbers: dict[str, int] = {}
    read = [_message(entry, who, key, ids, numbers, name) for entry in entries]
    messages = [message for message in read if message is not None]
    is_private = chat.get("type") not in _PUBLIC
    label = f"dm:{title}" if chat.get("type") in {"personal_chat", "bot_chat"} else f"#{title}"
    readers = who.readers({m.author for m in messages}) if is_private else frozenset()
    heard = Heard(Channel(segment(key), label, is_private=is_private, readers=readers), messages)
    if bad := read.count(None):
        detail = f"{bad} of its {len(read)} messages have no time; the others were read"
        heard.failures.append(ReadFailure(name, Reason.MALFORMED, detail))
    return heard


def _message(
    entry: Json, who: Who, channel: str, ids: dict[str, str], numbers: dict[str, int], file: str
) -> Message | None:
    time, key = _time(entry, "date"), identity(entry.get("id"))
    if time is None:
        return None
    numbers[mark(time)] = numbers.get(mark(time), 0) + 1
    author = _author(entry.get("from_id") or entry.get("actor_id"), entry.get("from") or entry.get("actor"), who)
    answered = identity(entry.get("reply_to_message_id"))
    said, named = _said(entry.get("text"), who)
    sent = entry.get("file_name") or (entry.get("media_type") and entry.get("title"))
    return Message(
        id=ids[key] if key else mark(time, f"{numbers[mark(time)]:04d}"),
        channel=channel,
        author=author,
        time=time,
        text=clean(with_files(said, [sent])),
        edited=_time(entry, "edited"),
        is_bot=bool(entry.get("via_bot")),
        is_system=entry.get("type") == "service",
        mentions=named,
        reactions=gathered(_reactions(entry, who)),
        locator=f"id={key}" if key else "",
        file=file,
        note=text(entry.get("action")),
        reply_to=ids.get(answered) or answered or None,
    )


def _time(entry: Json, key: str) -> datetime | None:
    """`date_unixtime` is exact; `date` is the exporting computer's, whose zone is not told: taken as UTC."""
    return time_of(entry.get(f"{key}_unixtime")) or time_of(entry.get(key))


def _author(key: object, name: object, who: Who) -> Handle | None:
    """Whoever wrote. A channel speaks for itself (`channel1`): that is nobody. Exports before 2021 have names only."""
    found = identity(key) or one_line(name)
    return who.seen(found, name=one_line(name) or "Deleted account", is_person=not found.startswith("channel"))


def _reactions(entry: Json, who: Who) -> Iterator[tuple[str, Handle | None]]:
    for reaction in objects(entry.get("reactions")):
        name = text(reaction.get("emoji"))
        yield name, None
        yield from ((name, _author(r.get("from_id"), r.get("from"), who)) for r in objects(reaction.get("recent")))


def _said(found: object, who: Who) -> tuple[str, tuple[Handle, ...]]:
    """The text of strings and entities, links written out, and who is named by a link to them."""
    pieces: list[str] = []
    named: list[Handle] = []
    for piece in found if isinstance(found, list) else [found]:
        entity = mapping(piece)
        said = text(entity.get("text")) if entity else text(piece)
        href = text(entity.get("href"))
        pieces.append(f"{said} ({href})" if href and entity.get("type") == "text_link" and href != said else said)
        if entity.get("type") == "mention_name":
            handle = who.seen(f"user{identity(entity.get('user_id'))}", name=said)
            named += [handle] if handle else []
    return "".join(pieces), tuple(dict.fromkeys(named))
