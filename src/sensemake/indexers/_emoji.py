"""Writes `:tada:` as its character, as chat systems show it."""

from __future__ import annotations

import re
from functools import cache

_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_EMOJI = re.compile(r"(?<!\d):([a-z0-9_+'-]{1,60}):(?::skin-tone-([2-6]):)?(?!\d)")


def with_emoji(text: str) -> str:
    """`:tada:` as its character, but not in code, where colons mean other things."""
    if ":" not in text:
        return text
    runs = _CODE.split(text)
    return "".join(run if number % 2 else _EMOJI.sub(_emoji, run) for number, run in enumerate(runs))


def _emoji(found: re.Match[str]) -> str:
    character = emoji_character(found[1])
    if not character:
        return found[0]
    return character + (chr(0x1F3FB + int(found[2]) - 2) if found[2] else "")


@cache
def emoji_character(name: str) -> str:
    """The character of an emoji's name in Slack, or nothing for a workspace's own and for the few not known."""
    from emoji import emojize

    if re.fullmatch(r"flag-[a-z]{2}", name):
        return "".join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in name[5:])
    for tried in (name, name.replace("-", "_")):
        character = emojize(f":{tried}:", language="alias")
        if character != f":{tried}:":
            return character
    return "🙂" if name == "simple_smile" else ""
