"""Reads a MediaWiki XML dump: the last revision of each page, with those who wrote and edited it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote

from sensemake.indexers import _dates
from sensemake.indexers._export import Export, Glimpse, Limits
from sensemake.indexers._wiki import LeftOut, Page, WikiIndexer
from sensemake.indexers._xml_stream import Node, elements
from sensemake.indexers.formats import wikitext
from sensemake.indexers.formats.content import Content
from sensemake.model import ReadFailure, Reason

_NOT_PAGES = {6: "descriptions of files", 8: "messages of the software", 10: "templates", 828: "modules"}
_EDITORS = 50
"""Editors of a page that are named; those with the latest changes."""
_BOT = re.compile(r"bot\d*$|^bot\b", re.IGNORECASE)


class MediaWikiIndexer(WikiIndexer):
    """XML dumps as `dumpBackup.php` and Special:Export write them, with all revisions or the last ones."""

    name = "mediawiki"
    bid = 89
    limits = Limits(unpacked=16 << 30, member=16 << 30)
    wanted = "an XML dump of MediaWiki"

    def recognises(self, seen: Glimpse) -> bool:
        dumps = [head for name, head in seen.heads.items() if name.lower().endswith(".xml") or seen.is_file]
        return any(b"<mediawiki" in head for head in dumps)

    def pages(self, export: Export) -> Iterator[Page | ReadFailure]:
        for name in export.names:
            if PurePosixPath(name).suffix.lower() == ".xml":
                yield from _dump(export, name)


@dataclass(slots=True)
class _History:
    """What is known of a page when its last revision has been read."""

    text: str = ""
    model: str = "wikitext"
    time: str = ""
    first: str = ""
    is_from_the_beginning: bool = False
    editors: dict[str, None] = field(default_factory=dict)


def _dump(export: Export, name: str) -> Iterator[Page | ReadFailure]:
    base, left_out = "", LeftOut()
    for item in elements(export.chunks(name), frozenset({"page", "siteinfo"})):
        if isinstance(item, Exception):
            yield ReadFailure(
                name, Reason.MALFORMED, "the dump is cut short or is no XML from some place on", uri="page/"
            )
        elif item.name == "siteinfo":
            base = item.text("base").rpartition("/")[0]
        else:
            page = _page(item, name, base, left_out)
            if page is not None:
                yield page
    yield from left_out.failures(name)


def _page(node: Node, member: str, base: str, left_out: LeftOut) -> Page | ReadFailure | None:
    title, space, key = (
        node.text("title"),
        int(node.text("ns") or 0),
        f"page/{node.text('id') or quote(node.text('title'))}",
    )
    history = _history(node)
    if node.find("redirect") is not None:
        left_out.add("redirects")
        return None
    if space in _NOT_PAGES or history.model != "wikitext":
        left_out.add(_NOT_PAGES.get(space, f"pages in {history.model}"))
        return None
    sections, categories = wikitext.sections(history.text)
    if not sections:
        return ReadFailure(member, Reason.EMPTY, "a page has no text", f"id={node.text('id')}", key)
    told: dict[str, object] = {"title": title, "updated": history.time}
    if history.is_from_the_beginning and history.first:
        told["author"] = [history.first]
    editors = [name for name in history.editors if not (history.is_from_the_beginning and name == history.first)]
    told["editors"] = editors[-_EDITORS:]
    if categories:
        told["tags"] = ", ".join(categories)
    url = f"{base}/{quote(title.replace(' ', '_'), safe='/:()')}" if base.startswith("http") else None
    return Page(key, member, Content(tuple(sections)), told, url)


def _history(node: Node) -> _History:
    """Revisions in order of time; addresses and bots are nobody."""
    history = _History()
    revisions = sorted(node.all("revision"), key=lambda r: (r.text("timestamp"), int(r.text("id") or 0)))
    for number, revision in enumerate(revisions):
        who = revision.find("contributor")
        name = who.text("username") if who is not None else ""
        name = "" if _BOT.search(name) else " ".join(name.split())
        if number == 0:
            history.is_from_the_beginning = not revision.text("parentid") or revision.text("parentid") == "0"
            history.first = name
        if name:
            history.editors.pop(name, None)
            history.editors[name] = None
        history.text, history.time = revision.text("text"), revision.text("timestamp")
        history.model = revision.text("model") or "wikitext"
    parsed = _dates.parse(history.time)
    history.time = parsed.isoformat() if parsed else ""
    return history
