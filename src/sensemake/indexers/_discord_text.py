"""Turns Discord's markup into the words a reader saw: `<@1>`, `<#2>`, `<:name:3>`, `<t:4>` (discord.com/developers)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from sensemake.indexers._emoji import with_emoji

_TOKEN = re.compile(r"<(?:(@!?|@&|#)(\d+)|a?(:\w+:)\d+|t:(\d+)(?::[a-zA-Z])?)>")


def readable(markup: str, names: Mapping[str, str]) -> str:
    """The text. `names` are those of users, by id; a person or place that is not known stays as `@…` or `#…`."""

    def token(found: re.Match[str]) -> str:
        sigil, key, emoji, seconds = found.groups()
        if emoji:
            return str(emoji)
        if seconds:
            return f"{datetime.fromtimestamp(min(int(seconds), 253_402_300_799), UTC):%Y-%m-%d %H:%M} UTC"
        kind = "#" if sigil == "#" else "@"
        return f"{kind}{names.get(key, '…') if kind == '@' else '…'}"

    return with_emoji(_TOKEN.sub(token, markup))
