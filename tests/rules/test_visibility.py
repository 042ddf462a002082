"""Who may read what: every row is explicit, the denials as much as the rights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import day, person, source
from sensemake.errors import UsageError
from sensemake.model import EVERYONE, Filters, Handle, Kind, Principal, Silo, SiloName, Source
from sensemake.rules import visibility

SILOS = (
    Silo(SiloName("handbook"), frozenset({"everyone"})),
    Silo(SiloName("engineering"), frozenset({"staff", "contractors"})),
    Silo(SiloName("board"), frozenset({"leadership"})),
    Silo(SiloName("mine"), frozenset()),
    Silo(SiloName("slack/#incident"), frozenset({"slack:U1", "email:ada@example.org"})),
)
OWNER = Principal("owner", frozenset({visibility.OWNER, EVERYONE}))
ALL = {silo.name for silo in SILOS}


@pytest.mark.parametrize(
    ("groups", "reads"),
    [
        (set(), {"handbook"}),
        ({"everyone"}, {"handbook"}),
        ({"staff"}, {"handbook", "engineering"}),
        ({"leadership"}, {"handbook", "board"}),
        ({"staff", "leadership"}, {"handbook", "engineering", "board"}),
        ({"Staff"}, {"handbook"}),
        ({"slack:U1"}, {"handbook", "slack/#incident"}),
        ({"slack:U2"}, {"handbook"}),
        ({"email:ada@example.org"}, {"handbook", "slack/#incident"}),
        ({"owner"}, {"handbook"}),
        ({"*"}, {"handbook"}),
        ({visibility.OWNER}, ALL),
    ],
)
def test_a_principal_reads_the_silos_that_share_a_group_with_it(groups: set[str], reads: set[str]) -> None:
    assert visibility.readable(Principal("x", frozenset(groups)), SILOS) == reads


def test_a_tokens_restriction_narrows_even_the_owner() -> None:
    limited = Principal("owner", OWNER.groups, only=frozenset({SiloName("board")}))
    assert visibility.readable(limited, SILOS) == {"board"}
    assert visibility.readable(Principal("owner", OWNER.groups, only=frozenset()), SILOS) == frozenset()


def test_an_audience_reads_what_each_of_its_groups_reads() -> None:
    assert visibility.audience(["staff"], SILOS) == {"handbook", "engineering"}
    assert visibility.audience(["staff", "leadership"], SILOS) == {"handbook"}
    assert visibility.audience(["everyone"], SILOS) == {"handbook"}
    assert visibility.audience([], SILOS) == frozenset()


def test_a_person_is_compared_by_groups_and_handles() -> None:
    ada = person("ada", "slack:U1", "email:ada@example.org", groups=["staff"])
    assert visibility.groups_of(ada) == {"staff", "slack:U1", "email:ada@example.org", "everyone"}


@pytest.mark.parametrize(
    "name", ["", " ", "sensemake:owner", "slack:U1", "two words", "a;b", "a,b", "a/b", "everyone "]
)
def test_a_group_cannot_be_named_so_as_to_mean_something_else(name: str) -> None:
    if name == "everyone ":
        assert visibility.group_name(name) == "everyone"
    else:
        with pytest.raises(UsageError):
            visibility.group_name(name)


@pytest.mark.parametrize("name", ["", "a b", "slack/#x", "a:b", "#x"])
def test_a_silo_cannot_be_named_like_a_private_room(name: str) -> None:
    with pytest.raises(UsageError):
        visibility.silo_name(name)


def test_filters_narrow_and_never_widen() -> None:
    may = frozenset({SiloName("handbook"), SiloName("slack"), SiloName("slack/#a")})
    assert visibility.where(may, Filters(silos=("board", "handbook"))).silos == {"handbook"}
    assert visibility.where(may, Filters(silos=("slack",))).silos == {"slack", "slack/#a"}
    assert visibility.where(may, Filters(silos=("sla",))).silos == frozenset()
    assert visibility.where(may, Filters()).silos == may
    assert visibility.where(may, Filters(silos=("board",))).readable == may


def test_a_filter_that_means_nothing_finds_nothing() -> None:
    may = frozenset({SiloName("handbook")})
    assert visibility.where(may, Filters(authors=("nobody",))).authors == frozenset()
    assert visibility.where(may, Filters(sources=("none",)), sources=[source()]).sources == frozenset()
    assert visibility.where(may, Filters(sources=("pages",)), sources=[source()]).sources == {"handbook/pages"}


def test_the_other_filters_are_kept() -> None:
    asked = Filters(kinds=(Kind.MAIL,), languages=("de",), since=day(0), until=day(2), authors=("ada",))
    where = visibility.where(frozenset({SiloName("a")}), asked, authors=frozenset({Handle("user", "ada")}))
    assert (where.kinds, where.languages, where.since, where.until) == ({Kind.MAIL}, {"de"}, day(0), day(2))
    assert where.authors == {Handle("user", "ada")}


@given(st.frozensets(st.text(min_size=1)), st.frozensets(st.text(min_size=1)))
def test_partitions_are_equal_exactly_when_readers_are(one: frozenset[str], other: frozenset[str]) -> None:
    assert (visibility.partition(one) == visibility.partition(other)) == (one == other)


PLACED = [Source(SiloName(silo), name, "files", "") for silo, name in (("a", "x"), ("a", "y"), ("b", "x"), ("c", "z"))]
A, ROOM, B = SiloName("a"), SiloName("a/#room"), SiloName("b")


@pytest.mark.parametrize(
    ("names", "silos", "sources"),
    [
        (("a",), {A, ROOM}, None),
        (("a/#room",), {ROOM}, None),
        (("x",), {A, ROOM, B}, {"a/x", "b/x"}),
        (("b/x",), {B}, {"b/x"}),
        (("b", "y"), {A, ROOM, B}, {"a/y", "b/x"}),
        (("c",), set(), None),
        (("z",), set(), {"c/z"}),
        (("nowhere",), set(), None),
    ],
)
def test_a_place_is_a_silo_or_else_a_source(names: tuple[str, ...], silos: set[str], sources: set[str] | None) -> None:
    found = visibility.where(frozenset({A, ROOM, B}), Filters(places=names), sources=PLACED)
    assert found.silos == silos
    assert found.sources == sources
