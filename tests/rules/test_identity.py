"""Handles become persons by evidence that the asker may know, and by nothing else."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import person
from sensemake.model import Handle, Mark, PersonId, Profile
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


def test_a_shared_mailbox_is_nobody_and_joins_nobody() -> None:
    known = handles("slack:U1", "slack:U2", "email:help@x")
    profiles = [Profile(Handle("slack", f"U{n}"), name=f"Someone {n}", email="help@x") for n in (1, 2)]
    assert who(roster([], handles=known, profiles=profiles), "slack:U1") == "h0"
    found = roster([], handles=known, profiles=profiles, marks={Handle("email", "help@x"): Mark.SHARED})
    assert [who(found, h) for h in ("slack:U1", "slack:U2", "email:help@x")] == ["h0", "h1", None]


@pytest.mark.parametrize("mark", [Mark.BOT, Mark.SHARED])
def test_a_marked_person_of_the_directory_is_nobody_with_all_their_handles(mark: Mark) -> None:
    known = handles("email:ada@example.org", "slack:U1")
    profiles = [Profile(Handle("slack", "U1"), name="Ada (robot)", email="ada@example.org")]
    links = [(Handle("slack", "U1"), PersonId("p1"))]
    marks = {Handle("", "p1"): mark}
    found = roster([ADA, BO], handles=known, profiles=profiles, links=links, marks=marks)
    assert who(found, "email:ada@example.org") is who(found, "slack:U1") is None
    assert found.persons.keys() == {"p2"}
    assert found.name(Handle("slack", "U1")) == "Ada (robot)"
    assert found.name(Handle("email", "ada@example.org")) == "ada@example.org"


def test_whom_the_directory_tells_apart_nothing_makes_one() -> None:
    known = handles("slack:U1", "email:ada@example.org", "email:bo@example.org")
    profiles = [Profile(Handle("slack", "U1"), email=f"{who}@example.org") for who in ("ada", "bo")]
    links = [(Handle("email", "ada@example.org"), PersonId("p2"))]
    found = roster([ADA, BO], handles=known, profiles=profiles, links=links)
    assert who(found, "email:ada@example.org") == "p1"
    assert who(found, "email:bo@example.org") == "p2"
    apart = roster([ADA, BO], handles=known, links=links, marks={Handle("email", "ada@example.org"): Mark.APART})
    assert who(apart, "email:ada@example.org") == "p2"
    shared = [person(each, "email:desk@x", name=each) for each in ("p3", "p4")]
    assert who(roster(shared, handles=handles("email:desk@x")), "email:desk@x") == "h0"
    assert who(roster(shared, handles={}), "email:desk@x") is None


def test_a_handle_set_apart_is_joined_by_nothing_but_a_confirmed_link() -> None:
    known = handles("slack:U1", "name:Ada Lind")
    profiles = [Profile(Handle("slack", "U1"), name="Al", email="ada@example.org")]
    apart = {Handle("slack", "U1"): Mark.APART, Handle("name", "Ada Lind"): Mark.APART}
    found = roster([ADA, BO], handles=known, profiles=profiles, marks=apart)
    assert (who(found, "slack:U1"), who(found, "name:Ada Lind")) == ("h0", "h1")
    linked = roster(
        [ADA, BO], handles=known, profiles=profiles, marks=apart, links=[(Handle("slack", "U1"), PersonId("p2"))]
    )
    assert (who(linked, "slack:U1"), who(linked, "name:Ada Lind")) == ("p2", "h1")


def test_who_opted_out_stays_out_however_they_are_joined_later() -> None:
    known = handles("slack:U1", "zulip:7", "name:Ada Lind")
    for own, link in (("h1", ("zulip:7", "h0")), ("h0", ("zulip:7", "h0")), ("h0", ("slack:U1", "p1"))):
        joined = roster(
            [ADA], handles=known, unlisted={PersonId(own)}, links=[(Handle.parse(link[0]), PersonId(link[1]))]
        )
        found = joined.person(Handle.parse(link[0]))
        assert found is not None
        assert not found.listed


HANDLES = ["slack:U1", "slack:U2", "email:a@x", "email:ada@example.org", "name:Ada Lind", "zulip:3"]
LINKS = st.lists(
    st.tuples(st.sampled_from(HANDLES).map(Handle.parse), st.sampled_from(["p1", "p2", "h0", "h2", "h5", "gone"])),
    max_size=5,
    unique_by=lambda link: link[0],
).map(lambda links: [(handle, PersonId(person)) for handle, person in links])
PROFILES = st.lists(
    st.tuples(st.sampled_from(HANDLES), st.sampled_from(["a@x", "ada@example.org", "b@x"])), max_size=4
).map(lambda said: [Profile(Handle.parse(handle), email=email) for handle, email in said])
MARKS = st.dictionaries(st.sampled_from([*HANDLES, ":p1"]).map(Handle.parse), st.sampled_from(list(Mark)), max_size=2)


@given(LINKS, PROFILES, MARKS, st.randoms(use_true_random=False))
def test_joins_are_an_equivalence_that_no_order_changes(
    links: list[tuple[Handle, PersonId]], profiles: list[Profile], marks: dict[Handle, Mark], chance: random.Random
) -> None:
    """Whoever shares a person with two others lets these share it, too; each handle has one person or none."""
    known = handles(*HANDLES)
    found = roster([ADA, BO], handles=known, profiles=profiles, links=links, marks=marks)
    for mixed in (links, profiles):
        chance.shuffle(mixed)  # type: ignore[arg-type]
    assert roster([BO, ADA], handles=known, profiles=profiles, links=links, marks=marks) == found
    assert set(found.owner_of.values()) <= found.persons.keys()
    for handle, person_id in links:
        both = {found.owner_of.get(handle), found.now(person_id)}
        assert marks or person_id == "gone" or len(both) == 1 or both == {"p1", "p2"}
    for handle, mark in marks.items():
        assert mark is Mark.APART or handle not in found.owner_of


@given(LINKS.filter(bool), PROFILES, MARKS, st.sampled_from(list(Mark)))
def test_undoing_restores_exactly(
    links: list[tuple[Handle, PersonId]], profiles: list[Profile], marks: dict[Handle, Mark], mark: Mark
) -> None:
    def made(links: list[tuple[Handle, PersonId]], marks: dict[Handle, Mark]) -> Roster:
        return roster([ADA, BO], handles=handles(*HANDLES), profiles=profiles, links=links, marks=marks)

    before = made(links[:-1], marks)
    made(links, {**marks, links[-1][0]: mark})
    assert made(links[:-1], marks) == before


@given(LINKS, PROFILES, MARKS, st.sets(st.sampled_from(HANDLES)))
def test_who_sees_less_sees_no_person_split_or_named_by_what_is_hidden(
    links: list[tuple[Handle, PersonId]], profiles: list[Profile], marks: dict[Handle, Mark], hidden: set[str]
) -> None:
    known = handles(*HANDLES)
    seen = {handle: own for handle, own in known.items() if str(handle) not in hidden}
    visible = [profile for profile in profiles if profile.handle in seen]
    found = roster([ADA, BO], handles=seen, profiles=visible, links=links, marks=marks)
    for each in found.persons.values():
        assert each.id in {"p1", "p2"} or set(each.handles) <= seen.keys()
    assert set(found.owner_of) <= seen.keys() | set(ADA.handles) | set(BO.handles)
