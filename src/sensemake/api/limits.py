"""How often one token, and one address, may ask; for each kind of request apart."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from starlette.requests import Request

from sensemake.api.proxies import Proxies
from sensemake.errors import TooManyRequests
from sensemake.protocols import Rate
from sensemake.workspace import Workspace

MINUTE = 60.0
SIGN_INS = Rate(10, MINUTE, 10)
"""Wrong tokens and links from one address: guessing 256 bits is hopeless, and noisy."""

_HEAVY = {
    "reports:read": Rate(30, MINUTE, 10),
    "docs:write": Rate(60, MINUTE, 20),
    "tokens:mint": Rate(600, MINUTE, 100),
}
ADDRESSES = 5
"""An address may ask so many times as often as a token: several people share one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one application; `per_minute` is for questions, 0 for any number."""

    workspace: Workspace
    per_minute: int

    def admit(self, request: Request, scope: str) -> None:
        """Count a request that needs a right, or refuse it with TooManyRequests."""
        if not self.per_minute:
            return
        rate = _HEAVY.get(scope) or Rate(self.per_minute, MINUTE, max(1, self.per_minute // 3))
        kind = scope if scope in _HEAVY else "question"
        for key, allowed in ((_token(request), rate), (_address(request), _times(rate, ADDRESSES))):
            if key is not None:
                self._take(f"{kind} {key}", allowed)

    def failed_sign_in(self, request: Request) -> None:
        """Count a token or link that did not hold."""
        if self.per_minute:
            self._take(f"sign-in {_address(request)}", SIGN_INS)

    def _take(self, key: str, rate: Rate) -> None:
        wait = self.workspace.take(key, rate)
        if wait > 0:
            raise TooManyRequests(f"asked too often; ask again in {math.ceil(wait)} s", wait)


def _times(rate: Rate, factor: int) -> Rate:
    return Rate(rate.requests * factor, rate.seconds, rate.burst * factor)


def _token(request: Request) -> str | None:
    secret = request.headers.get("authorization")
    return None if secret is None else hashlib.sha256(secret.encode()).hexdigest()


def _address(request: Request) -> str:
    proxies: Proxies = request.app.state.proxies
    return proxies.address(request)
