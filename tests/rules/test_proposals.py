"""Proposals of who may be one person: a reason for each, never against the directory, and no's are kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import person
from sensemake.model import Handle, Mark, Person, PersonId, Profile, Proposal, Sign
from sensemake.rules.identity import Roster, roster
from sensemake.rules.proposals import propose

ADA = person("p1", "email:ada@example.org", "github:ada-lovage", name="Ada Lovage")
BO = person("p2", "email:bo@example.org", name="Bo Bergamot")
DIRECTORY = (ADA, BO)


def handles(*texts: str) -> dict[Handle, PersonId]:
    return {Handle.parse(text): PersonId(f"h{n}") for n, text in enumerate(texts)}


def proposed(
    *texts: str,
    profiles: tuple[Profile, ...] = (),
    directory: tuple[Person, ...] = DIRECTORY,
    refused: frozenset[tuple[Handle, PersonId]] = frozenset(),
    links: tuple[tuple[Handle, PersonId], ...] = (),
) -> dict[str, tuple[str, Sign]]:
    known = roster(directory, handles=handles(*texts), profiles=profiles, links=links)
    found = propose(known, {p.id for p in directory}, profiles, refused=refused)
    return {str(each.handle): (each.person, each.sign) for each in found}


def shown(handle: str, name: str | None = None, email: str | None = None) -> Profile:
    return Profile(Handle.parse(handle), name, email)


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (shown("slack:U1", "Ada Lovage"), ("p1", Sign.SAME_NAME)),
        (shown("slack:U1", "lovage, ADA"), ("p1", Sign.SAME_NAME)),
        (shown("slack:U1", "Ada Lovage (Tides)"), ("p1", Sign.SAME_NAME)),
        (shown("slack:U1", "Áda Lóvage"), ("p1", Sign.SAME_NAME)),
        (shown("slack:U1", "adalovage"), ("p1", Sign.SAME_USER)),
        (shown("slack:U1", None, "ada.lovage@example.net"), ("p1", Sign.ADDRESS)),
        (shown("slack:U1", None, "alovage+chat@example.org"), ("p1", Sign.ADDRESS)),
        (shown("zulip:7", "bbergamot"), ("p2", Sign.SPELLED)),
        (shown("zulip:7", "Bo Bergamott"), ("p2", Sign.LIKE_NAME)),
    ],
)
def test_each_sign_proposes_the_one_it_points_to(profile: Profile, expected: tuple[str, Sign]) -> None:
    assert proposed(str(profile.handle), profiles=(profile,)) == {str(profile.handle): expected}


@pytest.mark.parametrize(
    "profile",
    [
        shown("slack:U1", "Ada"),
        shown("slack:U1", "Cy Cicely"),
        shown("slack:U1", "Bo Borage"),
        shown("slack:U12345678"),
        shown("zulip:7", "adalovages"),
        shown("github:ada_lovage"),  # another account of a system in which the directory knows hers
    ],
)
def test_what_says_too_little_proposes_nobody(profile: Profile) -> None:
    assert proposed(str(profile.handle), profiles=(profile,)) == {}


def test_a_sign_that_points_to_two_people_says_nothing() -> None:
    twin = person("p3", name="Ada Lovage")
    assert proposed("slack:U1", profiles=(shown("slack:U1", "Ada Lovage"),), directory=(ADA, twin)) == {}
    assert proposed(profiles=(), directory=(ADA, twin)) == {}


def test_a_better_sign_wins_over_another() -> None:
    namesake = person("p3", "zulip:alovage", name="Cy Cicely")
    profile = shown("slack:alovage", "Cy Cicely")
    assert proposed("slack:alovage", profiles=(profile,), directory=(ADA, namesake))["slack:alovage"][0] == "p3"


def test_strangers_in_two_systems_may_be_one() -> None:
    found = proposed("slack:U1", "zulip:9", profiles=(shown("slack:U1", "Cy Cicely"), shown("zulip:9", "Cy Cicely")))
    assert found == {"zulip:9": ("h0", Sign.SAME_NAME)}


def test_the_reason_quotes_both_sides() -> None:
    known = roster(DIRECTORY, handles=handles("zulip:7"))
    (only,) = propose(known, {"p1", "p2"}, [shown("zulip:7", "bbergamot")])  # type: ignore[arg-type]
    assert only == Proposal(
        Handle("zulip", "7"), "7", PersonId("p2"), "Bo Bergamot", Sign.SPELLED, "“bbergamot” spells “Bo Bergamot”"
    )


def test_what_was_refused_stays_refused_whatever_joins_either_side() -> None:
    profiles = (shown("slack:U1", "Ada Lovage"), shown("email:al@example.net", "Ada Lovage"))
    no = frozenset({(Handle("slack", "U1"), PersonId("p1"))})
    both = proposed("slack:U1", "email:al@example.net", profiles=profiles)
    assert both.keys() == {"slack:U1", "email:al@example.net"}
    assert proposed("slack:U1", "email:al@example.net", profiles=profiles, refused=no).keys() == {
        "email:al@example.net"
    }
    joined = ((Handle("email", "al@example.net"), PersonId("h0")),)
    assert proposed("slack:U1", "email:al@example.net", profiles=profiles, refused=no, links=joined) == {}


def test_a_refusal_between_strangers_holds_in_both_directions() -> None:
    profiles = (shown("slack:U1", "Cy Cicely"), shown("zulip:9", "Cy Cicely"))
    for no in ((Handle("zulip", "9"), PersonId("h0")), (Handle("slack", "U1"), PersonId("h1"))):
        assert proposed("slack:U1", "zulip:9", profiles=profiles, refused=frozenset({no})) == {}


def test_bots_and_the_marked_are_proposed_to_nobody() -> None:
    bot = Profile(Handle("slack", "B1"), "Ada Lovage", is_person=False)
    known = roster(DIRECTORY, handles=handles("slack:B1"), profiles=[bot])
    assert propose(known, {ADA.id, BO.id}, [bot]) == ()
    human = shown("slack:U1", "Ada Lovage")
    marked = roster(DIRECTORY, handles=handles("slack:U1"), profiles=[human], marks={human.handle: Mark.SHARED})
    assert propose(marked, {ADA.id, BO.id}, [human]) == ()


NAMES = st.sampled_from(["Ada Lovage", "Bo Bergamot", "Bo Bergamott", "adalovage", "Cy Cicely", "cycicely", "x"])
SEEN = st.lists(st.tuples(st.sampled_from(["slack", "zulip", "user", "name"]), NAMES), max_size=6)


@given(SEEN, st.randoms(use_true_random=False))
def test_proposals_do_not_hang_on_the_order_and_never_touch_who_is_joined(
    seen: list[tuple[str, str]], shuffle: object
) -> None:
    profiles = [shown(f"{system}:{n}", name) for n, (system, name) in enumerate(seen)]
    known = roster(DIRECTORY, handles=handles(*(str(p.handle) for p in profiles)), profiles=profiles)
    backwards = Roster(dict(reversed(known.persons.items())), dict(reversed(known.owner_of.items())), known.ids)
    found = propose(known, {ADA.id, BO.id}, profiles)
    assert found == propose(backwards, {ADA.id, BO.id}, profiles[::-1])
    joined = [known.owner_of[each.handle] for each in found]
    assert len(set(joined)) == len(joined)
    assert not {ADA.id, BO.id} & set(joined)
    assert all(each.person in known.persons and known.owner_of[each.handle] != each.person for each in found)
    links = [(each.handle, each.person) for each in found]
    after = roster(DIRECTORY, handles=known.ids, profiles=profiles, links=links)
    assert all(after.owner_of[each.handle] == after.now(each.person) for each in found)
    assert roster(DIRECTORY, handles=known.ids, profiles=profiles, links=[]) == known
