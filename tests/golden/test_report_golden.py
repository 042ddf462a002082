"""A report as files: the bytes are known, and nothing that anybody wrote does anything.

When the templates change on purpose, write the golden files anew and look at them:

    python tests/golden/test_report_golden.py
"""

from __future__ import annotations

import importlib.util
import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from sensemake import renderers
from sensemake.renderers.html import HtmlRenderer
from sensemake.renderers.markdown import MarkdownRenderer

FOLDER = Path(__file__).parent / "report"


def _module() -> Any:
    spec = importlib.util.spec_from_file_location("small_report", FOLDER / "small.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL, FIRST = _module().SMALL, _module().FIRST
GOLDEN = {
    "small.html": (HtmlRenderer(), SMALL),
    "small.md": (MarkdownRenderer(), SMALL),
    "first.html": (HtmlRenderer(), FIRST),
    "first.md": (MarkdownRenderer(), FIRST),
    "small.nl.html": (HtmlRenderer("nl"), SMALL),
    "small.de.md": (MarkdownRenderer("de"), SMALL),
    "small.fr.md": (MarkdownRenderer("fr"), SMALL),
    "small.sv.md": (MarkdownRenderer("sv"), SMALL),
    "small.themes.csv": (renderers.of("themes.csv"), SMALL),
    "small.quotes.csv": (renderers.of("quotes.csv"), SMALL),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_report_is_the_golden_file(name: str) -> None:
    renderer, report = GOLDEN[name]
    assert renderer.render(report) == (FOLDER / name).read_bytes().decode()


# ── the HTML asks nothing of anybody ─────────────────────────────────────────────────────────────


def test_the_style_is_the_only_thing_that_the_policy_allows() -> None:
    tree = LexborHTMLParser(HtmlRenderer().render(SMALL))
    (style,) = tree.css("style")
    digest = b64encode(sha256(style.text(deep=True).encode()).digest()).decode()
    (policy,) = [m for m in tree.css("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policy.attributes["content"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"@import|url\(", style.text(deep=True))


def test_every_anchor_has_its_place() -> None:
    tree = LexborHTMLParser(HtmlRenderer().render(SMALL))
    ids = {node.attributes["id"] for node in tree.css("[id]")}
    inner = {href[1:] for a in tree.css("a") if (href := a.attributes["href"] or "").startswith("#")}
    assert inner <= ids
    assert len(ids) == len(tree.css("[id]"))


def test_every_quote_says_which_passage_it_is() -> None:
    tree = LexborHTMLParser(HtmlRenderer().render(SMALL))
    figures = tree.css("figure.quote, figure.said")
    assert len(figures) == 8
    assert all(f.attributes["data-passage"] and f.attributes["data-document"] for f in figures)


# ── hostile text in every field ──────────────────────────────────────────────────────────────────

HOSTILE = [
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "javascript:alert(1)",
    "</title><svg onload=alert(1)>",
    "<!-- --><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "{{ 7 * 7 }}{% raw %}",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "<https://evil.example> https://evil.example www.evil.example",
    "`code` **bold** _it_ ~~no~~ | a | b | $x$ @someone #1 [^1]: note [ref]: https://evil.example",
    "\n\n# heading\n\n- item\n\n> quote\n\n***\n\n```\n<b>fence</b>\n",
    "1. one\n\n2. two",
    "\u202eevil\u202c\u0000\u0007\ud800",
]
URLS = [
    "javascript:alert(1)",
    " JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example/x",
    "file:///etc/passwd",
    "https://ok.example/\n\njavascript:x",
    "https://ok.example/>) <script>alert(1)</script>",
    'https://ok.example/" onclick="alert(1)',
]
OURS = {"status", "event", "name", "since", "until", "time", "newest", "level", "key", "limits", "missing_months", "signs"}
"""Fields that are ours: words of ours, dates, ids; all others are somebody's."""


def poisoned(node: Any, text: str, url: str | None, key: str = "") -> Any:
    if isinstance(node, dict):
        if key == "settings":
            return {text: text}
        return {name: poisoned(value, text, url, name) for name, value in node.items()}
    if isinstance(node, list):
        return [poisoned(value, text, url, key) for value in node]
    if key in ("url", "document_id", "theme_id"):
        return url if key == "url" else node
    return text if isinstance(node, str) and key not in OURS else node


def months_kept(report: Any, text: str) -> Any:
    """Names of kinds, languages, silos and reasons are somebody's too; those of months are not."""
    for card in (*report["cards"], *report["themes"], *report["quiet"]):
        card["silos"] = [{"name": report["silos"][0], "count": 1}]
    for name in ("kinds", "languages", "unread"):
        report["coverage"][name] = [{"name": text, "count": 1}]
    return report


def report_of(text: str, url: str | None) -> Any:
    return months_kept(poisoned(SMALL, text, url), text)


SAFE = "https://ok.example/"
# What is written, the address beside it, and whether that is a link.
CASES = [
    *((text, SAFE, True) for text in HOSTILE),
    *(("text", url, False) for url in URLS),
    ("text", 'https://ok.example/"onclick="alert(1)', True),
    ("text", "https://ok.example/>)<b>[x](javascript:alert(1))", True),
]


@pytest.mark.parametrize(("text", "url", "linked"), CASES)
def test_hostile_text_is_inert_in_html(text: str, url: str, *, linked: bool) -> None:
    page = HtmlRenderer().render(report_of(text, url))
    page.encode("utf-8")
    tree = LexborHTMLParser(page)
    assert shape(tree) == shape(LexborHTMLParser(HtmlRenderer().render(report_of("x", SAFE if linked else None))))
    for node in tree.css("*"):
        assert node.tag not in {"script", "iframe", "img", "object", "embed", "form", "link", "base"}
        for name, value in node.attributes.items():
            assert not name.startswith("on"), name
            assert name not in {"src", "srcset", "style", "srcdoc", "action", "formaction"}
            if name == "href":
                assert re.match(r"(https?://|mailto:|#)", value or "")


def shape(tree: LexborHTMLParser) -> list[str]:
    """The elements of a page, in order, with the names of their attributes; a label may be on one line or two."""
    return [f"{node.tag} {' '.join(sorted(node.attributes))}" for node in tree.css("*") if node.tag != "text"]


def test_hostile_text_is_still_read() -> None:
    text = HOSTILE[0]
    assert escape(text, quote=False) in HtmlRenderer().render(report_of(text, SAFE))


@pytest.mark.parametrize(("text", "url", "linked"), CASES)
def test_hostile_text_is_inert_in_markdown(text: str, url: str, *, linked: bool) -> None:
    written = MarkdownRenderer().render(report_of(text, url))
    written.encode("utf-8")
    plain = re.sub(r"\\[!-/:-@\[-`{-~]", "", written)  # what is escaped means nothing
    links = re.findall(r"\]\(<([^<>\n]*)>\)", plain)
    assert all(re.match(r"(https?://|mailto:)", link) for link in links)
    rows = [line for line in plain.splitlines() if line.startswith("|")]
    assert rows
    assert {row.count("|") for row in rows} == {7}
    rest = re.sub(r"^\|.*\|$", lambda row: row[0].replace("|", ""), plain, flags=re.M)
    rest = re.sub(r"\[[^\[\]\n]*\]\(<[^<>\n]*>\)", "", rest)
    assert not re.search(r"[<>](?<!^>)|[\[\]`|~$@]|!\[|://|www\.", re.sub(r"^> ", "", rest, flags=re.M))
    assert bool(links) is linked
    assert lines(plain) == lines(MarkdownRenderer().render(report_of("x", SAFE if linked else None)))


def lines(text: str) -> list[str]:
    """The block that each line makes: a heading, an item, a quote or none."""
    found = (re.match(r"(#{1,6} |- |> |\d+[.)] |[*_-]{3,}|```| {4})?", line) for line in text.splitlines() if line)
    return [match.group(1) or "" for match in found if match]


def _write() -> None:
    for name, (renderer, report) in GOLDEN.items():
        (FOLDER / name).write_bytes(renderer.render(report).encode())


if __name__ == "__main__":
    _write()
