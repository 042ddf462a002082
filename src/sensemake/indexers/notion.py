"""Reads Notion's exports as Markdown and CSV or as HTML: pages with their properties, databases as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from sensemake.indexers._export import Export, Glimpse
from sensemake.indexers._wiki import LeftOut, Page, WikiIndexer, read_member
from sensemake.indexers.formats.content import Content, Section
from sensemake.model import ReadFailure

_HASH = re.compile(r"[ -]([0-9a-f]{32})(_all)?$")
_PAGES = (".md", ".html", ".csv")
_PROPERTY = re.compile(r"(?P<key>[^\s:][^:\n]{0,59}): (?P<value>[^\n]*)")
_KEYS = {
    "person": "owner",
    "assign": "owner",
    "assignee": "owner",
    "last edited by": "edited-by",
    "last edited time": "updated",
    "created time": "created",
}


class NotionIndexer(WikiIndexer):
    """Exports of a Notion workspace: each page and database has its id in its file's name."""

    name = "notion"
    bid = 88
    wanted = "a page with an id in its name, as Notion exports them,"

    def recognises(self, seen: Glimpse) -> bool:
        pages = [name for name in seen.names if name.lower().endswith(_PAGES)]
        return bool(pages) and 2 * sum(_id_of(name) is not None for name in pages) > len(pages)

    def pages(self, export: Export) -> Iterator[Page | ReadFailure]:
        """Attachments are read as files are; pictures and the like are counted."""
        left_out = LeftOut()
        whole = {PurePosixPath(name).name for name in export.names if PurePosixPath(name).stem.endswith("_all")}
        databases = {_id_of(name) for name in export.names if name.endswith(".csv")} - {None}
        for name in export.names:
            path = PurePosixPath(name)
            if path.suffix == ".csv" and f"{path.stem}_all.csv" in whole:
                continue  # the same database as one view shows it
            key = _id_of(name) or "/".join(_without_id(part) for part in path.parts)
            found = read_member(export, name)
            if isinstance(found, Content):
                is_row = path.suffix == ".md" and _id_of(f"{path.parent.name}.md") in databases
                content = _with_properties(found) if is_row else found
                yield Page(key, name, content, {"title": _without_id(path.stem), **_folder(path)})
            else:
                yield from left_out.unless_attached(found, name, key)
        yield from left_out.failures(export.path.name)


def _id_of(name: str) -> str | None:
    match = _HASH.search(PurePosixPath(name).stem)
    return match[1] if match else None


def _without_id(name: str) -> str:
    return _HASH.sub("", name).strip() or name


def _folder(path: PurePosixPath) -> dict[str, str]:
    """The page or database that a page lies in, as a facet."""
    return {"within": _without_id(path.parent.name)} if path.parent.name else {}


def _with_properties(content: Content) -> Content:
    """The lines `Key: value` right below the title of a database's page are its properties, and no text."""
    if not content.sections or content.sections[0].level > 1:
        return content
    first = content.sections[0]
    block, _, rest = first.text.partition("\n\n")
    lines = block.split("\n")
    matches = [_PROPERTY.fullmatch(line) for line in lines]
    if not block or not all(matches):
        return content
    told: dict[str, object] = {"title": first.heading} if first.heading else {}
    for match in filter(None, matches):
        key = match["key"].strip().lower()
        told.setdefault(_KEYS.get(key, key), match["value"].strip())
    sections: tuple[Section, ...] = (replace(first, text=rest), *content.sections[1:])
    return replace(content, sections=sections, told={**told, **content.told})
