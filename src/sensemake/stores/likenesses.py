"""Signatures of documents, and which others are much like them (`rules.likeness`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import compress

import numpy as np
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
        """What is asked of the catalog follows from these documents and what is like them."""
        marks = self.signatures(ids)
        with self._database.reading() as connection:
            near = _candidates(connection, marks.values(), readable)
        others = np.stack(list(near.values())) if near else np.empty((0, likeness.PLACES), np.uint32)
        alike = {document: set(compress(near, likeness.twins(mark, others))) for document, mark in marks.items()}
        return {document: len(found - {document}) for document, found in alike.items()}


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


def _candidates(
    connection: Connection, marks: Collection[Signature], readable: Collection[SiloName]
) -> dict[DocumentId, Signature]:
    """The readable documents that share a band with one of these."""
    found: dict[DocumentId, Signature] = {}
    for some in batches(sorted({band for mark in marks for band in likeness.bands(mark)})):
        rows = connection.execute(_SHARING, {"bands": some})
        found.update((DocumentId(one), likeness.unpacked(mark)) for one, mark, silo in rows if silo in readable)
    return found
