"""Bearer tokens of an identity provider, and what a proxy says: who is believed, and about whom."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from sensemake.api.app import create_app
from sensemake.api.configured import _hosts, _verifier
from sensemake.api.oidc import Provider, Verifier
from sensemake.api.proxies import Proxies
from sensemake.api.published import KEPT, PAUSE, STALE
from sensemake.config import Settings
from sensemake.errors import Unreachable, UsageError
from sensemake.workspace import Workspace

ME = "http://127.0.0.1:8765"
ISSUER = "https://id.example.org/realm"
AUDIENCE = "sensemake"
NOW = int(time.time())
"""The clock of all verifiers here: a busy machine makes no token end."""
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
OTHER = RSAKey.generate_key(2048, {"kid": "rsa"})
PEOPLE = """person_id,name,email,active,groups,oidc
ada,Ada Alder,ada@example.org,yes,staff;board,sub-ada
bo,Bo Birch,bo@example.org,yes,staff,
left,Lea Left,lea@example.org,no,board,sub-left
twin1,Tia Twin,twin@example.org,yes,board,
twin2,Tom Twin,twin@example.org,yes,board,
"""


@dataclass
class Issuer:
    """A fake identity provider on loopback: it publishes `keys`, and counts who asks."""

    keys: list[Any] = field(default_factory=lambda: [RSA, EC])
    asked: int = 0
    broken: bool = False
    address: str = ""


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked += 1
            body = json.dumps({"keys": [key.as_dict(private=key.key_type == "oct") for key in made.keys]}).encode()
            self.send_response(500 if made.broken else 200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made.address = f"http://127.0.0.1:{server.server_port}/keys"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    place = tmp_path_factory.mktemp("asking")
    with Workspace.open(Settings(home=place / "home", model="hashing"), create=True) as opened:
        for silo, readers in (("handbook", "staff"), ("board", "board"), ("open", "everyone"), ("labs", "labs")):
            (place / silo).mkdir()
            (place / silo / "page.md").write_text(f"# {silo}\n\nThe tide gauge of the {silo}.\n")
            (place / silo / "people.csv").write_text(PEOPLE)
            opened.ingest([place / silo], silo, opened.owner(), readers=frozenset({readers}))
        yield opened


def claims(**other: Any) -> dict[str, Any]:
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "sub-ada", "iat": NOW, "nbf": NOW, "exp": NOW + 300, **other}
    return {name: value for name, value in said.items() if value is not None}


def signed(key: Any = RSA, algorithm: str = "RS256", header: dict[str, Any] | None = None, **other: Any) -> str:
    head = {"alg": algorithm, "kid": key.kid, **(header or {})}
    return jwt.encode({k: v for k, v in head.items() if v is not None}, claims(**other), key, algorithms=[algorithm])


def served(
    workspace: Workspace, issuer: Issuer | None = None, proxies: Proxies | None = None, **more: Any
) -> TestClient:
    verifier = Verifier(Provider(ISSUER, AUDIENCE, issuer.address), clock=lambda: NOW) if issuer else None
    app = create_app(workspace, verifier=verifier, proxies=proxies or Proxies(), hosts=None, **more)
    return TestClient(app, ME, raise_server_exceptions=False)


def read(http: TestClient, token: str | None = None, **headers: str) -> set[str] | int:
    """The silos that this caller sees; or the status, when it is not 200."""
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    answer = http.get("/api/v1/silos", headers=sent | headers)
    return {silo["name"] for silo in answer.json()["silos"]} if answer.is_success else answer.status_code


# ── whom a token names ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "sees"),
    [
        ({}, {"handbook", "board", "open"}),
        ({"sub": "bo"}, {"handbook", "open"}),
        ({"sub": "x", "email": "BO@example.org", "email_verified": True}, {"handbook", "open"}),
        ({"sub": "x", "email": "ada@example.org"}, {"open"}),
        ({"sub": "x", "email": "ada@example.org", "email_verified": "true"}, {"open"}),
        ({"sub": "x", "name": "Ada Alder", "preferred_username": "ada"}, {"open"}),
        ({"sub": "Ada Alder"}, {"open"}),
        ({"sub": "x", "groups": ["labs"]}, {"labs", "open"}),
        ({"sub": "x", "groups": "labs"}, {"labs", "open"}),
        ({"sub": "bo", "groups": ["labs"]}, {"handbook", "labs", "open"}),
        ({"sub": "x", "groups": ["sensemake:owner", "oidc:sub-ada", "a b", "", 7, None, {"labs": 1}]}, {"open"}),
        ({"sub": "owner"}, {"open"}),
        ({"sub": "x", "aud": ["other", AUDIENCE]}, {"open"}),
        ({"nbf": None, "iat": None}, {"handbook", "board", "open"}),
        ({"exp": NOW - 20}, {"handbook", "board", "open"}),  # clocks differ by a minute at most
        ({"sub": "sub-left"}, 401),
        ({"sub": "x", "email": "twin@example.org", "email_verified": True}, 401),
    ],
)
def test_a_token_names_somebody(workspace: Workspace, issuer: Issuer, said: dict[str, Any], sees: Any) -> None:
    with served(workspace, issuer) as http:
        assert read(http, signed(**said)) == sees
        assert read(http, signed(EC, "ES256", **said)) == sees


def test_who_is_in_no_directory_only_reads(workspace: Workspace, issuer: Issuer) -> None:
    reflection = {"text": "learnt", "silo": "open"}
    with served(workspace, issuer) as http:
        for subject, status in (("x", 403), ("bo", 201)):
            headers = {"Authorization": f"Bearer {signed(sub=subject)}"}
            assert http.post("/api/v1/reflections", json=reflection, headers=headers).status_code == status
            assert http.get("/api/v1/jobs", headers=headers).status_code == 403


def by_hand(header: dict[str, Any], signature: str = "", **other: Any) -> str:
    """A token as no library makes it."""
    parts = (json.dumps(part).encode() for part in (header, claims(**other)))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "." + signature


def unsigned(algorithm: str, signature: str = "") -> str:
    return by_hand({"alg": algorithm, "kid": "rsa"}, signature)


def hmac_with_public_key() -> str:
    """The classic: the public key, which everybody has, taken for a shared secret."""
    whole = by_hand({"alg": "HS256", "kid": "rsa"})[:-1]
    digest = hmac.digest(RSA.as_pem(private=False), whole.encode(), "sha256")
    return whole + "." + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def critical() -> str:
    """Signed well, with a header that must be understood, and is not."""
    head = {"alg": "RS256", "kid": "rsa", "crit": ["sensemake"], "sensemake": 1}
    whole = by_hand(head)[:-1]
    signature = RSA.private_key.sign(whole.encode(), PKCS1v15(), SHA256())
    return whole + "." + base64.urlsafe_b64encode(signature).decode().rstrip("=")


WRONG = {
    "another issuer": lambda: signed(iss="https://id.example.org/other"),
    "an issuer that begins so": lambda: signed(iss=ISSUER + "/"),
    "no issuer": lambda: signed(iss=None),
    "for somebody else": lambda: signed(aud="wiki"),
    "for many, not us": lambda: signed(aud=["wiki", "mail"]),
    "for nobody": lambda: signed(aud=None),
    "an audience that is no text": lambda: signed(aud={"sensemake": True}),
    "ended": lambda: signed(exp=NOW - 90),
    "without an end": lambda: signed(exp=None),
    "an end that is no number": lambda: signed(exp="tomorrow"),
    "not yet": lambda: signed(nbf=NOW + 3600),
    "of the future": lambda: signed(iat=NOW + 3600),
    "no subject": lambda: signed(sub=None),
    "an empty subject": lambda: signed(sub=""),
    "a subject that is no text": lambda: signed(sub=7),
    "another key of that name": lambda: signed(OTHER),
    "a key nobody knows": lambda: signed(header={"kid": "made-up"}),
    "no key id": lambda: signed(header={"kid": None}),
    "none": lambda: unsigned("none"),
    "None": lambda: unsigned("None"),
    "none, signed": lambda: unsigned("none", signed().rpartition(".")[2]),
    "a shared secret": hmac_with_public_key,
    "a longer hash": lambda: signed(RSA, "RS512"),
    "another padding": lambda: signed(RSA, "PS256"),
    "the key brought along": lambda: signed(OTHER, header={"kid": None, "jwk": OTHER.as_dict(private=False)}),
    "a key elsewhere": lambda: signed(OTHER, header={"kid": "x", "jku": "http://127.0.0.1:1/keys"}),
    "a header that must be understood": critical,
    "a signature cut off": lambda: signed()[:-10],
    "another's signature": lambda: signed(sub="bo").rpartition(".")[0] + "." + signed().rpartition(".")[2],
    "changed claims": lambda: ".".join([signed().split(".")[0], unsigned("RS256").split(".")[1] + "A", "AAAA"]),
    "three dots": lambda: "..",
    "no JSON": lambda: "YQ.YQ.YQ",
    "too long": lambda: signed(more="x" * 20_000),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_token_that_does_not_hold_is_nobodys(workspace: Workspace, issuer: Issuer, name: str) -> None:
    with served(workspace, issuer) as http:
        assert read(http, WRONG[name]()) == 401
        assert read(http, signed()) == {"handbook", "board", "open"}


def test_a_shared_secret_among_the_published_keys_signs_nothing(workspace: Workspace, issuer: Issuer) -> None:
    secret = OctKey.generate_key(256, {"kid": "oct"})
    issuer.keys.append(secret)
    with served(workspace, issuer) as http:
        assert read(http, signed(secret, "HS256")) == 401


def test_a_key_for_something_else_signs_nothing(workspace: Workspace, issuer: Issuer) -> None:
    key = RSAKey.generate_key(2048, {"kid": "for secrets"})
    issuer.keys.append(RSAKey.import_key({**key.as_dict(private=False), "use": "enc"}))
    with served(workspace, issuer) as http:
        assert read(http, signed(key)) == 401
        assert read(http, signed()) == {"handbook", "board", "open"}


class UnreadableKey:
    """A key that is published, and that the library cannot read."""

    def __init__(self, key_type: str, **values: str) -> None:
        self.key_type, self._values = key_type, values

    def as_dict(self, *, private: bool) -> dict[str, str]:
        return {"kty": self.key_type, "kid": "other", **self._values}


UNREADABLE = {
    "of a kind that is made up later": UnreadableKey("AKP", pub="AAAA"),
    "of a kind that signs nothing here": UnreadableKey("OKP", crv="X448", x="AA"),
    "for secrets, on an unknown curve": UnreadableKey("EC", use="enc", crv="P-999", x="AA", y="AA"),
    "for something else, by its algorithm": UnreadableKey("EC", alg="ECDH-ES", crv="P-999", x="AA", y="AA"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_key_for_something_else_keeps_no_other_from_holding(workspace: Workspace, issuer: Issuer, name: str) -> None:
    issuer.keys.insert(0, UNREADABLE[name])
    with served(workspace, issuer) as http:
        assert read(http, signed()) == {"handbook", "board", "open"}


def test_without_a_provider_no_such_token_holds(workspace: Workspace) -> None:
    with served(workspace) as http:
        assert read(http, signed()) == 401


# ── its keys ─────────────────────────────────────────────────────────────────────────────────────


class Clock:
    now = float(NOW)

    def __call__(self) -> float:
        return self.now


def test_our_own_tokens_hold_beside_a_providers(workspace: Workspace, issuer: Issuer) -> None:
    secret, _ = workspace.create_token("t", by=workspace.owner(), user="ada")
    with served(workspace, issuer) as http:
        assert read(http, secret) == {"handbook", "board", "open"}
        assert read(http, secret[:-1]) == 401
    assert issuer.asked == 0


def test_keys_are_fetched_once_and_again_when_one_is_new(issuer: Issuer) -> None:
    clock = Clock()
    verifier = Verifier(Provider(ISSUER, AUDIENCE, issuer.address), clock=clock)
    new = RSAKey.generate_key(2048, {"kid": "new"})
    for _ in range(5):
        assert verifier.named(signed()) is not None
        assert verifier.named(signed(new)) is None
    assert issuer.asked == 1  # whoever makes up key ids does not make us ask
    issuer.keys = [new]
    clock.now += PAUSE
    assert verifier.named(signed(new)) is not None
    assert verifier.named(signed()) is None
    assert issuer.asked == 2


def test_a_key_that_was_taken_back_is_forgotten(issuer: Issuer) -> None:
    clock = Clock()
    verifier = Verifier(Provider(ISSUER, AUDIENCE, issuer.address), clock=clock)
    assert verifier.named(signed()) is not None
    issuer.keys = [EC]
    clock.now += KEPT
    assert verifier.named(signed(exp=NOW + 7200)) is None


def test_while_the_provider_does_not_answer_nobody_is_let_in_for_long(workspace: Workspace, issuer: Issuer) -> None:
    clock = Clock()
    verifier = Verifier(Provider(ISSUER, AUDIENCE, issuer.address), clock=clock)
    assert verifier.named(signed(exp=NOW + 7200)) is not None
    issuer.broken = True
    clock.now += KEPT
    assert verifier.named(signed(exp=NOW + 7200)) is not None
    clock.now += STALE
    with pytest.raises(Unreachable):
        verifier.named(signed(exp=NOW + 7200))
    with served(workspace, issuer) as http:
        assert read(http, signed()) == 503
        assert read(http, signed()) == 503
        assert issuer.asked == 4


# ── what a proxy says ────────────────────────────────────────────────────────────────────────────

HEADER = {"X-Forwarded-User": "ada"}


def behind(workspace: Workspace, peer: str, networks: str = "10.0.0.0/24 ::1", **more: Any) -> TestClient:
    app = create_app(
        workspace, proxies=Proxies.named(networks, "X-Forwarded-User", "X-Forwarded-Groups"), hosts=None, **more
    )
    return TestClient(app, ME, client=(peer, 5000))


@pytest.mark.parametrize(
    ("peer", "sees"),
    [
        ("10.0.0.7", {"handbook", "board", "open"}),
        ("::1", {"handbook", "board", "open"}),
        ("::ffff:10.0.0.7", {"handbook", "board", "open"}),
        ("10.0.1.7", {"open"}),
        ("127.0.0.1", {"open"}),
        ("::2", {"open"}),
        ("testclient", {"open"}),
    ],
)
def test_a_proxy_is_believed_and_nobody_else(workspace: Workspace, peer: str, sees: set[str]) -> None:
    with behind(workspace, peer) as http:
        assert read(http, **HEADER) == sees


@pytest.mark.parametrize("forwarded", ["10.0.0.7", "10.0.0.7, 10.0.0.8", "for=10.0.0.7"])
def test_an_address_that_is_only_said_is_not_believed(workspace: Workspace, forwarded: str) -> None:
    said = {"X-Forwarded-For": forwarded, "X-Real-IP": "10.0.0.7", "Forwarded": f"for={forwarded}"}
    with behind(workspace, "192.0.2.1") as http:
        assert read(http, **HEADER, **said) == {"open"}


def test_by_default_no_proxy_is_believed(workspace: Workspace) -> None:
    with served(workspace) as http:
        assert read(http, **HEADER) == {"open"}
    assert Settings().trusted_proxies == Settings().proxy_user_header == ""


@pytest.mark.parametrize(
    ("headers", "sees"),
    [
        ({"X-Forwarded-User": "bo@example.org"}, {"handbook", "open"}),
        ({"X-Forwarded-User": "somebody"}, {"open"}),
        ({"X-Forwarded-User": "somebody", "X-Forwarded-Groups": "labs, sensemake:owner"}, {"labs", "open"}),
        ({"X-Forwarded-User": "owner"}, {"open"}),
        ({"X-Forwarded-User": "Ada Alder"}, {"open"}),
        ({"X-Forwarded-User": ""}, {"open"}),
        ({"X-Forwarded-Groups": "board"}, {"open"}),
        ({"X-Forwarded-User": "left"}, 401),
        ({"X-Forwarded-User": "twin@example.org"}, 401),
        ({**HEADER, "Authorization": "Bearer wrong"}, 401),
    ],
)
def test_whom_a_proxy_names(workspace: Workspace, headers: dict[str, str], sees: Any) -> None:
    with behind(workspace, "10.0.0.7") as http:
        assert read(http, **headers) == sees


def test_two_names_at_once_are_none(workspace: Workspace) -> None:
    with behind(workspace, "10.0.0.7") as http:
        answer = http.get("/api/v1/silos", headers=[("X-Forwarded-User", "bo"), ("X-Forwarded-User", "ada")])
        assert answer.status_code == 401


def test_a_page_of_another_site_does_not_act_through_the_proxy(workspace: Workspace) -> None:
    public = "https://memory.example.org"
    reflection = {"text": "learnt", "silo": "open"}
    with behind(workspace, "10.0.0.7", public_url=public) as http:
        for origin, status in ((public, 201), ("https://evil.example", 403), ("null", 403), (ME, 403)):
            sent = http.post("/api/v1/reflections", json=reflection, headers={**HEADER, "Origin": origin})
            assert sent.status_code == status, origin
        sent = http.post("/api/v1/reflections", json=reflection, headers={**HEADER, "Sec-Fetch-Site": "cross-site"})
        assert sent.status_code == 403
        assert http.get("/api/v1/silos", headers={**HEADER, "Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_behind_https_browsers_stay_there(workspace: Workspace) -> None:
    with served(workspace) as plain, served(workspace, public_url="https://memory.example.org") as secure:
        assert "strict-transport-security" not in plain.get("/livez").headers
        for path in ("/livez", "/", "/api/v1/nothing", "/api/v1/silos"):
            assert "max-age=" in secure.get(path).headers["strict-transport-security"]
        secret, _ = workspace.create_token("t", by=workspace.owner(), once=True)
        cookie = secure.get(f"/?owner={secret}", follow_redirects=False).headers["set-cookie"]
        assert "Secure" in cookie


def test_limits_count_who_is_behind_the_proxy(workspace: Workspace) -> None:
    with behind(workspace, "10.0.0.7", requests_per_minute=1) as http:

        def asked(forwarded: str) -> int:
            similar = "/api/v1/passages/absent/similar"
            return http.get(similar, headers={"X-Forwarded-For": forwarded}).status_code

        assert [asked("192.0.2.1, 10.0.0.8") for _ in range(6)] == [404] * 5 + [429]
        assert asked("192.0.2.77") == 404
        assert asked("192.0.2.77, 192.0.2.1") == asked("192.0.2.1")  # what a client writes in front counts for nothing


# ── settings ─────────────────────────────────────────────────────────────────────────────────────


def test_what_is_set_wrongly_is_said_at_the_start(tmp_path: Path) -> None:
    whole = {"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE, "oidc_keys": "https://id.example.org/keys"}
    assert _verifier(Settings(home=tmp_path)) is None
    made = _verifier(Settings(home=tmp_path, **whole))
    assert made is not None
    assert made.provider == Provider(ISSUER, AUDIENCE, whole["oidc_keys"])
    for name in whole:
        with pytest.raises(UsageError, match=f"SENSEMAKE_{name.upper()}"):
            _verifier(Settings(home=tmp_path, **{**whole, name: ""}))
    with pytest.raises(UsageError, match="https"):
        _verifier(Settings(home=tmp_path, **{**whole, "oidc_keys": "http://id.example.org/keys"}))
    with pytest.raises(UsageError, match="TRUSTED_PROXIES"):
        Proxies.named("everywhere")
    assert "memory.example.org" in _hosts(Settings(home=tmp_path, public_url="https://memory.example.org"))
