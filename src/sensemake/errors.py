"""Every error that leaves one of our doors.

    SensemakeError                  exit 1    HTTP 500
    ├─ UsageError                   exit 2    HTTP 422   the call itself is wrong
    │  ├─ MissingPath                                    a path that does not exist
    │  ├─ UnsupportedPath                                no indexer reads it
    │  ├─ ReadersConflict                     HTTP 409   a silo exists with other readers
    │  └─ Conflict                            HTTP 409   parts of the call contradict each other, or what is there
    ├─ NotFound                     exit 1    HTTP 404   absent, or hidden from the asker: never told apart
    ├─ NotSignedIn                  exit 4    HTTP 401
    ├─ NotPermitted                 exit 5    HTTP 403   a refused action (never a refused reading)
    ├─ TooManyRemovals              exit 1    HTTP 409   a read that would erase much of a source
    ├─ TooManyRequests              exit 1    HTTP 429   asked too often
    ├─ Cancelled                    exit 1    HTTP 409   somebody asked it to stop
    ├─ MissingExtra                 exit 1    HTTP 501   an optional package is not installed
    ├─ ModelError                   exit 1    HTTP 503   the embedding model cannot be loaded or is not the one expected
    ├─ Unreachable                  exit 1    HTTP 503   another service that is needed does not answer
    ├─ StoreError                   exit 74   HTTP 503   the home cannot be read or written
    │  ├─ StoreDamaged
    │  ├─ StoreReadOnly
    │  ├─ StoreFull
    │  └─ StoreTooNew                                    written by a later version
    └─ Locked                       exit 75   HTTP 503   somebody else is writing; try again

A message says what was tried, what was found and what to do. It never holds a token, nor more of
anybody's text than a locator.
"""

from __future__ import annotations

import re
from typing import ClassVar


class SensemakeError(Exception):
    """The base of all our errors; ``str()`` is one line fit for a person."""

    exit_code: ClassVar[int] = 1
    status: ClassVar[int] = 500

    @classmethod
    def kind(cls) -> str:
        """The name by which a problem (RFC 9457) calls it: `NotFound` is `not-found`."""
        return re.sub(r"(?<=.)(?=[A-Z])", "-", cls.__name__).lower()


class UsageError(SensemakeError):
    exit_code = 2
    status = 422


class MissingPath(UsageError):
    pass


class UnsupportedPath(UsageError):
    pass


class ReadersConflict(UsageError):
    status = 409


class Conflict(UsageError):
    status = 409


class NotFound(SensemakeError):
    status = 404


class NotSignedIn(SensemakeError):
    exit_code = 4
    status = 401


class NotPermitted(SensemakeError):
    exit_code = 5
    status = 403


class TooManyRemovals(SensemakeError):
    status = 409


class TooManyRequests(SensemakeError):
    """Asked too often; `wait` is in seconds."""

    status = 429

    def __init__(self, message: str, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class Cancelled(SensemakeError):
    status = 409


class MissingExtra(SensemakeError):
    status = 501


class ModelError(SensemakeError):
    status = 503


class Unreachable(SensemakeError):
    status = 503


class StoreError(SensemakeError):
    exit_code = 74
    status = 503


class StoreDamaged(StoreError):
    pass


class StoreReadOnly(StoreError):
    pass


class StoreFull(StoreError):
    pass


class StoreTooNew(StoreError):
    pass


class Locked(SensemakeError):
    exit_code = 75
    status = 503
