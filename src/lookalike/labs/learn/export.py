"""From an embedding network to an ONNX embedder, with preprocessing and card inside.

Batch normalisation is folded into the convolutions, as every runtime would do. What that loses is kept beside
the graph, so that ``onnx_weights.read_network`` can give back a network that trains on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, checker, helper, numpy_helper, save
from torch import nn

from lookalike.disk import replacing
from lookalike.embed.base import ModelCard
from lookalike.embed.onnx import CARD_KEY
from lookalike.labs.learn.network import DEVIATION, DIM, MEAN, SMALLEST_MAP, EmbeddingNetwork
from lookalike.labs.learn.onnx_weights import NORMS_KEY, pack_norms
from lookalike.labs.learn.resnet34 import STAGES

_OPSET = 17
_IR_VERSION = 8


def export_network(network: EmbeddingNetwork, path: Path, card: ModelCard) -> None:
    """Write a network as a float32 embedder.

    Args:
        network: is left as it is; batch normalisation counts as in evaluation.
        path: where to write the ONNX file; replaced whole.
        card: what to store beside the weights; its ``side`` fixes the input's size.
    """
    graph = _Graph(network)
    x = graph.node("Cast", "pixels", to=TensorProto.FLOAT)
    x = graph.node("Transpose", x, perm=[0, 3, 1, 2])
    x = graph.node("Sub", x, graph.constant("mean", 255 * np.reshape(MEAN, (1, 3, 1, 1))))
    x = graph.node("Mul", x, graph.constant("scale", 1 / (255 * np.reshape(DEVIATION, (1, 3, 1, 1)))))
    x = graph.node("Relu", graph.convolution(x, "body.conv1", "body.bn1", stride=2))
    x = graph.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    for layer, (_, blocks) in enumerate(STAGES, start=1):
        for block in range(blocks):
            x = graph.basic_block(x, f"body.layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1)
    x = graph.pooled(x, float(network.exponent))
    if isinstance(network.projection, nn.Linear):
        x = graph.node(
            "Gemm", x, graph.parameter("projection.weight"), graph.parameter("projection.bias"), transB=1
        )
    graph.node("LpNormalization", x, output="embedding", axis=1, p=2)
    model = graph.model(card)
    helper.set_model_props(model, {CARD_KEY: card.to_json(), NORMS_KEY: pack_norms(network)})
    checker.check_model(model)
    with replacing(path) as file:
        save(model, file)


class _Graph:
    """Nodes and weights, as they accumulate; weights have the names of the network's state dict."""

    def __init__(self, network: EmbeddingNetwork) -> None:
        self._state = {name: value.numpy(force=True) for name, value in network.state_dict().items()}
        self._epsilon = network.body.bn1.eps
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def node(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add a node and return its output's name."""
        name = f"{kind.lower()}{len(self._nodes)}"
        output = output or name
        self._nodes.append(helper.make_node(kind, list(inputs), [output], name=name, **attributes))
        return output

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Add a float32 constant and return its name."""
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name

    def parameter(self, name: str) -> str:
        """Add a weight of the network as it is."""
        return self.constant(name, self._state[name])

    def convolution(self, x: str, name: str, norm: str, *, stride: int) -> str:
        """A convolution with its batch normalisation folded in."""
        weight = self._state[f"{name}.weight"]
        factor = self._state[f"{norm}.weight"] / np.sqrt(self._state[f"{norm}.running_var"] + self._epsilon)
        bias = self._state[f"{norm}.bias"] - self._state[f"{norm}.running_mean"] * factor
        size = weight.shape[2]
        return self.node(
            "Conv",
            x,
            self.constant(f"{name}.weight", weight * factor[:, None, None, None]),
            self.constant(f"{name}.bias", bias),
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[size // 2] * 4,
        )

    def basic_block(self, x: str, name: str, stride: int) -> str:
        """Two 3x3 convolutions and a shortcut."""
        y = self.node("Relu", self.convolution(x, f"{name}.conv1", f"{name}.bn1", stride=stride))
        y = self.convolution(y, f"{name}.conv2", f"{name}.bn2", stride=1)
        if f"{name}.downsample.0.weight" in self._state:
            x = self.convolution(x, f"{name}.downsample.0", f"{name}.downsample.1", stride=stride)
        return self.node("Relu", self.node("Add", y, x))

    def pooled(self, x: str, exponent: float) -> str:
        """The generalised mean over space."""
        if exponent == 1:
            return self.node("Flatten", self.node("GlobalAveragePool", x))
        x = self.node("Max", x, self.constant("smallest", np.array(SMALLEST_MAP)))
        x = self.node("Pow", x, self.constant("exponent", np.array(exponent)))
        x = self.node("Flatten", self.node("GlobalAveragePool", x))
        return self.node("Pow", x, self.constant("root", np.array(1 / exponent)))

    def model(self, card: ModelCard) -> Any:
        """The finished ONNX model."""
        pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", card.side, card.side, 3])
        embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", DIM])
        graph = helper.make_graph(self._nodes, "resnet34", [pixels], [embedding], self._weights)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
        )
