"""Times as the contract writes them, and dates as people do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sensemake.errors import UsageError


def stamp(at: datetime) -> str:
    """An aware time as the contract writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)


def since(text: str) -> datetime:
    """The beginning of what a person means by a date (`2026-05-01`: its first moment in UTC) or a time."""
    return _time_of(text, time.min)


def until(text: str) -> datetime:
    """The end of what a person means by a date (`2026-05-01`: its last moment in UTC) or a time."""
    return _time_of(text, time.max)


def _time_of(text: str, day: time) -> datetime:
    try:
        if len(text) <= len("2026-05-01"):
            return datetime.combine(date.fromisoformat(text), day, UTC)
        parsed = datetime.fromisoformat(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is no date: write 2026-05-01, or 2026-05-01T09:30:00Z") from error
