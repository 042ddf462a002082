"""The contract of dismissed questions."""

from __future__ import annotations

from pathlib import Path

from sensemake.testing.catalog.base import CatalogContract


class DismissalsContract(CatalogContract):
    """Ids of questions, kept until they are taken back."""

    def test_a_dismissal_holds_until_it_is_taken_back(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            assert catalog.dismissals.dismissed() == frozenset()
            for question in ("q1", "q2", "q1"):
                catalog.dismissals.dismiss(question, dismissed=True)
            for question in ("q2", "q2", "q3"):
                catalog.dismissals.dismiss(question, dismissed=False)
        with self.opened(tmp_path) as catalog:
            assert catalog.dismissals.dismissed() == {"q1"}
