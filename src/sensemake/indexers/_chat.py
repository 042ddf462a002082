"""Turns the messages of one channel, whatever system they come from, into conversations.

What belongs together: a thread (a root and its replies), and of the rest what was said without a long pause; a talk of
more than LONGEST messages is cut where its subject changes (`rules.cohesion`). Names stay true when an export is
repeated, grows or begins earlier: a conversation is named by its first message, and every message is in exactly one
conversation.

- A late reply to a message that stood in a stretch makes it the root of a thread of the same name.
- A stretch never goes on from one file of the export into the next. Exports begin and end with whole files (days),
  so what comes before, in a longer or an older export, does not change where a stretch begins.
- Replies whose root is not in the export at all never take the place of the whole thread that an earlier export
  brought. Where the root's name is known without it (Slack), they continue that thread (`rules.threads`); elsewhere
  they are stretches of their own, named by their first reply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sensemake.indexers._turns import asks, is_thankful, thanks
from sensemake.model import Contribution, Document, Handle, Kind, Part, Profile, Role, Room, Source
from sensemake.rules import cohesion
from sensemake.rules.threads import CONTINUES

GAP = timedelta(minutes=45)
"""A longer pause ends a stretch."""
LONGEST = 50
"""Messages in a stretch, at most. A thread is never cut."""
FEWEST = 15
"""Messages before such a cut, at least."""
REMAINDER = 5
"""Messages after it, at least."""
TITLE = 80
"""Characters of a title, at most."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its platform keeps it, its text already readable.

    `thread` is the id of the root it replies to (or its own id, for a root). `file` is the file of the export it was
    read from. `note` says what a system message announces (`channel_join`). `reactions` are (name, who reacted).
    `reply_to` is the id of what it answers in a channel without threads; it stays among its neighbours, unless what it
    answers belongs to an older conversation. `subject` is a heading that the thread or message has of its own.
    """

    id: str
    channel: str
    author: Handle | None
    time: datetime
    text: str
    thread: str | None = None
    edited: datetime | None = None
    deleted: bool = False
    is_bot: bool = False
    is_system: bool = False
    mentions: tuple[Handle, ...] = ()
    reactions: tuple[tuple[str, tuple[Handle, ...]], ...] = ()
    locator: str = ""
    file: str = ""
    note: str = ""
    reply_to: str | None = None
    subject: str = ""


@dataclass(slots=True)
class Tally:
    """What became of the messages of an export, in numbers: read = kept + dropped."""

    read: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    conversations: int = 0
    participants: set[Handle] = field(default_factory=set)
    unknown: set[Handle] = field(default_factory=set)
    left_out: int = 0

    def __str__(self) -> str:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(self.dropped.items())) or "none"
        return (
            f"{self.read} messages read, {self.kept} kept, dropped: {reasons}; {self.conversations} conversations of "
            f"{len(self.participants)} people, {len(self.unknown)} unknown; {self.left_out} private rooms left out"
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages that belong together, in order; `id` is that of the first one (of a thread's root, even if deleted)."""

    id: str
    messages: tuple[Message, ...]
    is_thread: bool = False
    is_rest: bool = False
    """Its root is not in the export."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where conversations were held: what their names and titles begin with, and who may read them."""

    prefix: str
    label: str
    room: Room | None = None
    facets: Mapping[str, str] = field(default_factory=dict)


def conversations(
    messages: Iterable[Message],
    tally: Tally,
    *,
    gap: timedelta = GAP,
    longest: int = LONGEST,
    names_roots: bool = False,
) -> Iterator[Conversation]:
    """The conversations of one channel in order of their first message. What is dropped is counted in `tally`.

    `names_roots`: a reply's `thread` is the id of its root even when that is not in the export.
    """
    latest = _latest(messages, tally)
    replies = [m for m in latest.values() if m.thread and m.thread != m.id]
    roots = {m.thread for m in replies}
    answered = {m.thread for m in replies if not _dropped(m, is_answered=False)}
    threads: dict[str, list[Message]] = {}
    loose: list[Message] = []
    for message in sorted(latest.values(), key=_order):
        kept = _keep(message, tally, is_answered=message.id in answered)
        if kept is not None:
            root = kept.thread if kept.thread in latest or kept.id not in roots else kept.id
            (loose if root is None else threads.setdefault(root, [])).append(kept)
    found = list(_stretches(loose, gap, longest))
    for root, turns in threads.items():
        if root in latest or names_roots:
            found.append(Conversation(root, tuple(turns), is_thread=True, is_rest=root not in latest))
        else:
            found += _stretches(turns, gap, longest)
    tally.conversations += len(found)
    yield from sorted(found, key=lambda c: _order(c.messages[0]))


def document(
    conversation: Conversation,
    place: Place,
    source: Source,
    profile: Callable[[Handle], Profile],
    url: str | None = None,
) -> Document:
    """A conversation as a document: a part for each message, the profiles of all who take part or are named."""
    messages = conversation.messages
    people = sorted({h for m in messages for h in (m.author, *m.mentions) if h is not None})
    return Document(
        source=source,
        uri=place.prefix + conversation.id,
        kind=Kind.CONVERSATION,
        title=title(place.label, messages[0].subject or messages[0].text),
        parts=parts(messages),
        time=max(m.time for m in messages),
        path=messages[0].file,
        url=url,
        contributions=thanked(messages),
        facets={**place.facets, CONTINUES: "yes"} if conversation.is_rest else place.facets,
        profiles=tuple(profile(handle) for handle in people),
        room=place.room,
    )


def parts(messages: Sequence[Message]) -> tuple[Part, ...]:
    """A part for each message, with what its author did: asked, answered what another asked, or wrote."""
    opening = messages[0]
    asked = _opens_with_a_question(messages)

    def role(message: Message) -> Role:
        if not asked or (message is not opening and message.author == opening.author):
            return Role.WROTE
        return Role.ASKED if message is opening else Role.ANSWERED

    return tuple(
        Part(text=m.text, author=m.author, role=role(m), time=m.time, locator=m.locator, mentions=m.mentions)
        for m in messages
    )


def thanked(messages: Sequence[Message]) -> tuple[Contribution, ...]:
    """Whom the one who asked thanked: by name, else whoever spoke last before, or by a reaction to a message."""
    asker = messages[0].author
    if asker is None or not _opens_with_a_question(messages):
        return ()
    helpers: set[Handle] = set()
    last: Handle | None = None
    for message in messages[1:]:
        if message.author != asker:
            last = message.author or last
            if message.author and any(is_thankful(name) and asker in users for name, users in message.reactions):
                helpers.add(message.author)
        elif thanks(message.text):
            helpers.update(message.mentions or ([last] if last else []))
    return tuple(Contribution(handle, Role.THANKED) for handle in sorted(helpers - {asker}))


def _opens_with_a_question(messages: Sequence[Message]) -> bool:
    """A reply whose root is gone opens nothing, whatever it asks."""
    opening = messages[0]
    return opening.thread in {None, opening.id} and opening.reply_to is None and asks(opening.text)


def title(label: str, text: str) -> str:
    """`#channel: first words of the first message`, at most TITLE characters, cut between words."""
    words = " ".join(text.split())
    whole = f"{label}: {words}" if words else label
    if len(whole) <= TITLE:
        return whole
    cut = whole[:TITLE]
    at = cut.rfind(" ", len(label) + 2)
    return f"{(cut[:at] if at > TITLE // 2 else cut[:-1]).rstrip(' ,.;:–-')}…"


def clean(text: str) -> str:
    """Text that every store takes: no NUL, a U+FFFD for a lone surrogate, one kind of line end, no space around it."""
    paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return paired.replace("\0", "").replace("\r\n", "\n").strip()


def _latest(messages: Iterable[Message], tally: Tally) -> dict[str, Message]:
    """Each message once, as last edited. A deletion is the last word on a message."""
    latest: dict[str, Message] = {}
    for message in messages:
        tally.read += 1
        before = latest.get(message.id)
        if before is None:
            latest[message.id] = message
            continue
        tally.dropped["repeated"] += 1
        if not before.deleted and (message.deleted or _edited(message) >= _edited(before)):
            latest[message.id] = replace(message, thread=message.thread or before.thread)
    return latest


def _keep(message: Message, tally: Tally, *, is_answered: bool) -> Message | None:
    """The message, or None when it is no part of a conversation. A bot's stays, unsigned, if people answer it."""
    reason = _dropped(message, is_answered=is_answered)
    if reason:
        tally.dropped[reason] += 1
        return None
    tally.kept += 1
    if message.is_bot:
        return replace(message, author=None)
    tally.participants.update([message.author] if message.author else [])
    return message


def _dropped(message: Message, *, is_answered: bool) -> str:
    if message.deleted:
        return "deleted"
    if message.is_system:
        return message.note or "system"
    if message.is_bot and not is_answered:
        return "bot"
    return "" if message.text.strip() else "empty"


def _stretches(messages: Sequence[Message], gap: timedelta, longest: int) -> Iterator[Conversation]:
    """What was said without a long pause; a late reply goes to the stretch of what it answers."""
    found: list[list[Message]] = []
    home: dict[str, list[Message]] = {}
    running: list[Message] = []
    spoken: Message | None = None
    for message in messages:
        runs = spoken is not None and message.time - spoken.time <= gap and message.file == spoken.file
        answered = home.get(message.reply_to or "")
        if not runs:
            _cut(running, found, home, longest)
        if answered is None and not runs:
            running = []
            found.append(running)
        stretch = running if answered is None else home[message.reply_to or ""]
        stretch.append(message)
        home[message.id] = stretch
        if stretch is running or not runs:
            running, spoken = stretch, message
        if len(running) >= longest + cohesion.WIDTH:
            running = _cut(running, found, home, longest)
    _cut(running, found, home, longest)
    yield from (Conversation(stretch[0].id, tuple(stretch)) for stretch in found)


def _cut(
    stretch: list[Message], found: list[list[Message]], home: dict[str, list[Message]], longest: int
) -> list[Message]:
    """Cut a stretch into pieces of at most `longest` messages, where each has least in common with the next.

    The last piece. What is decided once the comparison reaches no further stays so when the talk goes on.
    """
    while len(stretch) > longest:
        last = max(1, min(longest, len(stretch) - REMAINDER))
        place = cohesion.weakest([message.text for message in stretch], min(FEWEST, last), last)
        rest = stretch[place:]
        del stretch[place:]
        home.update((message.id, rest) for message in rest)
        found.append(rest)
        stretch = rest
    return stretch


def _order(message: Message) -> tuple[datetime, str]:
    return message.time, message.id


def _edited(message: Message) -> datetime:
    return message.edited or message.time
