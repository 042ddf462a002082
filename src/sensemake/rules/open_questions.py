"""Tells which questions nobody answered, by who spoke after them; it would rather miss one than show one wrongly.

A question stays open when its document ends with whoever asked it: nobody else speaks after it there, nobody who may be
answering speaks later in the same channel, and the asker does not say that it is settled. What was measured of it:
eval/BENCHMARKS.md, "Open questions".
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sensemake.model import Document, Handle, Kind, Part, Role, SiloName, SourceId, stable_id
from sensemake.rules import analysis, asking

SOON, A_DAY = 3, timedelta(days=1)
"""Whoever is among the next few to speak in the channel, in a day, may be answering."""
AT_ONCE = timedelta(hours=12)
"""In so short a time even who asks something else: it may be asked back."""
AFTERWARDS = timedelta(days=14)
"""And so long, whoever is the next and does not open a subject of their own."""
NEXT, LATER = 6, timedelta(days=120)
"""After that, whoever speaks of the same: so many turns and so long are looked at."""
SHARED = 2
"""Words of the message that asks which a turn has when it speaks of the same."""
WAITING = timedelta(days=2)
"""A question is given so long, by the newest text of its silo, before it counts as one that nobody answered."""

Speaker = tuple[Handle, str]
"""An account, and the name of whoever it passes on the words of, if any."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in its own words: `text` stands so in the document, in the part at `locator` (or is its title)."""

    text: str
    by: Speaker | None
    time: datetime | None
    locator: str

    def id_in(self, document: Document) -> str:
        """The same whenever the document is read again; another one for other words."""
        return stable_id("question", document.id, self.locator, self.text)[:12]


def open_in(document: Document, heard: Heard | None = None) -> Asked | None:
    """The question that a document leaves open; None when it leaves none. `heard` tells what was said elsewhere."""
    if document.kind is Kind.QUESTION:
        return _of_page(document)
    if document.kind not in {Kind.CONVERSATION, Kind.MAIL}:
        return None
    turns = _last_run(document.parts)
    asked = next(((n, text) for n in reversed(range(len(turns))) if (text := asking.question_in(turns[n].text))), None)
    if asked is None:
        return None
    number, text = asked
    turn = turns[number]
    later = [part.text for part in turns[number + 1 :]]
    if asking.is_done(turn.text.partition(text)[2]) or any(asking.is_done(t) or asking.goes_on(t) for t in later):
        return None
    found = Asked(text, _speaker(turn), turn.time or document.time, turn.locator)
    return None if heard is not None and heard.may_answer(document, found) else found


class Heard:
    """Who said what when in which channel: the answer to a question may stand in a later conversation."""

    def __init__(self, documents: Iterable[Document]) -> None:
        turns: defaultdict[_Channel, list[_Turn]] = defaultdict(list)
        newest: dict[SiloName, datetime] = {}
        for document in documents:
            channel = _channel(document)
            for part in document.parts:
                if (time := part.time or document.time) is not None:
                    newest[document.silo] = max(time, newest.get(document.silo, time))
                    if channel is not None:
                        turns[channel].append(_Turn(time, part))
        self._turns = {channel: sorted(some, key=_when) for channel, some in turns.items()}
        self._newest = newest

    def may_answer(self, document: Document, asked: Asked) -> bool:
        """Whether somebody spoke after it in its channel who may be answering, or it was asked only just now."""
        if asked.time is None:
            return False
        if self._newest.get(document.silo, asked.time) - asked.time < WAITING:
            return True
        channel = _channel(document)
        turns = self._turns.get(channel, ()) if channel is not None else ()
        first = bisect_right(turns, asked.time, key=_when)
        following = [turn for turn in turns[first : first + NEXT] if turn.time - asked.time <= LATER]
        about = _about(document, asked)
        talked = False
        for number, turn in enumerate(following):
            after = turn.time - asked.time
            if _speaker(turn.part) == asked.by:
                settled = (
                    talked or asking.is_done(turn.part.text) or (after <= A_DAY and asking.goes_on(turn.part.text))
                )
            else:
                talked, settled = True, _may_reply(turn.part, asked, number, after)
            if settled or len(about & set(analysis.terms(turn.part.text))) >= SHARED:
                return True
        return False


def _may_reply(part: Part, asked: Asked, number: int, after: timedelta) -> bool:
    """Whether what somebody else said, as the next but `number`, so long `after`, may be meant for whoever asked."""
    if asked.by is not None and asked.by[0] in part.mentions:
        return True
    if number == 0 and after <= AFTERWARDS and not asking.begins_anew(part.text):
        return True
    if number < SOON and after <= A_DAY and (after <= AT_ONCE or not asking.begins_anew(part.text)):
        return True
    return number < SOON and (asking.replies(part.text) or part.text.lstrip().startswith("@"))


@dataclass(frozen=True, slots=True)
class _Turn:
    time: datetime
    part: Part


_Channel = tuple[SiloName, SourceId, str]


def _when(turn: _Turn) -> datetime:
    return turn.time


def _channel(document: Document) -> _Channel | None:
    name = document.facets.get("channel")
    return (document.silo, document.source.id, name) if name else None


def _about(document: Document, asked: Asked) -> frozenset[str]:
    """The words of the message that asks."""
    said = (p.text for p in document.parts if p.locator == asked.locator and asked.text in p.text)
    return frozenset(term for term in analysis.terms(next(said, asked.text)) if len(term) > 2)


def _of_page(document: Document) -> Asked | None:
    if any(part.role is Role.ANSWERED for part in document.parts):
        return None
    return Asked(document.title, _speaker(document.parts[0]) if document.parts else None, document.time, "")


def _last_run(parts: Sequence[Part]) -> Sequence[Part]:
    """The turns at the end that are all by one person; none when it is not known who that is."""
    last = _speaker(parts[-1]) if parts else None
    if last is None:
        return ()
    first = next((n + 1 for n in reversed(range(len(parts))) if _speaker(parts[n]) != last), 0)
    return parts[first:]


def _speaker(part: Part) -> Speaker | None:
    return None if part.author is None else (part.author, asking.relayed(part.text))
