"""Reads messages whose fields somebody declares (`--map author=author.name`), or that have the usual names.

The keys are those of docs/jsonl.md. `system` and `channel` of the map are no fields but the thing itself when they
begin with `=`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sensemake.indexers._chat import Message, clean
from sensemake.indexers._discord_text import readable
from sensemake.indexers._emoji import with_emoji
from sensemake.indexers._fields import Json, at, gathered, identity, mark, objects, text, time_of, with_files
from sensemake.indexers._who import Who, one_line
from sensemake.model import Handle, Source

USUAL: Mapping[str, tuple[str, ...]] = {
    "author": (
        "author.id",
        "author.username",
        "author.name",
        "author",
        "user.id",
        "user.name",
        "user",
        "sender",
        "from",
        "username",
        "nick",
    ),
    "text": ("text", "content", "message", "body", "msg"),
    "time": ("time", "created_at", "timestamp", "createdAt", "date", "ts", "sent_at"),
    "id": ("id", "message_id", "_id"),
    "name": ("author.display_name", "author.name", "author_name", "user.name", "display_name"),
    "email": ("author.email", "email", "user.email"),
    "thread": ("thread", "thread_id", "thread_ts"),
    "reply_to": ("reply_to", "reply_to_id", "in_reply_to"),
    "edited": ("edited", "edited_at", "editedAt"),
    "deleted": ("deleted", "deleted_at"),
    "bot": ("bot", "is_bot", "author.bot"),
    "system": ("system",),
    "event": ("event",),
    "channel": ("channel", "channel_name", "room"),
    "files": ("files", "attachments"),
    "title": ("title", "subject"),
    "private": ("private",),
    "members": ("members",),
    "mentions": ("mentions",),
    "reactions": ("reactions",),
}
"""What a message may say, and the fields in which it is looked for when nothing is declared."""


@dataclass(slots=True)
class Numbering:
    """Names for messages that have none: their time, and which of that time they are."""

    taken: dict[str, int] = field(default_factory=dict)

    def next(self, moment: str) -> str:
        self.taken[moment] = self.taken.get(moment, 0) + 1
        return f"{moment}-{self.taken[moment]:04d}"


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Where each fact of a message lies."""

    declared: Mapping[str, str]

    @classmethod
    def of(cls, source: Source) -> FieldMap:
        return cls({k.removeprefix("map."): v for k, v in source.options.items() if k.startswith("map.")})

    @property
    def system(self) -> str:
        """The namespace of authors: `user` when nobody says what system this is."""
        declared = self.declared.get("system", "")
        return one_line(declared.removeprefix("=")).replace(":", "") or "user"

    def get(self, entry: Json, key: str) -> object:
        if key in self.declared:
            declared = self.declared[key]
            return declared[1:] if declared.startswith("=") else at(entry, declared)
        return next((found for path in USUAL[key] if (found := at(entry, path)) is not None and found != ""), None)

    def has(self, entry: Json, key: str) -> bool:
        """Whether there is such a field, be it empty."""
        paths = (self.declared[key],) if key in self.declared else USUAL[key]
        return any(path in entry or at(entry, path) is not None for path in paths)

    def fits(self, entry: Json) -> bool:
        """Whether this is a message: it has a text, a time, and an author."""
        author = self.get(entry, "author")
        return (
            isinstance(self.get(entry, "text"), str)
            and time_of(self.get(entry, "time")) is not None
            and bool(identity(author) if not isinstance(author, str) else one_line(author))
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns entries of one channel into messages."""

    fields: FieldMap
    who: Who
    channel: str
    numbering: Numbering = field(default_factory=Numbering)
    ids: dict[str, str] = field(default_factory=dict)

    def messages(
        self, entries: Iterable[tuple[Json, str, str]], *, is_thread: bool = False
    ) -> Iterator[Message | None]:
        """A message for each (entry, file, locator), or None for one without a text or a time."""
        held = list(entries)
        for entry, _, _ in held:
            self._name(entry)
        first: str | None = None
        for entry, file, locator in held:
            message = self._message(entry, file, locator)
            if message is not None and is_thread:
                first = first or message.id
                message = replace(message, thread=first)
            yield message

    def _name(self, entry: Json) -> None:
        key, time = identity(self.fields.get(entry, "id")), time_of(self.fields.get(entry, "time"))
        if key and time:
            self.ids.setdefault(key, mark(time, key))

    def _message(self, entry: Json, file: str, locator: str) -> Message | None:
        get, key = self.fields.get, identity(self.fields.get(entry, "id"))
        time, said = time_of(get(entry, "time")), get(entry, "text")
        deleted = get(entry, "deleted") not in {None, False, "", "false"}
        if time is None or not (isinstance(said, str) or deleted or (said is None and self.fields.has(entry, "text"))):
            return None
        author = self._author(entry)
        thread, answered = identity(get(entry, "thread")), identity(get(entry, "reply_to"))
        return Message(
            id=self.ids[key] if key else self.numbering.next(mark(time)),
            channel=self.channel,
            author=author,
            time=time,
            text=clean(with_files(self._readable(text(said)), _titles(get(entry, "files")))),
            thread=self.ids.get(thread, thread) or None,
            edited=time_of(get(entry, "edited")),
            deleted=deleted,
            is_bot=self.who.is_bot(author),
            is_system=bool(get(entry, "event")),
            mentions=self._handles(get(entry, "mentions")),
            reactions=gathered(self._reactions(get(entry, "reactions"))),
            locator=f"id={key}" if key else locator,
            file=file,
            note=one_line(get(entry, "event"))[:40] if isinstance(get(entry, "event"), str) else "",
            reply_to=self.ids.get(answered, answered) or None,
            subject=one_line(get(entry, "title")),
        )

    def _author(self, entry: Json) -> Handle | None:
        get = self.fields.get
        found = get(entry, "author")
        key = found if isinstance(found, str) else identity(found)
        bot = get(entry, "bot") is True
        return self.who.seen(key, name=get(entry, "name"), email=get(entry, "email"), is_person=not bot)

    def _readable(self, said: str) -> str:
        return readable(said, {}) if self.who.namespace == "discord" else with_emoji(said)

    def _handles(self, found: object) -> tuple[Handle, ...]:
        named = [self.who.handle(key) for key in found if isinstance(key, str | int)] if isinstance(found, list) else []
        return tuple(dict.fromkeys(handle for handle in named if handle is not None))

    def _reactions(self, found: object) -> Iterator[tuple[str, Handle | None]]:
        """`[{"name": "tada", "users": ["ana"]}]`."""
        for reaction in objects(found):
            name = clean(text(reaction.get("name")))
            yield name, None
            yield from ((name, handle) for handle in self._handles(reaction.get("users")))


def _titles(found: object) -> Iterator[str]:
    """What files are called; an address alone says nothing."""
    for file in found if isinstance(found, list) else ():
        named = [text(at(file, key)) for key in ("title", "name", "filename", "fileName", "origin_name")]
        yield next(filter(None, named), "")
