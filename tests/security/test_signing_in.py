"""Signing in at an identity provider: who comes back is who left, and reads what the directory lets them read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

import fake_provider
from fake_provider import CLIENT, SECRET, FakeProvider
from sensemake.api.app import create_app
from sensemake.api.configured import _sign_in
from sensemake.api.oidc import Provider, Verifier
from sensemake.api.principal import COOKIE
from sensemake.api.published import PAUSE, STALE
from sensemake.api.routes.entering import WAITING
from sensemake.api.signing_in import SignIn, Waiting
from sensemake.config import Settings
from sensemake.errors import Unreachable, UsageError
from sensemake.workspace import Workspace

ME = "http://127.0.0.1:8765"
PEOPLE = """person_id,name,email,active,groups,oidc
ada,Ada Alder,ada@example.org,yes,staff;board,sub-ada
left,Lea Left,lea@example.org,no,board,sub-left
"""


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with fake_provider.running() as made:
        yield made


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    place = tmp_path_factory.mktemp("signing-in")
    with Workspace.open(Settings(home=place / "home", model="hashing"), create=True) as opened:
        for silo, readers in (("board", "board"), ("open", "everyone"), ("labs", "labs")):
            (place / silo).mkdir()
            (place / silo / "page.md").write_text(f"# {silo}\n\nThe tide gauge of the {silo}.\n")
            (place / silo / "people.csv").write_text(PEOPLE)
            opened.ingest([place / silo], silo, opened.owner(), readers=frozenset({readers}))
        yield opened


@pytest.fixture
def browser(workspace: Workspace, provider: FakeProvider) -> Callable[..., TestClient]:
    def made(secret: str = SECRET, base: str = ME, **more: str) -> TestClient:
        verifier = Verifier(Provider(provider.issuer, CLIENT, f"{provider.issuer}/keys"))
        app = create_app(workspace, sign_in=SignIn(CLIENT, secret, verifier), hosts=None, **more)  # type: ignore[arg-type]
        return TestClient(app, base, follow_redirects=False, raise_server_exceptions=False)

    return made


def leave(http: TestClient) -> str:
    """To the provider, and what it sends back."""
    there = http.get("/sign-in/provider")
    assert there.status_code == 303
    return httpx.get(there.headers["location"]).headers["location"]


def silos(http: TestClient) -> set[str] | int:
    answer = http.get("/api/v1/silos")
    return {silo["name"] for silo in answer.json()["silos"]} if answer.is_success else answer.status_code


def test_somebody_signs_in_and_reads_what_is_theirs(provider: FakeProvider, browser: Callable[..., TestClient]) -> None:
    http = browser()
    assert 'href="/sign-in/provider"' in http.get("/").text
    assert silos(http) == {"open"}
    back = leave(http)
    (asked,) = provider.asked
    assert asked["client_id"] == CLIENT
    assert asked["redirect_uri"] == f"{ME}/sign-in/return"
    assert asked["code_challenge_method"] == "S256"
    page = http.get(back)
    assert page.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/">' in page.text
    assert silos(http) == {"board", "open"}
    assert "signed in as ada" in http.get("/").text
    assert http.post("/sign-out").status_code == 303
    assert silos(http) == {"open"}


def test_the_cookies_are_out_of_reach(browser: Callable[..., TestClient]) -> None:
    http = browser(base="https://memory.example.org", public_url="https://memory.example.org")
    waiting = http.get("/sign-in/provider").headers["set-cookie"]
    assert waiting.startswith(f"{WAITING}=")
    for part in ("HttpOnly", "SameSite=lax", "Secure", "Path=/sign-in", "Max-Age=600"):
        assert part in waiting
    session = http.get(leave(http)).headers.get_list("set-cookie")[0]
    assert session.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "SameSite=strict", "Secure"):
        assert part in session


def test_every_worker_of_the_home_takes_the_way_back(browser: Callable[..., TestClient]) -> None:
    one, other = browser(), browser()
    back = leave(one)
    other.cookies = one.cookies
    assert other.get(back).status_code == 200
    one.cookies = other.cookies
    assert silos(one) == {"board", "open"}


@pytest.mark.parametrize(
    ("claims", "sees"),
    [
        ({"sub": "nobody"}, {"open"}),
        ({"sub": "nobody", "groups": ["labs", "sensemake:owner"]}, {"labs", "open"}),
        ({"sub": "x", "email": "ada@example.org", "email_verified": True}, {"board", "open"}),
        ({"sub": "x", "email": "ada@example.org"}, {"open"}),
        ({"aud": [CLIENT, "another"]}, {"board", "open"}),
    ],
)
def test_who_is_named_reads_what_they_may(
    provider: FakeProvider, browser: Callable[..., TestClient], claims: dict[str, object], sees: set[str]
) -> None:
    provider.claims = claims
    http = browser()
    assert http.get(leave(http)).status_code == 200
    assert silos(http) == sees


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"iss": "https://elsewhere.example"},
        {"exp": 1}, {"exp": None}, {"sub": None}, {"sub": ""}, {"sub": "sub-left"},
    ],
)  # fmt: skip
def test_what_does_not_hold_signs_nobody_in(
    provider: FakeProvider, browser: Callable[..., TestClient], claims: dict[str, object]
) -> None:
    provider.claims = claims
    http = browser()
    answer = http.get(leave(http))
    assert answer.status_code == 401
    assert "Signing in did not work." in answer.text
    assert COOKIE not in http.cookies
    assert silos(http) == {"open"}


def test_only_the_browser_that_left_comes_back(browser: Callable[..., TestClient]) -> None:
    mine, theirs = browser(), browser()
    back = leave(mine)
    assert theirs.get(back).status_code == 401  # it never left
    leave(theirs)
    assert theirs.get(back).status_code == 401  # it left with another state
    assert COOKIE not in theirs.cookies
    assert mine.get(back).status_code == 200
    assert mine.get(back).status_code == 401  # a code is good once, and so is the way back
    state = parse_qs(urlsplit(back).query)["state"][0]
    mine.get("/sign-in/provider")
    for wrong in ("", "?", f"?state={state}", f"?code=x&state={state}", "?state=%C3%A9&code=x"):
        assert mine.get(f"/sign-in/return{wrong}").status_code == 401


def test_a_code_meant_for_another_sign_in_is_worth_nothing(
    provider: FakeProvider, browser: Callable[..., TestClient]
) -> None:
    """An attacker's code with the victim's state: PKCE and the nonce are of the browser."""
    attacker, victim = browser(), browser()
    stolen = parse_qs(urlsplit(leave(attacker)).query)["code"][0]
    state = parse_qs(urlsplit(leave(victim)).query)["state"][0]
    assert victim.get("/sign-in/return", params={"code": stolen, "state": state}).status_code == 401
    assert COOKIE not in victim.cookies
    one, other = provider.asked
    assert all(one[name] != other[name] for name in ("state", "nonce", "code_challenge"))


def test_another_issuer_may_not_answer(provider: FakeProvider, browser: Callable[..., TestClient]) -> None:
    http = browser()
    back = leave(http).replace("iss=http", "iss=elsewhere")
    assert http.get(back).status_code == 401
    provider.refuses = True
    assert http.get(leave(http)).status_code == 401


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://elsewhere.example"},
        {"authorization_endpoint": "javascript:alert(1)", "token_endpoint": None},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_says_something_else_is_not_followed(
    provider: FakeProvider, browser: Callable[..., TestClient], told: dict[str, object]
) -> None:
    provider.told = told
    answer = browser().get("/sign-in/provider")
    assert answer.status_code == 503
    assert "location" not in answer.headers
    assert "Signing in did not work." in answer.text


def test_while_it_does_not_answer_nobody_signs_in_there(
    provider: FakeProvider, browser: Callable[..., TestClient]
) -> None:
    http = browser()
    back = leave(http)
    provider.broken = True
    assert http.get(back).status_code == 503
    assert browser().get("/sign-in/provider").status_code == 503
    assert COOKIE not in http.cookies


def test_it_is_not_asked_about_itself_by_everybody_who_comes(
    provider: FakeProvider, browser: Callable[..., TestClient]
) -> None:
    http = browser()
    for _ in range(5):
        http.get(leave(http))
    assert provider.looked_up == 1


def test_where_to_sign_in_is_known_for_an_hour_after_the_provider_fell_silent() -> None:
    issuer, now, broken = "https://id.example.org", [0.0], [False]

    def fetched(url: str) -> bytes:
        if broken[0]:
            raise httpx.ConnectError("no route")
        assert url == f"{issuer}/.well-known/openid-configuration"
        return json.dumps({"issuer": issuer, "authorization_endpoint": f"{issuer}/authorize"}).encode()

    verifier = Verifier(Provider(issuer, "page", f"{issuer}/keys"), fetched=fetched)
    sign_in = SignIn("page", "", verifier, fetched=fetched, clock=lambda: now[0])
    back = "https://memory.example.org/sign-in/return"
    broken[0] = True
    with pytest.raises(Unreachable):
        sign_in.address(Waiting.new(), back)
    broken[0] = False
    with pytest.raises(Unreachable):  # not asked again at once
        sign_in.address(Waiting.new(), back)
    now[0] = PAUSE
    assert sign_in.address(Waiting.new(), back).startswith(f"{issuer}/authorize?")
    broken[0], now[0] = True, PAUSE + STALE - 1
    assert sign_in.address(Waiting.new(), back)
    now[0] += 1
    with pytest.raises(Unreachable):
        sign_in.address(Waiting.new(), back)


def test_a_public_client_has_no_secret_and_a_wrong_one_does_not_do(
    provider: FakeProvider, browser: Callable[..., TestClient]
) -> None:
    wrong = browser("guessed")
    assert wrong.get(leave(wrong)).status_code == 401
    provider.secret = ""
    public = browser("")
    assert public.get(leave(public)).status_code == 200


def test_somebody_who_leaves_the_organisation_is_out_at_once(
    tmp_path: Path, provider: FakeProvider, browser: Callable[..., TestClient], workspace: Workspace
) -> None:
    http = browser()
    provider.claims = {"sub": "gone-soon"}
    (tmp_path / "people.csv").write_text(PEOPLE + "zoe,Zoe Zinc,,yes,board,gone-soon\n")
    (tmp_path / "page.md").write_text("# Zoe\n\nA page.\n")
    workspace.ingest([tmp_path], "open", workspace.owner())
    http.get(leave(http))
    assert silos(http) == {"board", "open"}
    (tmp_path / "people.csv").write_text(PEOPLE + "zoe,Zoe Zinc,,no,board,gone-soon\n")
    workspace.ingest([tmp_path], "open", workspace.owner())
    assert silos(http) == 401


def test_without_a_client_nobody_signs_in_there(workspace: Workspace) -> None:
    with TestClient(create_app(workspace), ME, follow_redirects=False) as http:
        assert "/sign-in/provider" not in http.get("/").text
        assert http.get("/sign-in/provider").status_code == 404
        assert http.get("/sign-in/return").status_code == 404


def test_half_a_setting_is_refused(tmp_path: Path) -> None:
    whole = {"oidc_issuer": "https://id.example.org", "oidc_audience": "api", "oidc_keys": "https://id.example.org/k"}
    made = _sign_in(Settings(home=tmp_path, **whole, oidc_client_id="page", oidc_client_secret="x"))
    assert made is not None
    assert made.verifier.provider.audience == "page"
    assert _sign_in(Settings(home=tmp_path, **whole)) is None
    with pytest.raises(UsageError, match="_ISSUER"):
        _sign_in(Settings(home=tmp_path, oidc_client_id="page"))
    with pytest.raises(UsageError, match="must be an https address"):
        _sign_in(Settings(home=tmp_path, **{**whole, "oidc_issuer": "http://id.example.org"}, oidc_client_id="page"))
