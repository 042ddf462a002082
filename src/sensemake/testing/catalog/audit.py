"""The contract of the audit log."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from sensemake.protocols import (
    AuditEvent,
)
from sensemake.testing.catalog import nouns
from sensemake.testing.catalog.base import CatalogContract, CatalogLike, all_at_once
from sensemake.testing.catalog.nouns import START


class AuditContract(CatalogContract):
    """Events stay, in order, whole."""

    def test_events_come_back_in_order(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            said: list[AuditEvent] = []

            def comes_back(event: AuditEvent) -> None:
                catalog.audit.record(event)
                said.append(event)
                assert list(catalog.audit.events()) == said
                assert catalog.audit.verify() is None

            self.try_all(
                comes_back,
                st.builds(
                    AuditEvent,
                    *(nouns.times, nouns.texts, nouns.texts, nouns.texts),
                    st.dictionaries(nouns.texts, nouns.texts, max_size=2),
                ),
            )

    def test_an_empty_log_is_whole(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            assert list(catalog.audit.events()) == []
            assert catalog.audit.verify() is None

    def test_writers_do_not_break_each_others_chain(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as one, self.opened(tmp_path) as two:

            def write(catalog: CatalogLike, by: str) -> None:
                for number in range(8):
                    catalog.audit.record(AuditEvent(START, by, "who", str(number), {}))

            all_at_once([lambda: write(one, "one"), lambda: write(two, "two"), lambda: write(two, "three")])
            events = list(one.audit.events())
            assert len(events) == 24
            assert [event.about for event in events if event.by == "two"] == [str(n) for n in range(8)]
            assert one.audit.verify() is None
