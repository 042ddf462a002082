"""Handles become persons by evidence that the asker may know, and by nothing else."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import person
from sensemake.model import Handle, PersonId, Profile
from sensemake.rules.identity import Roster, roster

ADA = person("p1", "email:ada@example.org", "github:ada-l", name="Ada Lind")
BO = person("p2", "email:bo@example.org", name="Bo Berg")


def handles(*texts: str) -> dict[Handle, PersonId]:
    return {Handle.parse(text): PersonId(f"h{n}") for n, text in enumerate(texts)}


def who(found: Roster, handle: str) -> str | None:
    owner = found.person(Handle.parse(handle))
    return owner.id if owner else None


@pytest.mark.parametrize(
    ("handle", "expected"),
    [
        ("email:ada@example.org", "p1"),
        ("email:Ada@Example.org", "p1"),
        ("github:ada-l", "p1"),
        ("user:ada-l", "p1"),
        ("user:ADA-L", "p1"),
        ("name:Ada Lind", "p1"),
        ("name:ada  lind", "p1"),
        ("name:Bo Berg", "p2"),
        ("name:Ada", "h0"),
        ("user:ada", "h0"),
        ("slack:ada-l", "h0"),
        ("gitlab:ada-l", "h0"),
    ],
)
def test_the_directory_joins_what_is_equal_and_unambiguous(handle: str, expected: str) -> None:
    assert who(roster([ADA, BO], handles=handles(handle)), handle) == expected


def test_a_directory_may_say_by_which_names_somebody_is_shown() -> None:
    cy = person("p3", "zoom:Cy (Weir)", name="Cyril Moor")
    found = roster([cy], handles=handles("name:Cy (Weir)", "name:Cyril Moor", "name:Cy"))
    assert [who(found, h) for h in ("name:Cy (Weir)", "name:Cyril Moor", "name:Cy")] == ["p3", "p3", "h2"]


def test_a_name_that_two_people_bear_joins_nobody() -> None:
    twin = person("p3", name="Ada Lind")
    assert who(roster([ADA, twin], handles=handles("name:Ada Lind")), "name:Ada Lind") == "h0"


def test_a_profiles_address_joins_and_only_when_it_is_known() -> None:
    profile = Profile(Handle("slack", "U1"), name="ada", email="ada@example.org")
    known = handles("slack:U1")
    assert who(roster([ADA], handles=known, profiles=[profile]), "slack:U1") == "p1"
    assert who(roster([ADA], handles=known), "slack:U1") == "h0"


def test_strangers_with_one_address_are_one_person_with_the_name_they_show() -> None:
    profile = Profile(Handle("slack", "U9"), name="Cy", email="cy@example.org")
    found = roster([], handles=handles("slack:U9", "email:cy@example.org"), profiles=[profile])
    assert who(found, "slack:U9") == who(found, "email:cy@example.org") == "h0"
    assert found.name(Handle("email", "cy@example.org")) == "Cy"


def test_a_confirmed_link_joins_and_taking_it_back_parts_them() -> None:
    known = handles("slack:U1", "name:A. L.")
    assert who(roster([ADA], handles=known, links=[(Handle("name", "A. L."), PersonId("p1"))]), "name:A. L.") == "p1"
    assert who(roster([ADA], handles=known), "name:A. L.") == "h1"
    joined = roster([], handles=known, links=[(Handle("name", "A. L."), PersonId("h0"))])
    assert who(joined, "name:A. L.") == who(joined, "slack:U1")


def test_bots_are_nobody_and_unlisted_people_are_marked() -> None:
    bot = Profile(Handle("slack", "B1"), name="Alert", is_person=False)
    found = roster([ADA], handles=handles("slack:B1"), profiles=[bot], unlisted={PersonId("p1")})
    assert who(found, "slack:B1") is None
    assert not found.persons[PersonId("p1")].listed


def test_people_are_found_by_what_they_are_called() -> None:
    found = roster(
        [ADA, BO], handles=handles("slack:U1"), profiles=[Profile(Handle("slack", "U1"), email="ada@example.org")]
    )
    assert Handle("slack", "U1") in found.named(["ada lind"])
    assert found.named(["@ADA-L"]) == found.named(["p1"]) == found.named(["ada@example.org"])
    assert found.named(["nobody"]) == frozenset()


@given(st.permutations(["slack:U1", "email:a@x", "slack:U2", "email:b@x", "name:C"]), st.randoms())
def test_the_order_of_what_is_known_changes_nothing(order: list[str], random: object) -> None:
    known = handles("slack:U1", "email:a@x", "slack:U2", "email:b@x", "name:C")
    profiles = [Profile(Handle("slack", "U1"), email="a@x"), Profile(Handle("slack", "U2"), email="b@x")]
    expected = roster([], handles=known, profiles=profiles)
    shuffled = roster([], handles={Handle.parse(h): known[Handle.parse(h)] for h in order}, profiles=profiles[::-1])
    assert all(who(expected, h) == who(shuffled, h) for h in order)


def test_joins_are_an_equivalence_over_any_chain_of_addresses() -> None:
    known = handles(*(f"slack:U{n}" for n in range(6)))
    profiles = [Profile(Handle("slack", f"U{n}"), email=f"{n // 3}@x") for n in range(6)]
    found = roster([], handles=known, profiles=profiles)
    for one, other in itertools.combinations(range(6), 2):
        assert (who(found, f"slack:U{one}") == who(found, f"slack:U{other}")) == (one // 3 == other // 3)
