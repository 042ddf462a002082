"""What people decided about handles: refused joins, and handles that are nobody's or stand alone."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from sensemake.model import Handle, Mark, PersonId
from sensemake.stores.connection import Database
from sensemake.stores.schema import handle_marks, refusals


class SqlDecisions:
    """The `Decisions` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def refused(self) -> frozenset[tuple[Handle, PersonId]]:
        with self._database.reading() as connection:
            rows = connection.execute(select(refusals)).all()
        return frozenset((Handle(row.namespace, row.value), PersonId(row.person)) for row in rows)

    def refuse(self, handle: Handle, person: PersonId, *, refused: bool) -> None:
        row = {"namespace": handle.namespace, "value": handle.value, "person": person}
        with self._database.writing() as connection:
            connection.execute(delete(refusals).where(*(refusals.c[name] == value for name, value in row.items())))
            if refused:
                connection.execute(insert(refusals), row)

    def marks(self) -> dict[Handle, Mark]:
        """By handle."""
        with self._database.reading() as connection:
            rows = connection.execute(select(handle_marks)).all()
        return dict(sorted((Handle(row.namespace, row.value), Mark(row.mark)) for row in rows))

    def mark(self, handle: Handle, mark: Mark | None) -> None:
        this = (handle_marks.c.namespace == handle.namespace, handle_marks.c.value == handle.value)
        with self._database.writing() as connection:
            connection.execute(delete(handle_marks).where(*this))
            if mark is not None:
                row = {"namespace": handle.namespace, "value": handle.value, "mark": mark.value}
                connection.execute(insert(handle_marks), row)
