"""The catalog, the truth of a home, and what is kept beside it."""

from sensemake.stores.backup import backup, restore
from sensemake.stores.catalog import Catalog, open_catalog
from sensemake.stores.connection import exists, sqlite_url
from sensemake.stores.health import integrity_problems, sqlite_version, sweep_vectors
from sensemake.stores.vectors import VectorCache

__all__ = [
    "Catalog",
    "VectorCache",
    "backup",
    "exists",
    "integrity_problems",
    "open_catalog",
    "restore",
    "sqlite_url",
    "sqlite_version",
    "sweep_vectors",
]
