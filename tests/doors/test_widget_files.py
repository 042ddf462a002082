"""What other pages load and frame, and signing in on ours: headers, tags, sizes, sessions."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from fake_workspace import OWNER, FakeWorkspace
from fastapi.testclient import TestClient

from sensemake.api.app import create_app
from sensemake.api.static import COMPONENT, static
from sensemake.config import Settings

ME = "http://127.0.0.1:8765"
FILES = [COMPONENT, "page.js", "speaking.js", "page-words.js", "themes.js", "reflect.js", "page.css", "embed.js"]
INTRANET = "https://intranet.example.org https://*.sharepoint.example"


@pytest.fixture
def workspace() -> FakeWorkspace:
    return FakeWorkspace()


@pytest.fixture
def http(workspace: FakeWorkspace) -> Iterator[TestClient]:
    app = create_app(workspace, embed_origins=INTRANET)  # type: ignore[arg-type]
    with TestClient(app, ME, follow_redirects=False) as client:
        yield client


def token(workspace: FakeWorkspace, *, once: bool = False) -> str:
    secret, _ = workspace.create_token("t", user=None, scopes=OWNER.scopes, silos=None, days=1, by=OWNER, once=once)
    return secret


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def test_the_component_is_at_most_30_kib_packed() -> None:
    found = static(COMPONENT)
    assert found is not None
    assert len(found.packed) <= 30 * 1024


@pytest.mark.parametrize("name", FILES)
def test_any_origin_may_load_our_files(http: TestClient, name: str) -> None:
    plain = http.get(f"/widget/{name}", headers={"Accept-Encoding": "identity"})
    found = static(name)
    assert found is not None
    assert (plain.status_code, plain.content) == (200, found.body)
    assert plain.headers["content-type"].startswith("text/css" if name.endswith("css") else "text/javascript")
    assert plain.headers["access-control-allow-origin"] == "*"
    assert plain.headers["cross-origin-resource-policy"] == "cross-origin"
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert plain.headers["cache-control"] == "public, no-cache"
    packed = http.get(f"/widget/{name}", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == gzip.decompress(found.packed) == found.body
    assert packed.headers["etag"] != plain.headers["etag"]


def test_a_known_file_is_not_sent_again(http: TestClient) -> None:
    tag = http.get(f"/widget/{COMPONENT}").headers["etag"]
    again = http.get(f"/widget/{COMPONENT}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert http.get(f"/widget/{COMPONENT}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_version_is_kept_for_good(http: TestClient) -> None:
    found = static(COMPONENT)
    assert found is not None
    assert "immutable" in http.get(f"/widget/{COMPONENT}?v={found.tag}").headers["cache-control"]
    assert "immutable" not in http.get(f"/widget/{COMPONENT}?v=older").headers["cache-control"]


@pytest.mark.parametrize("name", ["nothing.js", "..%2fstatic.py", "search%2felement.js", "page.html"])
def test_nothing_else_is_served(http: TestClient, name: str) -> None:
    assert http.get(f"/widget/{name}").status_code == 404


# ── the frame ────────────────────────────────────────────────────────────────────────────────────


def test_only_the_named_origins_may_frame_the_search(http: TestClient) -> None:
    framed = http.get("/embed?lang=de&theme=dark&silos=handbook")
    assert framed.status_code == 200
    assert framed.headers["content-security-policy"].endswith(f"frame-ancestors {INTRANET}")
    assert "x-frame-options" not in framed.headers
    assert 'lang="de"' in framed.text
    assert 'theme="dark"' in framed.text
    for path in ("/", "/livez", "/api/v1/silos", "/widget/page.js"):
        assert http.get(path).headers["x-frame-options"] == "DENY", path


def test_nobody_may_frame_it_unless_somebody_said_who() -> None:
    app = create_app(FakeWorkspace())  # type: ignore[arg-type]
    with TestClient(app, ME) as client:
        framed = client.get("/embed")
    assert framed.headers["content-security-policy"].endswith("frame-ancestors 'none'")
    assert framed.headers["x-frame-options"] == "DENY"


def test_what_the_address_of_a_frame_says_stays_text(http: TestClient) -> None:
    framed = http.get("/embed", params={"lang": '"><b>', "theme": '"><b>', "silos": '"><script>alert(1)</script>'})
    assert "<script>alert" not in framed.text
    assert "><b>" not in framed.text


@pytest.mark.parametrize(
    "origins", ["*", "https://a.example; script-src *", "javascript:x", "https://a.example\n", "'self'"]
)
def test_an_origin_is_an_origin(origins: str) -> None:
    with pytest.raises(ValueError, match="embed_origins"):
        Settings(embed_origins=origins)


# ── signing in on the page ───────────────────────────────────────────────────────────────────────


def test_a_token_opens_a_session_and_signing_out_ends_it(http: TestClient, workspace: FakeWorkspace) -> None:
    done = http.post("/sign-in", data={"token": f" {token(workspace)} "})
    assert done.status_code == 303
    assert {"HttpOnly", "SameSite=strict"} <= set(done.headers["set-cookie"].split("; "))
    assert "signed in as owner" in http.get("/").text
    assert 'data-writes="yes"' in http.get("/").text
    assert http.post("/sign-out").status_code == 303
    assert "Sign in" in http.get("/").text
    assert http.post("/api/v1/reflections", json={"text": "x", "silo": "handbook"}).status_code == 401


def test_a_revoked_token_ends_its_sessions(http: TestClient, workspace: FakeWorkspace) -> None:
    http.post("/sign-in", data={"token": token(workspace)})
    assert http.get("/api/v1/silos").status_code == 200
    workspace.revoke_token("t", OWNER)
    assert http.get("/api/v1/silos").status_code == 401


def test_a_wrong_token_is_said_without_being_repeated(http: TestClient) -> None:
    refused = http.post("/sign-in", data={"token": "sm_wrong"})
    assert refused.status_code == 200
    assert "This token is unknown" in refused.text
    assert "sm_wrong" not in refused.text
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_another_site_signs_nobody_in_or_out(http: TestClient, workspace: FakeWorkspace, path: str) -> None:
    secret = token(workspace)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert http.post(path, data={"token": secret}, headers=headers).status_code == 403


def test_the_page_runs_our_own_script_only(http: TestClient) -> None:
    policy = http.get("/").headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
