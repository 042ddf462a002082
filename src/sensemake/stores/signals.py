"""What people ask and use, so kept that nobody can be told from it; and answers that a person pinned.

Until five distinct people did the same in one month, all there is of it are keyed hashes: of what was done, and of who
did it to this one thing, so that two things of one person cannot be joined. The key is drawn anew each month, when the
hashes are deleted; only counts of five and more stay. docs/privacy.md says the same in other words.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from sensemake.model import DocumentId, Insight, PassageId, Pin
from sensemake.protocols import Signal
from sensemake.rules.asking_again import FLOOR
from sensemake.stores.columns import storable
from sensemake.stores.connection import Database, Kept
from sensemake.stores.schema import insights, pins, settings, signals

KEY = "signals"
"""The setting that holds the month and its key."""


class SqlSignals:
    """The `Signals` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = Kept(database)

    def record(self, signals: Sequence[Signal], month: str) -> None:
        if signals:
            with self._database.writing(quiet=True) as connection:
                key = _key_of(connection, month)
                for signal in signals:
                    _count(connection, signal, month, key)

    def insights(self) -> tuple[Insight, ...]:
        order = (insights.c.month.desc(), insights.c.what, insights.c.people.desc(), insights.c.subject)
        with self._database.reading() as connection:
            return tuple(_insight_of(row) for row in connection.execute(select(insights).order_by(*order)))

    def pin(self, key: str, pin: Pin) -> None:
        """A document that is pinned already keeps its place."""
        with self._database.writing() as connection:
            here = (pins.c.question_key == key, pins.c.document == pin.document)
            values = {"question": pin.question, "passage": pin.passage}
            if not connection.execute(update(pins).where(*here).values(values)).rowcount:
                last = connection.scalar(select(func.max(pins.c.place)).where(pins.c.question_key == key)) or 0
                connection.execute(
                    insert(pins), {"question_key": key, "document": pin.document, "place": last + 1, **values}
                )

    def unpin(self, key: str, document: DocumentId | None = None) -> int:
        here = [pins.c.question_key == key] + ([] if document is None else [pins.c.document == document])
        with self._database.writing() as connection:
            return connection.execute(delete(pins).where(*here)).rowcount

    def pins(self, key: str | None = None) -> tuple[Pin, ...]:
        return self._kept(("pins", key), lambda: self._pins(key))

    def _pins(self, key: str | None) -> tuple[Pin, ...]:
        query = select(pins).order_by(pins.c.question_key, pins.c.place)
        with self._database.reading() as connection:
            rows = connection.execute(query if key is None else query.where(pins.c.question_key == key))
            return tuple(_pin_of(row) for row in rows)


def _key_of(connection: Connection, month: str) -> bytes:
    """This month's key. When there is none yet, last month's hashes go with last month's key."""
    kept = connection.scalar(select(settings.c.value).where(settings.c.name == KEY)) or ""
    if not kept.startswith(f"{month}:"):
        connection.execute(delete(signals))
        connection.execute(delete(settings).where(settings.c.name == KEY))
        kept = f"{month}:{secrets.token_hex(32)}"
        connection.execute(insert(settings), {"name": KEY, "value": kept})
    return bytes.fromhex(kept.partition(":")[2])


def _count(connection: Connection, signal: Signal, month: str, key: bytes) -> None:
    subject = _hashed(key, signal.what, signal.subject)
    asker = _hashed(key, subject, signal.by)
    row = {"what": signal.what, "subject": subject, "asker": asker}
    if connection.scalar(select(func.count()).select_from(signals).filter_by(**row)):
        return
    connection.execute(insert(signals), row)
    same = (signals.c.what == signal.what, signals.c.subject == subject)
    people = connection.scalar(select(func.count()).where(*same)) or 0
    if people >= FLOOR:
        _tell(connection, signal, month, people)


def _tell(connection: Connection, signal: Signal, month: str, people: int) -> None:
    here = (insights.c.month == month, insights.c.what == signal.what, insights.c.subject == signal.subject)
    if not connection.execute(update(insights).where(*here).values(people=people)).rowcount:
        row = {"month": month, "what": signal.what, "subject": signal.subject, "people": people}
        connection.execute(insert(insights), {**row, "text": signal.shown.text, "document": signal.shown.document})


def _hashed(key: bytes, *parts: str) -> str:
    return blake2b("\x1f".join(map(storable, parts)).encode(), key=key, digest_size=16).hexdigest()


def _insight_of(row: Row[Any]) -> Insight:
    document = None if row.document is None else DocumentId(row.document)
    return Insight(row.month, row.what, row.people, row.text, document)


def _pin_of(row: Row[Any]) -> Pin:
    passage = None if row.passage is None else PassageId(row.passage)
    return Pin(row.question, DocumentId(row.document), passage)
