"""Persons of the directory, what silos say of handles, joins that people confirmed and whether they are named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, delete, exists, insert, select

from sensemake.model import Handle, Person, PersonId, Profile, SiloName, Verb, Wish
from sensemake.stores.batches import batches
from sensemake.stores.columns import from_json, to_json
from sensemake.stores.connection import Database
from sensemake.stores.rows import profile_from
from sensemake.stores.schema import choices, handles, links, occurrences, persons, profiles, wishes

_SAID = [profiles.c[name] for name in ("namespace", "value", "name", "email", "title", "is_person")]
Fact = TypeVar("Fact")


class SqlPeople:
    """The `People` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._profiles: _Made[tuple[Profile, ...]] = _Made()
        self._handles: _Made[dict[Handle, PersonId]] = _Made()

    def import_directory(self, persons: Sequence[Person]) -> None:
        """The last one of an id counts. `listed` is not read: it follows from the person's choice."""
        rows = {person.id: _row(ordinal, person) for ordinal, person in enumerate(persons)}
        with self._database.writing(erases=True) as connection:
            self._replace(connection, list(rows.values()))

    def directory(self) -> tuple[Person, ...]:
        """In the directory's order."""
        with self._database.reading() as connection:
            return tuple(_person(row) for row in connection.execute(select(persons).order_by(persons.c.ordinal)))

    def profiles(self, silos: Collection[SiloName]) -> tuple[Profile, ...]:
        """Each once, by handle."""
        rows: set[Row[Any]] = set()
        with self._database.reading() as connection:
            for some in batches(silos):
                rows.update(connection.execute(select(*_SAID).where(profiles.c.silo.in_(some))))
        return self._profiles(silos, rows, lambda: tuple(map(profile_from, sorted(rows, key=_in_order))))

    def handles(self, silos: Collection[SiloName]) -> dict[Handle, PersonId]:
        rows: set[Row[Any]] = set()
        with self._database.reading() as connection:
            for some in batches(silos):
                here = exists().where(occurrences.c.handle == handles.c.number, occurrences.c.silo.in_(some))
                columns = (handles.c.namespace, handles.c.value, handles.c.person)
                rows.update(connection.execute(select(*columns).where(here)))
        made = self._handles(silos, rows, lambda: dict(map(_numbered, sorted(rows))))
        return dict(made)

    def links(self) -> tuple[tuple[Handle, PersonId], ...]:
        """By handle."""
        with self._database.reading() as connection:
            rows = connection.execute(select(links)).all()
        return tuple(sorted((Handle(row.namespace, row.value), PersonId(row.person)) for row in rows))

    def link(self, handle: Handle, person: PersonId | None) -> None:
        with self._database.writing() as connection:
            this = (links.c.namespace == handle.namespace, links.c.value == handle.value)
            connection.execute(delete(links).where(*this))
            if person is not None:
                row = {"namespace": handle.namespace, "value": handle.value, "person": person}
                connection.execute(insert(links), row)

    def choices(self) -> dict[PersonId, bool]:
        with self._database.reading() as connection:
            return {PersonId(row.person): row.listed for row in connection.execute(select(choices))}

    def set_listed(self, person: PersonId, *, listed: bool) -> None:
        """The choice is kept whether or not the directory holds the person (yet, or still)."""
        with self._database.writing() as connection:
            connection.execute(delete(choices).where(choices.c.person == person))
            connection.execute(insert(choices), {"person": person, "listed": listed})

    def wishes(self) -> tuple[Wish, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(select(wishes)).all()
        return tuple(sorted(Wish(PersonId(row.person), Verb(row.verb), row.topic) for row in rows))

    def set_wish(self, wish: Wish, *, kept: bool) -> None:
        """Like a choice, it is kept whether or not the directory holds the person."""
        row = {"person": wish.person, "verb": str(wish.verb), "topic": wish.topic}
        with self._database.writing(erases=not kept) as connection:
            connection.execute(delete(wishes).where(*(wishes.c[name] == value for name, value in row.items())))
            if kept:
                connection.execute(insert(wishes), row)

    def _replace(self, connection: Any, rows: list[dict[str, object]]) -> None:
        connection.execute(delete(persons))
        if rows:
            connection.execute(insert(persons), rows)


class _Made(Generic[Fact]):
    """What was made of the rows of some silos, made anew only of other rows: after a change they mostly are the same,
    and to read them takes a tenth of the time."""

    MOST = 16

    def __init__(self) -> None:
        self._made: dict[frozenset[SiloName], tuple[set[Row[Any]], Fact]] = {}

    def __call__(self, silos: Collection[SiloName], rows: set[Row[Any]], make: Callable[[], Fact]) -> Fact:
        key = frozenset(silos)
        known = self._made.get(key)
        if known is None or known[0] != rows:
            known = rows, make()
            others = [(other, made) for other, made in self._made.items() if other != key]
            self._made = {**dict(others[-self.MOST + 1 :]), key: known}
        return known[1]


def _numbered(row: Row[Any]) -> tuple[Handle, PersonId]:
    return Handle(row.namespace, row.value), PersonId(row.person)


def _in_order(row: Row[Any]) -> list[tuple[bool, str]]:
    """What is not said comes last."""
    return [(value is None, str(value)) for value in row]


def _row(ordinal: int, person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "ordinal": ordinal,
        "name": person.name,
        "handles": to_json([[handle.namespace, handle.value] for handle in person.handles]),
        "team": person.team,
        "groups": to_json(sorted(person.groups)),
        "active": person.active,
    }


def _person(row: Row[Any]) -> Person:
    return Person(
        id=PersonId(row.id),
        name=row.name,
        handles=tuple(Handle(namespace, value) for namespace, value in from_json(row.handles)),
        team=row.team,
        groups=frozenset(from_json(row.groups)),
        active=row.active,
    )
