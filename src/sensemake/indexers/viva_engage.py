"""Reads a Viva Engage (Yammer) network export: Messages.csv, Users.csv, Groups.csv, in a folder or a zip.

The columns are those of learn.microsoft.com, "Network Data Export API". A message stands in it once for each of its
versions; the last one counts. An export holds what was written or changed in its span, so it is never taken for whole.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from sensemake.indexers._chat import Message, clean
from sensemake.indexers._export import Export, Glimpse, Limits
from sensemake.indexers._fields import identity, mark, segment, time_of, with_files
from sensemake.indexers._rooms import Channel, ChatIndexer, Heard, Opened
from sensemake.indexers._who import one_line
from sensemake.model import Handle, ReadFailure, Reason

Row = dict[str, str]

_TABLES = {"messages.csv", "messageversions.csv", "message_versions.csv"}
_REFERENCE = re.compile(r"\[\[(\w+):(\d+)\]\]")
_TAG = re.compile(r"\[Tag:\d+:([^\]\n]+)\]|\[User:(\d+):([^\]\n]+)\]")


class VivaEngageIndexer(ChatIndexer):
    """A Viva Engage or Yammer network export (Messages.csv, Users.csv, Groups.csv)."""

    name = "viva-engage"
    bid = 93
    limits = Limits(unpacked=4 << 30, member=1 << 30)
    wanted = "a Viva Engage network export (Messages.csv beside Users.csv or Groups.csv)"

    def recognises(self, seen: Glimpse) -> bool:
        names = {name.rpartition("/")[2].lower() for name in seen.names}
        heads = [head for name, head in seen.heads.items() if name.rpartition("/")[2].lower() == "messages.csv"]
        return not names.isdisjoint({"users.csv", "groups.csv", "networks.csv"}) and any(
            b"thread_id" in head.partition(b"\n")[0] for head in heads
        )

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        tables: dict[str, list[str]] = {}
        for name in opened.export.names:
            tables.setdefault(name.rpartition("/")[0], []).append(name)
        for network, names in sorted(tables.items()):
            if any(_file(name) == "messages.csv" for name in names):
                yield from _Network(opened, segment(network) or "network").rooms_of(names)


@dataclass(slots=True)
class _Network:
    """The tables of one network; an external one lies in a folder named by its id."""

    opened: Opened
    name: str
    groups: dict[str, Row] = field(default_factory=dict)
    heard: dict[str, Heard] = field(default_factory=dict)
    members: dict[str, set[Handle | None]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def rooms_of(self, names: list[str]) -> Iterator[Heard | ReadFailure]:
        for name in sorted(names, key=lambda name: _file(name) in _TABLES):
            failure = self._table(name)
            if failure is not None:
                yield ReadFailure(failure.path, failure.reason, failure.detail, uri="*")
        for key, room in self.heard.items():
            channel = room.channel
            readers = self.opened.who.readers(self.members[key]) if channel.is_private else frozenset()
            room.channel = replace(channel, readers=readers)
            yield room

    def _table(self, name: str) -> ReadFailure | None:
        file = _file(name)
        if file not in _TABLES | {"users.csv", "groups.csv"}:
            return None
        rows = _rows(self.opened.export, name)
        if isinstance(rows, ReadFailure):
            return rows
        if file in _TABLES:
            self._name(rows)
        bad = sum(not self._row(row, file, name) for row in rows)
        detail = f"{bad} of its {len(rows)} rows have no id or no time; the others were read"
        return ReadFailure(name, Reason.MALFORMED, detail) if bad else None

    def _name(self, rows: list[Row]) -> None:
        """Give every message its name, by the time of its first version."""
        times = sorted((time, key) for row in rows if (key := identity(row.get("id"))) and (time := _created(row)))
        for time, key in times:
            self.ids.setdefault(key, mark(time, key))

    def _row(self, row: Row, file: str, name: str) -> bool:
        if file == "users.csv":
            who = self.opened.who
            person = row.get("type", "user").lower() not in {"bot", "system"}
            return (
                who.add(
                    row.get("id"),
                    name=row.get("name"),
                    email=row.get("email"),
                    title=row.get("job_title"),
                    is_person=person,
                )
                is not None
            )
        if file == "groups.csv":
            self.groups[row.get("id", "")] = row
            return bool(row.get("id"))
        return self._message(row, name)

    def _message(self, row: Row, file: str) -> bool:
        key, time = identity(row.get("id")), _created(row)
        if not key or time is None:
            return False
        who = self.opened.who
        room = self._room(row)
        is_person = row.get("sender_type", "user").lower() in {"user", ""}
        author = who.seen(
            row.get("sender_id"), name=row.get("sender_name"), email=row.get("sender_email"), is_person=is_person
        )
        self.members.setdefault(room.channel.id, set()).add(author)
        thread = identity(row.get("thread_id"))
        said, named = self._said(row.get("body", ""))
        files = re.split(r",\s*", row.get("attachments", "")) if "uploaded" not in row.get("attachments", "") else []
        room.messages.append(
            Message(
                id=self.ids[key],
                channel=room.channel.id,
                author=author,
                time=time,
                text=clean(with_files(said, files)),
                thread=self.ids.get(thread, thread) or None,
                edited=time_of(row.get("updated_at") or row.get("version_created_at")),
                deleted=bool(row.get("deleted_at") or row.get("deleted_by_id")),
                is_bot=who.is_bot(author),
                is_system=row.get("message_type", "").lower() == "system" or row.get("system_message") == "true",
                mentions=named,
                locator=f"id={key}",
                file=file,
                subject=one_line(row.get("title")),
            )
        )
        return True

    def _room(self, row: Row) -> Heard:
        """A community, or a private conversation. Private is what the message or the list of communities calls so."""
        group, talk = row.get("group_id", ""), row.get("conversation_id") or row.get("thread_id", "")
        listed = self.groups.get(group, {})
        if _yes(row.get("in_private_conversation")):
            key, label, hidden = f"{self.name}/conversation-{segment(talk)}", f"dm:{talk}", True
        else:
            name = one_line(row.get("group_name")) or one_line(listed.get("name")) or "All Company"
            hidden = _yes(row.get("in_private_group")) or _yes(listed.get("private"))
            key, label = f"{self.name}/{segment(group) or 'all'}", f"#{name}"
        return self.heard.setdefault(key, Heard(Channel(key, label, is_private=hidden)))

    def _said(self, markup: str) -> tuple[str, tuple[Handle, ...]]:
        who = self.opened.who
        named: list[Handle] = []

        def reference(found: re.Match[str]) -> str:
            handle = who.handle(found[2]) if found[1].lower() == "user" else None
            if handle is None:
                return ""
            named.append(handle)
            return f"@{who.name(handle)}"

        def tag(found: re.Match[str]) -> str:
            handle = who.handle(found[2]) if found[2] else None
            named.extend([handle] if handle else [])
            return f"@{found[3]}" if found[2] else f"#{found[1]}"

        said = _TAG.sub(tag, _REFERENCE.sub(reference, markup))
        return said, tuple(dict.fromkeys(named))


def _created(row: Row) -> datetime | None:
    return time_of(row.get("created_at"))


def _file(name: str) -> str:
    return name.rpartition("/")[2].lower()


def _yes(found: str | None) -> bool:
    return (found or "").strip().lower() in {"true", "1", "yes", "t"}


def _rows(export: Export, name: str) -> list[Row] | ReadFailure:
    content = export.text(name)
    if isinstance(content, ReadFailure):
        return content
    csv.field_size_limit(min(sys.maxsize, 1 << 30))
    try:
        return [
            {(key or "").strip().lower(): value or "" for key, value in row.items() if isinstance(value, str | None)}
            for row in csv.DictReader(io.StringIO(content.replace("\0", ""), newline=""))
        ]
    except csv.Error:
        return ReadFailure(name, Reason.MALFORMED, "the file is no CSV table; it may be cut short")
