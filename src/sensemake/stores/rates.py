"""How often somebody may ask, counted for all processes of a home in one small file.

The generic cell rate algorithm (ITU-T I.371): a key has one number, the theoretical arrival time of its next request.
A request is let through when that time is at most a burst ahead, and moves it on by one interval. One statement does
both, so that any number of processes count together.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from sensemake.protocols import Rate

RATES_FILE = "rates.sqlite"
_TAKE = """
INSERT INTO rates (key, arrival) VALUES (:key, :now + :interval)
ON CONFLICT (key) DO UPDATE SET arrival = max(arrival, :now) + :interval
WHERE max(arrival, :now) + :interval - :now <= :ahead
RETURNING arrival
"""
_log = logging.getLogger("sensemake.rates")


class FileRates:
    """The `Rates` of one home. It holds hashes of keys only, and may be deleted at any time."""

    def __init__(self, home: Path) -> None:
        self._file = home / RATES_FILE
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def take(self, key: str, rate: Rate, now: float) -> float:
        """Seconds to wait before asking again; 0 when this request may pass. `now` in seconds, of any clock they share.

        A file that cannot be used lets everything pass: being asked too often is better than not answering.
        """
        interval = rate.seconds / rate.requests
        values = {
            "key": hashlib.blake2b(key.encode(), digest_size=16).hexdigest(),
            "now": now,
            "interval": interval,
            "ahead": rate.burst * interval,
        }
        try:
            with self._lock:
                return self._taken(values, now)
        except sqlite3.Error as error:
            _log.warning("requests are not counted now: %s", error)
            return 0.0

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

    def _opened(self, now: float) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False, timeout=1.0)
            with suppress(OSError):
                self._file.chmod(0o600)
            for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=OFF"):
                connection.execute(line).fetchall()
            connection.execute("CREATE TABLE IF NOT EXISTS rates (key TEXT PRIMARY KEY, arrival REAL) WITHOUT ROWID")
            connection.execute("DELETE FROM rates WHERE arrival < ?", (now,))
            self._connection = connection
        return self._connection
