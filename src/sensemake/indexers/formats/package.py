"""Opens a document that is a zip of XML (OOXML, OpenDocument, EPUB) and refuses what would harm the reader."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from sensemake.indexers._archives import Limits as ArchiveLimits
from sensemake.indexers._archives import Refused, zip_members
from sensemake.indexers.formats.content import Fields
from sensemake.model import Reason

if TYPE_CHECKING:
    from lxml.etree import _Element

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTITY = "<!ENTITY"
_LIMITS = ArchiveLimits(entries=20_000)
_CORE = {
    "title": "title",
    "creator": "author",
    "lastModifiedBy": "last-modified-by",
    "created": "created",
    "modified": "modified",
    "keywords": "tags",
    "category": "category",
    "contentStatus": "status",
}


_OF_A_TEMPLATE = frozenset({"2013-12-23T23:15:00Z", "2013-01-27T09:14:16Z", "2013-01-27T09:15:58Z"})
"""When python-docx's and python-pptx's own templates were made: no document's date."""


@contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """The zip, when every member of it is whole, small enough and no bomb; its XML declares no entities.

    Raises Refused: encrypted, hostile, too_large, unsupported, malformed.
    """
    if data.startswith(_OLE):
        raise _ole(data)
    if not data.startswith(b"PK"):
        raise Refused(Reason.MALFORMED, "it is not the zip that its name says")
    with ExitStack() as stack:
        unpacked = 0
        for member in zip_members(BytesIO(data), _LIMITS, stack):
            if member.flaw is not None and not _harmless(member.name, member.flaw):
                raise member.flaw
            unpacked += member.size
        if unpacked > _LIMITS.unpacked:
            raise Refused(Reason.TOO_LARGE, f"it would unpack to more than {_LIMITS.unpacked >> 20:,} MiB")
        archive = stack.enter_context(zipfile.ZipFile(BytesIO(data)))
        for name in archive.namelist():
            if name.endswith((".xml", ".rels", ".opf", ".ncx")):
                _refuse_entities(archive.read(name))
        yield archive


def xml(archive: zipfile.ZipFile, name: str) -> _Element | None:
    """The root of an XML member; None when there is none of that name. No entity is resolved, nothing is loaded."""
    if name not in archive.NameToInfo:
        return None
    return parsed(archive.read(name))


def parsed(data: bytes) -> _Element:
    from lxml import etree

    _refuse_entities(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(data, parser)


def core_properties(archive: zipfile.ZipFile) -> Fields:
    """Title, people and times of an OOXML document (ECMA-376 part 2, core properties)."""
    root = xml(archive, "docProps/core.xml")
    if root is None:
        return {}
    found = {local(child): (child.text or "").strip() for child in root}
    found = {name: value for name, value in found.items() if value not in _OF_A_TEMPLATE}
    return {_CORE[name]: value for name, value in found.items() if name in _CORE and value}


def local(element: _Element) -> str:
    """An element's name without its namespace; empty for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _ole(data: bytes) -> Refused:
    import olefile

    with olefile.OleFileIO(BytesIO(data)) as ole:
        if ole.exists("EncryptedPackage"):
            return Refused(Reason.ENCRYPTED, "it is protected by a password: take it off and try again")
    return Refused(Reason.MALFORMED, "it is an old binary Office file under a new name: save it in the new format")


def _harmless(name: str, flaw: Refused) -> bool:
    """A picture that unpacks to a lot is never unpacked by us."""
    return flaw.reason is Reason.HOSTILE and "times its size" in flaw.detail and "/media/" in name


def _refuse_entities(data: bytes) -> None:
    """Entities are how XML explodes (billion laughs) or reads other files (XXE); no office program writes them."""
    if any(_ENTITY.encode(encoding) in data for encoding in ("ascii", "utf-16-le", "utf-16-be")):
        raise Refused(Reason.HOSTILE, "its XML declares entities, which can explode or read other files")
