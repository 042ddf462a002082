"""Signatures of documents, and which others are much like them (`rules.likeness`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select

from sensemake.model import DocumentId, SiloName
from sensemake.protocols import Stored
from sensemake.rules import likeness
from sensemake.rules.likeness import Signature
from sensemake.stores.batches import batches
from sensemake.stores.connection import Database
from sensemake.stores.schema import documents, likeness_bands, likenesses

_SIGNATURES = select(likenesses).where(likenesses.c.document.in_(bindparam("documents", expanding=True)))
_SHARING = (
    select(likenesses.c.document, likenesses.c.signature, documents.c.silo)
    .join(documents, documents.c.id == likenesses.c.document)
    .where(
        likenesses.c.document.in_(
            select(likeness_bands.c.document).where(likeness_bands.c.band.in_(bindparam("bands", expanding=True)))
        )
    )
)
"""Put together once: that takes longer than to ask."""


class SqlLikenesses:
    """The `Likenesses` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def signatures(self, ids: Collection[DocumentId]) -> dict[DocumentId, Signature]:
        found: dict[DocumentId, Signature] = {}
        with self._database.reading() as connection:
            for some in batches(ids):
                for document, signature in connection.execute(_SIGNATURES, {"documents": some}):
                    found[DocumentId(document)] = likeness.unpacked(signature)
        return found

    def counts(self, ids: Collection[DocumentId], readable: Collection[SiloName]) -> dict[DocumentId, int]:
        """One document at a time: what is asked of the catalog follows from that one and what is like it."""
        marks = self.signatures(ids)
        counted: Counter[DocumentId] = Counter()
        with self._database.reading() as connection:
            for document, mark in marks.items():
                others = _candidates(connection, mark, readable)
                counted[document] = sum(likeness.alike(mark, m) for other, m in others.items() if other != document)
        return dict(counted)


def resemble(connection: Connection, changed: Sequence[Stored]) -> None:
    """Put the signatures of these documents in the place of those they had."""
    for some in batches([stored.document.id for stored in changed]):
        connection.execute(delete(likeness_bands).where(likeness_bands.c.document.in_(some)))
        connection.execute(delete(likenesses).where(likenesses.c.document.in_(some)))
    found = {stored.document.id: likeness.signature(p.text for p in stored.passages) for stored in changed}
    marks = {document: mark for document, mark in found.items() if mark is not None}
    if marks:
        rows = [{"document": document, "signature": likeness.packed(mark)} for document, mark in marks.items()]
        connection.execute(insert(likenesses), rows)
        lines = [
            {"document": document, "band": band} for document, mark in marks.items() for band in likeness.bands(mark)
        ]
        for lot in batches(lines):
            connection.execute(insert(likeness_bands), list(lot))


def _candidates(connection: Connection, mark: Signature, readable: Collection[SiloName]) -> dict[str, Signature]:
    """The readable documents that share a band."""
    rows = connection.execute(_SHARING, {"bands": likeness.bands(mark)})
    return {document: likeness.unpacked(signature) for document, signature, silo in rows if silo in readable}
