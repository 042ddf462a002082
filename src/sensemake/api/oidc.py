"""Bearer tokens of an identity provider (OpenID Connect): who one names, when it holds.

A token holds when it is signed with RS256 or ES256 by a key that the provider publishes (JWKS), names the provider as
issuer and us as audience, has a subject, and has begun and not ended. Anything else names nobody.
"""

from __future__ import annotations

import hmac
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from sensemake.errors import Unreachable

ALGORITHMS = ("RS256", "ES256")
LEEWAY = 60
"""Seconds by which two clocks may differ."""
LONGEST = 16 * 1024
KEPT = 600.0
"""Seconds after which the keys are fetched again: a key that the provider took back holds no longer than that."""
STALE = 3600.0
"""Seconds that old keys hold while the provider does not answer."""
PAUSE = 30.0
"""Seconds between two fetches: whoever makes up key ids makes us fetch no more often."""
_BYTES = 256 * 1024
_log = logging.getLogger("sensemake.api")

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Provider:
    """Who signs, for whom, and where the keys are; `groups` names the claim that holds them ("" for none)."""

    issuer: str
    audience: str
    keys: str
    groups: str = "groups"


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a token names; the e-mail address only when the provider has verified it."""

    subject: str
    email: str | None
    groups: frozenset[str]


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


class Verifier:
    """Checks tokens of one provider. Safe to share between threads."""

    def __init__(
        self,
        provider: Provider,
        fetched: Fetch = fetch,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.provider = provider
        self._fetch = fetched
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched = self._tried = float("-inf")
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=LEEWAY,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.audience},
            sub={"essential": True, "allow_blank": False},
            exp={"essential": True},
        )

    def named(self, token: str, *, nonce: str | None = None) -> Named | None:
        """Whom this token names; None when it does not hold, or was not made for `nonce`. Unreachable when nobody can
        say."""
        if len(token) > LONGEST:
            return None
        try:
            claims = self._decoded(token).claims
            self._claims.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            _log.info("a token of %s does not hold: %s", self.provider.issuer, type(error).__name__)
            return None
        if nonce is not None and not hmac.compare_digest(nonce.encode(), str(claims.get("nonce", "")).encode()):
            return None
        return self._named(claims)

    def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._known(KEPT), algorithms=ALGORITHMS)
        except InvalidKeyIdError:  # the provider may have a new key
            return jwt.decode(token, self._known(0), algorithms=ALGORITHMS)

    def _known(self, age: float) -> KeySet:
        """The keys, fetched again when they are older than `age`; the old ones while the provider does not answer."""
        with self._lock:
            now = self._clock()
            if now - self._fetched >= age and now - self._tried >= PAUSE:
                self._tried = now
                try:
                    self._keys, self._fetched = _public_keys(self._fetch(self.provider.keys)), now
                except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
                    _log.warning("the keys at %s cannot be had: %s", self.provider.keys, error)
            if self._keys is None or now - self._fetched >= STALE:
                raise Unreachable(f"the keys at {self.provider.keys} cannot be had")
            return self._keys

    def _named(self, claims: Mapping[str, Any]) -> Named:
        groups = claims.get(self.provider.groups) if self.provider.groups else None
        listed = groups if isinstance(groups, list) else [groups]
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Named(
            str(claims["sub"]),
            email if isinstance(email, str) else None,
            frozenset(group for group in listed if isinstance(group, str)),
        )


def _public_keys(document: bytes) -> KeySet:
    """The keys that may sign; a shared secret (`oct`) published among them is no key."""
    keys = [
        key
        for key in json.loads(document)["keys"]
        if key.get("kty") in {"RSA", "EC"}
        and key.get("use", "sig") == "sig"
        and key.get("alg", "") in {"", *ALGORITHMS}
    ]
    return KeySet.import_key_set({"keys": keys})
