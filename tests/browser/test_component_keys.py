"""The component by keyboard: the combobox pattern, the order of focus, and what a screen reader is told."""

from __future__ import annotations

from playwright.sync_api import expect
from stage import Stage, ask, field, focused, hit, options, search

MODAL = '<p>A page <input id="own" aria-label="own"></p><sensemake-search></sensemake-search>'


def test_the_chord_toggles_the_modal_and_gives_the_focus_back(stage: Stage) -> None:
    page = stage.page(MODAL)
    page.locator("#own").focus()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(field(page)).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert focused(page) == "own"


def test_a_slash_opens_except_while_one_writes(stage: Stage) -> None:
    page = stage.page(MODAL)
    page.locator("#own").focus()
    page.keyboard.press("/")
    expect(page.locator("#own")).to_have_value("/")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.locator("#own").blur()
    page.keyboard.press("/")
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("")


def test_arrows_choose_and_the_cursor_stays_in_the_field(stage: Stage) -> None:
    page = stage.page()
    ask(page)
    combobox = field(page)
    expect(combobox).to_have_attribute("aria-expanded", "true")
    assert combobox.get_attribute("aria-activedescendant") is None
    chosen = page.locator(".option[aria-selected=true]")
    for key, expected in [
        ("ArrowDown", "tables 1"),
        ("ArrowDown", "tables 2"),
        ("ArrowUp", "tables 1"),
        ("ArrowUp", None),
        ("ArrowUp", "tables 3"),
        ("ArrowDown", None),
    ]:
        page.keyboard.press(key)
        assert chosen.count() == (expected is not None)
        if expected is not None:
            expect(chosen.locator(".title")).to_contain_text(expected)
            assert combobox.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
            assert chosen.get_attribute("aria-setsize") == "3"
        expect(combobox).to_be_focused()
    page.keyboard.press("Home")
    assert combobox.evaluate("field => field.selectionStart") == 0


def test_enter_opens_in_context_and_escape_leads_back_step_by_step(stage: Stage) -> None:
    page = stage.page("<sensemake-search></sensemake-search>")
    page.keyboard.press("Control+k")
    ask(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    passage = page.locator(".here")
    expect(passage).to_contain_text("The passage that was found: Passage 1: we read the tide tables")
    expect(passage).not_to_contain_text("After it.")
    assert page.locator(".detail").evaluate("detail => detail.getRootNode().activeElement === detail")
    page.keyboard.press("Escape")
    expect(page.locator(".detail")).to_be_hidden()
    expect(field(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_escape_clears_an_inline_field(stage: Stage) -> None:
    page = stage.page()
    ask(page)
    page.keyboard.press("Escape")
    expect(field(page)).to_have_value("")
    assert options(page) == []
    expect(field(page)).to_have_attribute("aria-expanded", "false")


def test_the_order_of_focus_is_the_order_of_sight(stage: Stage) -> None:
    stage.answers["search"] = lambda _: (200, search(hit(1), next_cursor="next"))
    page = stage.page(MODAL)
    page.keyboard.press("Control+k")
    ask(page)
    seen = []
    for _ in range(7):
        seen.append(focused(page))
        page.keyboard.press("Tab")
    assert seen == [
        "What do you want to know?",
        "Clear the question",
        "Close",
        "Passages",
        "Filters",
        "the answers",
        "More",
    ]


def test_tabs_turn_with_arrows(stage: Stage) -> None:
    page = stage.page()
    ask(page)
    page.get_by_role("tab", name="Passages").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Who knows")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".option .title").first).to_have_text("Ada Alder 1")
    assert focused(page) == "Who knows"
    page.keyboard.press("Home")
    assert options(page)[0].startswith("Reading the tide tables 1")
    assert len(stage.asked_of("search")) == 1, "an answer that is there is not asked for again"


def test_counts_are_announced(stage: Stage) -> None:
    page = stage.page()
    status = page.get_by_role("status")
    ask(page)
    expect(status).to_have_text("3 passages found")
    page.get_by_role("tab", name="Who knows").click()
    expect(status).to_have_text("2 people found")
    stage.answers["search"] = lambda _: (200, search(hit(1), next_cursor="c"))
    page.get_by_role("tab", name="Passages").click()
    ask(page, "one only")
    expect(status).to_have_text("1 passage found, and there are more")
    stage.answers["search"] = lambda _: (200, search())
    field(page).fill("nothing at all")
    expect(status).to_have_text("Nothing good found.")


def test_a_screen_reader_hears_names_roles_and_places(stage: Stage) -> None:
    page = stage.page()
    ask(page)
    page.keyboard.press("ArrowDown")
    expect(page.locator("body")).to_match_aria_snapshot("""
      - search "Search":
        - combobox "What do you want to know?" [expanded]: tide tables
        - button "Clear the question"
        - tablist "Results":
          - tab "Passages" [selected]
          - tab "Who knows"
        - button "Filters"
        - tabpanel "Passages":
          - listbox "Results":
            - option /Reading the tide tables 1 › Field days.*page Ada Alder 2 Apr 2026 strong match/ [selected]
            - option /Reading the tide tables 2/
            - option /Reading the tide tables 3/
      - status: 3 passages found
    """)


def test_filters_are_a_disclosure(stage: Stage) -> None:
    page = stage.page()
    ask(page)
    toggle = page.get_by_role("button", name="Filters", exact=True)
    expect(toggle).to_have_attribute("aria-expanded", "false")
    toggle.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    page.get_by_label("Silo").select_option("handbook")
    page.get_by_label("Kind").select_option("decision")
    page.get_by_label("From").fill("2026-01-31")
    expect(page.get_by_role("button", name="Filters (3 on)")).to_be_visible()
    page.wait_for_function("true")
    last = stage.asked_of("search")[-1]
    assert (last["silos"], last["kinds"], last["since"]) == (["handbook"], ["decision"], "2026-01-31")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_role("button", name="Filters", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".filters")).to_be_hidden()
