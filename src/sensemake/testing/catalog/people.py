"""The contract of the directory and what silos say of handles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sensemake.model import (
    Contribution,
    Handle,
    Person,
    PersonId,
    Profile,
    Role,
    SiloName,
    Verb,
    Wish,
)
from sensemake.protocols import (
    Stored,
)
from sensemake.testing.catalog import nouns
from sensemake.testing.catalog.base import CatalogContract
from sensemake.testing.catalog.nouns import HANDLES, OPEN, stored


class PeopleContract(CatalogContract):
    """The directory, what silos say of handles, links and choices."""

    def test_a_new_directory_takes_the_old_ones_place_and_choices_stay(self, tmp_path: Path) -> None:
        ana = Person(PersonId("1"), "Ana", HANDLES[:2], "Pilots", frozenset({"crew", "all"}), active=False)
        bo, chidi = Person(PersonId("2"), "Bo"), Person(PersonId("3"), "Chidi")
        with self.opened(tmp_path) as catalog:
            catalog.people.import_directory([bo, ana])
            assert catalog.people.directory() == (bo, ana)
            assert not catalog.people.choices()
            catalog.people.set_listed(bo.id, listed=False)
            catalog.people.set_listed(PersonId("nobody"), listed=True)
            catalog.people.import_directory([chidi, bo])
            assert catalog.people.directory() == (chidi, bo)
            catalog.people.import_directory([])
            assert catalog.people.directory() == ()
            assert catalog.people.choices() == {bo.id: False, "nobody": True}
            catalog.people.set_listed(bo.id, listed=True)
            assert catalog.people.choices() == {bo.id: True, "nobody": True}

    def test_handles_are_those_of_the_silos_asked_for(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            closed = nouns.source("closed", "minutes")
            catalog.corpus.store([stored("a", "one"), stored("b", "two", source=closed, author=HANDLES[1])])
            assert set(catalog.people.handles([OPEN])) == {HANDLES[0]}
            assert set(catalog.people.handles([OPEN, SiloName("closed")])) == set(HANDLES[:2])
            assert not catalog.people.handles([])

    def test_every_way_to_be_named_counts(self, tmp_path: Path) -> None:
        names = [Handle("slack", f"U{number}") for number in range(6)]
        plain = stored("a", "one", author=names[0])
        part = replace(plain.document.parts[0], author=names[1], mentions=(names[2],))
        document = replace(
            plain.document,
            parts=(part,),
            contributions=(Contribution(names[3], Role.REVIEWED),),
            profiles=(Profile(names[4], "Dee"),),
        )
        mentioned = replace(plain.passages[0], contributions=(Contribution(names[5], Role.MENTIONED),))
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([Stored(document, "d", (mentioned,))])
            assert set(catalog.people.handles([OPEN])) == set(names[1:])

    def test_a_handles_id_never_changes_and_is_nobody_elses(self, tmp_path: Path) -> None:
        item = stored("a", "one")
        with self.opened(tmp_path / "1") as catalog, self.opened(tmp_path / "2") as other:
            for some in (catalog, other):
                some.corpus.store([item, stored("b", "two", author=HANDLES[1])])
            ids = catalog.people.handles([OPEN])
            assert len(set(ids.values()) | set(other.people.handles([OPEN]).values())) == 4
            catalog.corpus.remove([item.document.id])
            assert set(catalog.people.handles([OPEN])) == {HANDLES[1]}
        with self.opened(tmp_path / "1") as catalog:
            catalog.corpus.store([item])
            assert catalog.people.handles([OPEN]) == ids

    def test_profiles_live_and_die_with_the_documents_that_say_so(self, tmp_path: Path) -> None:
        said = (Profile(HANDLES[0], "Ana", "ana@harbour.example"), Profile(HANDLES[1], "Beacon", is_person=False))
        one, two = (_with_profiles(stored(uri, "text"), said[: 2 - n]) for n, uri in enumerate("ab"))
        with self.opened(tmp_path) as catalog:
            catalog.corpus.store([one, two])
            assert set(catalog.people.profiles([OPEN])) == set(said)
            assert not catalog.people.profiles([SiloName("closed")])
            catalog.corpus.remove([one.document.id])
            assert catalog.people.profiles([OPEN]) == said[:1]
            renamed = Profile(HANDLES[0], "Ana B.")
            catalog.corpus.store([_with_profiles(two, (renamed,))])
            assert catalog.people.profiles([OPEN]) == (renamed,)

    def test_links_are_made_moved_and_taken_back(self, tmp_path: Path) -> None:
        with self.opened(tmp_path) as catalog:
            for person in ("1", "2"):
                catalog.people.link(HANDLES[0], PersonId(person))
            catalog.people.link(HANDLES[1], PersonId("1"))
            assert catalog.people.links() == ((HANDLES[0], "2"), (HANDLES[1], "1"))
            catalog.people.link(HANDLES[0], None)
            catalog.people.link(HANDLES[0], None)
            assert catalog.people.links() == ((HANDLES[1], "1"),)

    def test_wishes_are_kept_once_and_taken_back(self, tmp_path: Path) -> None:
        hides = Wish(PersonId("1"), Verb.HIDE, "Tide tables")
        helps = Wish(PersonId("1"), Verb.HELP, "Tide tables")
        with self.opened(tmp_path) as catalog:
            for wish in (hides, hides, helps, replace(helps, person=PersonId("0"))):
                catalog.people.set_wish(wish, kept=True)
            assert catalog.people.wishes() == (replace(helps, person=PersonId("0")), helps, hides)
            catalog.people.set_wish(helps, kept=False)
            catalog.people.set_wish(helps, kept=False)
        with self.opened(tmp_path) as catalog:
            assert catalog.people.wishes() == (replace(helps, person=PersonId("0")), hides)


def _with_profiles(item: Stored, profiles: tuple[Profile, ...]) -> Stored:
    return replace(item, document=replace(item.document, profiles=profiles))
