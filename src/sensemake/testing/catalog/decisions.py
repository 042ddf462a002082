"""The contract of what people decided about handles."""

from __future__ import annotations

from pathlib import Path

from sensemake.model import Handle, Mark, Person, PersonId
from sensemake.testing.catalog.base import CatalogContract
from sensemake.testing.catalog.nouns import HANDLES

ANA, BO = PersonId("ana"), PersonId("bo")


class DecisionsContract(CatalogContract):
    """Refusals and marks, kept until they are taken back."""

    def test_a_refusal_holds_for_one_handle_and_one_person_until_it_is_taken_back(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            assert catalog.decisions.refused() == frozenset()
            for handle, person in ((HANDLES[0], ANA), (HANDLES[0], BO), (HANDLES[1], ANA), (HANDLES[0], ANA)):
                catalog.decisions.refuse(handle, person, refused=True)
            catalog.decisions.refuse(HANDLES[0], BO, refused=False)
            catalog.decisions.refuse(HANDLES[1], BO, refused=False)
        with self.opened(tmp_path) as catalog:
            assert catalog.decisions.refused() == {(HANDLES[0], ANA), (HANDLES[1], ANA)}

    def test_a_handle_has_one_mark_at_most_and_so_has_a_person_of_the_directory(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            assert not catalog.decisions.marks()
            for mark in (Mark.BOT, Mark.SHARED):
                catalog.decisions.mark(HANDLES[0], mark)
            catalog.decisions.mark(Handle("", ANA), Mark.SHARED)
            catalog.decisions.mark(HANDLES[1], Mark.APART)
            catalog.decisions.mark(HANDLES[1], None)
        with self.opened(tmp_path) as catalog:
            assert catalog.decisions.marks() == {HANDLES[0]: Mark.SHARED, Handle("", ANA): Mark.SHARED}

    def test_a_new_directory_takes_no_decision_back(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            catalog.people.import_directory([Person(ANA, "Ana")])
            catalog.people.link(HANDLES[0], ANA)
            catalog.decisions.refuse(HANDLES[1], ANA, refused=True)
            catalog.decisions.mark(HANDLES[1], Mark.BOT)
            for persons in ([], [Person(BO, "Bo")], [Person(ANA, "Ana B.")]):
                catalog.people.import_directory(persons)
            assert catalog.people.links() == ((HANDLES[0], ANA),)
            assert catalog.decisions.refused() == {(HANDLES[1], ANA)}
            assert catalog.decisions.marks() == {HANDLES[1]: Mark.BOT}
