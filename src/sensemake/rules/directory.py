"""Reads `people.csv`, the organisation's directory: who there is, in which team and groups, under which handles.

Columns `person_id` (required), `name`, `email` or `emails`, `team`, `active`, `groups`; any other column is a
namespace of handles (`slack`, `github`, …). `;` separates several values in one cell.
"""

from __future__ import annotations

import csv
import io

from sensemake.errors import UsageError
from sensemake.model import Handle, Person, PersonId
from sensemake.rules.visibility import group_name

_OWN = frozenset({"person_id", "name", "email", "emails", "team", "active", "groups"})
_NO = frozenset({"no", "false", "0", "n", "inactive", "left"})


def parse(text: str) -> tuple[Person, ...]:
    """The persons of a directory, in its order.

    Raises UsageError for a missing `person_id` column, a person without id, an id given twice or a bad group name.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    rows.fieldnames = [(name or "").strip().casefold() for name in rows.fieldnames or ()]
    if "person_id" not in rows.fieldnames:
        raise UsageError("people.csv has no column 'person_id': its first line must name the columns")
    persons: dict[PersonId, Person] = {}
    for line, row in enumerate(rows, 2):
        person = _person({key: value for key, value in row.items() if isinstance(key, str)}, line)
        if person.id in persons:
            raise UsageError(f"people.csv line {line}: person_id {person.id!r} stands there twice")
        persons[person.id] = person
    return tuple(persons.values())


def _person(row: dict[str, str | None], line: int) -> Person:
    person_id = (row.get("person_id") or "").strip()
    if not person_id:
        raise UsageError(f"people.csv line {line}: no person_id")
    emails = [value.casefold() for value in _values(row.get("email")) + _values(row.get("emails"))]
    others = [
        Handle(column, value) for column in row if column and column not in _OWN for value in _values(row[column])
    ]
    handles = tuple(dict.fromkeys([Handle("email", email) for email in emails] + others))
    name = " ".join((row.get("name") or "").split())
    return Person(
        id=PersonId(person_id),
        name=name or next((h.value for h in handles if h.namespace != "email"), person_id),
        handles=handles,
        team=(row.get("team") or "").strip() or None,
        groups=frozenset(group_name(group) for group in _values(row.get("groups"))),
        active=(row.get("active") or "yes").strip().casefold() not in _NO,
    )


def _values(cell: str | None) -> list[str]:
    return [value for part in (cell or "").split(";") if (value := part.strip())]
