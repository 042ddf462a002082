"""Tells who speaks from the name that a meeting shows: `Jane Doe (Weir)`, `jdoe_27`, `Zoom user`."""

from __future__ import annotations

import re

from sensemake.model import Handle

_ASIDE = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\]|\{[^}]*\})\s*")
_FROM = re.compile(r"\s*[|/•]\s*|\s+[-–—@]\s+")
_NOBODY = re.compile(
    r"(?:unknown|unidentified)(?:\s+(?:speaker|participant))?|(?:zoom|guest|phone|call-?in)\s+user(?:\s*\d+)?|guest|"
    r"(?:speaker|participant|attendee|guest|person|voice|caller)\s*(?:\d+|[A-Z])|"
    r"(?:my |\w+['’]s )?(?:i ?phone|i ?pad|galaxy)(?:\s.{0,12})?|"
    r"speaker|narrator|host|moderator|audience|all|everyone|man|woman|[\d\s+().*-]+",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"\b(?:read\.ai|otter\.ai|fireflies(?:\.ai)?|fathom(?:'s)? (?:ai |note)|tl;?dv|note ?taker|zoom bot|ai companion|"
    r"meetgeek|recall\.ai)\b",
    re.IGNORECASE,
)
_USER = re.compile(
    r"[a-z0-9](?:[\w.-]*\w)?|(?=\w*[a-z0-9][A-Z]|\w*\d|[\w.-]*_|[A-Z]{2,}[a-z])[A-Za-z](?:[\w.-]*\w)?", re.ASCII
)


def speaker(shown: str) -> Handle | None:
    """The handle of somebody shown so; None for nobody in particular (`Speaker 2`, a phone) and for machines.

    A full name stands for itself, without what is added in brackets or behind a bar; a lone word is a user name when
    it is written like one, and else a name as it is shown, since two of them may be one first name.
    """
    whole = " ".join(shown.split())
    bare = " ".join(_FROM.split(_ASIDE.sub(" ", whole).strip())[0].split())
    if not bare or _NOBODY.fullmatch(bare) or is_machine(whole) or not any(c.isalpha() for c in bare):
        return None
    if " " in bare:
        return Handle("name", bare)
    return Handle("user", bare.lower()) if _USER.fullmatch(bare) else Handle("name", whole)


def is_machine(shown: str) -> bool:
    """Whether it is a note taker or another program that sits in the meeting."""
    return _MACHINE.search(shown) is not None
