"""What an identity provider publishes (its keys, where people sign in): fetched once in a while, not always there.

A document is asked for again when it is old, or when somebody needs a newer one; while the provider does not answer the
old one holds for an hour, and whoever makes up reasons to ask makes us ask no more often than every half a minute.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import httpx
from joserfc.errors import JoseError

from sensemake.errors import Unreachable

KEPT = 600.0
"""Seconds after which a document is fetched again: a key that the provider took back holds no longer than that."""
STALE = 3600.0
"""Seconds that an old one holds while the provider does not answer."""
PAUSE = 30.0
"""Seconds between two fetches that failed, or that nothing but an unknown key asked for."""
_BYTES = 256 * 1024
_log = logging.getLogger("sensemake.api")

Fetch = Callable[[str], bytes]
_Read = TypeVar("_Read")


def fetch(url: str) -> bytes:
    """A small document from the provider: no redirects, five seconds."""
    with httpx.stream("GET", url, timeout=5.0, follow_redirects=False) as response:
        if response.status_code != 200:
            raise httpx.HTTPError(f"it answered {response.status_code}")
        whole = b""
        for piece in response.iter_bytes():
            whole += piece
            if len(whole) > _BYTES:
                raise httpx.HTTPError("it answered too much")
    return whole


class Published(Generic[_Read]):
    """One document at one address, as `read` understands it. Safe to share between threads."""

    def __init__(
        self,
        what: str,
        url: str,
        read: Callable[[bytes], _Read],
        *,
        fetched: Fetch = fetch,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._what, self._url = what, url
        self._read, self._fetch, self._clock = read, fetched, clock
        self._lock = threading.Lock()
        self._known: _Read | None = None
        self._since = self._tried = float("-inf")

    def known(self, age: float = KEPT) -> _Read:
        """The document, fetched again when it is older than `age` seconds. Unreachable when none holds."""
        with self._lock:
            now = self._clock()
            if now - self._since >= age and now - self._tried >= PAUSE:
                self._tried = now
                try:
                    self._known, self._since = self._read(self._fetch(self._url)), now
                except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
                    _log.warning("%s at %s cannot be had: %s", self._what, self._url, error)
            if self._known is None or now - self._since >= STALE:
                raise Unreachable(f"{self._what} at {self._url} cannot be had")
            return self._known
