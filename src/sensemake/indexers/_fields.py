"""Takes fields out of JSON that may hold anything, so that a broken entry costs only itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from sensemake.model import Handle

Json = Mapping[str, object]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\d{1,14}(?:\.\d{1,9})?")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))? ?(Z|UTC|[+-]\d\d:?\d\d)?", re.IGNORECASE)


def text(found: object) -> str:
    return found if isinstance(found, str) else ""


def mapping(found: object) -> Json:
    return found if isinstance(found, Mapping) else {}


def objects(found: object) -> Iterator[Json]:
    yield from (entry for entry in found if isinstance(entry, Mapping)) if isinstance(found, list) else ()


def identity(found: object) -> str:
    """An id as text, on one line: some systems count, others spell, MongoDB wraps (`{"$oid": …}`)."""
    if isinstance(found, Mapping):
        found = found.get("$oid")
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return "".join(found.split()) if isinstance(found, str) else ""


def at(entry: object, path: str) -> object:
    """What lies at `author.name`; a field whose own name holds the dots goes first. None when there is nothing."""
    if not isinstance(entry, Mapping):
        return None
    if path in entry:
        return entry[path]
    first, dot, rest = path.partition(".")
    return at(entry.get(first), rest) if dot else None


def time_of(found: object) -> datetime | None:
    """A time in UTC from ISO 8601 (without a zone: UTC), seconds or milliseconds since 1970, or MongoDB's `$date`."""
    if isinstance(found, Mapping):
        inner = found.get("$date")
        return time_of(inner.get("$numberLong") if isinstance(inner, Mapping) else inner)
    if isinstance(found, int | float) and not isinstance(found, bool):
        return _counted(float(found))
    if not isinstance(found, str):
        return None
    if _NUMBER.fullmatch(found.strip()):
        return _counted(float(found))
    return _written(found.strip())


def _counted(number: float) -> datetime | None:
    """Seconds; from the year 5138 on they would have twelve digits, which are milliseconds."""
    seconds = number / 1000 if number >= 1e11 else number
    return _EPOCH + timedelta(seconds=seconds) if 0 <= seconds < 1e11 else None


def _written(found: str) -> datetime | None:
    parts = _ISO.fullmatch(found)
    if parts is None:
        return None
    day, clock, fraction, zone = parts.groups()
    zone = "+00:00" if zone is None or zone.upper() in {"Z", "UTC"} else zone
    try:
        return (
            datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{zone}").astimezone(UTC)
            if clock.count(":") == 2
            else datetime.fromisoformat(f"{day}T{clock}{zone}").astimezone(UTC)
        )
    except (ValueError, OverflowError):
        return None


def mark(time: datetime, name: str = "") -> str:
    """The id of a message: names in order of time, as `Scope.start` needs them; `name` tells equal times apart."""
    milliseconds = (time - _EPOCH) // timedelta(milliseconds=1)
    return f"{milliseconds:014d}-{name}" if name else f"{milliseconds:014d}"


def segment(name: str) -> str:
    """A name as one step of a uri: no name of a channel may look like a place below another's."""
    return name.replace("%", "%25").replace("/", "%2F")


def with_files(said: str, names: Iterable[object]) -> str:
    """What was said, and below it the titles of the files that were sent along: their contents are not in an export."""
    titles = [" ".join(name.split()) for name in names if isinstance(name, str)]
    return "\n".join(line for line in (said.strip(), *titles) if line)


def gathered(reactions: Iterable[tuple[str, Handle | None]]) -> tuple[tuple[str, tuple[Handle, ...]], ...]:
    """Reactions by name, in the order in which they were first given."""
    found: dict[str, list[Handle]] = {}
    for name, handle in reactions:
        found.setdefault(name, []).extend([handle] if handle else [])
    return tuple((name, tuple(handles)) for name, handles in found.items() if name)
