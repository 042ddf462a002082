"""The contract of an Embedder, as tests that every implementation runs.

    class TestMine(EmbedderContract):
        def make_embedder(self): return MyEmbedder()

Needs pytest and nothing else. An embedder that is slow to make may be made once and returned each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sensemake.model import Vectors
from sensemake.protocols import Embedder

ABOUT_PAYMENTS = "The payment service retries a failed transfer three times before it alerts the team on duty."
ABOUT_PAYMENTS_TOO = "When a transfer fails, the payment service tries again and then alerts whoever is on duty."
ABOUT_BREAD = "Let the dough rest overnight in a cold kitchen, then bake the bread until its crust is dark."
LONG = "We moved the weekly planning to Tuesday so that the other office can join. " * 60
ODD = {
    "nothing": "",
    "space": " \t\r\n\u00a0\u2003",
    "a NUL": "before\x00after",
    "only NULs": "\x00\x00\x00",
    "half a surrogate pair": "a \ud83d b",
    "two halves the wrong way round": "\udc00\ud800",
    "characters of another plane": "👩‍👩‍👧‍👦 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🏳️‍🌈",
    "marks upon marks": "e" + "\u0301" * 500,
    "right to left": "שלום \u202e dlrow",
    "no spaces": "知識は組織の記憶です。" * 40,
    "one endless word": "x" * 20_000,
    "control characters": "".join(map(chr, range(32))),
    "what a tokenizer might take for its own": "[CLS] [SEP] [MASK] [PAD] <s> </s> <|endoftext|>",
    "very long": LONG * 20,
}


class EmbedderContract:
    """Subclass it in a test module under a name that starts with `Test`."""

    tolerance: float = 1e-5
    """How far two vectors of the same text may lie apart (largest difference of a component)."""

    length_tolerance: float = 1e-3

    def make_embedder(self) -> Embedder:
        raise NotImplementedError

    # ── shape ────────────────────────────────────────────────────────────────────────────────────

    def test_passages_give_a_row_for_each_text(self) -> None:
        embedder = self.make_embedder()
        vectors = embedder.passages([ABOUT_PAYMENTS, ABOUT_BREAD, LONG])
        assert vectors.shape == (3, embedder.dim)
        assert vectors.dtype == np.float32

    def test_a_query_gives_one_vector(self) -> None:
        embedder = self.make_embedder()
        vector = embedder.query(ABOUT_PAYMENTS)
        assert vector.shape == (embedder.dim,)
        assert vector.dtype == np.float32

    def test_no_texts_give_no_rows(self) -> None:
        embedder = self.make_embedder()
        vectors = embedder.passages([])
        assert vectors.shape == (0, embedder.dim)
        assert vectors.dtype == np.float32

    def test_every_vector_has_length_one(self) -> None:
        embedder = self.make_embedder()
        self._of_length_one(embedder.passages([ABOUT_PAYMENTS, ABOUT_BREAD, LONG, "a"]))
        self._of_length_one(embedder.query(ABOUT_PAYMENTS)[np.newaxis])

    def test_odd_texts_have_vectors_too(self) -> None:
        embedder = self.make_embedder()
        for what, text in ODD.items():
            for vectors in (embedder.passages([text, ABOUT_BREAD]), embedder.query(text)[np.newaxis]):
                assert np.isfinite(vectors).all(), what
                self._of_length_one(vectors)

    # ── the same text, the same vector ───────────────────────────────────────────────────────────

    def test_rows_are_in_the_order_given(self) -> None:
        embedder = self.make_embedder()
        texts = [LONG, "short", ABOUT_PAYMENTS, "", ABOUT_BREAD, LONG[:400]]
        together = embedder.passages(texts)
        self._same(together[::-1], embedder.passages(texts[::-1]))
        for row, text in enumerate(texts):
            self._same(together[row], embedder.passages([text])[0])

    def test_a_vector_does_not_depend_on_its_company(self) -> None:
        embedder = self.make_embedder()
        alone = embedder.passages([ABOUT_PAYMENTS])[0]
        company: Sequence[str] = [*ODD.values(), ABOUT_PAYMENTS, *(f"{number} {LONG}" for number in range(12))]
        self._same(alone, embedder.passages(company)[len(ODD)])

    def test_a_question_always_gives_exactly_the_same_vector(self) -> None:
        embedder = self.make_embedder()
        first = embedder.query(ABOUT_PAYMENTS)
        embedder.passages([LONG, ABOUT_BREAD])
        assert np.array_equal(first, embedder.query(ABOUT_PAYMENTS))

    def test_two_made_alike_agree(self) -> None:
        one, other = self.make_embedder(), self.make_embedder()
        assert (one.model_id, one.dim) == (other.model_id, other.dim)
        self._same(one.passages([ABOUT_BREAD]), other.passages([ABOUT_BREAD]))

    def test_many_threads_may_ask_at_once(self) -> None:
        embedder = self.make_embedder()
        texts = [f"{number} {ABOUT_PAYMENTS}" for number in range(16)]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(embedder.query, texts))
        for text, vector in zip(texts, together, strict=True):
            self._same(vector, embedder.query(text))

    def test_what_is_returned_belongs_to_the_caller(self) -> None:
        embedder = self.make_embedder()
        before = embedder.query(ABOUT_BREAD).copy()
        for given in (embedder.query(ABOUT_BREAD), embedder.passages([ABOUT_BREAD])):
            if given.flags.writeable:
                given[...] = 0
        self._same(before, embedder.query(ABOUT_BREAD))

    # ── meaning ──────────────────────────────────────────────────────────────────────────────────

    def test_near_texts_are_nearer_than_far_ones(self) -> None:
        near, same, far = self.make_embedder().passages([ABOUT_PAYMENTS, ABOUT_PAYMENTS_TOO, ABOUT_BREAD])
        assert near @ same > near @ far + 0.1

    def test_a_question_is_nearer_to_its_answer(self) -> None:
        embedder = self.make_embedder()
        answer, other = embedder.passages([ABOUT_PAYMENTS, ABOUT_BREAD])
        question = embedder.query("what does the payment service do when a transfer has failed?")
        assert question @ answer > question @ other + 0.1

    def test_different_texts_have_different_vectors(self) -> None:
        payments, bread = self.make_embedder().passages([ABOUT_PAYMENTS, ABOUT_BREAD])
        assert np.abs(payments - bread).max() > 100 * self.tolerance

    # ── identity ─────────────────────────────────────────────────────────────────────────────────

    def test_it_names_its_model(self) -> None:
        model_id = self.make_embedder().model_id
        assert model_id
        assert model_id.isprintable()
        assert not any(character.isspace() for character in model_id)

    def test_its_dimension_is_a_positive_number(self) -> None:
        assert self.make_embedder().dim > 0

    def _of_length_one(self, vectors: Vectors) -> None:
        assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() <= self.length_tolerance

    def _same(self, one: Vectors, other: Vectors) -> None:
        assert np.abs(one - other).max() <= self.tolerance
