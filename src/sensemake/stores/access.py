"""Silos, who may read them, and API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from sensemake.errors import Conflict, NotFound, ReadersConflict
from sensemake.model import Handle, Silo, SiloName
from sensemake.protocols import Outside, Token
from sensemake.stores.columns import from_json, to_json
from sensemake.stores.connection import Database, Kept
from sensemake.stores.schema import documents, marks, readers, silos, tokens


class SqlAccess:
    """The `Access` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = Kept(database)

    def silos(self) -> tuple[Silo, ...]:
        """By name."""
        return self._kept("silos", self._silos)

    def _silos(self) -> tuple[Silo, ...]:
        joined = silos.outerjoin(readers, readers.c.silo == silos.c.name)
        query = select(silos.c.name, readers.c.group_name).select_from(joined)
        groups: dict[str, set[str]] = {}
        with self._database.reading() as connection:
            for name, group in connection.execute(query):
                groups.setdefault(name, set()).update(() if group is None else (group,))
        return tuple(Silo(SiloName(name), frozenset(groups[name])) for name in sorted(groups))

    def add_silo(self, silo: Silo) -> None:
        """Raises ReadersConflict when it exists with other readers; the same again changes nothing."""
        with self._database.writing() as connection:
            if connection.execute(select(silos.c.name).where(silos.c.name == silo.name)).first():
                self._same_readers(connection, silo)
                return
            connection.execute(insert(silos), {"name": silo.name})
            self._write_readers(connection, silo)

    def set_readers(self, silo: SiloName, readers: frozenset[str]) -> None:
        """Raises NotFound for a silo that does not exist."""
        with self._database.writing() as connection:
            if not connection.execute(select(silos.c.name).where(silos.c.name == silo)).first():
                raise NotFound(f"there is no silo '{silo}'")
            self._write_readers(connection, Silo(silo, readers))

    def remove_silo(self, silo: SiloName) -> None:
        """Its log of changes stays, so that an index that still holds the silo can learn what is gone."""
        with self._database.writing() as connection:
            held = connection.scalar(select(func.count()).where(documents.c.silo == silo))
            if held:
                raise Conflict(f"silo '{silo}' still holds {held} documents; remove its sources first")
            connection.execute(delete(silos).where(silos.c.name == silo))
            connection.execute(marks.update().where(marks.c.silo == silo).values(retired=True))

    def add_token(self, token: Token) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(tokens).where(tokens.c.id == token.id))
            connection.execute(insert(tokens), _row(token))

    def tokens(self) -> tuple[Token, ...]:
        """Oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.created, tokens.c.id)).all()
            return tuple(_token(row) for row in rows)

    def token(self, digest: str) -> Token | None:
        """The token of this digest, expired or not."""
        with self._database.reading() as connection:
            row = connection.execute(select(tokens).where(tokens.c.digest == digest)).first()
            return _token(row) if row else None

    def revoke(self, token_id: str) -> bool:
        with self._database.writing() as connection:
            return connection.execute(delete(tokens).where(tokens.c.id == token_id)).rowcount > 0

    def used(self, token_id: str, at: datetime) -> None:
        with self._database.writing(quiet=True) as connection:
            connection.execute(update(tokens).where(tokens.c.id == token_id).values(used=at))

    def forget_ended(self, before: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(tokens).where(tokens.c.expires < before))

    def _same_readers(self, connection: Any, silo: Silo) -> None:
        have = connection.scalars(select(readers.c.group_name).where(readers.c.silo == silo.name)).all()
        if set(have) != silo.readers:
            raise ReadersConflict(
                f"silo '{silo.name}' exists with other readers ({', '.join(sorted(have)) or 'its owner only'}); "
                "change them with `sensemake silo grant`"
            )

    def _write_readers(self, connection: Any, silo: Silo) -> None:
        connection.execute(delete(readers).where(readers.c.silo == silo.name))
        if silo.readers:
            rows = [{"silo": silo.name, "group_name": group} for group in sorted(silo.readers)]
            connection.execute(insert(readers), rows)


def _row(token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "digest": token.digest,
        "user_name": token.user,
        "scopes": to_json(sorted(token.scopes)),
        "silos": None if token.silos is None else to_json(sorted(token.silos)),
        "created": token.created,
        "expires": token.expires,
        "once": token.once,
        "origin": token.origin,
        "used": token.used,
        "outside": None if token.outside is None else to_json(_said(token.outside)),
    }


def _said(outside: Outside) -> dict[str, object]:
    return {
        "subject": [outside.subject.namespace, outside.subject.value],
        "email": outside.email,
        "groups": sorted(outside.groups),
    }


def _outside(said: dict[str, Any]) -> Outside:
    return Outside(Handle(*said["subject"]), said["email"], frozenset(said["groups"]))


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.id,
        name=row.name,
        digest=row.digest,
        user=row.user_name,
        scopes=frozenset(from_json(row.scopes)),
        silos=None if row.silos is None else frozenset(map(SiloName, from_json(row.silos))),
        created=row.created,
        expires=row.expires,
        once=row.once,
        origin=row.origin,
        used=row.used,
        outside=None if row.outside is None else _outside(from_json(row.outside)),
    )
