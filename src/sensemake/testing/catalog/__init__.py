"""The contract of a catalog, as tests that every implementation runs: a class for each protocol.

    class TestMyCorpus(CorpusContract):
        def open_catalog(self, home): return my_open(home)

The same home opened again is the same catalog. Needs pytest (its `tmp_path`) and hypothesis.
"""

from sensemake.testing.catalog.access import AccessContract
from sensemake.testing.catalog.audit import AuditContract
from sensemake.testing.catalog.base import CatalogContract, CatalogLike
from sensemake.testing.catalog.corpus import CorpusContract
from sensemake.testing.catalog.decisions import DecisionsContract
from sensemake.testing.catalog.dismissals import DismissalsContract
from sensemake.testing.catalog.jobs import JobsContract
from sensemake.testing.catalog.locks import LocksContract
from sensemake.testing.catalog.manifests import ManifestStoreContract
from sensemake.testing.catalog.people import PeopleContract
from sensemake.testing.catalog.sources import SourcesContract
from sensemake.testing.catalog.themes import ThemeLogContract

__all__ = [
    "AccessContract",
    "AuditContract",
    "CatalogContract",
    "CatalogLike",
    "CorpusContract",
    "DecisionsContract",
    "DismissalsContract",
    "JobsContract",
    "LocksContract",
    "ManifestStoreContract",
    "PeopleContract",
    "SourcesContract",
    "ThemeLogContract",
]
