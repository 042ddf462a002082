"""Reads an Obsidian vault: notes with their links, aliases, tags and embeds, and what else lies in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from sensemake.indexers._export import Export, Glimpse, decoded, shown
from sensemake.indexers._wiki import LeftOut, Page, WikiIndexer, read_member
from sensemake.indexers.formats import front_matter, markdown
from sensemake.indexers.formats.content import Content, Section
from sensemake.model import ReadFailure, Reason

_CODE = re.compile(r"(^(?:```|~~~).*?^(?:```|~~~)[ \t]*$|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[\[([^\[\]|\n]+)(?:\|([^\[\]\n]*))?\]\]")
_COMMENT = re.compile(r"%%.*?%%", re.DOTALL)
_TAG = re.compile(r"(?<![\w#/&])#([^\W\d_][\w/-]*)")
_BLOCK = re.compile(r"[ \t]\^[\w-]+$", re.MULTILINE)
_CALLOUT = re.compile(r"^(>[ \t]*)\[!([\w-]+)\][+-]?[ \t]*", re.MULTILINE)
_SIZE = re.compile(r"\d+(?:x\d+)?")
_HIDDEN = (".obsidian/", ".trash/", ".git/")


class ObsidianIndexer(WikiIndexer):
    """A vault: a folder with Obsidian's settings in it."""

    name = "obsidian"
    bid = 87
    wanted = "a note (.md)"

    def recognises(self, seen: Glimpse) -> bool:
        return any(name.startswith(".obsidian/") for name in seen.names)

    def pages(self, export: Export) -> Iterator[Page | ReadFailure]:
        """Notes, canvases and attached documents; pictures and the like are counted."""
        left_out = LeftOut()
        for name in export.names:
            if name.startswith(_HIDDEN):
                continue
            found = _note(export, name) if name.endswith(".md") else _other(export, name)
            if isinstance(found, Content):
                yield Page(name, name, found)
            else:
                yield from left_out.unless_attached(found, name, name)
        yield from left_out.failures(export.path.name)


def _note(export: Export, name: str) -> Content | ReadFailure:
    data = export.read(name)
    if isinstance(data, ReadFailure):
        return data
    told, text = front_matter.parted(decoded(data))
    pieces = _CODE.split(text)
    tags = dict.fromkeys(tag for piece in pieces[::2] for tag in _TAG.findall(_LINK.sub("", piece)))
    plain = "".join(piece if number % 2 else _plain(piece) for number, piece in enumerate(pieces))
    sections = tuple(markdown.sections_of(plain))
    if not any(section.text.strip() or section.heading for section in sections):
        return ReadFailure(shown(name), Reason.EMPTY, "it has no text")
    kept = {**told, "tags": _together(told.get("tags", told.get("tag")), tags)} if tags else told
    return Content(sections, told=kept)


def _plain(text: str) -> str:
    """Links as their words, embeds as what they are called, callouts as their kind; comments are taken out."""
    text = _CALLOUT.sub(lambda m: f"{m[1]}{m[2].capitalize()}: ", _COMMENT.sub("", text))
    return _BLOCK.sub("", _LINK.sub(_shown, text))


def _shown(link: re.Match[str]) -> str:
    """`Page#Heading|alias` as its alias, or the page's name; the width of a picture is no alias."""
    alias = (link[2] or "").strip()
    if alias and not _SIZE.fullmatch(alias):
        return alias
    page, _, place = link[1].partition("#")
    return PurePosixPath(page.strip()).name or place.strip(" ^#")


def _together(told: object, found: dict[str, None]) -> str:
    known = told if isinstance(told, list) else str(told or "").replace(",", " ").split()
    return ", ".join(dict.fromkeys([*(str(tag).lstrip("#") for tag in known), *found]))


def _other(export: Export, name: str) -> Content | ReadFailure:
    return _canvas(export, name) if name.endswith(".canvas") else read_member(export, name)


def _canvas(export: Export, name: str) -> Content | ReadFailure:
    """The texts on a canvas (JSON Canvas 1.0), each under its group's label where it has one."""
    found = export.json(name)
    if isinstance(found, ReadFailure):
        return found
    nodes = found.get("nodes") if isinstance(found, dict) else None
    texts = [node.get("text") or node.get("label") for node in nodes or () if isinstance(node, dict)]
    cards = [_plain(text) for text in texts if isinstance(text, str) and text.strip()]
    if not cards:
        return ReadFailure(shown(name), Reason.EMPTY, "no text on the canvas")
    return Content((Section("\n\n".join(cards)),))
