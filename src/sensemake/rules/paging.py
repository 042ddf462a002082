"""Where to go on in a list of answers: a cursor that only fits the question, and knows what it was asked of."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sensemake.errors import Conflict
from sensemake.model import Query, SiloName, stable_id

_DIGITS = 12
_PLACES = 8


@dataclass(frozen=True, slots=True)
class Page:
    """The first answers to leave out, and whether what may be found is no more what the earlier page was taken from."""

    start: int = 0
    changed: bool = False


def state(silos: Collection[SiloName], marks: Mapping[SiloName, int]) -> str:
    """What these silos hold now, in short: equal exactly when nothing in them has changed."""
    return stable_id("state", *(f"{silo}={marks.get(silo, 0)}" for silo in sorted(silos)))


def cursor(query: Query, start: int, at: str) -> str:
    """A cursor for the answers from `start` on, of a question asked when the state was `at`."""
    whole = bytes.fromhex(f"{start:0{_PLACES}x}{_question(query)}{at[:_DIGITS]}")
    return base64.urlsafe_b64encode(whole).decode().rstrip("=")


def page(query: Query, now: str) -> Page:
    """Where the query's cursor goes on; Conflict when it is damaged or another question's."""
    if query.cursor is None:
        return Page()
    try:
        padded = query.cursor.encode("ascii") + b"=" * (-len(query.cursor) % 4)
        said = base64.b64decode(padded, altchars=b"-_", validate=True).hex()
    except (ValueError, binascii.Error) as error:
        raise Conflict("that cursor is damaged: start again without it") from error
    if len(said) != _PLACES + 2 * _DIGITS or said[_PLACES:-_DIGITS] != _question(query):
        raise Conflict("that cursor belongs to another question: start again without it")
    return Page(int(said[:_PLACES], 16), changed=said[-_DIGITS:] != now[:_DIGITS])


def _question(query: Query) -> str:
    return stable_id("cursor", query.text, repr(query.filters))[:_DIGITS]
