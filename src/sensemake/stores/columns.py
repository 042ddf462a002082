"""How texts, times and small structures lie in the catalog's columns, so that each comes back exactly as it was.

SQLite cannot hold lone surrogates and PostgreSQL cannot hold NUL. Both occur in real exports, so such a
character is written as U+FDD0 (a code point that Unicode reserves for a program's own use) and four hex digits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text
from sqlalchemy.types import TypeDecorator

MARK = "\ufdd0"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff\ufdd0]")
_ESCAPED = re.compile("\ufdd0([0-9a-f]{4})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def storable(text: str) -> str:
    """The text without characters that a database refuses; `original` gives it back. Equal texts stay equal."""
    return _UNSTORABLE.sub(lambda found: f"{MARK}{ord(found[0]):04x}", text)


def original(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if MARK in text else text


def microseconds(time: datetime) -> int:
    """Microseconds since 1970 in UTC: exact, and in the order of time."""
    return (time - _EPOCH) // _MICROSECOND


def moment(number: int) -> datetime:
    return _EPOCH + timedelta(microseconds=number)


def to_json(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Compact JSON with sorted keys: the same value always gives the same text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Any:
    return json.loads(text)


def _restored(value: str | None) -> str | None:
    return value if value is None or MARK not in value else original(value)


class Exact(TypeDecorator[str]):
    """Any Python text, compared and ordered by code point in both databases."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else storable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else original(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], str | None]:  # noqa: ARG002
        """The same in one call: thousands of values are read for one question."""
        return _restored


class Moment(TypeDecorator[datetime]):
    """An aware time, kept as microseconds in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else moment(value)
