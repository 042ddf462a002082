"""Ranking people: roles, age, sharing, repetition, and who must not count."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import day, passage, person
from sensemake.model import Band, Contribution, Handle, Passage, PersonId, Role, Span
from sensemake.rules.evidence import WEIGHTS, age_factor, band, weigh
from sensemake.rules.identity import Roster, roster

PEOPLE = [person(name, f"user:{name}") for name in ("ada", "bo", "cy", "di")]
HANDLES = {Handle("user", p.id): PersonId(f"h-{p.id}") for p in PEOPLE}


def known(*, unlisted: tuple[str, ...] = (), inactive: tuple[str, ...] = ()) -> Roster:
    people = [person(p.id, f"user:{p.id}", active=p.id not in inactive) for p in PEOPLE]
    return roster(people, handles=HANDLES, unlisted={PersonId(u) for u in unlisted})


def order(found: list[tuple[Passage, float]], among: Roster | None = None) -> list[str]:
    return [ranked.person.id for ranked in weigh(found, among or known()).ranked]


def test_answering_is_knowledge_and_asking_is_interest() -> None:
    asked_often = [(passage(n, by=[("user:ada", Role.ASKED), ("user:bo", Role.ANSWERED)]), 1.0) for n in range(3)]
    assert order(asked_often) == ["bo", "ada"]


def test_relevance_counts() -> None:
    assert order(
        [(passage(1, by=[("user:ada", Role.WROTE)]), 0.4), (passage(2, by=[("user:bo", Role.WROTE)]), 0.9)]
    ) == [
        "bo",
        "ada",
    ]


def test_newer_counts_more_and_the_clock_is_the_newest_passage() -> None:
    found = [
        (passage(1, by=[("user:ada", Role.WROTE)], on=0), 1.0),
        (passage(2, by=[("user:bo", Role.WROTE)], on=900), 1.0),
    ]
    assert order(found) == ["bo", "ada"]
    assert age_factor(day(0), day(0)) == 1.0
    assert age_factor(day(0), day(100_000)) >= 1 - WEIGHTS.age_share
    assert age_factor(None, None) == 1.0


def test_many_passages_of_one_document_do_not_beat_several_documents() -> None:
    long = [(passage(n, by=[("user:ada", Role.WROTE)], document="one"), 1.0) for n in range(20)]
    several = [(passage(100 + n, by=[("user:bo", Role.WROTE)]), 1.0) for n in range(6)]
    assert sum(e.weight for e in weigh(long, known()).ranked[0].evidence) < 5, "a document counts for five at most"
    assert order(long + several) == ["bo", "ada"]


def test_credit_is_shared_among_authors() -> None:
    together = passage(1, by=[("user:ada", Role.WROTE), ("user:cy", Role.WROTE), ("user:di", Role.WROTE)])
    assert order([(together, 1.0), (passage(2, by=[("user:bo", Role.WROTE)]), 1.0)])[0] == "bo"


def test_only_the_best_role_in_a_passage_counts() -> None:
    both = passage(1, by=[("user:ada", Role.MENTIONED), ("user:ada", Role.WROTE)])
    (ranked,) = weigh([(both, 1.0)], known()).ranked
    assert [e.role for e in ranked.evidence] == [Role.WROTE]


def test_being_named_as_the_one_to_ask_is_strong_evidence() -> None:
    found = [(passage(1, "For tides ask Bo about the table.", by=[("user:ada", Role.MENTIONED)]), 1.0)]
    (first, second) = weigh(found, known()).ranked
    assert (first.person.id, first.evidence[0].role) == ("bo", Role.NAMED)
    assert second.evidence[0].role is Role.MENTIONED


def test_a_name_that_two_people_bear_sends_nobody() -> None:
    two = roster([person("m1", name="Mira Holm"), person("m2", name="Mira Ek")], handles={}, unlisted={PersonId("m2")})
    assert not weigh([(passage(1, "ask Mira about tides"), 1.0)], two).ranked
    assert [r.person.id for r in weigh([(passage(1, "ask Mira Holm about tides"), 1.0)], two).ranked] == ["m1"]


def test_what_somebody_said_in_a_conversation_counts_by_its_share() -> None:
    said = [("user:ada", Role.WROTE), ("user:bo", Role.WROTE)]
    talk = passage(1, "a long and telling answer about tides. ok", by=said)
    spans = (
        Span(0, 38, Contribution(Handle("user", "ada"), Role.WROTE)),
        Span(39, 41, Contribution(Handle("user", "bo"), Role.WROTE)),
    )
    first, second = weigh([(replace(talk, spans=spans), 1.0)], known()).ranked
    assert first.person.id == "ada"
    assert first.score > 1.5 * second.score


def test_a_profile_raises_those_who_have_evidence_and_names_nobody() -> None:
    equal = [(passage(n, by=[(f"user:{who}", Role.WROTE)]), 1.0) for n, who in enumerate(("ada", "bo"))]
    spoken = weigh(equal, known(), said=lambda p: float(p.id in {"bo", "cy"})).ranked
    assert [r.person.id for r in spoken] == ["bo", "ada"]
    assert spoken[0].score == pytest.approx(spoken[1].score * (1 + WEIGHTS.profile))


def test_each_weight_is_the_product_of_its_terms_and_the_score_their_sum() -> None:
    found = [(passage(n, by=[("user:ada", Role.WROTE), ("user:bo", Role.ASKED)], document="one"), 0.7) for n in (1, 2)]
    for ranked in weigh(found, known()).ranked:
        assert ranked.score == pytest.approx(sum(e.weight for e in ranked.evidence))
        assert all(math.prod(e.terms.values()) == pytest.approx(e.weight) for e in ranked.evidence)


def test_a_band_asks_for_own_work_that_fits() -> None:
    def banded(role: Role, fit: Band, count: int) -> Band:
        found = [(passage(n, by=[("user:ada", role)]), 1.0) for n in range(count)]
        return band([(item, fit) for item in weigh(found, known()).ranked[0].evidence])

    assert banded(Role.WROTE, Band.STRONG, 3) is Band.STRONG
    assert banded(Role.WROTE, Band.STRONG, 1) is Band.MEDIUM, "one may be chance"
    assert banded(Role.ASKED, Band.STRONG, 3) is Band.WEAK
    assert banded(Role.WROTE, Band.WEAK, 5) is Band.WEAK


def test_inactive_people_are_counted_but_not_named() -> None:
    weighing = weigh([(passage(1, by=[("user:ada", Role.WROTE)]), 1.0)], known(inactive=("ada",)))
    assert weighing.ranked == ()
    assert weighing.left_out == {"inactive": 1}


FOUND = st.lists(
    st.tuples(
        st.lists(
            st.tuples(st.sampled_from(["ada", "bo", "cy", "di"]), st.sampled_from(list(Role))), min_size=1, max_size=4
        ),
        st.floats(0.01, 1),
        st.sampled_from(["one", "two", "three"]),
        st.none() | st.integers(0, 2000),
    ),
    max_size=12,
).map(
    lambda rows: [
        (passage(n, by=[(f"user:{who}", role) for who, role in by], document=doc, on=on), relevance)
        for n, (by, relevance, doc, on) in enumerate(rows)
    ]
)


@given(FOUND)
def test_nobody_is_ranked_without_evidence(found: list[tuple[Passage, float]]) -> None:
    for ranked in weigh(found, known()).ranked:
        assert ranked.evidence
        assert all(any(c.handle.value == ranked.person.id for c in e.passage.contributions) for e in ranked.evidence)


@given(FOUND)
def test_opting_out_moves_nobody_else(found: list[tuple[Passage, float]]) -> None:
    """The answer is the same as if the person had never been there."""
    never = [
        (
            Passage(
                **{
                    **{f: getattr(p, f) for f in p.__slots__},
                    "contributions": tuple(c for c in p.contributions if c.handle.value != "ada"),
                }
            ),
            relevance,
        )
        for p, relevance in found
    ]
    without = weigh(found, known(unlisted=("ada",))).ranked
    assert [(r.person.id, r.score) for r in without] == [(r.person.id, r.score) for r in weigh(never, known()).ranked]


@given(FOUND, st.randoms())
def test_the_order_of_equal_input_does_not_matter(found: list[tuple[Passage, float]], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    scores = {r.person.id: round(r.score, 9) for r in weigh(found, known()).ranked}
    assert {r.person.id: round(r.score, 9) for r in weigh(shuffled, known()).ranked} == scores
