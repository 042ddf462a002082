"""Times as the contract writes them: ISO 8601, in UTC, with a Z."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """An aware time as the contract writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)
