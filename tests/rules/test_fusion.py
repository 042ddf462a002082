"""Fusing two rankings: order, ties and the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sensemake.model import Band, DocumentId, PassageId, Scored
from sensemake.rules.calibration import MEDIUM, NARROWEST, STRONG, UNKNOWN, Background, Calibration
from sensemake.rules.fusion import HEARD, Fused, answers, band, fuse, hear_together, reordered

RANKINGS = st.dictionaries(
    st.sampled_from([f"p{n}" for n in range(30)]), st.integers(-(10**6), 10**6).map(lambda n: n / 10**6), max_size=20
).map(lambda scores: sorted((Scored(PassageId(p), s) for p, s in scores.items()), key=lambda s: (-s.score, s.passage)))


def scored(**scores: float) -> list[Scored]:
    return [Scored(PassageId(name), score) for name, score in scores.items()]


@given(RANKINGS, RANKINGS)
def test_everything_found_is_there_once_with_its_ranks(dense: list[Scored], lexical: list[Scored]) -> None:
    fused = fuse(dense, lexical)
    assert {f.passage for f in fused} == {s.passage for s in [*dense, *lexical]}
    assert len(fused) == len({f.passage for f in fused})
    assert all(f.dense_rank is None or dense[f.dense_rank - 1].passage == f.passage for f in fused)
    assert all(f.lexical_rank is None or lexical[f.lexical_rank - 1].passage == f.passage for f in fused)
    assert all(0 <= f.score <= 1 for f in fused)


@given(RANKINGS)
def test_one_leg_alone_keeps_its_order(ranking: list[Scored]) -> None:
    def in_order(fused: list[Scored]) -> list[float]:
        score_of = {s.passage: s.score for s in ranking}
        return [score_of[f.passage] for f in fuse(fused, [])]

    assert in_order(ranking) == sorted(in_order(ranking), reverse=True)


def test_both_legs_beat_one() -> None:
    fused = fuse(scored(a=0.9, b=0.8, c=0.1), scored(b=12.0, d=11.0, c=1.0))
    assert fused[0].passage == "b"
    assert (fused[0].dense_rank, fused[0].lexical_rank) == (2, 1)


def test_scales_do_not_matter() -> None:
    small = fuse(scored(a=0.9, b=0.8, c=0.1), scored(b=1.2, d=1.1, c=0.1))
    large = fuse(scored(a=0.9, b=0.8, c=0.1), scored(b=12.0, d=11.0, c=1.0))
    assert [f.passage for f in small] == [f.passage for f in large]


VECTORS = {PassageId(f"p{n}"): np.eye(8, dtype=np.float32)[n % 8] for n in range(30)}


@given(RANKINGS, RANKINGS, st.sets(st.sampled_from(sorted(VECTORS))))
def test_heard_together_nothing_is_lost_and_the_order_is_by_score(
    dense: list[Scored], lexical: list[Scored], known: set[PassageId]
) -> None:
    fused = fuse(dense, lexical)
    again = hear_together(fused, np.eye(8, dtype=np.float32)[0], {p: VECTORS[p] for p in known})
    assert {f.passage: (f.dense_rank, f.lexical_rank) for f in again} == {
        f.passage: (f.dense_rank, f.lexical_rank) for f in fused
    }
    assert all(0 <= f.score <= 1 for f in again)
    assert again == sorted(again, key=lambda f: (-f.score, f.passage))
    assert all(f.cosine == float(f.passage in {"p0", "p8", "p16", "p24"}) for f in again if f.passage in known)


def test_what_lies_near_good_answers_gains() -> None:
    dense = scored(best=0.9, lone=0.6, friend=0.6, last=0.1)
    vectors = {
        PassageId(name): np.array(row, np.float32)
        for name, row in {"best": (1, 0, 0), "friend": (0.8, 0.6, 0), "lone": (0, 0, 1), "last": (0, 0, 1)}.items()
    }
    again = hear_together(fuse(dense, []), np.array([1, 0, 0], np.float32), vectors)
    assert [f.passage for f in again] == ["best", "friend", "lone", "last"]
    assert [f.cosine for f in again] == pytest.approx([1, 0.8, 0, 0])


def test_only_the_best_are_heard_and_the_others_stay_behind() -> None:
    many = [Scored(PassageId(f"{n:04}"), 1 - n / 1000) for n in range(3 * HEARD)]
    vectors = {s.passage: np.ones(2, np.float32) / np.float32(2**0.5) for s in many}
    again = hear_together(fuse(many, []), np.array([1, 0], np.float32), vectors)
    assert [f.passage for f in again[HEARD:]] == [s.passage for s in many[HEARD:]]
    assert len({f.passage for f in again}) == 3 * HEARD


def test_a_share_of_the_dense_leg_of_its_own() -> None:
    dense, lexical = scored(a=0.9, b=0.1), scored(b=9.0, a=1.0)
    assert [f.passage for f in fuse(dense, lexical, weights={PassageId("a"): 0.9, PassageId("b"): 0.9})] == ["a", "b"]
    assert [f.passage for f in fuse(dense, lexical, weights={PassageId("a"): 0.2, PassageId("b"): 0.2})] == ["b", "a"]


def test_a_document_whose_passages_answer_in_turn_gains() -> None:
    dense, lexical = scored(a=0.9, x=0.9, far=0.1), scored(b=9.0, y=9.0, far=1.0)
    apart = {PassageId(name): DocumentId(name) for name in "abxy"}
    together = apart | {PassageId("b"): DocumentId("a")}
    assert len({f.score for f in fuse(dense, lexical, documents=apart)[:4]}) == 1
    assert {f.passage for f in fuse(dense, lexical, documents=together)[:2]} == {"a", "b"}
    assert fuse(dense, lexical, documents=apart) == fuse(dense, lexical)


KNOWN = Calibration(frozenset({"en"}))
CHANCE = Background(0.2, 0.1)
MODELS = st.builds(Background, st.floats(-0.5, 0.9), st.floats(0.005, 0.5))


def test_bands_ask_for_meaning_or_words() -> None:
    assert band(0.2 + 0.1 * STRONG + 0.01, 0.0, CHANCE, KNOWN) is Band.STRONG
    assert band(0.2 + 0.1 * MEDIUM + 0.01, 0.0, CHANCE, KNOWN) is Band.MEDIUM
    assert band(0.2 + 0.1 * MEDIUM - 0.01, 0.0, CHANCE, KNOWN) is Band.WEAK
    assert band(0.5, 1.0, CHANCE, KNOWN) is Band.STRONG
    assert band(0.0, 1.0, CHANCE, KNOWN) is Band.MEDIUM
    assert band(0.0, 0.9, CHANCE, KNOWN) is Band.WEAK


def test_a_model_says_nothing_of_a_language_it_does_not_read() -> None:
    assert band(0.9, 0.3, CHANCE, KNOWN, "de") is Band.WEAK
    assert band(0.1, 0.7, CHANCE, KNOWN, "de") is Band.MEDIUM
    assert band(0.9, 0.3, CHANCE, KNOWN, "en-GB") is Band.STRONG
    assert band(0.9, 0.3, CHANCE, UNKNOWN, "de") is Band.STRONG
    assert KNOWN.weight("de") < KNOWN.weight(None) == KNOWN.weight("en") == UNKNOWN.weight("de") == 0.5


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=24), st.floats(0.05, 1), st.floats(0, 0.9), st.floats(-1, 1))
def test_a_model_whose_cosines_are_closer_together_gives_the_same_bands(
    nearest: list[float], scale: float, shift: float, cosine: float
) -> None:
    own = Background.of(nearest)
    assume(own.spread > NARROWEST * (1 - own.mean))
    squeezed = [scale * near + shift for near in nearest]
    other = Background.of(squeezed)
    assume(other.spread > NARROWEST * (1 - other.mean))
    assert other.above(scale * cosine + shift) == pytest.approx(own.above(cosine), rel=1e-6, abs=1e-6)


def test_a_few_passages_equally_far_from_everything_make_no_answer_of_a_breath() -> None:
    few = Background.of([0.1, 0.1, 0.1])
    assert band(0.15, 0.0, few, KNOWN) is Band.WEAK
    assert band(0.9, 0.0, few, KNOWN) is Band.STRONG
    assert band(0.9, 0.0, Background.of([]), KNOWN) is Band.STRONG


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), MODELS, st.sampled_from([None, "en", "de"]))
def test_more_is_never_worse(
    cosine: float, held: float, more_cosine: float, more_held: float, chance: Background, language: str | None
) -> None:
    order = [Band.WEAK, Band.MEDIUM, Band.STRONG]
    better = band(min(1, cosine + more_cosine), min(1, held + more_held), chance, KNOWN, language)
    assert order.index(better) >= order.index(band(cosine, held, chance, KNOWN, language))


def test_only_a_model_that_was_measured_tells_an_answer() -> None:
    assert answers(0.9, 1.0, Calibration(answering=0.85))
    assert not answers(0.6, 0.9, Calibration(answering=0.85))
    assert not answers(1.0, 1.0, UNKNOWN)


@given(st.lists(st.floats(-5, 5), max_size=6))
@settings(max_examples=50)
def test_another_order_of_the_first_changes_no_place_and_loses_nobody(scores: list[float]) -> None:
    fused = [Fused(PassageId(str(n)), 1 - n / 10, n + 1, None, 0.5) for n in range(8)]
    again = reordered(fused, scores)
    assert [f.score for f in again] == [f.score for f in fused]
    assert {f.passage for f in again} == {f.passage for f in fused}
    assert again[len(scores) :] == fused[len(scores) :]
    first = [scores[int(f.passage)] for f in again[: len(scores)]]
    assert first == sorted(scores, reverse=True)
