"""How often somebody may ask, counted for all processes of a home in one small file.

The generic cell rate algorithm (ITU-T I.371): a key has one number, the theoretical arrival time of its next request.
A request is let through when that time is at most a burst ahead, and moves it on by one interval. One statement does
both, so that any number of processes count together.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sensemake.errors import StoreError
from sensemake.protocols import Rate

RATES_FILE = "rates.sqlite"
_TAKE = """
INSERT INTO rates (key, arrival) VALUES (:key, :now + :interval)
ON CONFLICT (key) DO UPDATE SET arrival = max(arrival, :now) + :interval
WHERE max(arrival, :now) + :interval - :now <= :ahead
RETURNING arrival
"""
_COUNT = """
INSERT INTO counts (key, period, number) VALUES (:key, :period, 1)
ON CONFLICT (key, period) DO UPDATE SET number = number + 1
RETURNING number
"""
_TABLES = (
    "CREATE TABLE IF NOT EXISTS rates (key TEXT PRIMARY KEY, arrival REAL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS counts (key TEXT, period INTEGER, number INTEGER, PRIMARY KEY (key, period))",
)


class FileRates:
    """The `Rates` of one home. It holds hashes of keys only, and may be deleted at any time."""

    def __init__(self, home: Path) -> None:
        self._file = home / RATES_FILE
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def take(self, key: str, rate: Rate, now: float) -> float:
        """Seconds to wait before asking again; 0 when this request may pass. `now` in seconds, of any clock they share.

        StoreError when the file cannot be used; what then passes is for whoever asks to say.
        """
        interval = rate.seconds / rate.requests
        values = {
            "key": _hashed(key),
            "now": now,
            "interval": interval,
            "ahead": rate.burst * interval,
        }
        with self._lock, self._usable():
            return self._taken(values, now)

    def count(self, key: str, window: int) -> int:
        """How many there were in this window, this one too; windows before it are forgotten. StoreError."""
        with self._lock, self._usable():
            connection = self._opened(float(window))
            number: int = connection.execute(_COUNT, {"key": _hashed(key), "period": window}).fetchone()[0]
            if number == 1:
                connection.execute("DELETE FROM counts WHERE period < ?", (window,))
            return number

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _taken(self, values: dict[str, object], now: float) -> float:
        connection = self._opened(now)
        if connection.execute(_TAKE, values).fetchone() is not None:
            return 0.0
        arrival: float = connection.execute("SELECT arrival FROM rates WHERE key = :key", values).fetchone()[0]
        return max(0.0, arrival + float(str(values["interval"])) - now - float(str(values["ahead"])))

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(
                f"{self._file.name} cannot be used ({error}): delete it, the server makes it anew"
            ) from error

    def _opened(self, now: float) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False, timeout=1.0)
            with suppress(OSError):
                self._file.chmod(0o600)
            for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF"):
                connection.execute(line).fetchall()
            for line in _TABLES:
                connection.execute(line)
            connection.execute("DELETE FROM rates WHERE arrival < ?", (now,))
            self._connection = connection
        return self._connection


def _hashed(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
