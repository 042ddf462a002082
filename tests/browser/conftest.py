"""A real Chromium for the tests of the component and the page: the Debian package's, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from stage import Stage

CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=LocalNetworkAccessChecks",  # a host page that a test plays has no address of its own
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        assert "CI" not in os.environ, "there is no chromium: make system installs it"
        pytest.skip("no chromium here: make system installs the Debian package")
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page of a made-up intranet and a made-up server of Sensemake; every request is seen, none leaves."""
    with Stage(browser) as made:
        yield made
        made.is_clean()
