"""From a key press to painted results in the component, as a ratio to the server's own answer time, in one run.

    python eval/bench_widget.py --home HOME [--rounds 3] [--questions FILE]

HOME is served on loopback to its owner and searched from its own page in a headless Chromium (the Debian package).
Each question is asked in both ways, in turn and in either order: by `fetch` in the page, from the call to the parsed
answer; and by text put into the field, from the browser's time stamp of that input to the frame after the one in which
the answer was put into the page. Questions are the titles of documents of HOME, or the lines of FILE.
"""

from __future__ import annotations

import argparse
import random
import shutil
import statistics
import threading
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Page, sync_playwright

from sensemake.api.app import create_app
from sensemake.config import Settings
from sensemake.model import Query
from sensemake.workspace import Workspace
from sensemake.workspace.asking import SCOPES

FRAME = 1000 / 60
"""Milliseconds."""
TOPICS = ("plan", "decision", "problem", "guide", "meeting", "test", "release", "design", "question", "policy")

FETCHED = """async (query) => {
  const began = performance.now();
  const body = JSON.stringify({ query });
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  await (await fetch("/api/v1/search", { method: "POST", headers, body, cache: "no-store" })).json();
  return performance.now() - began;
}"""

WATCHED = """() => {
  const root = document.querySelector("sensemake-search").shadowRoot;
  window.pressed = 0;
  root.querySelector("input").addEventListener("input", (event) => { window.pressed = event.timeStamp; }, true);
  window.painted = () => new Promise((resolve) => {
    const from = window.pressed;
    new MutationObserver((_, observer) => {
      if (root.querySelector("input").value === "" || root.querySelector(".busy")) return;
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame((frame) => resolve(frame - from)));
    }).observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-setsize", "hidden"] });
  });
}"""


def by_fetch(page: Page, question: str) -> float:
    return float(page.evaluate(FETCHED, question))


def by_key(page: Page, question: str) -> float:
    page.keyboard.press("Escape")
    page.wait_for_timeout(250)  # longer than the silence after which a question counts as whole
    page.evaluate(
        """() => { const root = document.querySelector("sensemake-search").shadowRoot;
             root.querySelector("input").addEventListener("input", () => { window.result = window.painted(); },
               { once: true }); }"""
    )
    page.keyboard.insert_text(question)
    return float(page.evaluate("() => window.result"))


def first_paint(page: Page) -> float:
    page.reload()
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
    return float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))


def titles(workspace: Workspace, wanted: int) -> list[str]:
    """Titles of documents that general words find: questions that this home has answers to."""
    owner = workspace.owner()
    found = {hit.passage.title for topic in TOPICS for hit in workspace.search(Query(topic, 20), owner).hits}
    return random.Random(0).sample(  # noqa: S311
        sorted(title for title in found if title), min(wanted, len(found))
    )


def measured(page: Page, questions: list[str], rounds: int) -> tuple[list[float], list[float]]:
    taken: dict[Any, list[float]] = {by_fetch: [], by_key: []}
    for round_ in range(rounds + 1):
        for n, question in enumerate(questions):
            ways = [by_fetch, by_key]
            for way in ways if (round_ + n) % 2 else reversed(ways):
                milliseconds = way(page, question)
                if round_:  # the first round warms what is kept between questions, for both
                    taken[way].append(milliseconds)
    return taken[by_fetch], taken[by_key]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--questions", type=Path)
    asked = parser.parse_args()
    chromium = shutil.which("chromium")
    assert chromium, "make system installs chromium"
    with Workspace.open(Settings(home=asked.home)) as workspace, sync_playwright() as driver:
        questions = asked.questions.read_text().splitlines() if asked.questions else titles(workspace, 30)
        server = uvicorn.Server(uvicorn.Config(create_app(workspace), port=0, log_level="critical"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            assert thread.is_alive()
        secret, token = workspace.create_token("bench", user=None, scopes=SCOPES, by=workspace.owner())
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/")
        page.get_by_text("Sign in", exact=True).first.click()
        page.get_by_label("A token of").fill(secret)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("combobox").focus()
        page.evaluate(WATCHED)
        fetched, painted = measured(page, questions, asked.rounds)
        first = statistics.median(first_paint(page) for _ in range(9))
        browser.close()
        workspace.revoke_token(token.id, workspace.owner())
        server.should_exit = True
        thread.join()
    report(questions, fetched, painted, first)


def report(questions: list[str], fetched: list[float], painted: list[float], first: float) -> None:
    print(f"{len(questions)} questions, {len(fetched)} times each way")
    print(f"first paint of the page: {first:.0f} ms (median of 9 loads)\n")
    print("| | median ms | p95 ms |\n|---|---|---|")
    for name, taken in (("the server's answer, by fetch", fetched), ("key press to painted results", painted)):
        print(f"| {name} | {statistics.median(taken):.0f} | {statistics.quantiles(taken, n=20)[-1]:.0f} |")
    ratio = (statistics.median(painted) - FRAME) / statistics.median(fetched)
    print(f"\nkey press to paint, less one frame, over the answer time: {ratio:.2f}")


if __name__ == "__main__":
    main()
