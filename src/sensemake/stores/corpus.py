"""Documents, their passages, the passages' vectors, and the log of changes that indexes follow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    insert,
    literal,
    or_,
    select,
)

from sensemake.model import (
    Change,
    Document,
    DocumentId,
    Handle,
    Kind,
    Passage,
    PassageId,
    SiloName,
    SourceId,
    TextKey,
    Vector,
    Where,
)
from sensemake.protocols import Known, Stored
from sensemake.rules import wording
from sensemake.stores import naming
from sensemake.stores.batches import SIZE, batches
from sensemake.stores.columns import to_json
from sensemake.stores.connection import Database, Kept
from sensemake.stores.packing import packed, unpacked
from sensemake.stores.rows import document_of, passage_of
from sensemake.stores.schema import authorship, documents, marks, models, passages, silos, sources, tombstones, vectors
from sensemake.stores.sources import source_of
from sensemake.stores.writing import forget_documents, store_documents

_BY_ID: BindParameter[Any] = bindparam("ids", expanding=True)
_PASSAGES = select(passages).where(passages.c.id.in_(_BY_ID))
_DOCUMENTS = select(documents).where(documents.c.id.in_(_BY_ID))
_TITLED = _DOCUMENTS.with_only_columns(
    *(literal(to_json([])).label(c.name) if c is documents.c.parts else c for c in documents.c)
)
_SOURCES = select(sources).where(sources.c.id.in_(_BY_ID))
_OF_SILOS: BindParameter[str] = bindparam("silos", expanding=True)
_PASSAGES_OF = _PASSAGES.where(passages.c.silo.in_(_OF_SILOS))
_DOCUMENTS_OF = _DOCUMENTS.where(documents.c.silo.in_(_OF_SILOS))
_VECTORS = select(vectors.c.text_key, vectors.c.vector).where(
    vectors.c.model == bindparam("model"), vectors.c.text_key.in_(bindparam("keys", expanding=True))
)
"""Put together once: that takes longer than to ask."""


class SqlCorpus:
    """The `Corpus` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = Kept(database)

    def known(self, source: SourceId) -> dict[DocumentId, Known]:
        columns = (documents.c.id, documents.c.uri, documents.c.digest, documents.c.time)
        query = select(*columns).where(documents.c.source == source)
        with self._database.reading() as connection:
            found = (Known(DocumentId(row.id), row.uri, row.digest, row.time) for row in connection.execute(query))
            return {known.id: known for known in found}

    def store(self, batch: Sequence[Stored]) -> None:
        """What is there already is left alone. Raises UsageError for a passage that claims another silo."""
        if batch:
            with self._database.writing() as connection:
                store_documents(connection, batch)

    def remove(self, documents: Collection[DocumentId]) -> None:
        """Unknown ids are forgotten already. The words leave the disk too (journal included)."""
        if documents:
            with self._database.writing(erases=True) as connection:
                forget_documents(connection, documents)

    def documents(self, ids: Collection[DocumentId], *, parts: bool = True) -> dict[DocumentId, Document]:
        """Those that there are; without `parts`, which may be a whole book, when they are not wanted."""
        found: dict[DocumentId, Document] = {}
        with self._database.reading() as connection:
            for some in batches(ids):
                rows = connection.execute(_DOCUMENTS if parts else _TITLED, {"ids": some}).all()
                held = connection.execute(_SOURCES, {"ids": sorted({row.source for row in rows})})
                origins = {row.id: source_of(row) for row in held}
                found.update((DocumentId(row.id), document_of(row, origins[row.source])) for row in rows)
        return found

    def passages(self, ids: Collection[PassageId]) -> dict[PassageId, Passage]:
        """Those that there are."""
        found: dict[PassageId, Passage] = {}
        with self._database.reading() as connection:
            for some in batches(ids):
                rows = connection.execute(_PASSAGES, {"ids": some})
                found.update((passage.id, passage) for passage in map(passage_of, rows))
        return found

    def passage_of(self, id_: PassageId, silos: Collection[SiloName]) -> Passage | None:
        """The passage if it is in one of these silos: what lies elsewhere is not even read, as if it were nowhere."""
        with self._database.reading() as connection:
            row = connection.execute(_PASSAGES_OF, {"ids": [id_], "silos": sorted(silos)}).one_or_none()
        return None if row is None else passage_of(row)

    def document_of(self, id_: DocumentId, silos: Collection[SiloName]) -> Document | None:
        """The same of a document."""
        with self._database.reading() as connection:
            row = connection.execute(_DOCUMENTS_OF, {"ids": [id_], "silos": sorted(silos)}).one_or_none()
            if row is None:
                return None
            return document_of(row, source_of(connection.execute(_SOURCES, {"ids": [row.source]}).one()))

    def select(self, where: Where) -> list[Passage]:
        """Silo by silo along the index, then merged: nothing is sorted by the database."""
        found: list[Passage] = []
        with self._database.reading() as connection:
            authors = None if where.authors is None else naming.existing(connection, where.authors)
            for silo in sorted(where.silos & where.readable):
                query = select(passages).where(passages.c.silo == silo, *_conditions(where, authors))
                found.extend(_stream(connection, query.order_by(passages.c.document, passages.c.ordinal)))
        left = _has_large_sets(where) or where.phrases or where.without
        found = [passage for passage in found if wording.holds(passage, where)] if left else found
        return sorted(found, key=lambda passage: (passage.document, passage.ordinal))

    def titles(self, silos: Collection[SiloName], holding: str) -> list[tuple[DocumentId, str]]:
        """The documents whose title holds this text, but for conversations, which have no title of their own.

        Case does not matter; beyond ASCII it is matched as given, in small and in capital letters.
        """
        variants = {holding, holding.lower(), holding.upper(), holding.capitalize()}
        if holding.isascii():  # the database knows these alike, and would look at every title four times
            variants = {holding.lower()}
        fits = or_(*(documents.c.title.icontains(text, autoescape=True) for text in sorted(variants)))
        query = select(documents.c.id, documents.c.title).where(documents.c.kind != Kind.CONVERSATION.value, fits)
        with self._database.reading() as connection:
            rows = [
                row
                for silo in sorted(silos)
                for row in connection.execute(query.where(documents.c.silo == silo).order_by(documents.c.id))
            ]
        return [(DocumentId(id_), title) for id_, title in rows]

    def changes(self, silo: SiloName, after: int, limit: int) -> list[Change]:
        """A passage that is there has its last number in its row; one that is gone has left a tombstone."""
        with self._database.reading() as connection:
            live = _logged(connection, passages, passages.c.id, silo, after, limit)
            gone = _logged(connection, tombstones, tombstones.c.passage, silo, after, limit)
        found = [Change(number, PassageId(pid), deleted=False) for number, pid in live]
        found += [Change(number, PassageId(pid), deleted=True) for number, pid in gone]
        return sorted(found, key=lambda change: change.number)[:limit]

    def marks(self) -> dict[SiloName, int]:
        """Silos that exist or hold something, by name."""
        return dict(self._kept("marks", self._marks))

    def _marks(self) -> dict[SiloName, int]:
        with self._database.reading() as connection:
            found = dict.fromkeys(connection.scalars(select(silos.c.name)), 0)
            query = select(marks.c.silo, marks.c.number).where(~marks.c.retired)
            found.update((silo, number) for silo, number in connection.execute(query))
        return {SiloName(silo): found[silo] for silo in sorted(found)}

    def vectors(self, model: str, keys: Collection[TextKey]) -> dict[TextKey, Vector]:
        """Those that there are, each of shape (dim,) and length 1."""
        found: dict[TextKey, Vector] = {}
        with self._database.reading() as connection:
            number = _model(connection, model)
            for some in batches(keys if number is not None else ()):
                rows = connection.execute(_VECTORS, {"model": number, "keys": some})
                found |= unpacked({TextKey(key): blob for key, blob in rows})
        return found

    def keep_vectors(self, model: str, vectors: Mapping[TextKey, Vector]) -> None:
        """A vector that is kept already stays as it is: the model and the text are the same."""
        if vectors:
            with self._database.writing(quiet=True) as connection:
                _keep(connection, model, vectors)


def _conditions(where: Where, authors: Sequence[int] | None) -> Iterator[ColumnElement[bool]]:
    """Every field of `Where` but the silos and sets too large for a statement."""
    columns = passages.c
    if _fits(where.kinds):
        yield columns.kind.in_(sorted(kind.value for kind in where.kinds or ()))
    if _fits(where.sources):
        yield columns.source.in_(sorted(where.sources or ()))
    if _fits(where.languages):
        yield columns.language.in_(sorted(where.languages or ()))
    if authors is not None and _fits(where.authors):
        yield columns.id.in_(select(authorship.c.passage).where(authorship.c.handle.in_(authors)))
    if where.since is not None:
        yield columns.time >= where.since
    if where.until is not None:
        yield columns.time <= where.until


def _fits(wanted: Collection[str] | Collection[Handle] | None) -> bool:
    return wanted is not None and len(wanted) <= SIZE


def _has_large_sets(where: Where) -> bool:
    return any(len(wanted or ()) > SIZE for wanted in (where.kinds, where.sources, where.languages, where.authors))


def _stream(connection: Connection, query: Select[Any]) -> Iterable[Passage]:
    return map(passage_of, connection.execution_options(yield_per=1000).execute(query))


def _logged(
    connection: Connection, table: Table, passage: Column[str], silo: SiloName, after: int, limit: int
) -> list[tuple[int, str]]:
    here = (table.c.silo == silo, table.c.change > after)
    query = select(table.c.change, passage).where(*here).order_by(table.c.change).limit(limit)
    return [(number, pid) for number, pid in connection.execute(query)]


def _model(connection: Connection, name: str) -> int | None:
    return connection.scalar(select(models.c.number).where(models.c.name == name))


def _keep(connection: Connection, model: str, kept: Mapping[TextKey, Vector]) -> None:
    number = _model(connection, model)
    if number is None:
        connection.execute(insert(models), {"name": model})
        number = _model(connection, model)
    for some in batches(kept):
        query = select(vectors.c.text_key).where(vectors.c.model == number, vectors.c.text_key.in_(some))
        there = set(connection.scalars(query))
        rows = [{"model": number, "text_key": key, "vector": packed(kept[key])} for key in some if key not in there]
        if rows:
            connection.execute(insert(vectors), rows)
