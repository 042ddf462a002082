"""The catalog's counts of what people ask and use: hashes until five did the same, and only within one month."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from sensemake.model import DocumentId, Insight, Pin
from sensemake.protocols import Signal
from sensemake.stores import Catalog, open_catalog, sqlite_url
from sensemake.stores.schema import signals


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = open_catalog(sqlite_url(tmp_path), tmp_path, create=True)
    yield opened
    opened.close()


def asking(question: str, *people: int) -> list[Signal]:
    return [Signal("asked", question, Insight("", "asked", 0, question), f"p{number}") for number in people]


def rows(catalog: Catalog) -> list[tuple[str, ...]]:
    with catalog.database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(signals))]


def test_one_person_counts_once_and_five_are_told_of(catalog: Catalog) -> None:
    catalog.signals.record(asking("tide", 1, 1, 2, 3, 4, 4), "2026-05")
    assert catalog.signals.insights() == ()
    catalog.signals.record(asking("tide", 4, 5), "2026-05")
    assert catalog.signals.insights() == (Insight("2026-05", "asked", 5, "tide"),)


def test_hashes_join_no_two_things_of_one_person(catalog: Catalog) -> None:
    catalog.signals.record(asking("tide", 1) + asking("ebb", 1), "2026-05")
    kept = rows(catalog)
    assert len({asker for _, _, asker in kept}) == 2
    assert not any(word in cell for row in kept for cell in row[1:] for word in ("tide", "ebb", "p1"))


def test_a_new_month_begins_from_nothing_with_another_key(catalog: Catalog) -> None:
    catalog.signals.record(asking("tide", 1, 2, 3, 4, 5) + asking("ebb", 1), "2026-05")
    before = {row for row in rows(catalog) if row[0] == "asked"}
    catalog.signals.record(asking("ebb", 1, 2, 3, 4), "2026-06")
    assert not before & set(rows(catalog))
    assert [one.text for one in catalog.signals.insights()] == ["tide"]
    catalog.signals.record(asking("ebb", 9), "2026-06")
    assert [(one.month, one.text) for one in catalog.signals.insights()] == [("2026-06", "ebb"), ("2026-05", "tide")]


def test_pins_keep_their_order_and_are_taken_away(catalog: Catalog) -> None:
    one, two = Pin("Tide?", DocumentId("a")), Pin("tide", DocumentId("b"))
    for pin in (one, two, one):
        catalog.signals.pin("tide", pin)
    catalog.signals.pin("ebb", Pin("ebb", DocumentId("a")))
    assert catalog.signals.pins("tide") == (one, two)
    assert len(catalog.signals.pins()) == 3
    assert catalog.signals.unpin("tide", DocumentId("a")) == 1
    assert catalog.signals.unpin("tide") == 1
    assert catalog.signals.unpin("tide") == 0
    assert [pin.question for pin in catalog.signals.pins()] == ["ebb"]
