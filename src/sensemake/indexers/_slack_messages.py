"""Turns an entry of a Slack day file into a Message, whatever year's layout it has.

Fields and subtypes: docs.slack.dev/reference/events/message; `file_comment` and the single `file` are from before 2018.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sensemake.indexers._chat import Message, clean
from sensemake.indexers._slack_people import SLACKBOT, People, handle, user_id
from sensemake.indexers._slack_text import attachments_markup, blocks_markup, readable
from sensemake.model import Handle

Json = Mapping[str, object]

_TS = re.compile(r"(\d{1,10})(?:\.(\d{1,6}))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROOM = (
    "join",
    "leave",
    "topic",
    "purpose",
    "name",
    "archive",
    "unarchive",
    "posting_permissions",
    "convert_to_private",
)
SYSTEM = frozenset(
    {
        *(f"{room}_{what}" for room in ("channel", "group") for what in _ROOM),
        *(
            "channel_convert_to_public",
            "pinned_item",
            "unpinned_item",
            "bot_add",
            "bot_remove",
            "bot_enable",
            "bot_disable",
        ),
        *("reminder_add", "reminder_delete", "app_conversation_join", "app_conversation_leave", "joiner_notification"),
        *("joiner_notification_for_inviter", "sh_room_created", "sh_room_shared", "huddle_thread", "ekm_access_denied"),
        *("channel_canvas_updated", "tabbed_canvas_updated", "message_replied", "reply_broadcast", "file_unshared"),
    }
)
"""Subtypes that announce something and say nothing. An unknown subtype is kept: somebody may have said it."""
_GONE_FILES = frozenset({"tombstone", "hidden_by_limit"})


@dataclass(frozen=True, slots=True)
class Context:
    """What is needed to read the entries of one channel."""

    channel: str
    people: People
    channel_name: Callable[[str, str], str]


def message(entry: Json, context: Context, file: str) -> Message | None:
    """The message of an entry; None when it is none (no `ts`). Edits and deletions carry the id of what they change."""
    subtype = _text(entry.get("subtype"))
    inner = entry.get("message")
    if subtype == "message_changed" and isinstance(inner, Mapping):
        return _message(inner, context, file, edited=_edited(inner) or time_of(entry.get("ts")))
    if subtype == "message_deleted":
        before = entry.get("previous_message")
        ts = entry.get("deleted_ts") or (before.get("ts") if isinstance(before, Mapping) else None)
        return _message({"ts": ts, "subtype": "tombstone"}, context, file, edited=None)
    return _message(entry, context, file, edited=_edited(entry))


def time_of(ts: object) -> datetime | None:
    """`1714554000.000200` as a time; None for anything else."""
    found = _TS.fullmatch(_ts(ts))
    if found is None:
        return None
    return _EPOCH + timedelta(seconds=int(found[1]), microseconds=int((found[2] or "0").ljust(6, "0")))


def _message(entry: Json, context: Context, file: str, *, edited: datetime | None) -> Message | None:
    ts, time = _ts(entry.get("ts")), time_of(entry.get("ts"))
    if time is None:
        return None
    subtype = _text(entry.get("subtype"))
    author = _author(entry, subtype)
    text, named = readable(_markup(entry, subtype), context.people.name, context.channel_name)
    said = "\n".join(line for line in (clean(text), *_files(entry)) if line)
    hidden = bool(entry.get("hidden")) and subtype != "tombstone"
    return Message(
        id=ts,
        channel=context.channel,
        author=handle(author) if author else None,
        time=time,
        text=said,
        thread=_ts(entry.get("thread_ts")) or None,
        edited=edited,
        deleted=subtype == "tombstone",
        is_bot=_is_bot(entry, subtype, author, context.people),
        is_system=subtype in SYSTEM or hidden,
        mentions=tuple(handle(key) for name in named if (key := user_id(name))),
        reactions=tuple(_reactions(entry)),
        locator=f"ts={ts}",
        file=file,
        note="hidden" if hidden else subtype,
    )


def _author(entry: Json, subtype: str) -> str:
    comment = entry.get("comment")
    if subtype == "file_comment" and isinstance(comment, Mapping):
        return user_id(comment.get("user")) or user_id(entry.get("user"))
    return user_id(entry.get("user"))


def _is_bot(entry: Json, subtype: str, author: str, people: People) -> bool:
    return (
        subtype in {"bot_message", "slackbot_response"}
        or bool(entry.get("bot_id") or entry.get("bot_profile"))
        or author == SLACKBOT
        or people.is_bot(author)
    )


def _markup(entry: Json, subtype: str) -> str:
    """What was said. An old file event says "X uploaded a file: … and commented: …"; only the comment was said."""
    file = entry.get("file")
    if isinstance(file, Mapping) and subtype in {"file_share", "file_comment"}:
        comment = entry.get("comment") if subtype == "file_comment" else file.get("initial_comment")
        if isinstance(comment, Mapping):
            return _text(comment.get("comment"))
        return _text(entry.get("text")).partition(" and commented: ")[2]
    text = _text(entry.get("text"))
    return text if text.strip() else blocks_markup(entry.get("blocks")) or attachments_markup(entry.get("attachments"))


def _files(entry: Json) -> Iterator[str]:
    """The titles of the files that were shared: their contents are not in an export."""
    files = entry.get("files")
    for file in [*(files if isinstance(files, list) else []), entry.get("file")]:
        if isinstance(file, Mapping) and file.get("mode") not in _GONE_FILES:
            title = clean(_text(file.get("title")) or _text(file.get("name")))
            if title:
                yield title.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _reactions(entry: Json) -> Iterator[tuple[str, tuple[Handle, ...]]]:
    reactions = entry.get("reactions")
    for reaction in reactions if isinstance(reactions, list) else []:
        if isinstance(reaction, Mapping) and isinstance(users := reaction.get("users"), list):
            yield clean(_text(reaction.get("name"))), tuple(handle(key) for user in users if (key := user_id(user)))


def _edited(entry: Json) -> datetime | None:
    edited = entry.get("edited")
    return time_of(edited.get("ts")) if isinstance(edited, Mapping) else None


def _ts(found: object) -> str:
    """An id as text; some tools write it as a number."""
    if isinstance(found, float):
        return f"{found:.6f}"
    return str(found).strip() if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""
