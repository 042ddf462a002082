"""The last period that is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensemake.rules import periods
from sensemake.rules.periods import EVERY, Every


@pytest.mark.parametrize(
    ("every", "now", "name", "since", "until"),
    [
        ("month", "2026-06-01T00:00:00", "2026-05", "2026-05-01", "2026-05-31"),
        ("month", "2026-01-15T12:00:00", "2025-12", "2025-12-01", "2025-12-31"),
        ("month", "2024-03-31T23:59:59", "2024-02", "2024-02-01", "2024-02-29"),
        ("quarter", "2026-06-30T23:59:59", "2026-Q1", "2026-01-01", "2026-03-31"),
        ("quarter", "2026-02-01T00:00:00", "2025-Q4", "2025-10-01", "2025-12-31"),
        ("week", "2026-06-01T00:00:00", "2026-W22", "2026-05-25", "2026-05-31"),
        ("week", "2027-01-03T12:00:00", "2026-W52", "2026-12-21", "2026-12-27"),
    ],
)
def test_the_last_that_ended(every: Every, now: str, name: str, since: str, until: str) -> None:
    found = periods.last_ended(every, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert (found.name, f"{found.since:%Y-%m-%d}", f"{found.until:%Y-%m-%d}") == (name, since, until)


@given(st.sampled_from(EVERY), st.integers(0, 40_000_000))
def test_periods_follow_on_each_other_and_are_over(every: Every, minutes: int) -> None:
    now = datetime(1990, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    last = periods.last_ended(every, now)
    assert last.since < last.until < now
    before = periods.last_ended(every, last.until)
    assert last.since - before.until == timedelta(microseconds=1)
    after = periods.last_ended(every, last.until + timedelta(microseconds=1))
    assert after == last
    assert before.name < last.name
