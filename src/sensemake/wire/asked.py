"""What people and programs ask, in their words, as our nouns; a UsageError says what would be right."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from difflib import get_close_matches

from sensemake.errors import UsageError
from sensemake.model import Kind


def kind(name: str) -> Kind:
    try:
        return Kind(name.strip().lower())
    except ValueError:
        near = get_close_matches(name.lower(), list(Kind), n=1)
        hint = f"did you mean {near[0]}?" if near else f"kinds: {', '.join(Kind)}"
        raise UsageError(f"there is no kind {name!r}; {hint}") from None


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
