"""The report in a real Chromium: nothing is asked of anybody, nothing runs, everybody can read it, it prints whole."""

from __future__ import annotations

import copy
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from payloads import ADDRESSES, CALL, PAYLOADS
from playwright.sync_api import Browser, Page
from stage import accessible

from sensemake import renderers
from sensemake.renderers.html import is_dense

FOLDER = Path(__file__).parents[1] / "golden" / "report"
LONG = (
    "When the wiper of the optical probe stops in front of the lens, as it did at three stations in June and two in "
    "July, the values look better than they are, and it takes the people who read them a week or longer to find that "
    "nothing of what they saw there was the river itself."
)
ADDRESS = "https://wiki.example/a/very/long/address/that/somebody/made/without/thinking/of/paper?with=many&parts"


def small() -> Any:
    spec = importlib.util.spec_from_file_location("small_report", FOLDER / "small.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return copy.deepcopy(module.SMALL)


def few_long() -> Any:
    """The fullest pages of a few long quotes, as `jobs.report_pages` measures them out."""
    return full(quotes=2, bridging=1, views=1, questions=1, length=280)


def many_short() -> Any:
    """The fullest pages of many quotes."""
    return full(quotes=5, bridging=2, views=2, questions=3, length=140)


def just_loose() -> Any:
    """The fullest pages that are still in letters of the usual size."""
    made = full(quotes=3, bridging=1, views=1, questions=1, length=25)
    assert not any(is_dense(theme) for theme in made["themes"])
    return made


def full(*, quotes: int, bridging: int, views: int, questions: int, length: int) -> Any:
    """A report with all that it can hold: twenty themes."""
    report = small()
    page = report["themes"][0]
    quote = {**page["sentence"], "text": LONG[:length], "title": f"Minutes of the meeting on {'wipers and ' * 9}mesh"}
    quote |= {"url": ADDRESS}

    def said(number: int) -> dict[str, Any]:
        return {**quote, "document_id": f"d{number}", "passage_id": f"p{number}"}

    pages = []
    for n in range(20):
        one = copy.deepcopy(page)
        one |= {
            "theme_id": f"t{n}",
            "label": f"Wipers, mesh and clean lenses {n:02}",
            "sentence": said(n),
        }
        one["months"] = [{"name": f"2026-{m:02}", "count": m % 5} for m in range(1, 13)]
        one["silos"] = [{"name": name, "count": 4} for name in report["silos"]]
        one["keyphrases"] = [f"cleaning interval {k}" for k in range(8)]
        one["quotes"] = [said(100 * n + k) for k in range(quotes)]
        one["bridging"] = [{**said(1000 * n + k), "between": ["chat", "handbook"]} for k in range(bridging)]
        one["views"] = [{"one": said(3000 + n), "other": said(4000 + n), "signs": ["negation"]} for _ in range(views)]
        one["questions"] = [said(5000 + n + k) for k in range(questions)]
        one["related"] = [said(6000 + 9 * n + k) for k in range(4)]
        one["people_to_ask"] = [
            {"person_id": f"a{k}", "name": f"Adalbert Alderman-Ferris {k}", "documents": [said(7000 + k)]}
            for k in range(4)
        ]
        for prompt in one["prompts"]:
            prompt["words"] = {"theme": one["label"], "phrase": one["label"], "silo": "handbook", "other": "chat"}
        pages.append(one)
    report["themes"] = pages
    report["cards"] = [{name: one[name] for name in report["cards"][0]} for one in pages[:7]]
    places = report["map"]
    report["map"] = [
        {
            **places[0],
            "theme_id": one["theme_id"],
            "label": one["label"],
            "x": n % 5 / 4,
            "y": n // 5 / 3,
            "was": [0.5, 0.5],
        }
        for n, one in enumerate(pages)
    ]
    return report


class Opened:
    """A report opened from disk, with all that it asked for and all that it complained about."""

    def __init__(self, browser: Browser, file: Path, text: str, **how: Any) -> None:
        file.write_text(text, encoding="utf-8")
        self._context = browser.new_context(**how)
        self.asked: list[str] = []
        self.heard: list[str] = []
        self.page = self._context.new_page()
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.heard.append(message.text))
        self.page.on("pageerror", lambda error: self.heard.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.heard.append("a dialog"), dialog.dismiss()))
        self.page.goto(file.as_uri())
        self.address = file.as_uri()

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


def test_a_report_opens_from_disk_and_asks_for_nothing(browser: Browser, file: Path) -> None:
    with Opened(browser, file, renderers.of("html").render(many_short())) as opened:
        opened.page.wait_for_load_state("networkidle")
        assert opened.asked == [opened.address]
        assert opened.heard == []
    assert file.stat().st_size < 2_000_000


EYES = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "400 % of 1280 by 1024": {"viewport": {"width": 320, "height": 256}},
    "forced colours": {"forced_colors": "active"},
}


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("language", ["en", "de"])
def test_axe_finds_nothing(browser: Browser, file: Path, eyes: str, language: str) -> None:
    # axe runs inside the page, which the report's own policy forbids: the policy is set aside for axe alone
    with Opened(browser, file, renderers.of("html", language).render(small()), bypass_csp=True, **EYES[eyes]) as opened:
        accessible(opened.page)


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_the_window(browser: Browser, file: Path, width: int) -> None:
    how = {"viewport": {"width": width, "height": 700}}
    with Opened(browser, file, renderers.of("html").render(many_short()), **how) as opened:
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_map_is_walked_by_keyboard_and_no_label_covers_another(browser: Browser, file: Path) -> None:
    with Opened(browser, file, renderers.of("html").render(many_short())) as opened:
        links = opened.page.locator(".map a")
        assert links.count() == 20
        links.first.focus()
        opened.page.keyboard.press("Tab")
        focused = opened.page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert "12 documents, 9 people" in focused
        opened.page.keyboard.press("Enter")
        assert re.search(r"#theme-t\d+$", opened.page.url)
        boxes = opened.page.evaluate(
            """() => [...document.querySelectorAll('.map a')].map(a => {
                 const lines = [...a.querySelectorAll('text:not(.sign)')].map(t => t.getBBox());
                 return lines.map(b => [b.x, b.y, b.x + b.width, b.y + b.height]);
               })"""
        )
        for n, lines in enumerate(boxes):
            for other in boxes[n + 1 :]:
                assert not any(_cover(one, two) for one in lines for two in other)


def _cover(one: list[float], other: list[float]) -> bool:
    """Whether two boxes overlap by more than the air above and below letters."""
    return one[0] < other[2] and other[0] < one[2] and one[1] + 2 < other[3] - 2 and other[1] + 2 < one[3] - 2


# ── paper ────────────────────────────────────────────────────────────────────────────────────────


def printed(page: Page, paper: str, tmp_path: Path) -> list[str]:
    """The text of each page as it comes out of the printer."""
    target = tmp_path / f"{paper}.pdf"
    page.pdf(path=str(target), format=paper)
    document = pypdfium2.PdfDocument(target)
    try:
        return [re.sub(r"\s+", " ", each.get_textpage().get_text_bounded()) for each in document]
    finally:
        document.close()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("made", [small, just_loose, few_long, many_short])
def test_a_theme_is_on_one_page_and_no_card_is_cut(
    browser: Browser, file: Path, tmp_path: Path, paper: str, made: Any
) -> None:
    report = made()
    with Opened(browser, file, renderers.of("html").render(report)) as opened:
        pages = printed(opened.page, paper, tmp_path)
    (cards,) = [page for page in pages if "Themes" in page[:12] and report["cards"][0]["label"] in page]
    for card in report["cards"]:
        assert card["label"] in cards
    assert cards.count("Extracted from") == sum(card["sentence"] is not None for card in report["cards"])
    for theme in report["themes"]:
        own = [page for page in pages if theme["label"] in page and "To talk about" in page]
        head = rf"{re.escape(theme['label'])} (This name was written by a machine .+? )?\d+ (people|person) · "
        heads = [page for page in own if re.search(head, page)]
        assert len(heads) == 1, theme["label"]
        assert heads[0].count("To talk about") == 1
        assert heads[0].count("Decisional") == 1


# ── what somebody wrote runs nowhere ─────────────────────────────────────────────────────────────


def payloads() -> Iterator[tuple[str, str]]:
    """Each as a text, and as an address where it is one."""
    addresses = {address.format(CALL) for address in ADDRESSES}
    for text in PAYLOADS:
        yield text, text if text in addresses else "https://ok.example/"


KEPT = {"status", "event", "since", "until", "time", "newest", "level", "key", "limits", "missing_months", "signs"}


def poisoned(node: Any, text: str, url: str, key: str = "") -> Any:
    """A report with the text in every field that somebody else wrote, and the address in every link."""
    if isinstance(node, dict):
        if key == "settings":
            return {text: text}
        return {name: poisoned(value, text, url, name) for name, value in node.items()}
    if isinstance(node, list):
        return [poisoned(value, text, url, key) for value in node]
    if key in KEPT or (key == "name" and isinstance(node, str) and re.fullmatch(r"\d{4}-\d\d", node)):
        return node
    if key == "url":
        return url
    return text if isinstance(node, str) else node


def known(report: Any, text: str) -> Any:
    report["silos"] = [text]
    return report


def test_no_payload_in_any_field_runs(browser: Browser, file: Path) -> None:
    tried = list(payloads())
    assert len(tried) == 120
    with Opened(browser, file, "<!doctype html>") as opened:
        for text, url in tried:
            made = renderers.of("html").render(known(poisoned(small(), text, url), text))
            file.write_text(made, encoding="utf-8", errors="surrogatepass")
            opened.asked.clear()
            opened.page.goto(opened.address)
            # no policy: what only the policy stopped would be found here
            opened.page.set_content(re.sub(r"<meta http-equiv[^>]*>", "", made))
            assert opened.page.evaluate("window.pwned") is None, text
            assert [asked for asked in opened.asked if asked != opened.address] == [], text
            assert (
                opened.page.locator("script, iframe, img, object, embed, form, link, base, video, audio").count() == 0
            )
        assert opened.heard == []
