"""Bearer tokens of an identity provider (OpenID Connect): who one names, when it holds.

A token holds when it is signed with RS256 or ES256 by a key that the provider publishes (JWKS), names the provider as
issuer and us as audience, has a subject, and has begun and not ended. Anything else names nobody.
"""

from __future__ import annotations

import hmac
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from sensemake.api.published import Fetch, Published, fetch

ALGORITHMS = ("RS256", "ES256")
LEEWAY = 60
"""Seconds by which two clocks may differ."""
LONGEST = 16 * 1024
_log = logging.getLogger("sensemake.api")


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


class Verifier:
    """Checks tokens of one provider. Safe to share between threads."""

    def __init__(
        self,
        provider: Provider,
        fetched: Fetch = fetch,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.provider = provider
        self._keys = Published("the keys", provider.keys, _public_keys, fetched=fetched, clock=clock)
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
            return jwt.decode(token, self._keys.known(), algorithms=ALGORITHMS)
        except InvalidKeyIdError:  # the provider may have a new key
            return jwt.decode(token, self._keys.known(0), algorithms=ALGORITHMS)

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
