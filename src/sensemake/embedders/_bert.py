"""Writes a BERT encoder's weights as an ONNX graph that turns one text's word pieces into one unit vector.

Devlin et al. 2019 (arXiv 1810.04805) for the encoder; mean pooling and normalisation as in Reimers and Gurevych
2019 (arXiv 1908.10084). Written straight from the weights it takes half a second; an export through torch takes
twenty, nearly all of it imports. The graph takes one text at a time: no padding, so no mask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

Array = NDArray[Any]
Weights = Mapping[str, Array]

# Seven bits of eight: without VNNI a processor adds two products of bytes in 16 bits, which eight would overflow.
# (ONNX Runtime calls this `reduce_range`.)
LARGEST = 63


def encoder(weights: Weights, *, heads: int, epsilon: float, int8: bool) -> bytes:
    """A serialised model: `pieces` (1, n) int64 → `vector` (1, hidden) float32 of length 1."""
    graph = _Graph(weights, int8=int8)
    states = _embeddings(graph, epsilon)
    for layer in range(_layers(weights)):
        states = _layer(graph, states, f"encoder.layer.{layer}", heads, epsilon)
    mean = graph.add("ReduceMean", states, graph.constant(np.array([1])), keepdims=0)
    graph.nodes.append(helper.make_node("LpNormalization", [mean], ["vector"], axis=-1, p=2))
    content: bytes = graph.model().SerializeToString()
    return content


def _layers(weights: Weights) -> int:
    return len({name.split(".")[2] for name in weights if name.startswith("encoder.layer.")})


def _embeddings(graph: _Graph, epsilon: float) -> str:
    """Word + place + kind of sentence (always the first), normalised."""
    places = graph.weights["embeddings.position_embeddings.weight"]
    kind = graph.weights["embeddings.token_type_embeddings.weight"][0]
    start, count = graph.constant(np.array([0])), graph.add("Shape", "pieces", start=1, end=2)
    place = graph.add("Slice", graph.constant(places + kind), start, count, start)
    word = graph.rows("embeddings.word_embeddings.weight", "pieces")
    return graph.normalised(graph.add("Add", word, place), "embeddings.LayerNorm", epsilon)


def _layer(graph: _Graph, states: str, name: str, heads: int, epsilon: float) -> str:
    attention = f"{name}.attention"
    parts = [f"{attention}.self.{part}" for part in ("query", "key", "value")]
    three = graph.add_many("Split", graph.linear(states, *parts), count=3, axis=-1, num_outputs=3)
    heard = graph.add("MultiHeadAttention", *three, domain="com.microsoft", num_heads=heads)
    heard = graph.linear(heard, f"{attention}.output.dense")
    states = graph.normalised(graph.add("Add", heard, states), f"{attention}.output.LayerNorm", epsilon)
    wide = graph.add("Gelu", graph.linear(states, f"{name}.intermediate.dense"))
    narrow = graph.linear(wide, f"{name}.output.dense")
    return graph.normalised(graph.add("Add", narrow, states), f"{name}.output.LayerNorm", epsilon)


@dataclass
class _Graph:
    """An ONNX graph as it grows; each method adds nodes and returns the name of what they yield."""

    weights: Weights
    int8: bool
    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        return self.add_many(operator, list(inputs), count=1, domain=domain, **attributes)[0]

    def add_many(
        self, operator: str, inputs: str | list[str], *, count: int, domain: str = "", **attributes: Any
    ) -> list[str]:
        inputs = [inputs] if isinstance(inputs, str) else inputs
        outputs = [f"{operator}_{len(self.nodes)}_{output}" for output in range(count)]
        self.nodes.append(helper.make_node(operator, inputs, outputs, name=outputs[0], domain=domain, **attributes))
        return outputs

    def constant(self, array: Array | np.float32) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def rows(self, name: str, numbers: str) -> str:
        """Rows of a table; in int8 each with a scale of its own."""
        table = self.weights[name]
        if not self.int8:
            return self.add("Gather", self.constant(table), numbers)
        scales = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-12) / 127
        bytes_ = self.add("Gather", self.constant(np.round(table / scales).astype(np.int8)), numbers)
        own = self.add("Gather", self.constant(scales.astype(np.float32)), numbers)
        return self.add("Mul", self.add("Cast", bytes_, to=TensorProto.FLOAT), own)

    def linear(self, states: str, *names: str) -> str:
        """The layers of these names, side by side in one multiplication."""
        matrix = np.concatenate([self.weights[f"{name}.weight"].T for name in names], axis=1)
        bias = self.constant(np.concatenate([self.weights[f"{name}.bias"] for name in names]))
        product = self._product_int8(states, matrix) if self.int8 else self._product(states, matrix)
        return self.add("Add", product, bias)

    def _product(self, states: str, matrix: Array) -> str:
        return self.add("MatMul", states, self.constant(matrix))

    def _product_int8(self, states: str, matrix: Array) -> str:
        """Weights with a scale for each column, states with one for each word piece, found as they come.

        One scale for all states is what ONNX Runtime's own quantiser writes; a few large states then cost the rest
        their digits (Dettmers et al. 2022, arXiv 2208.07339: vector-wise quantisation).
        """
        column = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / LARGEST
        bytes_ = self.constant(np.round(matrix / column).astype(np.int8))
        row = self._row_scales(states)
        middle = self.constant(np.array(128, np.uint8))
        small = self.add("QuantizeLinear", self.add("Div", states, row), self.constant(np.float32(1)), middle)
        product = self.add("MatMulInteger", small, bytes_, middle)
        scaled = self.add("Mul", self.add("Cast", product, to=TensorProto.FLOAT), row)
        return self.add("Mul", scaled, self.constant(column.astype(np.float32)))

    def _row_scales(self, states: str) -> str:
        largest = self.add("ReduceMax", self.add("Abs", states), self.constant(np.array([-1])), keepdims=1)
        above_zero = self.add("Max", largest, self.constant(np.float32(1e-9)))
        return self.add("Mul", above_zero, self.constant(np.float32(1 / 127)))

    def normalised(self, states: str, name: str, epsilon: float) -> str:
        gain, shift = (self.constant(self.weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.add("LayerNormalization", states, gain, shift, axis=-1, epsilon=epsilon)

    def model(self) -> ModelProto:
        hidden = self.weights["embeddings.LayerNorm.weight"].shape[0]
        pieces = helper.make_tensor_value_info("pieces", TensorProto.INT64, [1, "count"])
        vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, hidden])
        graph = helper.make_graph(self.nodes, "encoder", [pieces], [vector], self.constants)
        versions = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=10)
