"""The ONNX graph of a BERT encoder computes what the papers say: a small one against the same in numpy."""

from __future__ import annotations

import os
from math import erf, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from sensemake.embedders import _bert
from sensemake.embedders.onnx import SILENCE

HIDDEN, HEADS, WORDS, PLACES, LAYERS, EPSILON = 32, 4, 50, 16, 2, 1e-6
Array = NDArray[np.float32]


@pytest.mark.parametrize("count", [1, 2, 7, PLACES])
def test_it_is_the_encoder(count: int) -> None:
    weights, pieces = some_weights(), np.arange(count) * 3 % WORDS
    assert np.abs(computed(weights, pieces, int8=False) - expected(weights, pieces)).max() < 1e-5


def test_int8_is_nearly_the_encoder() -> None:
    weights, pieces = some_weights(), np.arange(12)
    assert computed(weights, pieces, int8=True) @ expected(weights, pieces) > 0.99


def test_int8_leaves_a_quarter() -> None:
    whole, small = (_bert.encoder(some_weights(), heads=HEADS, epsilon=EPSILON, int8=int8) for int8 in (False, True))
    assert len(small) < 0.6 * len(whole)


def computed(weights: dict[str, Array], pieces: NDArray[np.int64], *, int8: bool) -> Array:
    os.environ[SILENCE] = "1"
    from onnxruntime import InferenceSession

    session = InferenceSession(_bert.encoder(weights, heads=HEADS, epsilon=EPSILON, int8=int8))
    vector: Array = session.run(None, {"pieces": pieces[np.newaxis].astype(np.int64)})[0][0]
    return vector


def expected(weights: dict[str, Array], pieces: NDArray[np.int64]) -> Array:
    embeddings = {name: weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")}
    states = embeddings["word"][pieces] + embeddings["position"][: len(pieces)] + embeddings["token_type"][0]
    states = normalised(weights, states, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        heard = attended(weights, states, f"{name}.attention.self")
        heard = linear(weights, heard, f"{name}.attention.output.dense")
        states = normalised(weights, heard + states, f"{name}.attention.output.LayerNorm")
        wide = linear(weights, states, f"{name}.intermediate.dense")
        narrow = linear(weights, wide * 0.5 * (1 + np.vectorize(erf)(wide / sqrt(2))), f"{name}.output.dense")
        states = normalised(weights, narrow + states, f"{name}.output.LayerNorm")
    mean = states.mean(axis=0)
    return mean / np.linalg.norm(mean)


def attended(weights: dict[str, Array], states: Array, name: str) -> Array:
    query, key, value = (linear(weights, states, f"{name}.{part}") for part in ("query", "key", "value"))
    heads = []
    for head in np.split(np.arange(HIDDEN), HEADS):
        scores = query[:, head] @ key[:, head].T / sqrt(HIDDEN / HEADS)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        heads.append(shares / shares.sum(axis=1, keepdims=True) @ value[:, head])
    return np.concatenate(heads, axis=1)


def linear(weights: dict[str, Array], states: Array, name: str) -> Array:
    return states @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def normalised(weights: dict[str, Array], states: Array, name: str) -> Array:
    centred = states - states.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + EPSILON)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def some_weights() -> dict[str, Array]:
    random = np.random.default_rng(7)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (WORDS, HIDDEN),
        "embeddings.position_embeddings.weight": (PLACES, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
    }
    widths = {"attention.self.query": (HIDDEN, HIDDEN), "attention.self.key": (HIDDEN, HIDDEN)}
    widths |= {"attention.self.value": (HIDDEN, HIDDEN), "attention.output.dense": (HIDDEN, HIDDEN)}
    widths |= {"intermediate.dense": (4 * HIDDEN, HIDDEN), "output.dense": (HIDDEN, 4 * HIDDEN)}
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
        for part, shape in widths.items():
            shapes |= {f"{name}.{part}.weight": shape, f"{name}.{part}.bias": shape[:1]}
    for norm in norms:
        shapes |= {f"{norm}.weight": (HIDDEN,), f"{norm}.bias": (HIDDEN,)}
    return {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
