"""An embedder that is no ResNet: small, quick, and by a formula that a test can repeat in numpy.

A picture of 32 x 32 pixels is averaged over squares of 8 x 8, which leaves 48 numbers; a random matrix makes
those longer, and the result is scaled to length 1.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, checker, helper, numpy_helper, save

from lookalike.embed import ModelCard
from lookalike.embed.onnx import CARD_KEY

SIDE, SQUARE, DIM = 32, 8, 64
AVERAGES = 3 * (SIDE // SQUARE) ** 2


def card(name: str = "tiny") -> ModelCard:
    """The model's card."""
    return ModelCard(name, "averages of squares, mixed", "public domain", DIM, SIDE, 0.1, 4)


def matrix(seed: int) -> NDArray[np.float32]:
    """The weights, (averages, dim)."""
    return np.random.default_rng(seed).standard_normal((AVERAGES, DIM)).astype(np.float32)


def embed(pixels: NDArray[np.uint8], seed: int) -> NDArray[np.float64]:
    """What the model computes from (n, 32, 32, 3) pixels, by numpy in float64: (n, dim)."""
    squares = pixels.reshape(len(pixels), SIDE // SQUARE, SQUARE, SIDE // SQUARE, SQUARE, 3)
    averages = squares.mean(axis=(2, 4)).transpose(0, 3, 1, 2).reshape(len(pixels), AVERAGES) - 127.5
    vectors = averages @ matrix(seed).astype(np.float64)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def write(path: Path, seed: int = 0, *, name: str = "tiny", metadata: dict[str, str] | None = None) -> Path:
    """Write the model as an ONNX file.

    Args:
        path: where.
        seed: draws the weights.
        name: on its card.
        metadata: instead of the card.
    """
    constants = {"middle": np.float32(127.5), "weights": matrix(seed)}
    nodes = [
        helper.make_node("Cast", ["pixels"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node(
            "AveragePool", ["planes"], ["squares"], kernel_shape=[SQUARE] * 2, strides=[SQUARE] * 2
        ),
        helper.make_node("Flatten", ["squares"], ["row"]),
        helper.make_node("Sub", ["row", "middle"], ["centred"]),
        helper.make_node("MatMul", ["centred", "weights"], ["mixed"]),
        helper.make_node("LpNormalization", ["mixed"], ["embedding"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", SIDE, SIDE, 3])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", DIM])],
        [numpy_helper.from_array(np.asarray(values), key) for key, values in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {CARD_KEY: card(name).to_json()} if metadata is None else metadata)
    checker.check_model(model)
    save(model, path)
    return path
