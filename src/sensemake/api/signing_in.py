"""Signing in at the identity provider: a browser leaves for it, and comes back as somebody.

The authorization code flow (RFC 6749 §4.1) with PKCE (RFC 7636, S256) and the nonce of OpenID Connect Core §3.1. What
has to be remembered in between is in a cookie of that browser, so any worker of the home may take it back.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client

from sensemake.api.oidc import Named, Verifier
from sensemake.api.published import Fetch, Published, fetch
from sensemake.errors import NotSignedIn, Unreachable

SCOPE = "openid email profile"
PATIENCE = 600
"""Seconds that somebody may take at the provider."""
_SECONDS = 5.0
_LIBRARY = next(base for base in OAuth2Client.__mro__ if base.__name__ == "Client").__module__.partition(".")[0]
_HTTP_ERROR: type[Exception] = import_module(_LIBRARY).HTTPError
"""Authlib asks by httpx, or by httpx2 where that is installed; the errors are of that library."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is remembered of a browser that left: `state` is that of its request, `verifier` PKCE's secret."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Waiting:
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @classmethod
    def read(cls, cookie: str) -> Waiting | None:
        parts = cookie.split(".")
        return cls(*parts) if len(parts) == 3 and all(parts) else None

    def __str__(self) -> str:
        return f"{self.state}.{self.nonce}.{self.verifier}"


@dataclass(slots=True)
class SignIn:
    """One provider that people sign in at. `verifier` accepts what it makes for `client`; without a `secret` that is a
    public one."""

    client: str
    secret: str
    verifier: Verifier
    fetched: Fetch = fetch
    clock: Callable[[], float] = time.time
    _about: Published[Mapping[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        about = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        self._about = Published(
            "what the identity provider says of itself", about, _object, fetched=self.fetched, clock=self.clock
        )

    def address(self, waiting: Waiting, back: str) -> str:
        """Where a browser goes to sign in; it comes back to `back`. Unreachable when the provider does not say."""
        with self._asking(back) as client:
            address, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=waiting.state,
                nonce=waiting.nonce,
                code_verifier=waiting.verifier,
            )
        return str(address)

    def named(self, waiting: Waiting | None, answer: Mapping[str, str], back: str) -> Named:
        """Whom the provider says has come back. NotSignedIn when it refused, or when another browser left."""
        if waiting is None or not hmac.compare_digest(waiting.state.encode(), answer.get("state", "").encode()):
            raise NotSignedIn("this browser did not ask to sign in, or too long ago: begin again")
        if answer.get("iss", self._issuer) != self._issuer:  # RFC 9207
            raise NotSignedIn("another identity provider answered")
        if "code" not in answer:
            raise NotSignedIn("the identity provider signed nobody in")
        named = self.verifier.named(self._identity(answer["code"], waiting, back), nonce=waiting.nonce)
        if named is None:
            raise NotSignedIn("what the identity provider says does not hold")
        return named

    def _identity(self, code: str, waiting: Waiting, back: str) -> str:
        """The id token that a code is good for, once."""
        try:
            with self._asking(back) as client:
                found = client.fetch_token(
                    self._endpoint("token_endpoint"),
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=waiting.verifier,
                )
        except OAuthError:
            raise NotSignedIn("the identity provider does not know this sign-in any more: begin again") from None
        except (_HTTP_ERROR, ValueError, TypeError, KeyError) as error:
            raise Unreachable(f"the identity provider does not answer: {type(error).__name__}") from None
        token = found.get("id_token") if isinstance(found, Mapping) else None
        if not isinstance(token, str):
            raise NotSignedIn("the identity provider named nobody: its client needs the scope openid")
        return token

    @property
    def _issuer(self) -> str:
        return self.verifier.provider.issuer

    def _asking(self, back: str) -> OAuth2Client:
        return OAuth2Client(
            self.client,
            self.secret or None,
            token_endpoint_auth_method="client_secret_basic" if self.secret else "none",
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=_SECONDS,
        )

    def _endpoint(self, name: str) -> str:
        """An address of the provider's, as it publishes them (OpenID Connect Discovery §4); as safe as its own."""
        told = self._about.known()
        issuer, address = told.get("issuer"), str(told.get(name, ""))
        if issuer != self._issuer or urlsplit(address).scheme != urlsplit(self._issuer).scheme:
            raise Unreachable("what the identity provider says of itself is not what was set up")
        return address


def _object(document: bytes) -> Mapping[str, Any]:
    return dict(json.loads(document))
