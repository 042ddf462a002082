"""A stage for the component: a host page on one origin, our server on another, both played by the test.

Requests are answered where the browser would send them, so a test says exactly what comes back; nothing leaves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route

from sensemake.api.static import static

HOST = "https://intranet.example"
SERVER = "https://search.example"
STRICT = (
    f"default-src 'none'; script-src 'self' {SERVER}; style-src 'self'; connect-src 'self' {SERVER}; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Answer = Callable[[Any], tuple[int, Any]]


def hit(n: int, **changed: Any) -> dict[str, Any]:
    """A hit of the contract; its text says which it is."""
    text = f"Passage {n}: we read the tide tables at dawn 🌊 and plan the day by them."
    start = text.index("tide")
    return {
        "rank": n,
        "passage_id": f"p{n}",
        "document_id": f"d{n}",
        "title": f"Reading the tide tables {n}",
        "headings": ["Field days"],
        "text": text,
        "highlights": [[start, start + 4], [text.index("plan"), text.index("plan") + 4]],
        "silo": "handbook",
        "source": "handbook",
        "kind": "page",
        "language": "en",
        "locator": "line=1",
        "url": f"https://wiki.example/{n}",
        "authors": ["Ada Alder"],
        "time": "2026-04-02T09:00:00Z",
        "similar_count": 0,
        "band": "strong",
        "why": {"dense_rank": n, "lexical_rank": n},
        **changed,
    }


def search(*hits: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "query": "",
        "abstained": not hits,
        "nearest": {"themes": [], "people": []},
        "degraded": [],
        "next_cursor": None,
        "hits": list(hits),
        **changed,
    }


def expert(n: int, **changed: Any) -> dict[str, Any]:
    evidence = {key: hit(n)[key] for key in ("text", "title", "silo", "time", "url", "passage_id", "document_id")}
    return {
        "rank": n,
        "person": {"id": f"person{n}", "name": f"Ada Alder {n}", "handles": []},
        "band": "medium",
        "silos": ["handbook"],
        "last_active": "2026-04-02T09:00:00Z",
        "evidence": [{"role": "wrote", **evidence}],
        **changed,
    }


def document(n: int, **changed: Any) -> dict[str, Any]:
    part = {"author": None, "role": "wrote", "time": None, "headings": []}
    return {
        "id": f"d{n}",
        "title": f"Reading the tide tables {n}",
        "kind": "page",
        "silo": "handbook",
        "source": "handbook",
        "language": "en",
        "time": "2026-04-02T09:00:00Z",
        "url": f"https://wiki.example/{n}",
        "facets": {},
        "contributions": [],
        "parts": [
            {**part, "text": "Before it.", "locator": "line=0"},
            {**part, "text": f"{hit(n)['text']}\n\nAfter it.", "locator": "line=1"},
        ],
        **changed,
    }


def problem(status: int, detail: str = "it is not so") -> tuple[int, Any]:
    return status, {"type": "urn:sensemake:problem:x", "title": "X", "status": status, "detail": detail}


class Stage:
    """One browser context. `answers` maps a path below `/api/v1/` to what is said; `asked` lists what was sent."""

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context(locale="en-GB", timezone_id="UTC")
        self._context.route("**/*", self._answer)
        self.html = ""
        self.policy = STRICT
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, Any, Mapping[str, str]]] = []
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self.dead = False
        self.files: dict[str, str] = {}
        self.scripts: dict[str, str] = {}
        self.tokens: list[str] = []
        self.answers: dict[str, Answer] = {
            "search": lambda _: (200, search(hit(1), hit(2), hit(3))),
            "experts": lambda _: (200, {"topic": "", "abstained": False, "experts": [expert(1), expert(2)]}),
            "silos": lambda _: (200, {"silos": [{"name": "handbook", "readers": None}]}),
            **{f"documents/d{n}": lambda _, n=n: (200, document(n)) for n in (1, 2, 3)},  # type: ignore[misc]
        }

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def is_clean(self) -> None:
        """Nothing was asked of anybody else, and nothing was complained about."""
        assert self.foreign == []
        assert self.complaints == []

    def page(
        self,
        body: str = '<sensemake-search mode="inline"></sensemake-search>',
        *,
        head: str = "",
        lang: str = "en",
        alone: bool = False,
    ) -> Page:
        """A host page that loads the component, unless its body does so `alone`."""
        tag = "" if alone else f'<script type="module" src="{SERVER}/widget/sensemake-search.js"></script>'
        top = f'<!doctype html><html lang="{lang}"><head><title>Host</title>{head}{tag}</head>'
        self.html = f"{top}<body><main>{body}</main></body></html>"
        page = self._context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append("a dialog"), dialog.dismiss()))
        page.goto(f"{HOST}/")
        page.wait_for_function("Boolean(customElements.get('sensemake-search'))")
        return page

    def asked_of(self, path: str) -> list[Any]:
        return [body for asked, body, _ in self.asked if asked == path]

    def offline(self, *, off: bool) -> None:
        self.dead = off
        self._context.set_offline(off)

    def _heard(self, message: Any) -> None:
        expected = message.text.startswith("Failed to load resource")  # an error that a test plays
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(message.text)

    def _answer(self, route: Route) -> None:
        url, method = route.request.url, route.request.method
        origin, path = "/".join(url.split("/")[:3]), "/" + url.split("/", 3)[3].split("?")[0]
        if self.dead and path.startswith("/api"):
            route.abort("internetdisconnected")
        elif path in self.scripts:
            route.fulfill(body=self.scripts[path], content_type="text/javascript")
        elif path == "/search-token" and self.tokens:
            route.fulfill(json={"token": self.tokens[0], "expires_in": 300})
        elif path in self.files:
            route.fulfill(body=self.files[path], content_type="text/css")
        elif origin == HOST and path == "/":
            headers = {"Content-Security-Policy": self.policy, **self.headers} if self.policy else self.headers
            route.fulfill(body=self.html, content_type="text/html", headers=headers)
        elif origin == HOST and path == "/favicon.ico":
            route.fulfill(status=404)
        elif path.startswith("/widget/") and (found := static(path.removeprefix("/widget/"))):
            route.fulfill(body=found.body, content_type=found.media_type, headers={"Access-Control-Allow-Origin": "*"})
        elif path.startswith("/api/v1/"):
            self._say(route, method, path.removeprefix("/api/v1/"))
        else:
            self.foreign.append(url)
            route.abort()

    def _say(self, route: Route, method: str, path: str) -> None:
        cors = {"Access-Control-Allow-Origin": HOST, "Access-Control-Allow-Headers": "authorization, content-type"}
        cors["Access-Control-Expose-Headers"] = "Retry-After"
        if method == "OPTIONS":
            route.fulfill(status=204, headers=cors)
            return
        body = json.loads(route.request.post_data) if route.request.post_data else None
        self.asked.append((path, body, route.request.headers))
        status, answer = self.answers[path](body) if path in self.answers else problem(404)
        if status == 429:
            cors["Retry-After"] = "1"
        route.fulfill(status=status, json=answer, headers=cors)


def field(page: Page) -> Locator:
    return page.get_by_role("combobox").first


def ask(page: Page, question: str = "tide tables") -> None:
    """Type a question and wait for its answer."""
    field(page).fill(question)
    page.locator(".option:not(:has(path[d*='12 7.5'])), .notice strong").first.wait_for()


def options(page: Page) -> Sequence[str]:
    return page.locator(".option .title").all_inner_texts()


def focused(page: Page) -> str:
    """What has the focus, inside the component too, by its accessible name or text."""
    return str(
        page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              if (at?.role === "tabpanel") return "the answers";
              return at?.getAttribute("aria-label") || at?.textContent.trim() || at?.localName;
            }"""
        )
    )


def accessible(page: Page) -> None:
    """No violation that axe knows of, by WCAG 2.2 AA and its own best practice."""
    found = Axe().run(page, options={"runOnly": TAGS, "resultTypes": ["violations"]})
    violations = found.response["violations"]
    told = [f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}" for each in violations]
    assert not told, "\n".join(told)
