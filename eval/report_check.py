"""Reads a report as a stranger would, and holds it against the catalog it claims to be made from.

    python eval/report_check.py HOME            # writes the report of a home in all its forms, and checks them
    python eval/report_check.py HOME --language nl

From the HTML alone: every quote stands word for word in the stored passage it names, that passage is in the document
it names, every document is among the sources, every address leads to http, https or mail, nothing is loaded from
anywhere. Then the numbers: what HTML and Markdown say of themes, silos and the whole is what the JSON says, read from
the words that people read, not from marks made for a checker.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sensemake.config import Settings, load
from sensemake.model import Passage, PassageId
from sensemake.stores import open_catalog, sqlite_url
from sensemake.workspace import Workspace

QUOTED = "blockquote p, q, .asks .words, .questions .words"


@dataclass(slots=True)
class Checked:
    """How much was looked at, and what was wrong with it."""

    quotes: int = 0
    sources: int = 0
    numbers: int = 0
    faults: list[str] = field(default_factory=list)

    def hold(self, held: bool, fault: str) -> None:  # noqa: FBT001 -- an assertion that counts
        if not held:
            self.faults.append(fault)


def check(report: Mapping[str, Any], html: str, markdown: str, stored: Mapping[PassageId, Passage]) -> Checked:
    """A report in its three forms against the passages of a catalog. The forms must be in English or all alike."""
    found, tree = Checked(), LexborHTMLParser(html)
    _quotes(tree, stored, found)
    _links(tree, found)
    _numbers(report, tree, markdown, found)
    _alike(report, tree, markdown, found)
    return found


# ── quotes and sources ───────────────────────────────────────────────────────────────────────────


def _quotes(tree: LexborHTMLParser, stored: Mapping[PassageId, Passage], found: Checked) -> None:
    listed = {node.attributes["data-document"] for node in tree.css(".sources li")}
    for node in tree.css(QUOTED):
        found.quotes += 1
        text, bearer = node.text(), _bearer(node)
        passage = stored.get(PassageId(bearer.attributes["data-passage"] or "")) if bearer else None
        if bearer is None or passage is None:
            found.faults.append(f"a quote without a passage: {text[:40]!r}")
            continue
        held = text in passage.text or text == passage.title
        found.hold(held, f"not word for word in {passage.id}: {text[:40]!r}")
        document = bearer.attributes["data-document"]
        found.hold(document == passage.document, f"{passage.id} is not in {document}")
        found.hold(document in listed, f"{document} is not among the sources")
        around = bearer.parent or bearer
        found.hold(bool(around.css("a.note-number")), f"no number beside {text[:40]!r}")
    for node in tree.css("[data-document]"):
        found.sources += 1
        document = node.attributes["data-document"]
        found.hold(document in listed, f"{document} is not among the sources")


def _bearer(node: LexborNode) -> LexborNode | None:
    """The nearest element around (or itself) that says which passage it is."""
    at: LexborNode | None = node
    while at is not None and at.attributes.get("data-passage") is None:
        at = at.parent
    return at


def _links(tree: LexborHTMLParser, found: Checked) -> None:
    ids = {node.attributes["id"] for node in tree.css("[id]")}
    for node in tree.css("a[href]"):
        href = node.attributes["href"] or ""
        inside = href.startswith("#") and href[1:] in ids
        found.hold(inside or bool(re.match(r"(https?://|mailto:)", href)), f"a link to nowhere: {href[:60]}")
    for node in tree.css("[src], [srcset], script, iframe, object, embed, link, base, form"):
        found.faults.append(f"something that is loaded or run: <{node.tag}>")
    found.hold(not re.search(r"@import|url\(", tree.css_first("style").text()), "a style that loads something")


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────


def _numbers(report: Mapping[str, Any], tree: LexborHTMLParser, markdown: str, found: Checked) -> None:
    told = [
        *zip((_read(n) for n in tree.css("article.card .counts")), report["cards"], strict=True),
        *zip((_read(n) for n in tree.css("article.theme .counts")), report["themes"], strict=True),
    ]
    for numbers, theme in told:
        _same(numbers, theme, f"HTML, {theme['label']}", found)
    lines = re.findall(r"^[✳↗→↘↺] [^:\n]+: ([^;\n]*);", markdown, re.M)
    themes = [*report["cards"], *report["themes"]]
    found.hold(len(lines) == len(themes), f"Markdown tells of {len(lines)} themes, JSON of {len(themes)}")
    for line, theme in zip(lines, themes, strict=False):
        _same(_figures(line), theme, f"Markdown, {theme['label']}", found)
    for row, silo in zip(tree.css(".rows tbody tr"), report["coverage"]["silos"], strict=True):
        shown = [_figures(cell.text())[:1] for cell in row.css("td")[:3]]
        wanted = [[silo["documents"]], [silo["documents_in_period"]], [silo["people"]]]
        found.numbers += 3
        found.hold(shown == wanted, f"HTML, silo {silo['silo']}: {shown} for {wanted}")
    scope = _figures(tree.css_first(".scope").text())[:3]
    whole = [report["coverage"]["documents"], report["coverage"]["people"], len(report["silos"])]
    found.numbers += 3
    found.hold(scope == whole, f"HTML, the whole: {scope} for {whole}")
    for row, place in zip(tree.css(".places tbody tr"), report["map"], strict=True):
        cells = [_figures(cell.text()) for cell in row.css("td")]
        found.numbers += 2
        found.hold(cells[1:3] == [[place["documents"]], [place["people"]]], f"the map's table: {place['label']}")


def _same(numbers: list[int], theme: Mapping[str, Any], where: str, found: Checked) -> None:
    """People, documents, on a page passages, and those of the period where they are others."""
    wanted = [theme["people"], theme["documents"]]
    if len(numbers) > 2 and "keyphrases" in theme:
        wanted.append(theme["items"])
    if theme["documents_in_period"] != theme["documents"]:
        wanted.append(theme["documents_in_period"])
    found.numbers += len(wanted)
    found.hold(numbers == wanted, f"{where}: {numbers} for {wanted}")


def _read(node: LexborNode) -> list[int]:
    return _figures(node.text())


def _figures(text: str) -> list[int]:
    """The whole numbers in a text, with the separators of any of the five languages."""
    return [int(re.sub(r"\D", "", n)) for n in re.findall(r"\d{1,3}(?:[.,\u202f\u00a0]\d{3})+|\d+", text)]


# ── one content ──────────────────────────────────────────────────────────────────────────────────


def _alike(report: Mapping[str, Any], tree: LexborHTMLParser, markdown: str, found: Checked) -> None:
    """Every quote of the JSON is in the HTML and in the Markdown, and no other."""
    wanted = sorted(_plain(quote["text"]) for quote in _of(report))
    shown = sorted(_plain(node.text()) for node in tree.css(QUOTED))
    found.hold(wanted == shown, f"HTML shows {len(shown)} quotes, JSON holds {len(wanted)}")
    unescaped = _plain(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown))
    missing = [text for text in wanted if text not in unescaped]
    found.hold(not missing, f"{len(missing)} quotes are not in the Markdown")


def _of(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        if "passage_id" in node:
            yield node
        for value in node.values():
            yield from _of(value)
    elif isinstance(node, list):
        for value in node:
            yield from _of(value)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def of_home(settings: Settings, language: str) -> Checked:
    """The report of what a home's owner may read, in the three forms, against its catalog."""
    with Workspace.open(settings) as workspace:
        owner = workspace.owner()
        report = workspace.report(owner)
        forms = [workspace.render(report, form, language) for form in ("html", "md")]
    with closing(open_catalog(sqlite_url(settings.home), settings.home, create=False)) as catalog:
        stored = catalog.corpus.passages({PassageId(quote["passage_id"]) for quote in _of(report)})
    return check(report, forms[0], forms[1], stored)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--language", default="en")
    asked = parser.parse_args()
    found = of_home(load({"home": asked.home}), asked.language)
    print(f"{found.quotes} quotes, {found.sources} references, {found.numbers} numbers: {len(found.faults)} faults")
    for fault in found.faults[:40]:
        print(f"  {fault}")
    sys.exit(bool(found.faults))


if __name__ == "__main__":
    main()
