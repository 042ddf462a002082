"""The session pack in a real Chromium: nothing is asked of anybody, and a sheet is a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from stage import accessible
from test_report_page import Opened, full, printed

from sensemake.jobs import session
from sensemake.renderers.session import SessionRenderer


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("language", ["de", "fr"])
def test_a_sheet_is_a_page_with_space_to_write(browser: Browser, tmp_path: Path, paper: str, language: str) -> None:
    made = session.prepare(full(quotes=5, bridging=0, views=0, questions=3, length=280), "orid", 90)
    pack = SessionRenderer(language).render(made)
    with Opened(browser, tmp_path / "sheets.html", pack["sheets.html"]) as opened:
        pages = printed(opened.page, paper, tmp_path)
        opened.page.emulate_media(media="print")
        opened.page.set_viewport_size({"width": 680, "height": 1000})
        heights = opened.page.eval_on_selector_all(".write > div", "boxes => boxes.map(box => box.clientHeight)")
        cut = opened.page.eval_on_selector_all(
            ".sheet", "all => all.filter(one => one.scrollHeight > one.clientHeight + 1).length"
        )
    assert len(pages) == len(made["tables"]) == session.TABLES
    assert all(table["label"] in page for table, page in zip(made["tables"], pages, strict=True))
    assert cut == 0
    assert min(heights) > 60


@pytest.mark.parametrize("name", ["agenda.html", "sheets.html", "cards.html"])
def test_everybody_can_read_it(browser: Browser, tmp_path: Path, name: str) -> None:
    made = session.prepare(full(quotes=2, bridging=0, views=0, questions=1, length=140), "what", 60)
    with Opened(browser, tmp_path / name, SessionRenderer("en").render(made)[name]) as opened:
        accessible(opened.page)
