"""From a ResNet-34 state dict to an ONNX embedder with int8 weights, preprocessing and card inside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, checker, helper, numpy_helper, save

from lookalike.embed.base import ModelCard
from lookalike.embed.onnx import CARD_KEY
from lookalike.labs.learn.whitening import Whitening

MEAN = (0.485, 0.456, 0.406)  # of RGB in [0, 1], as torchvision's ImageNet models expect
DEVIATION = (0.229, 0.224, 0.225)
BLOCKS = (3, 4, 6, 3)
_BATCH_NORM_EPSILON = 1e-5
_OPSET = 17
_IR_VERSION = 8

State = Mapping[str, NDArray[Any]]


def dequantised(state: State) -> dict[str, NDArray[np.float32]]:
    """A state dict in float32 from one whose convolutions are int8 with a ``NAME.scale`` beside them."""
    return {
        name: (value * state[f"{name}.scale"]).astype(np.float32) if f"{name}.scale" in state else value
        for name, value in state.items()
        if not name.endswith(".scale")
    }


def export_resnet34(state: State, path: Path, *, card: ModelCard, whitening: Whitening | None = None) -> None:
    """Write an embedder.

    Args:
        state: torchvision's parameter names to arrays, float32, or int8 with ``NAME.scale``.
        path: where to write the ONNX file.
        card: what to store beside the weights.
        whitening: linear head after the pooling; without it the output is the plain pooled features.
    """
    graph = _Graph(state)
    x = graph.node("Cast", "pixels", to=TensorProto.FLOAT)
    x = graph.node("Transpose", x, perm=[0, 3, 1, 2])
    x = graph.node("Sub", x, graph.constant(255 * np.reshape(MEAN, (1, 3, 1, 1))))
    x = graph.node("Mul", x, graph.constant(1 / (255 * np.reshape(DEVIATION, (1, 3, 1, 1)))))
    x = graph.node("Relu", graph.convolution(x, "conv1", "bn1", stride=2))
    x = graph.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    for layer, blocks in enumerate(BLOCKS, start=1):
        for block in range(blocks):
            x = graph.basic_block(x, f"layer{layer}.{block}", stride=2 if layer > 1 and block == 0 else 1)
    x = graph.node("Flatten", graph.node("GlobalAveragePool", x))
    if whitening is not None:
        x = graph.node("Sub", x, graph.constant(whitening.centre[None]))
        x = graph.node("MatMul", x, graph.constant(whitening.matrix))
        x = graph.node("LpNormalization", x, axis=1, p=2)
    graph.node("Identity", x, output="embedding")
    graph.save(path, card)


class _Graph:
    """Nodes and weights, as they accumulate."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def node(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add a node and return its output's name."""
        output = output or f"{kind.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, values: NDArray[Any], kind: type = np.float32) -> str:
        """Add a constant and return its name."""
        name = f"constant{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values, kind), name))
        return name

    def convolution(self, x: str, name: str, norm: str, *, stride: int) -> str:
        """A convolution with its batch normalisation folded in: scales multiply, the int8 values stay."""
        weight = self._state[f"{name}.weight"]
        factor = self._state[f"{norm}.weight"] / np.sqrt(
            self._state[f"{norm}.running_var"] + _BATCH_NORM_EPSILON
        )
        bias = self._state[f"{norm}.bias"] - self._state[f"{norm}.running_mean"] * factor
        if weight.dtype == np.int8:
            values, scale = weight, self._state[f"{name}.weight.scale"].reshape(-1)
        else:
            values, scale = _quantised(weight)
        unpacked = self.node(
            "DequantizeLinear", self.constant(values, np.int8), self.constant(scale * factor), axis=0
        )
        size = weight.shape[2]
        return self.node(
            "Conv",
            x,
            unpacked,
            self.constant(bias),
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[size // 2] * 4,
        )

    def basic_block(self, x: str, name: str, *, stride: int) -> str:
        """Two 3x3 convolutions and a shortcut."""
        y = self.node("Relu", self.convolution(x, f"{name}.conv1", f"{name}.bn1", stride=stride))
        y = self.convolution(y, f"{name}.conv2", f"{name}.bn2", stride=1)
        if f"{name}.downsample.0.weight" in self._state:
            x = self.convolution(x, f"{name}.downsample.0", f"{name}.downsample.1", stride=stride)
        return self.node("Relu", self.node("Add", y, x))

    def save(self, path: Path, card: ModelCard) -> None:
        """Check the graph and write it."""
        pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", card.side, card.side, 3])
        embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", card.dim])
        graph = helper.make_graph(self._nodes, "resnet34", [pixels], [embedding], self._weights)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
        )
        helper.set_model_props(model, {CARD_KEY: card.to_json()})
        checker.check_model(model)
        save(model, path)


def _quantised(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round to int8 with one scale an output channel, symmetric about 0."""
    scale = np.abs(weight).reshape(len(weight), -1).max(axis=1) / 127
    scale[scale == 0] = 1
    return np.round(weight / scale[:, None, None, None]).astype(np.int8), scale.astype(np.float32)
