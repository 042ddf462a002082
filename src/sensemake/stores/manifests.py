"""Which files on disk are the current search index: one manifest a partition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, insert, select

from sensemake.model import SiloName
from sensemake.protocols import Manifest
from sensemake.stores.columns import from_json, to_json
from sensemake.stores.connection import Database, Kept
from sensemake.stores.schema import manifests, settings

_VERSION = "manifest_version"


class SqlManifests:
    """The `ManifestStore` of the catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = Kept(database)

    def version(self) -> int:
        return self._kept("version", self._version)

    def _version(self) -> int:
        with self._database.reading() as connection:
            return int(connection.scalar(select(settings.c.value).where(settings.c.name == _VERSION)) or 0)

    def load(self) -> dict[str, Manifest]:
        with self._database.reading() as connection:
            rows = connection.execute(select(manifests).order_by(manifests.c.partition))
            return {row.partition: _manifest(row) for row in rows}

    def replace(self, manifests: Mapping[str, Manifest | None]) -> None:
        with self._database.writing(quiet=True) as connection:
            last = connection.scalar(select(settings.c.value).where(settings.c.name == _VERSION)) or 0
            connection.execute(delete(settings).where(settings.c.name == _VERSION))
            connection.execute(insert(settings), {"name": _VERSION, "value": str(int(last) + 1)})
            _replace(connection, manifests)


def _replace(connection: Any, wanted: Mapping[str, Manifest | None]) -> None:
    for partition, manifest in wanted.items():
        connection.execute(delete(manifests).where(manifests.c.partition == partition))
        if manifest is not None:
            connection.execute(insert(manifests), {"partition": partition, "body": to_json(_body(manifest))})


def _body(manifest: Manifest) -> dict[str, object]:
    return {
        "generation": manifest.generation,
        "model": manifest.model,
        "dim": manifest.dim,
        "files": dict(manifest.files),
        "silos": dict(manifest.silos),
    }


def _manifest(row: Row[Any]) -> Manifest:
    body = from_json(row.body)
    silos = {SiloName(silo): int(number) for silo, number in body["silos"].items()}
    return Manifest(row.partition, body["generation"], body["model"], body["dim"], body["files"], silos)
