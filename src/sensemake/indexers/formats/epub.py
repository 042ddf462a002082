"""Reads EPUB books: the chapters in reading order, each an XHTML page (EPUB 3.3)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import ZipFile

from selectolax.lexbor import LexborHTMLParser

from sensemake.indexers._archives import Refused
from sensemake.indexers.formats.content import Content, Fields, Limits, Section
from sensemake.indexers.formats.encoding import text_of
from sensemake.indexers.formats.html_text import sections
from sensemake.indexers.formats.package import local, opened, xml
from sensemake.model import Reason

if TYPE_CHECKING:
    from lxml.etree import _Element

_PAGES = frozenset({"application/xhtml+xml", "text/html"})
_META = {"title": "title", "creator": "author", "contributor": "contributor", "date": "date", "subject": "tags"}


def read(data: bytes, limits: Limits) -> Content:
    with opened(data) as archive:
        name = _package_name(archive)
        package = xml(archive, name)
        if package is None:
            raise Refused(Reason.MALFORMED, "it has no package document")
        chapters = list(_chapters(package, posixpath.dirname(name)))
        if len(chapters) > limits.pages:
            raise Refused(Reason.TOO_LARGE, f"it has more than {limits.pages:,} chapters")
        _refuse_encrypted(archive, chapters)
        found = [section for chapter in chapters for section in _sections(archive, chapter)]
        return Content(tuple(found), properties=_properties(package))


def _package_name(archive: ZipFile) -> str:
    container = xml(archive, "META-INF/container.xml")
    roots = [e.get("full-path") for e in container.iter() if local(e) == "rootfile"] if container is not None else []
    return next((root for root in roots if root), "")


def _chapters(package: _Element, folder: str) -> Iterator[str]:
    items = {e.get("id"): e for e in package.iter() if local(e) == "item"}
    for reference in package.iter():
        item = items.get(reference.get("idref")) if local(reference) == "itemref" else None
        if item is not None and item.get("media-type") in _PAGES and "nav" not in (item.get("properties") or ""):
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or "")))


def _sections(archive: ZipFile, name: str) -> Iterator[Section]:
    if name in archive.NameToInfo:
        tree = LexborHTMLParser(text_of(archive.read(name)))
        if tree.body is not None:
            yield from sections(tree.body)


def _refuse_encrypted(archive: ZipFile, chapters: list[str]) -> None:
    """Fonts may be obfuscated; a book whose chapters are is not for reading."""
    encryption = xml(archive, "META-INF/encryption.xml")
    if encryption is not None:
        names = {unquote(e.get("URI") or "") for e in encryption.iter() if local(e) == "CipherReference"}
        if names & set(chapters):
            raise Refused(Reason.ENCRYPTED, "the book is protected against copying")


def _properties(package: _Element) -> Fields:
    found: dict[str, object] = {}
    for element in package.iter():
        name, value = local(element), (element.text or "").strip()
        if name in _META and value and not (name == "title" and "title" in found):
            found[_META[name]] = f"{found[_META[name]]}; {value}" if _META[name] in found else value
        elif name == "meta" and element.get("property") == "dcterms:modified" and value:
            found["modified"] = value
    return found
