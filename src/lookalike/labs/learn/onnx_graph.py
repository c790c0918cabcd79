"""An ONNX graph as it grows: nodes and weights, which have the names of the network's state dict."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from lookalike.embed.base import ModelCard

_OPSET = 18
_IR_VERSION = 8


class Graph:
    """Takes weights from a network and folds its batch normalisations into the convolutions before them."""

    def __init__(self, network: nn.Module) -> None:
        self._state = {name: value.numpy(force=True) for name, value in network.state_dict().items()}
        self._epsilons = {
            name: module.eps for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d)
        }
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def node(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Add a node and return its output's name."""
        name = f"{kind.lower()}{len(self._nodes)}"
        output = output or name
        self._nodes.append(helper.make_node(kind, list(inputs), [output], name=name, **attributes))
        return output

    def constant(self, name: str, values: NDArray[Any] | float) -> str:
        """Add a float32 constant and return its name; a name that is there already stays as it is."""
        if all(weight.name != name for weight in self._weights):
            self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name

    def scalar(self, name: str, value: float) -> str:
        """Add a constant without axes and return its name."""
        return self.constant(name, np.array(value, np.float32))

    def integers(self, name: str, *values: int) -> str:
        """Add a constant list of int64 and return its name."""
        self._weights.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def parameter(self, name: str) -> str:
        """Add a weight of the network as it is."""
        return self.constant(name, self._state[name])

    def has(self, name: str) -> bool:
        """Whether the network has a weight of this name."""
        return name in self._state

    def convolution(
        self, x: str, name: str, norm: str, *, stride: int, pads: tuple[int, int], groups: int = 1
    ) -> str:
        """A convolution with its batch normalisation folded in.

        Args:
            x: the input's name.
            name: of the convolution in the network.
            norm: of the batch normalisation.
            stride: in both directions.
            pads: pixels added before and after, in both directions.
            groups: of channels that do not meet.
        """
        weight = self._state[f"{name}.weight"]
        epsilon = self._epsilons[norm]
        factor = self._state[f"{norm}.weight"] / np.sqrt(self._state[f"{norm}.running_var"] + epsilon)
        bias = self._state[f"{norm}.bias"] - self._state[f"{norm}.running_mean"] * factor
        before, after = pads
        return self.node(
            "Conv",
            x,
            self.constant(f"{name}.weight", weight * factor[:, None, None, None]),
            self.constant(f"{name}.bias", bias),
            kernel_shape=list(weight.shape[2:]),
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=groups,
        )

    def pooled(self, x: str, exponent: float, smallest: float, name: str) -> str:
        """The generalised mean over space: (n, c, h, w) to (n, c).

        Args:
            x: the input's name.
            exponent: 1 gives the plain mean.
            smallest: what lower values are raised to.
            name: of the exponent in the network.
        """
        if exponent == 1:
            return self.node("Flatten", self.node("GlobalAveragePool", x))
        x = self.node("Max", x, self.scalar("smallest", smallest))
        x = self.node("Pow", x, self.scalar(name, exponent))
        x = self.node("Flatten", self.node("GlobalAveragePool", x))
        return self.node("Pow", x, self.scalar("root", 1 / exponent))

    def linear(self, x: str, name: str) -> str:
        """A linear layer with a bias."""
        return self.node(
            "Gemm", x, self.parameter(f"{name}.weight"), self.parameter(f"{name}.bias"), transB=1
        )

    def unit(self, x: str, output: str | None = None) -> str:
        """Rows at unit length."""
        return self.node("LpNormalization", x, output=output, axis=1, p=2)

    def halves(self, x: str) -> tuple[str, str]:
        """The first and the second half of a batch."""
        name = f"split{len(self._nodes)}"
        halves = (f"{name}.first", f"{name}.second")
        self._nodes.append(helper.make_node("Split", [x], halves, name=name, axis=0, num_outputs=2))
        return halves

    def model(self, name: str, card: ModelCard) -> Any:
        """The finished ONNX model: ``pixels`` (n, side, side, 3) uint8 to ``embedding`` (n, dim) float32."""
        pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", card.side, card.side, 3])
        embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", card.dim])
        graph = helper.make_graph(self._nodes, name, [pixels], [embedding], self._weights)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
        )
