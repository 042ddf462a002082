"""Reads folders of channels that hold a JSON list of messages for each day: `general/2024-05-01.json`.

Archives that a community keeps look like this; which field holds what is declared (`--map author=author.name`) or has
one of the usual names (docs/jsonl.md). A folder `general/_threads/NAME` is a thread of that channel.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from sensemake.indexers._export import Export, Glimpse, Limits, shown
from sensemake.indexers._fields import Json, mapping, objects, segment
from sensemake.indexers._mapped import FieldMap, Reader
from sensemake.indexers._rooms import Channel, ChatIndexer, Heard, Opened
from sensemake.indexers._who import one_line
from sensemake.model import ReadFailure, Reason, Source

_DAY = re.compile(r"(?:(?P<channel>.+)/)?\d{4}-\d\d-\d\d\.json")
_SLACK = frozenset({"channels.json", "groups.json", "mpims.json", "dms.json", "users.json", "org_users.json"})
_THREADS = frozenset({"_threads", "threads"})


class ChannelFoldersIndexer(ChatIndexer):
    """Folders of channels with a JSON file of messages for each day."""

    name = "channel-folders"
    bid = 80
    limits = Limits(unpacked=4 << 30, entries=500_000)
    wanted = "a folder for each channel with files such as 2024-05-01.json"

    def namespace(self, source: Source) -> str:
        return FieldMap.of(source).system

    def recognises(self, seen: Glimpse) -> bool:
        heads = [head for name, head in seen.heads.items() if _DAY.fullmatch(name)]
        return not seen.is_file and seen.names.isdisjoint(_SLACK) and any(FieldMap({}).fits(_first(h)) for h in heads)

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        days: dict[str, list[str]] = {}
        for name in opened.export.names:
            if found := _DAY.fullmatch(name):
                days.setdefault(found["channel"] or "", []).append(name)
        root = _root(opened.export) if "" in days else ""
        for folder, names in sorted(days.items()):
            yield _channel("/".join(filter(None, (root, folder))), names, opened)


def _first(head: bytes) -> Json:
    """The first object of a list of which only the beginning is there."""
    opening = head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not opening.startswith("["):
        return {}
    try:
        return mapping(json.JSONDecoder().raw_decode(opening[1:].lstrip())[0])
    except (ValueError, RecursionError):
        return {}


def _root(export: Export) -> str:
    """The name of the only channel there is, when its folder became the root of the export."""
    return export.root.strip("/") or PurePosixPath(export.path.name).name.partition(".tar")[0].removesuffix(".zip")


def _channel(folder: str, names: list[str], opened: Opened) -> Heard:
    *above, last = folder.split("/")
    is_thread = bool(above) and above[-1] in _THREADS
    shown_as = [one_line(part) for part in (*above, last) if part not in _THREADS]
    heard = Heard(Channel(segment(folder), f"#{' › '.join(shown_as)}"))
    reader = Reader(FieldMap.of(opened.source), opened.who, folder)
    entries: list[tuple[Json, str, str]] = []
    for name in sorted(names):
        content = opened.export.json(name)
        if isinstance(content, list):
            entries += [(entry, name, "") for entry in objects(content)]
        elif isinstance(content, ReadFailure):
            heard.failures.append(content)
        else:
            heard.failures.append(ReadFailure(shown(name), Reason.MALFORMED, "the file holds no list of messages"))
    read = list(reader.messages(entries, is_thread=is_thread))
    heard.messages = [message for message in read if message is not None]
    if bad := read.count(None):
        detail = f"{bad} of its {len(read)} entries have no text or no time; --map says which fields hold them"
        heard.failures.append(ReadFailure(shown(folder), Reason.MALFORMED, detail))
    return heard
