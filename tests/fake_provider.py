"""A small OpenID Connect provider on loopback: it signs in whoever comes, and checks what it is asked."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "rsa"})
CLIENT, SECRET = "sensemake-page", "s3cret of the client"


@dataclass
class FakeProvider:
    """`claims` go into every id token, over the right ones; `refuses` sends an error back instead of a code.

    `told` replaces parts of what it says of itself; `asked` are the authorization requests, as they came.
    """

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    refuses: bool = False
    broken: bool = False
    secret: str = SECRET
    looked_up: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def about(self) -> dict[str, Any]:
        self.looked_up += 1
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.told,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes back to."""
        self.asked.append(asked)
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        answer = {"error": "access_denied"} if self.refuses else {"code": code}
        return f"{asked['redirect_uri']}?{urlencode({**answer, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The tokens for a code, once, to the client that asked and knows PKCE's secret; None for anybody else."""
        asked = self.codes.pop(form.get("code", ""), None)
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        knows = asked is not None and asked["code_challenge_method"] == "S256" and asked["code_challenge"] == challenge
        is_client = authorization == basic if self.secret else not authorization and form.get("client_id") == CLIENT
        if asked is None or not knows or not is_client or form.get("redirect_uri") != asked["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "sub-ada", "exp": now + 300, "nonce": asked["nonce"]}
        said = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        signed = jwt.encode({"alg": "RS256", "kid": "rsa"}, said, KEY, algorithms=["RS256"])
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": signed}


@contextmanager
def running() -> Iterator[FakeProvider]:
    """The provider, answering at its `issuer` until the end of the block."""
    made = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, asked = urlsplit(self.path).path, {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
            if made.broken:
                self.send_error(500)
            elif path == "/authorize":
                self.send_response(302)
                self.send_header("Location", made.authorize(asked))
                self.end_headers()
            else:
                keys = {"keys": [KEY.as_dict(private=False)]}
                self._say(200, keys if path == "/keys" else made.about())

        def do_POST(self) -> None:
            if made.broken:
                self.send_error(500)
                return
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {k: v[0] for k, v in parse_qs(body).items()}
            found = made.token(form, self.headers.get("Authorization", ""))
            self._say(200 if found else 400, found or {"error": "invalid_grant"})

        def _say(self, status: int, said: object) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made.issuer = f"http://localhost:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()
