"""Open questions that a person took out of the register, by their ids alone."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from sensemake.stores.connection import Database
from sensemake.stores.schema import dismissals


class SqlDismissals:
    """The `Dismissals` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def dismissed(self) -> frozenset[str]:
        with self._database.reading() as connection:
            return frozenset(connection.scalars(select(dismissals.c.question)))

    def dismiss(self, question: str, *, dismissed: bool) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(dismissals).where(dismissals.c.question == question))
            if dismissed:
                connection.execute(insert(dismissals), {"question": question})
