"""What a token, a one-time link and a session are good for, and for how long; and audiences of nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import small_home
from fastapi.testclient import TestClient

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.errors import NotFound, UsageError
from sensemake.stores import open_catalog, sqlite_url
from sensemake.workspace import Workspace, asking

ME = "http://127.0.0.1:8765"
INTRANET = "https://intranet.example.org"
NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(Settings(home=small_home.taken_in(tmp_path, handbook="staff"), model="hashing")) as opened:
        yield opened


def test_a_link_is_no_token_and_is_not_used_up_as_one(workspace: Workspace) -> None:
    secret, _ = workspace.create_token("t", by=workspace.owner(), once=True)
    with TestClient(create_app(workspace), ME, headers={"Authorization": f"Bearer {secret}"}) as http:
        assert [http.get("/api/v1/silos").status_code for _ in range(2)] == [401, 401]
    assert workspace.open_session(secret) is not None
    assert workspace.open_session(secret) is None


def test_a_link_opens_a_session_that_outlives_it(workspace: Workspace) -> None:
    secret, _ = workspace.create_token("t", by=workspace.owner(), once=True)
    with TestClient(create_app(workspace), ME, follow_redirects=False) as http:
        http.get(f"/?owner={secret}")
        assert http.cookies
        assert http.get("/api/v1/silos").json()["silos"]
        http.cookies.clear()
        http.get(f"/?owner={secret}")
        assert not http.cookies


def test_a_session_may_be_read_from_a_link_of_another_site_and_no_more(workspace: Workspace) -> None:
    secret, _ = workspace.create_token("t", by=workspace.owner(), once=True)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    with TestClient(create_app(workspace), ME, follow_redirects=False) as http:
        http.get(f"/?owner={secret}")
        assert http.get("/api/v1/silos", headers=elsewhere).status_code == 200
        assert http.post("/api/v1/silos", json={"silo": "new"}, headers=elsewhere).status_code == 403


def test_a_session_lasts_half_a_day_and_no_longer_than_its_token(tmp_path: Path) -> None:
    catalog = open_catalog(sqlite_url(tmp_path), tmp_path, create=True)
    for once, lifetime, lasts in (
        (True, timedelta(minutes=5), asking.SESSION),  # a link is over with its use; what it opened is not
        (False, timedelta(minutes=5), timedelta(minutes=5)),
        (False, timedelta(days=5), asking.SESSION),
        (False, None, asking.SESSION),
    ):
        secret, token = asking.make_token(
            "t", user=None, scopes=asking.READING, silos=None, lifetime=lifetime, now=NOW, once=once
        )
        catalog.access.add_token(token)
        opened = asking.open_session(secret, catalog, NOW)
        assert opened is not None
        assert opened[1].expires == NOW + lasts
    catalog.close()


@pytest.mark.parametrize("name", ["a link", "the identity provider", "ordinary"])
def test_a_token_is_no_session_whatever_its_name(workspace: Workspace, name: str) -> None:
    secret, token = workspace.create_token(name, by=workspace.owner())
    other, _ = workspace.create_token(token.id, by=workspace.owner())
    assert workspace.principal_of_session(secret) is None
    assert workspace.principal_of_session(other) is None


def test_a_page_gets_a_token_of_reading_for_an_hour_at_most(workspace: Workspace) -> None:
    owner = workspace.owner()
    for beyond in ("docs:write", "tokens:mint", "admin"):
        with pytest.raises(UsageError, match=beyond):
            workspace.mint_widget_token(INTRANET, owner, scopes=frozenset({"search:read", beyond}))
    for minutes in (-1, 0, 61):
        with pytest.raises(UsageError, match="1 to 60"):
            workspace.mint_widget_token(INTRANET, owner, minutes=minutes)
    assert workspace.mint_widget_token(INTRANET, owner, minutes=60)[1].origin == INTRANET


def test_an_audience_that_reads_nothing_is_told_so(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="nothing that you and ghosts may read"):
        workspace.build_themes(workspace.owner(), audience=["ghosts"])
    assert workspace.themes(workspace.anonymous()) is None  # nobody is named: it is one's own, and there is none


def test_what_a_token_for_some_silos_has_tried_again_is_of_these(workspace: Workspace, tmp_path: Path) -> None:
    owner = workspace.owner()
    for silo in ("one", "two"):
        (tmp_path / silo).mkdir()
        (tmp_path / silo / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
        workspace.ingest([tmp_path / silo], silo, owner)
    secret, _ = workspace.create_token("t", by=owner, scopes=asking.SCOPES, silos=frozenset({"one"}))
    one = workspace.principal_of_token(secret)
    assert one is not None
    (entry,) = workspace.quarantine(one)
    assert workspace.jobs.begin_retry(None, None, one).request["ids"] == [entry.id]
    assert workspace.jobs.begin_retry(None, None, owner).request["ids"] is None
    assert workspace.jobs.begin_retry([entry.id], None, owner).request["ids"] == [entry.id]


def test_a_token_for_some_silos_knows_and_revokes_no_other_tokens(workspace: Workspace) -> None:
    owner = workspace.owner()
    one, two = frozenset({"one"}), frozenset({"one", "two"})
    whole = workspace.create_token("whole", by=owner)[1]
    both = workspace.create_token("both", by=owner, silos=two)[1]
    mine = workspace.create_token("mine", by=owner, silos=one)[1]
    secret, asking_token = workspace.create_token("t", by=owner, scopes=asking.SCOPES, silos=one)
    by = workspace.principal_of_token(secret)
    assert by is not None
    assert {token.id for token in workspace.tokens(by)} == {mine.id, asking_token.id}
    for other in (whole, both):
        with pytest.raises(NotFound):
            workspace.revoke_token(other.id, by)
    workspace.revoke_token(mine.id, by)
    assert {token.id for token in workspace.tokens(owner)} == {whole.id, both.id, asking_token.id}
