"""Nothing in an answer becomes code or markup, nothing leaves, nothing stale is shown, nothing is left behind."""

from __future__ import annotations

from typing import Any

import pytest
from payloads import PAYLOADS
from playwright.sync_api import Page, expect
from stage import HOST, SERVER, Stage, ask, document, expert, field, hit, options, problem, search

OURS = "div span bdi time mark button input select option label dialog section h2 h3 p a kbd svg path strong".split()

SPOILT = """() => {
  const root = document.querySelector("sensemake-search").shadowRoot;
  const all = [...root.querySelectorAll("*")];
  return {
    pwned: window.pwned ?? 0,
    tags: [...new Set(all.map(each => each.localName))],
    handlers: all.flatMap(each => each.getAttributeNames()).filter(name => name.startsWith("on")),
    addresses: all.flatMap(each => ["href", "src", "action"].map(name => each.getAttribute(name))).filter(Boolean),
  };
}"""


DOCUMENTS = """documents => {
  const fetched = window.fetch;
  const next = () => Promise.resolve(Response.json(documents.shift()));
  window.fetch = (address, ...more) => (String(address).includes("/documents/") ? next() : fetched(address, ...more));
}"""


def spoilt(payload: str) -> dict[str, Any]:
    """A payload in every field that holds a text."""
    names = ("title", "text", "silo", "source", "kind", "language", "locator", "url", "time", "band", "document_id")
    return {**dict.fromkeys(names, payload), "headings": [payload], "authors": [payload], "highlights": [[0, 3]]}


def spoilt_person(n: int, payload: str) -> dict[str, Any]:
    said = {key: spoilt(payload).get(key, payload) for key in expert(n)["evidence"][0]}
    person = {"id": payload, "name": payload, "handles": [payload]}
    return {"person": person, "band": payload, "silos": [payload], "last_active": payload, "evidence": [said]}


def spoilt_document(payload: str) -> dict[str, Any]:
    plain = document(1)
    part = {**plain["parts"][0], "text": payload, "headings": [payload], "author": payload}
    return {**plain, **{key: text for key, text in spoilt(payload).items() if key in plain}, "parts": [part]}


def unspoilt(page: Page) -> None:
    found = page.evaluate(SPOILT)
    assert found["pwned"] == 0
    assert set(found["tags"]) <= set(OURS)
    assert found["handlers"] == []
    assert [each for each in found["addresses"] if not each.startswith(("https://", "http://"))] == []


def test_there_are_120_payloads() -> None:
    assert len(set(PAYLOADS)) == 120


@pytest.mark.parametrize("policy", ["", None], ids=["no policy at all", "strict policy"])
def test_no_payload_in_any_field_runs(stage: Stage, policy: str | None) -> None:
    """In every field of hits, documents, people and evidence; without a policy nothing else would stop it."""
    stage.policy = stage.policy if policy is None else policy
    hits = [hit(n, **spoilt(each)) for n, each in enumerate(PAYLOADS)]
    people = [expert(n, **spoilt_person(n, each)) for n, each in enumerate(PAYLOADS)]
    nearest = {"themes": list(PAYLOADS), "people": list(PAYLOADS)}
    stage.answers["search"] = lambda _: (200, search(*hits, abstained=True, nearest=nearest))
    stage.answers["experts"] = lambda _: (200, {"topic": "", "abstained": False, "experts": people})
    stage.answers["silos"] = lambda _: (200, {"silos": [{"name": each, "readers": None} for each in PAYLOADS]})
    page = stage.page()
    page.evaluate(DOCUMENTS, [spoilt_document(each) for each in PAYLOADS])
    ask(page)
    page.get_by_role("button", name="Filters", exact=True).click()
    unspoilt(page)
    page.evaluate(
        """async hits => {
        const search = document.querySelector("sensemake-search");
        window.followed = [];
        for (const hit of hits) {
          search.showDocument(hit);
          await new Promise(requestAnimationFrame);
          const links = search.shadowRoot.querySelectorAll(".detail a");
          links.forEach(each => each.dispatchEvent(new MouseEvent("mouseover")));
          followed.push(...[...links].map(each => each.protocol));
        } }""",
        hits,
    )
    unspoilt(page)
    assert set(page.evaluate("followed")) <= {"https:", "http:"}
    page.get_by_role("tab", name="Who knows").click()
    expect(page.locator(".option")).to_have_count(120)
    unspoilt(page)
    page.locator(".option").nth(7).click()
    unspoilt(page)
    assert page.evaluate("Object.getPrototypeOf({}) === Object.prototype && !({}).pwned")


def test_an_error_text_stays_text(stage: Stage) -> None:
    page = stage.page()
    for payload in PAYLOADS[::12]:
        stage.answers["search"] = lambda _, text=payload: problem(422, text)
        ask(page, payload)
        unspoilt(page)


def test_highlights_are_where_the_server_says_in_code_points(stage: Stage) -> None:
    text = "🌊🌊 tide 👩‍🔬 tables 𝒳 and gauge é"
    spans = [[text.index(word), text.index(word) + len(word)] for word in ("tide", "tables", "gauge")]
    stage.answers["search"] = lambda _: (200, search(hit(1, text=text, highlights=spans)))
    page = stage.page()
    ask(page)
    assert page.locator(".snippet mark").all_inner_texts() == ["tide", "tables", "gauge"]


@pytest.mark.parametrize("spans", [[[5, 2]], [[0, 9999]], [[3, 4], [0, 2]], [[-3, 2]]])
def test_odd_offsets_lose_no_text(stage: Stage, spans: list[list[int]]) -> None:
    stage.answers["search"] = lambda _: (200, search(hit(1, text="all of it 🌊", highlights=spans)))
    page = stage.page()
    ask(page)
    assert page.locator(".snippet").inner_text() == "all of it 🌊"


DELAYS = """async ({ sequences, endpoint, answer }) => {
  const random = (most) => Math.floor(Math.random() * most);
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  // half of the answers come although they were given up, as those of a network do that was quicker than the abort
  window.fetch = async (address, { body, signal }) => {
    const { query } = JSON.parse(body);
    const deaf = Math.random() < 0.5;
    await sleep(random(60));
    if (!deaf && signal.aborted) throw new DOMException("given up", "AbortError");
    return Response.json({ ...answer, hits: [{ ...answer.hits[0], title: query }] });
  };
  const stale = [];
  const one = async (n) => {
    const search = document.createElement("sensemake-search");
    const set = { mode: "inline", endpoint, wait: random(12) };
    for (const [name, value] of Object.entries(set)) search.setAttribute(name, value);
    document.querySelector("main").append(search);
    const input = search.shadowRoot.querySelector("input");
    const shown = () => search.shadowRoot.querySelector(".option .title")?.textContent ?? null;
    let last = "";
    new MutationObserver(() => { if (shown() !== null && shown() !== last) stale.push([n, shown(), last]); })
      .observe(search.shadowRoot.querySelector("[role=listbox]"), { childList: true });
    for (let key = 0, keys = 3 + random(8); key < keys; key += 1) {
      last = `question ${n} ${key} ${random(1e6)}`;
      input.value = last;
      input.dispatchEvent(new Event("input"));
      await sleep(random(45));
    }
    for (let patience = 0; patience < 60 && shown() !== last; patience += 1) await sleep(50);
    if (shown() !== last) stale.push([n, "at the end", shown(), last]);
    search.remove();
  };
  await Promise.all(Array.from({ length: sequences }, (_, n) => sleep(random(1500)).then(() => one(n))));
  return stale;
}"""


def test_no_stale_answer_in_200_sequences_of_random_delays(stage: Stage) -> None:
    page = stage.page("")
    answer = search(hit(1, headings=[]))
    assert page.evaluate(DELAYS, {"sequences": 200, "endpoint": SERVER, "answer": answer}) == []


def test_mounting_100_times_leaves_nothing_behind(stage: Stage) -> None:
    page = stage.page("")
    tools = page.context.new_cdp_session(page)
    mount = """async ({ times, endpoint }) => {
      for (let n = 0; n < times; n += 1) {
        const search = document.createElement("sensemake-search");
        search.setAttribute("endpoint", endpoint);
        document.querySelector("main").append(search);
        search.open();
        search.search("tide tables");
        await new Promise(requestAnimationFrame);
        search.remove();
      } }"""

    def left(times: int) -> dict[str, int]:
        page.evaluate(mount, {"times": times, "endpoint": SERVER})
        page.wait_for_timeout(150)
        for _ in range(3):
            tools.send("HeapProfiler.collectGarbage")
        counted: dict[str, int] = tools.send("Memory.getDOMCounters")
        return counted

    before, after = left(10), left(100)
    assert after["nodes"] - before["nodes"] < 50
    assert after["jsEventListeners"] - before["jsEventListeners"] < 5
    page.keyboard.press("Control+k")  # nobody listens any more


def test_only_our_server_is_asked(stage: Stage) -> None:
    page = stage.page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    ask(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Filters", exact=True).click()
    page.wait_for_timeout(100)
    assert seen
    assert {"/".join(url.split("/")[:3]) for url in seen} <= {SERVER, HOST}


def test_events_say_nothing_of_what_was_asked(stage: Stage) -> None:
    page = stage.page()
    page.evaluate("""() => { window.heard = []; for (const name of ["search", "select", "error"])
        document.addEventListener(`sensemake:${name}`, event => heard.push([event.type, event.detail])); }""")
    ask(page, "a private matter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    heard = page.evaluate("heard")
    assert [name for name, _ in heard] == ["sensemake:search", "sensemake:select"]
    assert heard[0][1] == {"tab": "passages", "count": 3, "abstained": False}
    assert heard[1][1] == {"passage_id": "p1", "document_id": "d1", "url": "https://wiki.example/1", "rank": 1}
    assert "private" not in str(heard)


def test_a_host_page_may_open_answers_itself(stage: Stage) -> None:
    page = stage.page()
    page.evaluate("document.addEventListener('sensemake:select', event => event.preventDefault())")
    ask(page)
    page.locator(".option").first.click()
    expect(page.locator(".detail")).to_be_hidden()
    assert len(options(page)) == 3
    expect(field(page)).to_be_visible()
