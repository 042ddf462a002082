"""The component for every eye, and on every host page: axe, sizes, directions, resets, strict policies, two at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from stage import Stage, accessible, ask, field, hit, options, problem, search

EYES = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
}
SIZES = {"320 px": (320, 640), "400 % of 1280 by 1024": (320, 256)}
MODAL = "<sensemake-search></sensemake-search>"


def through_the_states(stage: Stage, page: Page) -> None:
    """Every picture that the component can show, each without a violation."""
    page.keyboard.press("Control+k")
    accessible(page)
    ask(page)
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Filters", exact=True).click()
    accessible(page)
    page.get_by_role("button", name="Filters", exact=True).click()
    field(page).press("Enter")
    expect(page.locator(".here")).to_be_visible()
    accessible(page)
    page.get_by_role("tab", name="Who knows").click()
    page.locator(".option").first.click()
    accessible(page)
    nearest = {"themes": ["Tides"], "people": ["Ada"]}
    stage.answers["search"] = lambda _: (200, search(nearest=nearest))
    page.get_by_role("tab", name="Passages").click()
    ask(page, "nothing")
    expect(page.locator(".notice strong")).to_be_visible()
    accessible(page)
    stage.answers["search"] = lambda _: problem(500)
    ask(page, "an error")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("eyes", EYES)
def test_axe_finds_nothing(stage: Stage, eyes: str) -> None:
    page = stage.page(MODAL)
    page.emulate_media(**EYES[eyes])  # type: ignore[arg-type]
    through_the_states(stage, page)


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_a_small_window(stage: Stage, size: str) -> None:
    page = stage.page(MODAL)
    page.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
    through_the_states(stage, page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator(".panel").evaluate("panel => panel.scrollWidth - panel.clientWidth") == 0


def test_it_reads_from_right_to_left(stage: Stage) -> None:
    page = stage.page(f'<div dir="rtl">{MODAL}</div>', lang="ar")
    through_the_states(stage, page)
    stage.answers["search"] = lambda _: (200, search(hit(1)))
    ask(page, "again")
    title = page.locator(".option").bounding_box()
    glass = page.locator(".option > .icon").bounding_box()
    assert title is not None
    assert glass is not None
    assert glass["x"] > title["x"] + title["width"] / 2


def test_nothing_moves_for_those_who_asked_for_less(stage: Stage) -> None:
    page = stage.page(MODAL)
    page.emulate_media(reduced_motion="reduce")
    page.keyboard.press("Control+k")
    assert page.get_by_role("dialog").evaluate("dialog => getComputedStyle(dialog).animationName") == "none"


# ── host pages ───────────────────────────────────────────────────────────────────────────────────

RESETS = {
    "all unset": "* { all: unset }",
    "all unset, and important": "*, *::before, *::after { all: unset !important }",
    "like Bootstrap": """*, ::before, ::after { box-sizing: border-box } html { font-size: 62.5% }
        body { margin: 0; font: 1.6rem/1.2 Georgia; color: #212529; text-align: center; letter-spacing: .2em }
        button { border-radius: 0 } input, button { font: inherit; line-height: inherit } mark { padding: .2em }
        [role=button] { cursor: pointer } h2 { margin: 0 0 .5rem; font-size: 2rem } .option, .title { color: red }""",
    "like Tailwind": """*, ::before, ::after { box-sizing: border-box; border: 0 solid red; margin: 0; padding: 0 }
        html { line-height: 3; tab-size: 4; font-family: monospace } svg { display: block; vertical-align: middle }
        button { background: transparent; color: inherit; text-transform: uppercase } [hidden] { display: none }
        .hidden { display: none !important } ol, ul { list-style: none } input::placeholder { color: #9ca3af }""",
    "hostile": """* { color: red !important; font-size: 40px !important; display: inline !important }
        sensemake-search { text-transform: uppercase; line-height: 5; visibility: visible; white-space: pre }
        body { word-spacing: 2em; text-indent: 3em; font-style: italic; cursor: wait }""",
}
LOOKS = """() => {
  const root = document.querySelector("sensemake-search").shadowRoot;
  const names = ["display", "fontSize", "fontFamily", "fontStyle", "lineHeight", "color", "backgroundColor", "padding",
    "textAlign", "textTransform", "letterSpacing", "wordSpacing", "textIndent", "whiteSpace", "cursor"];
  const ones = [".root", ".panel", "input", "[role=tab]", ".option", ".title", ".snippet", "mark", ".about", ".icon"];
  return ones.map((one) => {
    const style = getComputedStyle(root.querySelector(one));
    return [one, ...names.map((name) => `${name}: ${style[name]}`)];
  });
}"""


@pytest.mark.parametrize("reset", RESETS)
def test_a_host_page_that_resets_everything_changes_nothing(stage: Stage, reset: str) -> None:
    stage.files = {"/reset.css": RESETS[reset]}
    plain = stage.page()
    ask(plain)
    spoilt = stage.page(head='<link rel="stylesheet" href="/reset.css">')
    ask(spoilt)
    assert spoilt.evaluate(LOOKS) == plain.evaluate(LOOKS)
    assert spoilt.locator(".panel").is_visible()


def test_a_host_page_themes_it_by_variables_and_parts(stage: Stage) -> None:
    stage.files = {
        "/theme.css": """sensemake-search { --sensemake-background: rgb(1, 2, 3); --sensemake-size: 20px }
            sensemake-search::part(title) { color: rgb(4, 5, 6) }"""
    }
    page = stage.page(head='<link rel="stylesheet" href="/theme.css">')
    ask(page)
    panel = "panel => getComputedStyle(panel)"
    assert page.locator(".panel").evaluate(f"{panel}.backgroundColor") == "rgb(1, 2, 3)"
    assert page.locator(".panel").evaluate(f"{panel}.fontSize") == "20px"
    assert page.locator(".title").first.evaluate(f"{panel}.color") == "rgb(4, 5, 6)"


def test_a_theme_can_be_set_against_the_system(stage: Stage) -> None:
    page = stage.page('<sensemake-search mode="inline" theme="dark"></sensemake-search>')
    page.emulate_media(color_scheme="light")
    assert page.locator(".panel").evaluate("panel => getComputedStyle(panel).backgroundColor") == "rgb(23, 27, 32)"


def test_two_components_on_one_page_keep_apart(stage: Stage) -> None:
    page = stage.page(
        '<sensemake-search id="a"></sensemake-search><sensemake-search id="b" mode="inline"></sensemake-search>'
    )
    inline = page.locator("#b")
    inline.get_by_role("combobox").fill("tide tables")
    expect(inline.locator(".option")).to_have_count(3)
    assert page.locator("#a .option").count() == 0
    inline.get_by_role("combobox").blur()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(page.locator("#a").get_by_role("combobox")).to_be_focused()
    accessible(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_loading_it_twice_is_no_trouble(stage: Stage) -> None:
    page = stage.page(
        head='<script type="module" src="https://search.example/widget/sensemake-search.js?again"></script>'
    )
    ask(page)
    assert len(options(page)) == 3


def test_it_may_move_and_change_its_mode(stage: Stage) -> None:
    page = stage.page()
    ask(page)
    page.evaluate("document.body.append(document.querySelector('sensemake-search'))")
    assert len(options(page)) == 3
    page.evaluate("document.querySelector('sensemake-search').setAttribute('mode', 'modal')")
    expect(page.get_by_role("button", name="Search")).to_be_visible()
    page.evaluate("document.querySelector('sensemake-search').lang = 'de'")
    expect(page.get_by_role("button", name="Suchen")).to_be_visible()
