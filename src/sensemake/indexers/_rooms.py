"""What the readers of chat exports share: from the rooms that a format finds to documents, failures and coverage."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sensemake.indexers._chat import Message, Place, Tally, conversations, document
from sensemake.indexers._export import DEFAULT, Export, Glimpse, Limits, glimpse, open_export, shown
from sensemake.indexers._fields import mark
from sensemake.indexers._who import Who
from sensemake.model import Coverage, Document, Handle, Profile, ReadFailure, Reason, Room, Scope, Source

_log = logging.getLogger(__name__)

Item = Document | ReadFailure | Coverage


@dataclass(frozen=True, slots=True)
class Channel:
    """A room as its export tells of it. `readers` are who may read a private one.

    `id` is what its system calls it for good, made of `_fields.segment`s: with its server or team first if it has
    several (`garden/C1`).
    """

    id: str
    label: str
    is_private: bool = False
    readers: frozenset[str] = frozenset()
    url: str | None = None


@dataclass(slots=True)
class Heard:
    """All that an export holds of one channel, and how far it reaches.

    It is known to reach from the first message to the last; further where the export says so. `whole`: from the
    channel's beginning. `at_once`: to the last message of all channels, since they were exported together. `until`:
    when it was exported.
    """

    channel: Channel
    messages: list[Message] = field(default_factory=list)
    failures: list[ReadFailure] = field(default_factory=list)
    whole: bool = False
    at_once: bool = False
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """An export that is being read, and who is who in it as far as is known."""

    export: Export
    who: Who
    source: Source


class ChatIndexer(ABC):
    """An Indexer of chat exports; a format fills in what is its own. `tally` tells of the last read.

    Public rooms only, unless `include_private` is "yes": then private ones are rooms of their own, read by their
    members and nobody else. What is left out is not named.
    """

    name: str
    continues: bool = True
    bid: int
    """How sure it is of what it recognises. Every format has another number, so two never bid the same."""
    limits: Limits = DEFAULT
    wanted: str
    """What was looked for, to be told when it is not there."""

    def __init__(self) -> None:
        self.tally = Tally()

    @abstractmethod
    def recognises(self, seen: Glimpse) -> bool:
        """Whether this is an export of this format, by its names and how its files begin."""

    @abstractmethod
    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        """Every room of an export, private ones too, and what could not be read. A failure with the `uri` "*" says
        that something is missing and nobody knows from which room.
        """

    def namespace(self, source: Source) -> str:  # noqa: ARG002  (for those whose system is declared)
        return self.name

    def sniff(self, path: Path) -> int:
        return self.bid if self.recognises(glimpse(path)) else 0

    def read(self, path: Path, source: Source) -> Iterator[Item]:
        self.tally = Tally()
        export = open_export(path, self.limits, or_file=True)
        if isinstance(export, ReadFailure):
            yield export
            return
        with export:
            who = Who(self.namespace(source))
            found = list(self.rooms(Opened(export, who, source)))
            failures = [*export.failures, *(f for f in found if isinstance(f, ReadFailure))]
            heard = [h for h in found if isinstance(h, Heard)]
            if not heard and not failures:
                yield ReadFailure(shown(path.name), Reason.MALFORMED, f"{self.wanted} was not found in it")
                return
            yield from _Telling(heard, failures, who, source, self.tally, self.name).items()
            _log.info("%s: %s", self.name, self.tally)


class _Telling:
    """One read of one export, from its rooms on."""

    def __init__(
        self,
        heard: Iterable[Heard],
        failures: Iterable[ReadFailure],
        who: Who,
        source: Source,
        tally: Tally,
        system: str,
    ) -> None:
        wanted = source.options.get("include_private") == "yes"
        every = _joined(heard)
        self._heard = [h for h in every if wanted or not h.channel.is_private]
        self._failures = list(failures)
        self._who, self._source, self._tally, self._system = who, source, tally, system
        taken = max((m.time for h in every if h.at_once for m in h.messages), default=None)
        self._scopes = {
            h.channel.id: scope for h in self._heard if (scope := _scope(h, taken, self._prefix(h.channel)))
        }
        tally.left_out = len(every) - len(self._heard)

    def items(self) -> Iterator[Item]:
        holed = any(failure.uri for failure in self._failures)
        yield from (replace(failure, uri="") for failure in self._failures)
        labels = _labels([heard.channel for heard in self._heard])
        for heard, label in zip(self._heard, labels, strict=True):
            prefix = self._prefix(heard.channel)
            yield from (replace(failure, uri=prefix) for failure in heard.failures)
            if holed and heard.channel.id in self._scopes:
                detail = "what could not be read may belong in here; none of its conversations counts as gone"
                yield ReadFailure(shown(label), Reason.MALFORMED, detail, uri=prefix)
            place = Place(prefix, label, self._room(heard.channel, label), {"channel": label.removeprefix("#")})
            for conversation in conversations(heard.messages, self._tally):
                yield document(conversation, place, self._source, self._profile, heard.channel.url)
        yield from self._nothing_public()
        yield Coverage(tuple(self._scopes.values()))

    def _prefix(self, channel: Channel) -> str:
        return f"{self._system}:{channel.id}/"

    def _room(self, channel: Channel, label: str) -> Room | None:
        return Room(label, channel.readers, f"{self._system}:{channel.id}") if channel.is_private else None

    def _profile(self, handle: Handle) -> Profile:
        if not self._who.is_known(handle):
            self._tally.unknown.add(handle)
        return self._who.profile(handle)

    def _nothing_public(self) -> Iterator[ReadFailure]:
        if self._tally.left_out and not self._heard:
            detail = (
                f"all {self._tally.left_out} rooms in it are private; --include-private takes them in for their members"
            )
            yield ReadFailure(self._source.name, Reason.UNSUPPORTED, detail)


def _joined(heard: Iterable[Heard]) -> list[Heard]:
    """Each room once. Of a private one that comes twice, only who is in both may read it."""
    found: dict[str, Heard] = {}
    for room in heard:
        before = found.setdefault(room.channel.id, room)
        if before is not room:
            both = before.channel.readers & room.channel.readers
            is_private = before.channel.is_private or room.channel.is_private
            before.channel = replace(before.channel, is_private=is_private, readers=both)
            before.messages += room.messages
            before.failures += room.failures
            before.whole = before.whole and room.whole
    return list(found.values())


def _scope(heard: Heard, taken: datetime | None, prefix: str) -> Scope | None:
    """What began before the export began is not whole in it, so it is not held."""
    times = [message.time for message in heard.messages]
    last = (heard.until, taken if heard.at_once else None)
    until = max((t for t in (*times, *last) if t), default=None)
    since = None if heard.whole else min((t for t in (*times, heard.since) if t), default=None)
    if until is None or (since is None and not heard.whole):
        return None
    return Scope(prefix, since, until, f"{prefix}{mark(since)}" if since else "")


def _labels(channels: list[Channel]) -> list[str]:
    """Private rooms of one name get their ids: each has its own readers."""
    labels = [channel.label for channel in channels]
    times = Counter(channel.label for channel in channels if channel.is_private)
    return [
        f"{label} ({channel.id.rpartition('/')[2]})" if channel.is_private and times[label] > 1 else label
        for label, channel in zip(labels, channels, strict=True)
    ]
