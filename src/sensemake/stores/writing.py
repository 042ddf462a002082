"""What a write does to documents, passages and the log of changes, inside the transaction it is given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, delete, insert, select, update

from sensemake.errors import UsageError
from sensemake.model import DocumentId, Kind, Passage, PassageId
from sensemake.protocols import Stored
from sensemake.stores import naming, theme_words
from sensemake.stores.batches import batches
from sensemake.stores.likenesses import resemble
from sensemake.stores.rows import Values, document_row, handles_in, passage_row, same
from sensemake.stores.schema import authorship, documents, marks, models, passages, sources, tombstones, vectors
from sensemake.stores.sources import source_row

_DOCUMENTS = 100
"""Documents written together: bounds what is held of the old ones."""


def store_documents(connection: Connection, batch: Sequence[Stored]) -> None:
    """Add or replace; of two of one id the last counts."""
    latest = {stored.document.id: stored for stored in batch}
    for stored in latest.values():
        _check(stored)
    _register_sources(connection, latest.values())
    for some in batches(latest.values(), _DOCUMENTS):
        _store(connection, some)


def forget_documents(connection: Connection, ids: Collection[DocumentId]) -> None:
    for some in batches(ids):
        columns = (passages.c.id, passages.c.silo, passages.c.text_key)
        gone = connection.execute(select(*columns).where(passages.c.document.in_(some))).all()
        connection.execute(delete(passages).where(passages.c.document.in_(some)))
        theme_words.forget(connection, [PassageId(row.id) for row in gone])
        naming.forget(connection, some)
        connection.execute(delete(documents).where(documents.c.id.in_(some)))
        _drop_vectors(connection, {row.text_key for row in gone})
        _bury(connection, [(row.silo, row.id) for row in gone])


def _store(connection: Connection, batch: Sequence[Stored]) -> None:
    old_documents = _existing(connection, documents, [stored.document.id for stored in batch])
    old = _existing_passages(connection, batch)
    new = {passage.id: passage for stored in batch for passage in stored.passages}
    rows = {pid: passage_row(passage) for pid, passage in new.items()}
    written = [pid for pid, row in rows.items() if pid not in old or not same(old[pid], row)]
    gone = [pid for pid in sorted(old) if pid not in rows]
    moved = [pid for pid in written if pid in old and old[pid].silo != new[pid].silo]
    touched = {new[pid].document for pid in written} | {DocumentId(old[pid].document) for pid in gone}
    changed = [s for s in batch if s.document.id in touched or _differs(old_documents, s)]
    _write_documents(connection, old_documents, changed)
    resemble(connection, changed)
    _delete_passages(connection, [*gone, *(pid for pid in written if pid in old)])
    _bury(connection, [(old[pid].silo, pid) for pid in [*gone, *moved]])
    # Whether a reflection may be shown to a model is its author's to say, and may be said otherwise now.
    reflected = [p.id for stored in changed if stored.document.kind is Kind.REFLECTION for p in stored.passages]
    theme_words.forget(connection, [*gone, *moved, *reflected])
    _insert_passages(connection, [rows[pid] for pid in written])
    _name(connection, changed, [new[pid] for pid in written])
    _drop_vectors(connection, {old[pid].text_key for pid in [*gone, *(pid for pid in written if pid in old)]})


def _check(stored: Stored) -> None:
    """A passage in another silo than its document would be read by the wrong people."""
    document = stored.document
    for passage in stored.passages:
        if (passage.document, passage.silo, passage.source) != (document.id, document.silo, document.source.id):
            raise UsageError(f"passage {passage.id} does not belong to the document, silo and source it is stored with")


def _register_sources(connection: Connection, batch: Iterable[Stored]) -> None:
    """A source that was never registered is taken from its documents."""
    wanted = {stored.document.source.id: stored.document.source for stored in batch}
    known = _existing(connection, sources, list(wanted))
    _insert(connection, sources, [source_row(source) for id_, source in wanted.items() if id_ not in known])


def _existing(connection: Connection, table: Table, ids: Iterable[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for some in batches(ids):
        found.update((row.id, row) for row in connection.execute(select(table).where(table.c.id.in_(some))))
    return found


def _existing_passages(connection: Connection, batch: Sequence[Stored]) -> dict[PassageId, Row[Any]]:
    """All passages of these documents, and any other that has the id of a new one."""
    found: dict[PassageId, Row[Any]] = {}
    ids = [stored.document.id for stored in batch]
    rows = connection.execute(select(passages).where(passages.c.document.in_(ids)))
    found.update((PassageId(row.id), row) for row in rows)
    new = [passage.id for stored in batch for passage in stored.passages]
    found |= {PassageId(id_): row for id_, row in _existing(connection, passages, new).items()}
    return found


def _differs(old: dict[str, Row[Any]], stored: Stored) -> bool:
    row = old.get(stored.document.id)
    return row is None or not same(row, document_row(stored))


def _write_documents(connection: Connection, old: dict[str, Row[Any]], changed: Sequence[Stored]) -> None:
    rows = [document_row(stored) for stored in changed]
    _insert(connection, documents, [row for row in rows if row["id"] not in old])
    replaced = [{f"new_{name}": value for name, value in row.items()} for row in rows if row["id"] in old]
    if replaced:
        values: Values = {name: bindparam(f"new_{name}") for name in rows[0]}
        connection.execute(update(documents).where(documents.c.id == bindparam("new_id")).values(values), replaced)


def _delete_passages(connection: Connection, ids: Sequence[PassageId]) -> None:
    for some in batches(ids):
        connection.execute(delete(passages).where(passages.c.id.in_(some)))


def _name(connection: Connection, changed: Sequence[Stored], written: Sequence[Passage]) -> None:
    named = {s.document.id: (s.document.silo, handles_in(s.document, s.passages), s.document.profiles) for s in changed}
    numbered = naming.occur(connection, named)
    authors = [
        {"passage": passage.id, "handle": numbered[handle]} for passage in written for handle in sorted(passage.authors)
    ]
    _insert(connection, authorship, authors)


def _drop_vectors(connection: Connection, keys: Collection[str]) -> None:
    """Vectors of these texts, as far as no passage has the text any more."""
    numbers = connection.scalars(select(models.c.number)).all() if keys else []
    for some in batches(sorted(keys)):
        needed = set(connection.scalars(select(passages.c.text_key).where(passages.c.text_key.in_(some))))
        free = [key for key in some if key not in needed]
        if free:
            connection.execute(delete(vectors).where(vectors.c.model.in_(numbers), vectors.c.text_key.in_(free)))


def _bury(connection: Connection, gone: Sequence[tuple[str, str]]) -> None:
    """Log, in their order, that these passages (silo, id) are there no more."""
    numbers = _numbers(connection, [silo for silo, _ in gone])
    rows = [{"silo": silo, "passage": pid, "change": n} for (silo, pid), n in zip(gone, numbers, strict=True)]
    _insert(connection, tombstones, rows)


def _insert_passages(connection: Connection, rows: Sequence[Values]) -> None:
    """Write and log them, in their order; what was buried lives again."""
    for silo in sorted({row["silo"] for row in rows}):
        for some in batches(row["id"] for row in rows if row["silo"] == silo):
            here = (tombstones.c.silo == silo, tombstones.c.passage.in_(some))
            connection.execute(delete(tombstones).where(*here))
    numbers = _numbers(connection, [row["silo"] for row in rows])
    _insert(connection, passages, [{**row, "change": n} for row, n in zip(rows, numbers, strict=True)])


def _numbers(connection: Connection, silos: Sequence[str]) -> list[int]:
    """The next number of each of these silos, in order."""
    last = {silo: _advanced(connection, silo, silos.count(silo)) for silo in sorted(set(silos))}
    following = {silo: iter(range(number - silos.count(silo) + 1, number + 1)) for silo, number in last.items()}
    return [next(following[silo]) for silo in silos]


def _advanced(connection: Connection, silo: str, count: int) -> int:
    """The silo's mark after `count` more changes. A row and no sequence: numbers become visible in their order."""
    mark = marks.c.silo == silo
    number = (connection.scalar(select(marks.c.number).where(mark)) or 0) + count
    values = {"number": number, "retired": False}
    if not connection.execute(update(marks).where(mark).values(values)).rowcount:
        connection.execute(insert(marks), {"silo": silo, **values})
    return number


def _insert(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))
