"""Who may ask over HTTP how often, with which tokens, and from which pages; on a real home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import small_home
from fastapi.testclient import TestClient
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.errors import NotSignedIn, UsageError
from sensemake.protocols import Rate
from sensemake.rules import tokens
from sensemake.stores.rates import RATES_FILE, FileRates
from sensemake.workspace import Workspace, asking

ME = "http://127.0.0.1:8765"
INTRANET = "https://intranet.example.org"
ASKED = {"query": "tide"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    home = small_home.taken_in(tmp_path_factory.mktemp("limits"), handbook="staff", board="board")
    with Workspace.open(Settings(home=home, model="hashing")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _nobody_asked_yet(workspace: Workspace) -> Iterator[None]:
    yield
    workspace._catalog.rates.close()
    for file in workspace.settings.home.glob(f"{RATES_FILE}*"):
        file.unlink()


def served(workspace: Workspace, per_minute: int = 0) -> TestClient:
    app = create_app(workspace, origins=[INTRANET], requests_per_minute=per_minute)
    return TestClient(app, ME, raise_server_exceptions=False)


def bearer(workspace: Workspace, *scopes: str, user: str | None = None) -> dict[str, str]:
    secret, _ = workspace.create_token(
        "t", by=workspace.owner(), user=user, scopes=frozenset(scopes) or workspace.owner().scopes
    )
    return {"Authorization": f"Bearer {secret}"}


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────


@given(
    st.text(tokens.DIGITS, min_size=tokens.LENGTH, max_size=tokens.LENGTH), st.integers(4, 52), st.sampled_from("aZ09")
)
def test_a_mistyped_token_is_told_without_a_look_into_the_store(digits: str, place: int, other: str) -> None:
    secret = tokens.secret(digits)
    assert tokens.whole(secret)
    wrong = secret[:place] + other + secret[place + 1 :]
    assert tokens.whole(wrong) == (wrong == secret)


def test_the_last_use_of_a_token_is_known(workspace: Workspace) -> None:
    headers = bearer(workspace)
    with served(workspace) as http:
        assert http.post("/api/v1/search", json=ASKED, headers=headers).status_code == 200
    newest = workspace.tokens(workspace.owner())[-1]
    assert newest.used is not None
    assert newest.used >= newest.created


def test_a_site_makes_tokens_for_its_pages(workspace: Workspace) -> None:
    minting = bearer(workspace, "tokens:mint", "search:read", "docs:read")
    with served(workspace) as http:
        made = http.post("/api/v1/tokens/widget", json={"origin": INTRANET, "user": "bo"}, headers=minting)
        assert made.status_code == 201
        assert made.json()["scopes"] == ["search:read"]
        page = {"Authorization": f"Bearer {made.json()['token']}", "Origin": INTRANET}
        found = http.post("/api/v1/search", json=ASKED, headers=page)
        assert {hit["silo"] for hit in found.json()["hits"]} == {"handbook"}
        assert found.headers["access-control-allow-origin"] == INTRANET
        assert "access-control-allow-credentials" not in found.headers
        assert http.get("/api/v1/silos", headers=page).status_code == 403


@pytest.mark.parametrize(
    "origin", [None, "https://intranet.example.org.evil.example", "null", "http://intranet.example.org"]
)
def test_a_page_token_holds_for_its_own_pages_only(workspace: Workspace, origin: str | None) -> None:
    secret, _ = workspace.mint_widget_token(INTRANET, workspace.owner())
    headers = {"Authorization": f"Bearer {secret}"} | ({"Origin": origin} if origin else {})
    with served(workspace) as http:
        refused = http.post("/api/v1/search", json=ASKED, headers=headers)
    assert refused.status_code == 401
    assert "access-control-allow-origin" not in refused.headers


WRONG: list[tuple[dict[str, Any], int]] = [
    ({"origin": "https://elsewhere.example.org"}, 403),
    ({"origin": INTRANET, "minutes": 61}, 422),
    ({"origin": INTRANET, "scopes": ["docs:write"]}, 422),
    ({"origin": INTRANET, "scopes": ["admin"]}, 422),
    ({"origin": INTRANET, "user": "nobody"}, 404),
]


@pytest.mark.parametrize(("asked", "status"), WRONG)
def test_a_page_gets_no_more_than_reading(workspace: Workspace, asked: dict[str, Any], status: int) -> None:
    with served(workspace) as http:
        assert http.post("/api/v1/tokens/widget", json=asked, headers=bearer(workspace)).status_code == status


def test_making_page_tokens_needs_its_own_right(workspace: Workspace) -> None:
    with served(workspace) as http:
        asked = {"origin": INTRANET}
        assert http.post("/api/v1/tokens/widget", json=asked).status_code == 401
        reader = bearer(workspace, "search:read")
        assert http.post("/api/v1/tokens/widget", json=asked, headers=reader).status_code == 403
    events = workspace.audit(workspace.owner())
    assert ("refused", "POST /api/v1/tokens/widget") in {(event.action, event.about) for event in events}


def test_a_page_token_has_no_more_rights_than_who_made_it(workspace: Workspace) -> None:
    minting = bearer(workspace, "tokens:mint", "search:read")
    with served(workspace) as http:
        asked = {"origin": INTRANET, "scopes": ["search:read", "docs:read"]}
        made = http.post("/api/v1/tokens/widget", json=asked, headers=minting)
    assert made.json()["scopes"] == ["search:read"]


# ── other pages ──────────────────────────────────────────────────────────────────────────────────

TRICKS = [
    "null",
    "*",
    "https://evil.example",
    "https://intranet.example.org.evil.example",
    "https://evil-intranet.example.org",
    "http://intranet.example.org",
    "https://intranet.example.org:8443",
    "https://intranet.example.org/",
    "https://user@intranet.example.org",
    "https://INTRANET.example.org",
    "https://intranet.example.org ",
    "https://intranet.example.org,https://evil.example",
    "https://intranet-example.org",
    "https://intranet.example.orgevil.example",
    "file://",
    "chrome-extension://abc",
]


@pytest.mark.parametrize("origin", TRICKS)
def test_a_page_from_elsewhere_reads_nothing(workspace: Workspace, origin: str) -> None:
    wanted = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    with served(workspace) as http:
        for answer in (
            http.options("/api/v1/search", headers=wanted),
            http.post("/api/v1/search", json=ASKED, headers={"Origin": origin}),
        ):
            assert "access-control-allow-origin" not in answer.headers, origin


def test_an_allowed_page_may_ask(workspace: Workspace) -> None:
    wanted = {
        "Origin": INTRANET,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    with served(workspace) as http:
        allowed = http.options("/api/v1/search", headers=wanted)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == INTRANET
    assert "Origin" in allowed.headers["vary"]


# ── how often ────────────────────────────────────────────────────────────────────────────────────


def test_who_asks_too_often_is_told_when_to_ask_again(workspace: Workspace) -> None:
    headers, others = bearer(workspace), bearer(workspace)
    with served(workspace, per_minute=6) as http:
        answers = [http.post("/api/v1/search", json=ASKED, headers=headers) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
        assert answers[-1].json()["type"] == "urn:sensemake:problem:too-many-requests"
        assert http.post("/api/v1/search", json=ASKED, headers=others).status_code == 200


def test_two_workers_count_together(workspace: Workspace) -> None:
    headers = bearer(workspace)
    with served(workspace, per_minute=6) as one, served(workspace, per_minute=6) as two:
        asked = [http.post("/api/v1/search", json=ASKED, headers=headers).status_code for http in (one, two, one, two)]
    assert asked == [200, 200, 429, 429]


def test_guessing_tokens_ends(workspace: Workspace) -> None:
    wrong = {"Authorization": "Bearer smk_wrong"}
    with served(workspace, per_minute=60) as http:
        answers = [http.get("/api/v1/silos", headers=wrong).status_code for _ in range(12)]
    assert answers == [401] * 5 + [429] * 7


def test_rates_are_shared_and_refill(tmp_path: Path) -> None:
    one, two, rate = FileRates(tmp_path), FileRates(tmp_path), Rate(6, 60.0, 3)
    took = [rates.take("k", rate, 1000.0) for rates in (one, two, one, two)]
    assert took[:3] == [0, 0, 0]
    assert took[3] == pytest.approx(10.0)
    assert two.take("k", rate, 1010.0) == 0
    assert one.take("k", rate, 1010.0) > 0
    assert one.take("other", rate, 1010.0) == 0
    one.close()
    two.close()


@given(st.lists(st.floats(0, 30), max_size=30))
def test_never_more_than_the_rate_and_a_burst(tmp_path_factory: pytest.TempPathFactory, pauses: list[float]) -> None:
    rates, rate, now, passed = FileRates(tmp_path_factory.mktemp("rates")), Rate(6, 60.0, 3), 1000.0, 0
    for pause in pauses:
        now += pause
        passed += rates.take("k", rate, now) == 0
    rates.close()
    assert passed <= rate.burst + (now - 1000.0) * rate.requests / rate.seconds


def test_when_nothing_can_be_counted_whoever_is_in_goes_on_and_nobody_new_comes_in(workspace: Workspace) -> None:
    headers, secret = bearer(workspace), workspace.create_token("t", by=workspace.owner())[0]
    workspace._catalog.rates.close()
    (workspace.settings.home / RATES_FILE).write_bytes(b"this is no database, and was damaged by something" * 100)
    with served(workspace, per_minute=1) as http:
        for _ in range(5):
            assert http.post("/api/v1/search", json=ASKED, headers=headers).status_code == 200
        assert http.post("/sign-in", data={"token": secret}, follow_redirects=False).status_code == 503
        assert http.get(f"/?owner={secret}", follow_redirects=False).status_code == 503
        asked = {"origin": INTRANET}
        assert http.post("/api/v1/tokens/widget", json=asked, headers=headers).status_code == 503
        assert http.get("/api/v1/silos", headers={"Authorization": "Bearer smk_wrong"}).status_code == 503


def test_each_kind_of_request_has_a_limit_of_its_own(workspace: Workspace) -> None:
    headers = bearer(workspace)

    def passed(most: int, ask: Callable[[], Response]) -> int:
        return sum(ask().status_code != 429 for _ in range(most))

    with served(workspace, per_minute=6) as http:
        http.headers.update(headers)
        assert passed(20, lambda: http.get("/api/v1/suggestions", params={"prefix": "ti"})) in {10, 11, 12}
        assert passed(9, lambda: http.get("/api/v1/reports")) == 5
        assert passed(9, lambda: http.get("/api/v1/reports/kept")) == 4
        assert passed(9, lambda: http.post("/", data={"query": "tide"})) == 2  # the page is no way around
        assert passed(9, lambda: http.post("/api/v1/experts", json={"topic": "tide"})) == 0
        again = http.get("/api/v1/reports")
        assert 0 < int(again.headers["retry-after"]) <= 720


def test_a_session_and_a_question_of_two_rights_are_counted_once(workspace: Workspace) -> None:
    secret, _ = workspace.create_token("t", by=workspace.owner(), user="bo")
    with served(workspace, per_minute=6) as one, served(workspace, per_minute=6) as other:
        other.cookies = signed_in(one, secret).cookies
        answers = [http.post("/api/v1/ask", json={"question": "tide"}).status_code for http in (one, other, one)]
    assert answers == [200, 200, 429]


def test_signing_in_is_tried_five_times_a_minute(workspace: Workspace) -> None:
    with served(workspace, per_minute=60) as http:
        tried = [http.post("/sign-in", data={"token": "smk_wrong"}).status_code for _ in range(7)]
        assert tried[4:] == [200, 429, 429]
        assert http.get("/?owner=wrong").status_code == 429


def test_a_link_that_was_used_is_no_token(workspace: Workspace) -> None:
    from sensemake.api.principal import Doorkeeper

    secret, _ = workspace.create_token("once", by=workspace.owner(), once=True)
    doorkeeper = Doorkeeper(workspace)
    doorkeeper.sign_in(secret)
    with pytest.raises(NotSignedIn):
        doorkeeper.sign_in(secret)


def signed_in(http: TestClient, secret: str) -> TestClient:
    answer = http.post("/sign-in", data={"token": secret}, follow_redirects=False)
    assert answer.status_code == 303
    assert secret not in answer.headers["set-cookie"]
    return http


def silos_read(http: TestClient) -> int:
    return http.get("/api/v1/silos").status_code


def test_a_session_holds_for_every_worker_of_the_home(workspace: Workspace) -> None:
    secret, _ = workspace.create_token("t", by=workspace.owner(), user="bo")
    with served(workspace) as one, served(workspace) as other:
        other.cookies = signed_in(one, secret).cookies
        assert silos_read(other) == 200
        assert one.post("/sign-out", follow_redirects=False).status_code == 303
        assert silos_read(other) == 401


def test_a_session_ends_with_the_token_that_opened_it(workspace: Workspace) -> None:
    secret, token = workspace.create_token("t", by=workspace.owner(), user="bo")
    with served(workspace) as http:
        signed_in(http, secret)
        assert silos_read(http) == 200
        workspace.revoke_token(token.id, workspace.owner())
        assert silos_read(http) == 401


def test_a_session_is_no_token_and_a_token_no_session(workspace: Workspace) -> None:
    secret, _ = workspace.create_token("t", by=workspace.owner(), user="bo")
    session = workspace.open_session(secret)
    assert session is not None
    assert workspace.principal_of_token(session) is None
    assert workspace.open_session(session) is None
    assert workspace.principal_of_session(secret) is None
    workspace.close_session(secret)
    assert workspace.principal_of_token(secret) is not None
    with pytest.raises(UsageError):
        workspace.create_token("session of mine", by=workspace.owner())


def test_a_session_lasts_no_longer_than_its_token(workspace: Workspace) -> None:
    now = asking.utc_now()
    secret, token = asking.make_token(
        "short", user="bo", scopes=asking.READING, silos=None, lifetime=timedelta(hours=1), now=now
    )
    workspace._catalog.access.add_token(token)
    made = asking.open_session(secret, workspace._catalog, now)
    assert made is not None
    assert made[1].expires == token.expires
    workspace._catalog.access.add_token(made[1])
    assert asking.principal_of_session(made[0], workspace._catalog, now) is not None
    assert asking.principal_of_session(made[0], workspace._catalog, now + timedelta(hours=1)) is None
