"""Reads chat from JSON Lines, one message on each line, with the fields of docs/jsonl.md or with declared ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from sensemake.indexers._export import Glimpse, Limits
from sensemake.indexers._fields import Json, identity, mapping, segment
from sensemake.indexers._mapped import FieldMap, Reader
from sensemake.indexers._rooms import Channel, ChatIndexer, Heard, Opened
from sensemake.indexers._who import Who, one_line
from sensemake.model import Handle, ReadFailure, Reason, Source

_ENDINGS = (".jsonl", ".ndjson")


class JsonLinesIndexer(ChatIndexer):
    """Chat as JSON Lines: a message on each line."""

    name = "jsonl"
    bid = 75
    limits = Limits(unpacked=8 << 30, member=2 << 30)
    wanted = "JSON Lines with a text, a time and an author on each line"

    def namespace(self, source: Source) -> str:
        return FieldMap.of(source).system

    def recognises(self, seen: Glimpse) -> bool:
        heads = [head for name, head in seen.heads.items() if name.lower().endswith(_ENDINGS)]
        return any(_opens(head) for head in heads)

    def rooms(self, opened: Opened) -> Iterator[Heard | ReadFailure]:
        fields = FieldMap.of(opened.source)
        channels: dict[str, list[tuple[Json, str, str]]] = {}
        for name in opened.export.names:
            if name.lower().endswith(_ENDINGS):
                for number, line in enumerate(opened.export.lines(name), 1):
                    entry = _object(line) if isinstance(line, bytes) else None
                    if entry is not None:
                        channel = one_line(_text(fields.get(entry, "channel"))) or one_line(PurePosixPath(name).stem)
                        channels.setdefault(channel, []).append((entry, name, f"line={number}"))
                    elif isinstance(line, ReadFailure):
                        yield ReadFailure(line.path, line.reason, line.detail, uri="*")
                    elif line.strip():
                        yield ReadFailure(name, Reason.MALFORMED, "no JSON object", f"line={number}", "*")
        for channel, entries in channels.items():
            yield _channel(channel, entries, fields, opened.who)


def _opens(head: bytes) -> bool:
    """The first line is a message, and no line of another format of ours."""
    first = _object(head.lstrip(b"\xef\xbb\xbf \r\n").split(b"\n", 1)[0]) or {}
    return FieldMap({}).fits(first) and not ("rid" in first and "u" in first)


def _object(line: bytes) -> Json | None:
    try:
        return mapping(json.loads(line)) or None
    except (ValueError, RecursionError):
        return None


def _text(found: object) -> str:
    return found if isinstance(found, str) else identity(found)


def _channel(name: str, entries: list[tuple[Json, str, str]], fields: FieldMap, who: Who) -> Heard:
    """Private if any of its messages says so; then read by the members that are listed, else by who wrote."""
    read = list(Reader(fields, who, name).messages(entries))
    messages = [message for message in read if message is not None]
    is_private = any(fields.get(entry, "private") not in {None, False, "", "false"} for entry, _, _ in entries)
    members: set[Handle | None] = set()
    for entry, _, _ in entries:
        listed = fields.get(entry, "members")
        members |= {who.handle(key) for key in listed} if isinstance(listed, list) else set()
    readers = who.readers(members or {message.author for message in messages}) if is_private else frozenset()
    heard = Heard(Channel(segment(name), f"#{name}", is_private=is_private, readers=readers), messages)
    if bad := read.count(None):
        detail = f"{bad} of its {len(read)} messages have no text or no time; --map says which fields hold them"
        heard.failures.append(ReadFailure(entries[0][1], Reason.MALFORMED, detail))
    return heard
