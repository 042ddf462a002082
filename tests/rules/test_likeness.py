"""Near-duplicates are told by the words that documents share, and by nothing else."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.rules import likeness

WORDS = [f"{a}{b}" for a in "bcdfghjklmnpqrstvwxz" for b in ("an", "el", "ir", "on", "uv", "atta", "essen", "ilo")]
SEEDS = st.integers(0, 10**6)


def text(seed: int, words: int = 300) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def signed(*texts: str) -> likeness.Signature:
    found = likeness.signature(texts)
    assert found is not None
    return found


def edited(words: str, share: float, seed: int) -> str:
    rng = random.Random(seed)
    return " ".join(f"new{rng.random()}" if rng.random() < share else word for word in words.split())


@settings(max_examples=30)
@given(SEEDS)
def test_the_same_words_are_the_same_whatever_their_shape(seed: int) -> None:
    words = text(seed)
    half = len(words) // 2
    start = words.rfind(" ", 0, half)
    same = [signed(words.upper()), signed(words[:start], words[start:]), signed(words.replace(" ", ",\n"))]
    assert all(np.array_equal(signed(words), other) for other in same)


@settings(max_examples=30)
@given(SEEDS)
def test_a_small_edit_is_alike_and_shares_a_band(seed: int) -> None:
    words = text(seed)
    one, other = signed(words), signed(edited(words, 0.02, seed))
    assert likeness.alike(one, other)
    assert set(likeness.bands(one)) & set(likeness.bands(other))


@settings(max_examples=30)
@given(SEEDS, SEEDS)
def test_other_words_are_not(one: int, other: int) -> None:
    if one != other:
        assert not likeness.alike(signed(text(one)), signed(text(other)))


@settings(max_examples=20)
@given(SEEDS, st.floats(0.0, 0.3))
def test_the_estimate_is_near_the_share_of_shingles(seed: int, share: float) -> None:
    one = text(seed, 600)
    other = edited(one, share, seed)

    def shingles(words: str) -> set[tuple[str, ...]]:
        each = words.split()
        return {tuple(each[n : n + likeness.SHINGLE]) for n in range(len(each) - likeness.SHINGLE + 1)}

    a, b = shingles(one), shingles(other)
    assert likeness.likeness(signed(one), signed(other)) == pytest.approx(len(a & b) / len(a | b), abs=0.2)


def test_what_says_little_has_no_twin() -> None:
    assert likeness.signature(["thanks a lot!"]) is None
    assert likeness.signature([]) is None
    assert likeness.signature(["the same words again " * 500]) is None


def test_a_signature_is_for_good() -> None:
    assert signed(text(1)).tolist()[:4] == [29642643, 13052902, 17221028, 508954]
    assert likeness.bands(signed(text(1)))[0] == 1853046978999879278
    assert np.array_equal(likeness.unpacked(likeness.packed(signed(text(1)))), signed(text(1)))


def test_a_long_document_is_like_itself() -> None:
    assert likeness.alike(signed(text(1, 20_000)), signed(edited(text(1, 20_000), 0.01, 1)))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=12), st.integers(1, 12))
def test_representatives_keep_the_order_and_leave_out_only_what_is_alike(
    drawn: list[tuple[int, bool]], most: int
) -> None:
    ranked = [f"{place}" for place in range(len(drawn))]
    marks = {
        key: signed(edited(text(seed), 0.01, place))
        for place, (key, (seed, marked)) in enumerate(zip(ranked, drawn, strict=True))
        if marked
    }
    kept = likeness.representatives(ranked, lambda key: key, marks, most)
    assert kept == [key for key in ranked if key in set(kept)]
    assert len(kept) <= most
    reached = ranked.index(kept[-1]) + 1 if len(kept) == most else len(ranked)
    for key in set(ranked[:reached]) - set(kept):
        before = [k for k in kept if k in marks and int(k) < int(key)]
        assert any(likeness.alike(marks[key], marks[k]) for k in before)
