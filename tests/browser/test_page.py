"""The search page of a real server over a small home: search, who knows, themes, a reflection that is found at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from stage import accessible

import fake_provider
from doors import small_home
from sensemake.api.app import create_app
from sensemake.api.oidc import Provider, Verifier
from sensemake.api.signing_in import SignIn
from sensemake.config import Settings
from sensemake.workspace import Workspace
from sensemake.workspace.asking import SCOPES


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    place = tmp_path_factory.mktemp("organisation")
    small_home.write(place)
    with Workspace.open(Settings(home=place / "home", model="hashing"), create=True) as opened:
        owner = opened.owner()
        opened.ingest([place / "handbook"], "handbook", owner, readers=frozenset({"everyone"}))
        opened.ingest([place / "board"], "board", owner, readers=frozenset({"board"}))
        opened.build_themes(owner)
        opened.build_themes(owner, audience=["everyone"])
        yield opened


@pytest.fixture(scope="module")
def provider() -> Iterator[fake_provider.FakeProvider]:
    with fake_provider.running() as made:
        yield made


@pytest.fixture(scope="module")
def address(workspace: Workspace, provider: fake_provider.FakeProvider) -> Iterator[str]:
    """The real application on loopback, in a thread that ends with the tests."""
    verifier = Verifier(Provider(provider.issuer, fake_provider.CLIENT, f"{provider.issuer}/keys"))
    sign_in = SignIn(fake_provider.CLIENT, fake_provider.SECRET, verifier)
    app = create_app(workspace, embed_origins="http://localhost:8081", sign_in=sign_in)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    thread.join()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    made = context.new_page()
    told: list[str] = []
    made.on("console", lambda m: told.append(m.text) if m.type in {"error", "warning"} else None)
    made.on("pageerror", lambda error: told.append(str(error)))
    made.on("request", lambda r: None if r.url.startswith(address) else told.append(f"foreign: {r.url}"))
    yield made
    context.close()
    assert told == []


@pytest.fixture
def owner(page: Page, address: str, workspace: Workspace) -> Page:
    """Signed in on the page, with a token."""
    secret, _ = workspace.create_token("t", user=None, scopes=SCOPES, by=workspace.owner())
    page.goto(address)
    page.get_by_text("Sign in", exact=True).first.click()
    page.get_by_label("A token of").fill(secret)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("signed in as owner")).to_be_visible()
    return page


def ask(page: Page, question: str) -> None:
    page.get_by_role("combobox").fill(question)


def test_a_person_searches_reads_and_finds_who_knows(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("combobox")).to_be_focused()
    ask(page, "when do we repair a probe")
    expect(page.locator(".option").first).to_contain_text("Repairs")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".here")).to_contain_text("A broken probe is repaired on Wednesdays")
    page.get_by_role("tab", name="Who knows").click()
    expect(page.locator(".option .title", has_text="Bo Birch")).to_be_visible()


def test_more_like_a_passage_comes_from_other_documents(page: Page, address: str) -> None:
    page.goto(address)
    ask(page, "reading the tide gauge at the harbour")
    page.locator(".option").first.click()
    expect(page.locator(".here")).to_be_visible()
    title = page.locator(".detail h2").inner_text()
    page.get_by_role("button", name="More like this").click()
    expect(page.locator(".label")).to_contain_text(f"More like “{title}”")
    expect(page.locator(".option").first).to_be_visible()
    assert title not in page.locator(".option .title").all_inner_texts()


def test_what_is_not_open_is_not_there_until_one_signs_in(page: Page, address: str, workspace: Workspace) -> None:
    page.goto(address)
    ask(page, "gauge budget")
    expect(page.locator(".option, .notice strong").first).to_be_visible()
    expect(page.locator(".option", has_text="confidential")).to_have_count(0)


def test_the_owner_sees_it_and_signs_out(owner: Page) -> None:
    ask(owner, "gauge budget")
    expect(owner.locator(".option", has_text="confidential")).to_be_visible()
    owner.get_by_role("button", name="Sign out").click()
    expect(owner.get_by_text("Sign in", exact=True).first).to_be_visible()


def test_a_reflection_is_found_a_moment_later(owner: Page) -> None:
    owner.get_by_role("link", name="Reflect").click()
    expect(owner.get_by_role("heading", name="Add a reflection")).to_be_focused()
    expect(owner.get_by_label("What you want to keep")).to_have_value(re.compile(r"What did we expect\?\n\n"))
    owner.get_by_role("button", name="Add the reflection").click()
    expect(owner.get_by_text("Nothing is written yet.")).to_be_visible()
    owner.get_by_label("Journal").check()
    expect(owner.get_by_label("What you want to keep")).to_have_value(
        "What did I notice?\n\n\nWhat do I make of it?\n\n"
    )
    accessible(owner)
    owner.get_by_label("Title").fill("Marmalade on the pier")
    owner.get_by_label("What you want to keep").fill("The marmalade attracted wasps; next time we bring cheese.")
    owner.get_by_label("Silo").select_option("handbook")
    owner.get_by_role("button", name="Add the reflection").click()
    expect(owner.get_by_text("Kept.")).to_be_visible()
    owner.get_by_role("button", name="Find it").click()
    expect(owner.locator(".option").first).to_contain_text("Marmalade on the pier")
    owner.locator(".option").first.click()
    expect(owner.locator(".here")).to_contain_text("attracted wasps")


def test_who_may_not_write_is_told_so(page: Page, address: str) -> None:
    page.goto(f"{address}#/reflect")
    expect(page.get_by_text("Reflections are added by people who are signed in")).to_be_visible()


def test_the_themes_with_trend_members_and_who_knows(owner: Page) -> None:
    owner.get_by_role("link", name="Themes").click()
    card = owner.locator(".card").first
    expect(card).to_contain_text("documents")
    expect(card.get_by_role("img")).to_have_attribute("aria-label", re.compile("Documents by month, 2026-03 to .*: 7"))
    accessible(owner)
    name = card.get_by_role("heading").inner_text()
    card.get_by_role("link").click()
    expect(owner.get_by_role("heading", level=1, name=name)).to_be_focused()
    expect(owner.locator(".members li").first).to_be_visible()
    accessible(owner)
    owner.locator(".members button").first.click()
    expect(owner.locator(".detail h2")).to_be_visible()
    owner.go_back()
    owner.get_by_role("button", name="Who knows about this").click()
    expect(owner.get_by_role("tab", name="Who knows")).to_have_attribute("aria-selected", "true")
    expect(owner.locator(".option .face").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page(page: Page, address: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)
    page.get_by_text("Sign in", exact=True).first.click()
    ask(page, "tide tables")
    expect(page.locator(".option").first).to_be_visible()
    accessible(page)
    page.set_viewport_size({"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    accessible(page)


@pytest.mark.parametrize(
    ("locale", "themes", "documents", "reflect"),
    [
        ("nl-NL", "Thema’s", "documenten", "Een reflectie toevoegen"),
        ("de-DE", "Themen", "Dokumente", "Eine Reflexion hinzufügen"),
        ("fr-FR", "Thèmes", "documents", "Ajouter une réflexion"),
        ("sv-SE", "Teman", "dokument", "Lägg till en reflektion"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(
    browser: Browser, address: str, workspace: Workspace, locale: str, themes: str, documents: str, reflect: str
) -> None:
    secret, _ = workspace.create_token("t", user=None, scopes=SCOPES, by=workspace.owner())
    context = browser.new_context(locale=locale, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(address)
    page.locator("summary").first.click()
    page.locator("#token").fill(secret)
    page.locator(".box button").click()
    page.get_by_role("link", name=themes).click()
    expect(page.locator(".card").first).to_contain_text(documents)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    accessible(page)
    page.goto(f"{address}#/reflect")
    expect(page.get_by_role("heading", name=reflect)).to_be_visible()
    expect(page.locator("#r-text")).not_to_have_value("")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    accessible(page)
    context.close()


def test_somebody_signs_in_at_the_identity_provider(
    browser: Browser, address: str, provider: fake_provider.FakeProvider
) -> None:
    """The provider is another site (localhost, we are 127.0.0.1), so what a browser sends along is as it will be."""
    provider.claims = {"groups": ["board"]}
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(address)
    page.get_by_text("Sign in", exact=True).first.click()
    accessible(page)
    page.get_by_role("link", name="Sign in with your organisation's account").click()
    expect(page.get_by_text("signed in as oidc:sub-ada")).to_be_visible()
    assert page.url == address
    ask(page, "gauge budget")
    expect(page.locator(".option", has_text="confidential")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Sign in", exact=True).first).to_be_visible()
    context.close()


def test_without_a_script_the_page_still_answers(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(address)
    expect(plain.get_by_role("link", name="Themes")).to_be_hidden()
    plain.get_by_role("searchbox").fill("when do we repair a probe")
    plain.get_by_role("button", name="Who knows?").click()
    expect(plain.get_by_role("heading", name="Bo Birch")).to_be_visible()
    context.close()


def test_a_question_asked_without_a_script_is_taken_over(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate("""() => { const form = document.querySelector("form.plain");
        form.query.value = "tide tables"; form.requestSubmit(form.verb[0] ?? form.querySelector("button")); }""")
    expect(page.get_by_role("combobox")).to_have_value("tide tables")
    expect(page.locator(".option").first).to_be_visible()


def test_the_first_paint_needs_no_answer_of_the_api(page: Page, address: str) -> None:
    page.route("**/api/**", lambda route: None)
    page.goto(address)
    expect(page.get_by_role("combobox")).to_be_visible()


# ── in a frame ───────────────────────────────────────────────────────────────────────────────────

FRAME = """<!doctype html><html lang="en"><title>Host</title><main><h1>Host</h1>
<iframe src="{0}embed" title="Search" width="600" height="400"></iframe></main><script>
addEventListener("message", ({{ source, data }}) => {{
  const answer = {{ type: "sensemake:token", token: {1}, expires_in: 60 }};
  if (data?.type === "sensemake:token-wanted") source.postMessage(answer, "{0}");
}});</script>"""


@pytest.mark.parametrize(("host", "framed"), [("http://localhost:8081/", True), ("http://localhost:8082/", False)])
def test_a_frame_shows_for_those_who_were_named(
    browser: Browser,
    address: str,
    workspace: Workspace,
    host: str,
    framed: bool,  # noqa: FBT001
) -> None:
    secret, _ = workspace.create_token("f", user=None, scopes=frozenset({"search:read"}), by=workspace.owner())
    context = browser.new_context()
    around = context.new_page()
    around.route(
        f"{host}", lambda route: route.fulfill(body=FRAME.format(address, repr(secret)), content_type="text/html")
    )
    around.goto(host)
    frame = around.frame_locator("iframe")
    if framed:
        frame.get_by_role("combobox").fill("gauge budget")
        expect(frame.locator(".option", has_text="confidential")).to_be_visible()  # the token of the page around it
        accessible(around)
    else:
        expect(around.locator("iframe")).to_be_visible()
        around.wait_for_timeout(300)
        expect(frame.get_by_role("combobox")).to_have_count(0)
    context.close()
