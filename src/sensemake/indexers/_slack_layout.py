"""Which rooms a Slack export holds, in which folders, and who may read them.

It fails closed: only a room that channels.json names, and that nothing calls private, is public. A folder that no file
names, or that a public and a private room both claim, has an unknown audience and is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sensemake.indexers._chat import clean
from sensemake.indexers._export import Export
from sensemake.indexers._slack_people import user_id
from sensemake.model import ReadFailure

Json = Mapping[str, object]

ROOM_FILES = ("channels.json", "groups.json", "mpims.json", "dms.json")
USER_FILES = ("users.json", "org_users.json")
_DAY_FILE = re.compile(r"([^/]+)/(\d{4}-\d{2}-\d{2})\.json")
_PRIVATE_FLAGS = ("is_private", "is_group", "is_im", "is_mpim")


@dataclass(frozen=True, slots=True)
class Channel:
    """A room as the export lists it. `folder` is where its days lie, `days` its day files in order."""

    id: str
    name: str
    is_private: bool
    is_direct: bool
    members: tuple[str, ...]
    folder: str = ""
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """The rooms with messages, by folder; how many folders nobody accounts for; what could not be read of the lists."""

    channels: tuple[Channel, ...]
    unknown: int
    failures: tuple[ReadFailure, ...]
    public_names: Mapping[str, str]
    private: frozenset[str]

    def channel_name(self, key: str, label: str) -> str:
        """How a mention of this channel is read. A private one is not named to those who are not in it."""
        if key in self.private:
            return "private-channel"
        return self.public_names.get(key) or label or key


def looks_like_slack(names: Iterable[str]) -> bool:
    """Whether names at the root of an export are those of a Slack export."""
    held = frozenset(names)
    return "channels.json" in held or (
        not held.isdisjoint((*ROOM_FILES, *USER_FILES)) and any(map(_DAY_FILE.fullmatch, held))
    )


def layout(export: Export) -> Layout:
    listed, failures = _listed(export)
    days = _days_by_folder(export.names)
    owners = {folder: [c for c in listed if folder in {c.name, c.id}] for folder in days}
    found = tuple(
        Channel(c.id, c.name, c.is_private, c.is_direct, c.members, folder, tuple(days[folder]))
        for folder, (c, *others) in ((f, o) for f, o in sorted(owners.items()) if o)
        if not others
    )
    twice = Counter(channel.id for channel in found)
    kept = tuple(channel for channel in found if twice[channel.id] == 1)
    public = {c.id: c.name for c in listed if not c.is_private}
    return Layout(kept, len(days) - len(kept), tuple(failures), public, frozenset(c.id for c in listed if c.is_private))


def folder_of(name: str) -> str:
    """The folder of a member's name, however it climbs."""
    parts = [part for part in re.split(r"[\\/]", name) if part not in {"", ".", ".."}]
    return parts[-2] if len(parts) > 1 else ""


def objects(found: object) -> Iterator[Json]:
    yield from (entry for entry in found if isinstance(entry, Mapping)) if isinstance(found, list) else ()


def _listed(export: Export) -> tuple[list[Channel], list[ReadFailure]]:
    """Every room of the four lists once; private if any of them says so."""
    found: dict[str, Channel] = {}
    failures: list[ReadFailure] = []
    for file in ROOM_FILES:
        entries = export.json(file) if file in export else []
        if isinstance(entries, ReadFailure):
            failures.append(entries)
            continue
        for entry in objects(entries):
            channel = _channel(entry, file)
            before = found.get(channel.id)
            if channel.id and (before is None or not before.is_private):
                found[channel.id] = channel
    return list(found.values()), failures


def _channel(entry: Json, file: str) -> Channel:
    key = user_id(entry.get("id"))
    name = entry.get("name")
    members = entry.get("members")
    listed = members if isinstance(members, list) else [entry.get("user")]
    return Channel(
        id=key,
        name=(" ".join(clean(name).split()) if isinstance(name, str) else "") or key,
        is_private=file != "channels.json" or any(entry.get(flag) is True for flag in _PRIVATE_FLAGS),
        is_direct=file in {"dms.json", "mpims.json"} or bool(entry.get("is_im") or entry.get("is_mpim")),
        members=tuple(sorted({member for found in listed if (member := user_id(found))})),
    )


def _days_by_folder(names: Iterable[str]) -> dict[str, list[str]]:
    days: dict[str, list[str]] = {}
    for name in names:
        if found := _DAY_FILE.fullmatch(name):
            days.setdefault(found[1], []).append(name)
    return {folder: sorted(files) for folder, files in days.items()}
