"""How often one token, and one address, may ask; for each kind of request apart."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request

from sensemake.api.proxies import Proxies
from sensemake.errors import StoreError, TooManyRequests
from sensemake.protocols import Rate
from sensemake.workspace import Workspace
from sensemake.workspace.asking import ANONYMOUS

MINUTE = 60.0
HOUR = 3600.0
SIGN_INS = Rate(5, MINUTE, 5)
"""Attempts to sign in, and wrong tokens, from one address: guessing 256 bits is hopeless, and noisy."""
EXPORTS = Rate(5, HOUR, 5)
"""Reports made: each holds what is shared of all that the asker may read."""

QUESTION, TYPING, READING = "question", "typing", "reading"
EXPORT, WRITING, MINTING = "export", "writing", "minting"
_KINDS = {
    "/api/v1/search": QUESTION,
    "/api/v1/experts": QUESTION,
    "/api/v1/ask": QUESTION,
    "/api/v1/passages/{passage}/similar": QUESTION,
    "/api/v1/people/{person}": QUESTION,
    "/api/v1/suggestions": TYPING,
    "/api/v1/reports": EXPORT,
    "/api/v1/tokens/widget": MINTING,
}
_SCOPES = {"docs:write": WRITING}
_TIMES = {QUESTION: 1, READING: 2, TYPING: 5}
"""As often as questions."""
_RATES = {EXPORT: EXPORTS, WRITING: Rate(60, MINUTE, 20), MINTING: Rate(600, MINUTE, 100)}
ADDRESSES = 5
"""An address may ask so many times as often as a token: several people share one."""
_log = logging.getLogger("sensemake.api")


def kind_of(route: str, scopes: Iterable[str]) -> str:
    """What kind of request this is, by its route and by the rights that it needs."""
    told = (_SCOPES[scope] for scope in scopes if scope in _SCOPES)
    return _KINDS.get(route) or next(told, READING)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one application; `per_minute` is for questions, 0 for any number of everything.

    When nothing can be counted, whoever is signed in goes on, and nobody new signs in nor makes a token for a page.
    """

    workspace: Workspace
    per_minute: int

    def admit(self, request: Request, kind: str) -> None:
        """Count a request of a kind, or refuse it with TooManyRequests."""
        if not self.per_minute:
            return
        rate = self._rate(kind)
        for key, allowed in ((_asker(request), rate), (_address(request), _times(rate, ADDRESSES))):
            if key is not None:
                self._take(f"{kind} {key}", allowed, strict=kind == MINTING)

    def sign_in(self, request: Request) -> None:
        """Count an attempt to sign in, or a token that did not hold; StoreError when it cannot be counted."""
        if self.per_minute:
            self._take(f"sign-in {_address(request)}", SIGN_INS, strict=True)

    def _rate(self, kind: str) -> Rate:
        return _RATES.get(kind) or _times(Rate(self.per_minute, MINUTE, max(1, self.per_minute // 3)), _TIMES[kind])

    def _take(self, key: str, rate: Rate, *, strict: bool) -> None:
        try:
            wait = self.workspace.take(key, rate)
        except StoreError as error:
            if strict:
                raise
            _log.warning("requests are not counted now: %s", error)
            return
        if wait > 0:
            raise TooManyRequests(f"asked too often; ask again in {math.ceil(wait)} s", wait)


def _times(rate: Rate, factor: int) -> Rate:
    return Rate(rate.requests * factor, rate.seconds, rate.burst * factor)


def _asker(request: Request) -> str | None:
    """The token; without one, who came by a session or a proxy. None for nobody in particular."""
    secret = request.headers.get("authorization")
    if secret is not None:
        return hashlib.sha256(secret.encode()).hexdigest()
    user: str = request.state.by.user
    return None if user == ANONYMOUS.user else f"user {user}"


def _address(request: Request) -> str:
    proxies: Proxies = request.app.state.proxies
    return proxies.address(request)
