"""Words of a theme stand together more often than words that texts drew by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from sensemake.rules import word_company

SUBJECTS = ("algae bloom lake water sample", "jacket buckle strap foam vest", "alert pager budget noise night")


def texts(count: int, *, mixed: bool, seed: int = 1) -> tuple[list[frozenset[str]], np.ndarray]:
    """Texts of three of their subject's words and three of anybody's; `mixed`, all of anybody's."""
    random = np.random.default_rng(seed)
    common = [f"common{chr(97 + n)}" for n in range(20)]
    every = [word for subject in SUBJECTS for word in subject.split()]
    made, labels = [], np.arange(count) % len(SUBJECTS)
    for label in labels:
        own = every if mixed else SUBJECTS[label].split()
        made.append(frozenset([*random.choice(own, 3), *random.choice(common, 3)]))
    return made, labels


def by_a_word(made: list[frozenset[str]]) -> np.ndarray:
    """Groups as chance makes them: what holds one of a few words, or another."""
    heads = [subject.split()[0] for subject in SUBJECTS]
    return np.array([next((n for n, word in enumerate(heads) if word in text), -1) for text in made], np.int64)


@pytest.mark.parametrize("seed", range(10))
def test_words_drawn_by_themselves_speak_for_no_group(seed: int) -> None:
    made, _ = texts(400, mixed=True, seed=seed)
    found = word_company.company(made, range(400), by_a_word(made))
    assert found.whole < word_company.NO_CHANCE


def test_words_of_a_subject_speak_for_its_group() -> None:
    made, labels = texts(400, mixed=False)
    found = word_company.company(made, range(400), labels)
    assert found.whole > 2 * word_company.NO_CHANCE
    assert (found.groups > word_company.TELLING).all()


def test_a_group_about_nothing_is_told_from_a_subject() -> None:
    made, labels = texts(300, mixed=False)
    nothing, _ = texts(100, mixed=True, seed=2)
    found = word_company.company([*made, *nothing], range(400), np.append(labels, np.full(100, 3)))
    assert found.groups[3] < word_company.TELLING < found.groups[:3].min()


def test_copies_of_a_text_say_nothing_new() -> None:
    made, labels = texts(100, mixed=False)
    once = word_company.company(made, range(100), labels)
    often = word_company.company(made * 5, range(500), np.tile(labels, 5))
    assert often.expected == pytest.approx(once.expected, rel=0.5)


def test_what_comes_in_parts_of_one_document_is_not_in_both_halves() -> None:
    random = np.random.default_rng(4)
    # Each document says its own two words in all of its parts: that is no company that others keep.
    own = [f"{n // 4}".translate(LETTERS) for n in range(400)]
    parts = [frozenset([f"own{name}", f"too{name}", *random.choice(WIDE, 3)]) for name in own]
    found = word_company.company(parts, [n // 4 for n in range(400)], np.arange(400) // 40)
    assert abs(found.whole) < word_company.NO_CHANCE


LETTERS = str.maketrans("0123456789", "abcdefghij")
WIDE = [f"wide{chr(97 + n)}" for n in range(26)]


@pytest.mark.parametrize("labels", [[], [-1, -1, -1], [0, 0, -1]])
def test_few_texts_say_nothing(labels: list[int]) -> None:
    found = word_company.company([frozenset({"lake"})] * len(labels), range(len(labels)), np.array(labels, np.int64))
    assert found.whole == 0.0
    assert found.expected == 0.0


def test_words_stand_between_spaces_and_links_are_none() -> None:
    text = "“Lake's” water: https://a.example/lake/water kube-proxy v1.21 foo_bar the 42 ÉTÉ don't " + "x" * 50_000
    assert word_company.words(text) == {"lake", "water", "kube-proxy", "été", "don't"}
    assert "die" not in word_company.words("Die Ziege", "de-CH")
    assert word_company.words("") == frozenset()
