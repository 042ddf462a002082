"""The contract of sources, reads and settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sensemake.errors import NotFound, UsageError
from sensemake.model import (
    ReadFailure,
    Reason,
)
from sensemake.protocols import Holding, Stored
from sensemake.testing.catalog import nouns
from sensemake.testing.catalog.base import CatalogContract, refuses
from sensemake.testing.catalog.nouns import HANDBOOK, START, stored


class SourcesContract(CatalogContract):
    """Sources, their last reads, what is in quarantine, and settings."""

    def test_registering_again_replaces_path_and_options(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([stored("a", "one")])
            moved = replace(HANDBOOK, path="/elsewhere", options={"include_private": "true"})
            catalog.sources.register(moved)
            catalog.sources.register(nouns.source("open", "wiki"))
            assert catalog.sources.all() == (moved, nouns.source("open", "wiki"))
            document = stored("a", "one").document.id
            assert catalog.corpus.documents([document])[document].source == moved

    def test_a_read_puts_its_failures_in_the_place_of_the_last_ones(self, tmp_path: Path) -> None:
        failures = [ReadFailure(f"/x/{n}", reason, "why", "page=1", f"u{n}") for n, reason in enumerate(Reason)]
        with self.opened(tmp_path) as catalog:
            catalog.sources.register(HANDBOOK)
            assert catalog.sources.last_read(HANDBOOK.id) is None
            catalog.sources.finished(HANDBOOK.id, START, failures)
            assert catalog.sources.failures(HANDBOOK.id) == tuple(failures)
            catalog.sources.finished(HANDBOOK.id, START + timedelta(days=1), failures[:1])
            catalog.sources.register(HANDBOOK)
            assert catalog.sources.failures(HANDBOOK.id) == tuple(failures[:1])
            assert catalog.sources.last_read(HANDBOOK.id) == START + timedelta(days=1)

    def test_quarantine_knows_since_when_and_what_was_not_looked_at_stays(self, tmp_path: Path) -> None:
        one, two, whole = (ReadFailure(f"/x/{n}", Reason.EMPTY, uri=n) for n in ("one", "two", ""))
        day = timedelta(days=1)
        with self.opened(tmp_path) as catalog:
            catalog.sources.register(HANDBOOK)
            catalog.sources.finished(HANDBOOK.id, START, [one, two, whole], version="1")
            worse = replace(one, reason=Reason.TIMEOUT)
            catalog.sources.finished(HANDBOOK.id, START + day, [worse], version="2", read={"two"})
            assert catalog.sources.last_read(HANDBOOK.id) == START, "a part is not the whole"
            kept = {entry.failure: entry for entry in catalog.quarantine.all()}
            assert kept.keys() == {worse, whole}
            assert (kept[worse].first_seen, kept[worse].last_seen) == (START, START + day)
            assert (kept[whole].last_seen, kept[whole].version, kept[worse].version) == (START, "1", "2")
            assert catalog.quarantine.drop({kept[worse].id, "unknown"}) == 1
            assert catalog.sources.failures(HANDBOOK.id) == (whole,)
            catalog.sources.finished(HANDBOOK.id, START + day, [])
            assert not catalog.quarantine.all()

    def test_a_source_is_removed_with_its_quarantine_when_it_is_empty(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            item = stored("a", "one")
            catalog.corpus.store([item])
            catalog.sources.finished(HANDBOOK.id, START, [ReadFailure("/x", Reason.EMPTY)])
            refuses(UsageError, lambda: catalog.sources.remove(HANDBOOK.id))
            catalog.corpus.remove([item.document.id])
            for _ in range(2):
                catalog.sources.remove(HANDBOOK.id)
                assert not catalog.sources.all()
                assert not catalog.sources.failures(HANDBOOK.id)
            refuses(NotFound, lambda: catalog.sources.finished(HANDBOOK.id, START, []))

    def test_what_is_held_of_each_source_is_counted(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            assert catalog.sources.holdings().get(HANDBOOK.id, Holding()) == Holding()
            late, unsigned = stored("a", "one"), _unsigned(stored("b", "two"))
            late = replace(late, document=replace(late.document, time=START))
            catalog.corpus.store([late, unsigned, stored("c", "three", source=nouns.source("open", "wiki"))])
            held = catalog.sources.holdings()
            assert (held[HANDBOOK.id].documents, held[HANDBOOK.id].authored) == (2, 1)
            assert held[HANDBOOK.id].newest == max(time for time in (START, unsigned.document.time) if time is not None)
            assert held[nouns.source("open", "wiki").id].documents == 1
            catalog.corpus.remove([late.document.id])
            assert catalog.sources.holdings()[HANDBOOK.id].authored == 0

    def test_settings_stay(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            assert catalog.sources.setting("model") is None
            catalog.sources.set_setting("model", "one")
            catalog.sources.set_setting("model", "two")
        with self.opened(tmp_path) as catalog:
            assert catalog.sources.setting("model") == "two"


def _unsigned(item: Stored) -> Stored:
    passages = tuple(replace(passage, contributions=()) for passage in item.passages)
    return replace(item, passages=passages)
