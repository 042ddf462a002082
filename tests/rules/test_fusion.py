"""Fusing two rankings: order, ties and the edges."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sensemake.model import Band, PassageId, Scored
from sensemake.rules.fusion import band, fuse

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


def test_bands_ask_for_meaning_or_words() -> None:
    assert band(0.6, 0.0) is Band.STRONG
    assert band(0.4, 1.0) is Band.STRONG
    assert band(0.0, 1.0) is Band.MEDIUM
    assert band(0.4, 0.0) is Band.MEDIUM
    assert band(0.1, 0.3) is Band.WEAK


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_is_never_worse(cosine: float, coverage: float, more_cosine: float, more_coverage: float) -> None:
    order = [Band.WEAK, Band.MEDIUM, Band.STRONG]
    better = band(min(1, cosine + more_cosine), min(1, coverage + more_coverage))
    assert order.index(better) >= order.index(band(cosine, coverage))
