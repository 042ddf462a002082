"""The component in each of its states: nothing asked, nothing found, an error, no network, signed out, too many."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect
from stage import SERVER, Stage, ask, expert, field, hit, options, problem, search


def test_nothing_good_found_says_what_comes_nearest(stage: Stage) -> None:
    nearest = {"themes": ["Tides"], "people": ["Ada Alder"]}
    stage.answers["search"] = lambda body: (
        200,
        search(hit(1)) if body["query"] == "Tides" else search(nearest=nearest),
    )
    page = stage.page()
    ask(page, "zzz")
    expect(page.locator(".notice")).to_contain_text("Nothing good found.")
    expect(page.get_by_role("button", name="Ada Alder")).to_be_visible()
    page.get_by_role("button", name="Tides").click()
    expect(field(page)).to_have_value("Tides")
    expect(page.locator(".option")).to_have_count(1)


def test_weak_answers_are_called_weak(stage: Stage) -> None:
    stage.answers["search"] = lambda _: (200, search(hit(1, band="weak"), abstained=True, degraded=["dense"]))
    page = stage.page()
    ask(page)
    expect(page.locator(".notice")).to_contain_text("Only weak matches:")
    expect(page.locator(".note")).to_contain_text("Part of the search is away")
    assert len(options(page)) == 1


@pytest.mark.parametrize(
    ("status", "says", "retry"),
    [
        (500, "The search did not answer", True),
        (503, "The search did not answer", True),
        (404, "The search did not answer", True),
        (422, "The question was not understood", True),
        (403, "You may not search here", False),
        (401, "You are signed out", True),
    ],
)
def test_what_went_wrong_is_said_by_what_helps(stage: Stage, status: int, says: str, retry: bool) -> None:  # noqa: FBT001
    right = stage.answers["search"]
    stage.answers["search"] = lambda _: problem(status, "a reason")
    page = stage.page()
    ask(page)
    expect(page.locator(".notice strong")).to_have_text(says)
    expect(page.get_by_role("status")).to_contain_text(says)
    stage.answers["search"] = right
    again = page.get_by_role("button", name="Try again")
    assert again.count() == retry
    if retry:
        again.click()
        expect(page.locator(".option")).to_have_count(3)


def test_too_many_questions_wait_and_go_on(stage: Stage) -> None:
    right = stage.answers["search"]
    stage.answers["search"] = lambda _: problem(429)
    page = stage.page()
    ask(page)
    expect(page.locator(".notice")).to_contain_text("goes on by itself in 1 seconds")
    stage.answers["search"] = right
    expect(page.locator(".option")).to_have_count(3)


def test_without_a_network_it_waits_for_one(stage: Stage) -> None:
    page = stage.page()
    stage.offline(off=True)
    ask(page)
    expect(page.locator(".notice strong")).to_have_text("You are offline")
    stage.offline(off=False)
    expect(page.locator(".option")).to_have_count(3)


def test_a_slow_answer_is_waited_for_aloud(stage: Stage) -> None:
    page = stage.page()
    page.evaluate("() => { window.fetch = () => new Promise(() => {}); }")
    field(page).fill("tide tables")
    expect(page.locator(".notice")).to_contain_text("Searching…")


def test_earlier_questions_are_kept_here_and_can_be_forgotten(stage: Stage) -> None:
    page = stage.page()
    for question in ("first one", "second one"):
        ask(page, question)
        page.keyboard.press("Enter")
    field(page).fill("")
    expect(page.locator(".option")).to_have_text(["second one", "first one"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value("second one")
    page.get_by_role("button", name="Clear the question").click()
    page.get_by_role("button", name="Forget recent searches").click()
    expect(page.locator(".option")).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage)") == []


def test_a_host_page_can_keep_nothing(stage: Stage) -> None:
    page = stage.page('<sensemake-search mode="inline" no-recent></sensemake-search>')
    ask(page)
    page.keyboard.press("Enter")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_people_with_their_evidence(stage: Stage) -> None:
    page = stage.page()
    ask(page)
    page.get_by_role("tab", name="Who knows").click()
    expect(page.locator(".option").first).to_contain_text("fair match")
    page.locator(".option").first.click()
    detail = page.locator(".detail")
    expect(detail.get_by_role("heading", name="Ada Alder 1")).to_be_visible()
    detail.get_by_role("button", name="Open in context: Reading the tide tables 1").click()
    expect(page.locator(".here")).to_contain_text("Passage 1")
    detail.get_by_role("button", name="Back").click()
    expect(detail.get_by_role("heading", name="Ada Alder 1")).to_be_visible()


def test_who_knows_about_this_passage(stage: Stage) -> None:
    page = stage.page()
    ask(page)
    page.locator(".option").nth(1).click()
    page.get_by_role("button", name="Who knows about this").click()
    expect(page.locator(".label")).to_contain_text("Who knows about this: Reading the tide tables 2")
    expect(page.locator(".option .title").first).to_have_text("Ada Alder 1")
    assert stage.asked_of("experts")[-1]["topic"].startswith("Passage 2")
    page.locator(".label").get_by_role("button", name="Back").click()
    expect(page.locator(".option .title").first).to_contain_text("tables 1")


def test_more_like_this_passage(stage: Stage) -> None:
    stage.answers["passages/p1/similar"] = lambda _: (200, search(hit(2), hit(3), next_cursor="a/b"))
    page = stage.page()
    ask(page)
    page.locator(".option").first.click()
    page.get_by_role("button", name="More like this").click()
    expect(page.locator(".label")).to_contain_text("More like “Reading the tide tables 1”")
    expect(page.locator(".option")).to_have_count(2)
    with page.expect_request(f"{SERVER}/api/v1/passages/p1/similar?cursor=a%2Fb"):
        page.get_by_role("button", name="More", exact=True).click()
    expect(page.locator(".option")).to_have_count(4)


def test_a_server_that_knows_no_likeness_is_not_asked_twice(stage: Stage) -> None:
    page = stage.page()
    ask(page)
    page.locator(".option").first.click()
    page.get_by_role("button", name="More like this").click()
    expect(page.locator(".option")).to_have_count(3)
    page.locator(".option").first.click()
    expect(page.get_by_role("button", name="Who knows about this")).to_be_visible()
    expect(page.get_by_role("button", name="More like this")).to_be_hidden()


def test_a_token_that_may_only_search_shows_the_passage_alone(stage: Stage) -> None:
    stage.answers["documents/d1"] = lambda _: problem(403)
    stage.answers["silos"] = lambda _: problem(403)
    page = stage.page()
    ask(page)
    page.locator(".option").first.click()
    expect(page.locator(".detail")).to_contain_text("The passage alone")
    expect(page.locator(".detail .part")).to_contain_text("Passage 1: we read the tide tables")
    expect(page.get_by_role("link", name="Open the source")).to_have_attribute("href", "https://wiki.example/1")
    page.get_by_role("button", name="Filters", exact=True).click()
    expect(page.get_by_label("Kind")).to_be_visible()
    expect(page.get_by_label("Silo")).to_have_count(0)


def test_more_answers_are_added_below(stage: Stage) -> None:
    stage.answers["search"] = lambda body: (
        200,
        search(hit(3)) if "cursor" in body else search(hit(1), hit(2), next_cursor="c1"),
    )
    page = stage.page()
    ask(page)
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.locator(".option")).to_have_count(3)
    expect(page.locator(".option[aria-selected=true]")).to_contain_text("tables 3")
    expect(page.get_by_role("button", name="More", exact=True)).to_be_hidden()
    assert stage.asked_of("search")[-1]["cursor"] == "c1"


@pytest.mark.parametrize(
    ("lang", "ask_", "count"),
    [
        ("nl-BE", "Wat wil je weten?", "3 passages gevonden"),
        ("de", "Was möchtest du wissen?", "3 Textstellen gefunden"),
        ("fr-CA", "Que voulez-vous savoir ?", "3 passages trouvés"),
        ("sv", "Vad vill du veta?", "3 avsnitt hittades"),
        ("xx", "What do you want to know?", "3 passages found"),
    ],
)
def test_it_speaks_the_language_of_the_page(stage: Stage, lang: str, ask_: str, count: str) -> None:
    page = stage.page(lang=lang)
    expect(field(page)).to_have_attribute("placeholder", ask_)
    ask(page)
    expect(page.get_by_role("status")).to_have_text(count)


def test_every_dictionary_has_every_word(stage: Stage) -> None:
    from importlib.resources import files

    page = stage.page("")
    words = files("sensemake").joinpath("widget", "search", "words.js").read_text(encoding="utf-8")
    found = page.evaluate(f"(() => {{ {words.split('/** A speaker')[0]}; return WORDS; }})()")
    shape = {
        key: sorted(value) if isinstance(value, dict) else type(value).__name__ for key, value in found["en"].items()
    }
    for language, table in found.items():
        own = {key: sorted(value) if isinstance(value, dict) else type(value).__name__ for key, value in table.items()}
        assert own == shape, language
    assert set(found) == {"en", "nl", "de", "fr", "sv"}


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────

PROVIDER = """(answers) => {
  window.given = 0;
  document.querySelector("sensemake-search").tokenProvider = async () => {
    given += 1;
    return answers[Math.min(given, answers.length) - 1];
  };
}"""


def bearer(stage: Stage) -> list[str | None]:
    return [headers.get("authorization") for path, _, headers in stage.asked if path == "search"]


def test_a_token_is_asked_for_once_and_sent(stage: Stage) -> None:
    page = stage.page()
    page.evaluate(PROVIDER, [{"token": "one", "expires_in": 600}])
    ask(page)
    ask(page, "another question")
    expect(page.locator(".option")).to_have_count(3)
    assert set(bearer(stage)) == {"Bearer one"}
    assert page.evaluate("given") == 1


def test_a_token_that_ends_is_renewed_before(stage: Stage) -> None:
    page = stage.page()
    page.evaluate(PROVIDER, [{"token": "one", "expires_in": 20}, {"token": "two", "expires_in": 600}])
    ask(page)
    with page.expect_response(f"{SERVER}/api/v1/search"):
        field(page).fill("another question")
    assert bearer(stage) == ["Bearer one", "Bearer two"]


def test_a_revoked_token_is_renewed_once(stage: Stage) -> None:
    right = stage.answers["search"]
    stage.answers["search"] = lambda body: problem(401) if bearer(stage)[-1] == "Bearer one" else right(body)
    page = stage.page()
    page.evaluate(PROVIDER, ["one", "two"])
    ask(page)
    assert bearer(stage) == ["Bearer one", "Bearer two"]
    expect(page.locator(".option")).to_have_count(3)


def test_without_a_token_one_is_signed_out(stage: Stage) -> None:
    page = stage.page()
    page.evaluate("""() => { const search = document.querySelector("sensemake-search");
        search.tokenProvider = async () => { throw new Error("no session"); };
        search.addEventListener("sensemake:signed-out", () => { window.out = true; }); }""")
    ask(page)
    expect(page.locator(".notice strong")).to_have_text("You are signed out")
    assert page.evaluate("out") is True


def test_a_provider_set_before_the_component_is_there_is_kept(stage: Stage) -> None:
    early = "<script>document.querySelector('sensemake-search').tokenProvider = () => 'early'</script>"
    stage.policy = ""
    page = stage.page('<sensemake-search mode="inline"></sensemake-search>' + early)
    ask(page)
    assert bearer(stage) == ["Bearer early"]


def test_the_host_pages_back_end_gives_tokens(stage: Stage) -> None:
    page = stage.page('<sensemake-search mode="inline" token-url="/backend/token"></sensemake-search>')
    page.route("**/backend/token", lambda route: route.fulfill(body=json.dumps({"token": "made", "expires_in": 300})))
    ask(page)
    assert bearer(stage) == ["Bearer made"]


def test_the_host_page_narrows_to_its_silos(stage: Stage) -> None:
    page = stage.page('<sensemake-search mode="inline" silos="handbook wiki"></sensemake-search>')
    ask(page)
    assert stage.asked_of("search")[-1]["silos"] == ["handbook", "wiki"]


def test_an_expert_without_evidence_is_no_trouble(stage: Stage) -> None:
    stage.answers["experts"] = lambda _: (200, {"topic": "", "abstained": False, "experts": [expert(1, evidence=[])]})
    page = stage.page()
    ask(page)
    page.get_by_role("tab", name="Who knows").click()
    page.locator(".option").first.click()
    expect(page.locator(".detail")).to_contain_text("There is nothing that you may read.")


def test_what_is_opened_far_down_a_narrow_page_comes_into_view(stage: Stage) -> None:
    stage.answers["search"] = lambda _: (200, search(*[hit(n) for n in range(1, 20)]))
    page = stage.page()
    page.set_viewport_size({"width": 360, "height": 500})
    ask(page)
    page.locator(".option").nth(2).scroll_into_view_if_needed()
    page.locator(".option").nth(2).click()
    expect(page.locator(".here")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Back")).to_be_in_viewport()
