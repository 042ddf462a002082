"""Which handles and profiles the documents bring in, kept while a document still says so.

A handle's person id is a keyed hash under a random secret of this home: nothing follows from it, no table of
forgotten names has to be kept, and a handle that comes back has the id it had.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from sensemake.model import DocumentId, Handle, PersonId, Profile, SiloName, stable_id
from sensemake.stores.batches import batches
from sensemake.stores.columns import to_json
from sensemake.stores.rows import profile_values
from sensemake.stores.schema import handles, occurrences, profile_uses, profiles, settings

SECRET = "handle_secret"  # noqa: S105  the name of the setting


def existing(connection: Connection, wanted: Iterable[Handle]) -> list[int]:
    """The rows of those handles that occur."""
    secret = _secret(connection)
    return list(_numbered(connection, [_person_id(secret, handle) for handle in wanted]).values()) if secret else []


def numbers(connection: Connection, wanted: Collection[Handle]) -> dict[Handle, int]:
    """Each handle's row; made where it is missing."""
    secret = _secret(connection) or _make_secret(connection)
    ids = {handle: _person_id(secret, handle) for handle in wanted}
    found = _numbered(connection, ids.values())
    fresh = [handle for handle in sorted(ids) if ids[handle] not in found]
    if fresh:
        rows = [{"namespace": h.namespace, "value": h.value, "person": ids[h]} for h in fresh]
        connection.execute(insert(handles), rows)
        found |= _numbered(connection, [ids[handle] for handle in fresh])
    return {handle: found[person] for handle, person in ids.items()}


def occur(
    connection: Connection, found: Mapping[DocumentId, tuple[SiloName, set[Handle], tuple[Profile, ...]]]
) -> dict[Handle, int]:
    """Make these the handles and profiles of these documents; the rows of the handles."""
    old = _forget_uses(connection, found)
    numbered = numbers(connection, {handle for _, named, _ in found.values() for handle in named})
    rows = [
        {"document": document, "handle": numbered[handle], "silo": silo}
        for document, (silo, named, _) in found.items()
        for handle in sorted(named)
    ]
    if rows:
        connection.execute(insert(occurrences), rows)
    _use_profiles(connection, {document: (silo, said) for document, (silo, _, said) in found.items()})
    _prune(connection, *old)
    return numbered


def forget(connection: Connection, documents: Collection[DocumentId]) -> None:
    """Drop what these documents brought in, unless another document says it too."""
    _prune(connection, *_forget_uses(connection, documents))


def _secret(connection: Connection) -> bytes | None:
    kept = connection.scalar(select(settings.c.value).where(settings.c.name == SECRET))
    return None if kept is None else bytes.fromhex(kept)


def _make_secret(connection: Connection) -> bytes:
    secret = secrets.token_bytes(32)
    connection.execute(insert(settings), {"name": SECRET, "value": secret.hex()})
    return secret


def _person_id(secret: bytes, handle: Handle) -> PersonId:
    return PersonId(blake2b(stable_id(handle.namespace, handle.value).encode(), key=secret, digest_size=8).hexdigest())


def _numbered(connection: Connection, persons: Iterable[PersonId]) -> dict[PersonId, int]:
    found: dict[PersonId, int] = {}
    for some in batches(persons):
        query = select(handles.c.person, handles.c.number).where(handles.c.person.in_(some))
        found.update((PersonId(person), number) for person, number in connection.execute(query))
    return found


def _forget_uses(connection: Connection, documents: Iterable[DocumentId]) -> tuple[set[int], set[int]]:
    old_handles: set[int] = set()
    old_profiles: set[int] = set()
    for some in batches(documents):
        here = occurrences.c.document.in_(some)
        old_handles.update(connection.scalars(select(occurrences.c.handle).where(here)))
        connection.execute(delete(occurrences).where(here))
        used = profile_uses.c.document.in_(some)
        old_profiles.update(connection.scalars(select(profile_uses.c.profile).where(used)))
        connection.execute(delete(profile_uses).where(used))
    return old_handles, old_profiles


def _prune(connection: Connection, old_handles: Iterable[int], old_profiles: Iterable[int]) -> None:
    for some in batches(old_handles):
        still = select(occurrences.c.handle).where(occurrences.c.handle.in_(some))
        connection.execute(delete(handles).where(handles.c.number.in_(some), handles.c.number.not_in(still)))
    for some in batches(old_profiles):
        still = select(profile_uses.c.profile).where(profile_uses.c.profile.in_(some))
        connection.execute(delete(profiles).where(profiles.c.number.in_(some), profiles.c.number.not_in(still)))


def _use_profiles(connection: Connection, said: Mapping[DocumentId, tuple[SiloName, tuple[Profile, ...]]]) -> None:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    uses: dict[DocumentId, set[tuple[str, str]]] = {}
    for document, (silo, told) in said.items():
        for profile in told:
            values = profile_values(profile)
            key = (silo, stable_id(to_json(values)))
            rows[key] = {"silo": silo, "digest": key[1], **values}
            uses.setdefault(document, set()).add(key)
    numbered = _profile_numbers(connection, rows)
    links = [{"document": doc, "profile": numbered[key]} for doc, keys in uses.items() for key in sorted(keys)]
    if links:
        connection.execute(insert(profile_uses), links)


def _profile_numbers(
    connection: Connection, rows: Mapping[tuple[str, str], dict[str, Any]]
) -> dict[tuple[str, str], int]:
    found = _found_profiles(connection, rows)
    fresh = [row for key, row in rows.items() if key not in found]
    if fresh:
        connection.execute(insert(profiles), fresh)
        found |= _found_profiles(connection, rows)
    return found


def _found_profiles(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    wanted = set(keys)
    for some in batches(sorted(digest for _, digest in wanted)):
        query = select(profiles.c.silo, profiles.c.digest, profiles.c.number).where(profiles.c.digest.in_(some))
        found.update(((silo, digest), number) for silo, digest, number in connection.execute(query))
    return found
