"""A network that goes wrong for some pictures, as networks do, and where its weights may lie in another file.

It takes a picture of 16 x 16 pixels and gives the sixteen averages of squares of 4 x 4 reds, of 255, each
multiplied by a weight of 1. What goes wrong depends on the red of the first square, and only on that.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

SIDE, DIM = 16, 16
Mood = Literal["NaN", "zero", "infinity", "long", "fails", "none"]
SOUND, WRONG = 40, 200  # reds of a first square
WEIGHTS = "moody.data"


def picture(red: int, seed: int = 0) -> Image.Image:
    """A picture whose first square has a red, and whose other pixels are drawn."""
    pixels = np.random.default_rng(seed).integers(1, 256, (SIDE, SIDE, 3), np.uint8)
    pixels[:4, :4, 0] = red
    return Image.fromarray(pixels)


def write(folder: Path, mood: Mood, *, weights: float = 1.0, location: str = "") -> Path:
    """Write the network and its description.

    Args:
        folder: where.
        mood: what it does if the first square is redder than half; "long" is for the whole batch, as
            a layer without a fixed size does it, and so is "fails".
        weights: value of all its weights.
        location: where it says that its weights lie; in the file itself if empty. They are written beside it.
    """
    red = [
        helper.make_node("Slice", ["image", "first", "second", "channel"], ["reds"]),
        helper.make_node("AveragePool", ["reds"], ["squares"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Flatten", ["squares"], ["averages"]),
        helper.make_node("Mul", ["averages", "weights"], ["row"]),
        helper.make_node("Slice", ["averages", "first", "second", "channel"], ["corner"]),
        helper.make_node("Greater", ["corner", "half"], ["redder"]),
    ]
    constants = {
        "first": np.array([0]), "second": np.array([1]), "channel": np.array([1]),
        "half": np.float32(0.5), "weights": np.full(DIM, weights, np.float32),
        "NaN": np.float32(np.nan), "infinity": np.float32(np.inf), "zero": np.float32(0),
        "some": np.array([DIM]), "more": np.array([8]), "axes": np.array([0]), "flat": np.array([-1, 1]),
    }  # fmt: skip
    if mood in ("NaN", "infinity", "zero"):
        red.append(helper.make_node("Where", ["redder", mood, "row"], ["vector"]))
    elif mood == "none":
        red.append(helper.make_node("Identity", ["row"], ["vector"]))
    else:
        red += [
            helper.make_node("Cast", ["redder"], ["numbers"], to=TensorProto.INT64),
            helper.make_node("ReduceMax", ["numbers"], ["any"], keepdims=0),
            helper.make_node("Mul", ["any", "more"], ["cut"]),
            helper.make_node("Sub", ["some", "cut"], ["end"]),
        ]
        if mood == "long":
            red.append(helper.make_node("Slice", ["row", "first", "end", "channel"], ["vector"]))
        else:  # a row of half the length cannot be multiplied with one of the whole
            red += [
                helper.make_node("Slice", ["row", "first", "end", "channel"], ["half row"]),
                helper.make_node("Mul", ["half row", "weights"], ["vector"]),
            ]
    graph = helper.make_graph(
        red,
        "moody",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", "numbers"])],
        [numpy_helper.from_array(np.asarray(values), key) for key, values in constants.items()],
    )
    if location:
        tensor = next(tensor for tensor in graph.initializer if tensor.name == "weights")
        (folder / WEIGHTS).write_bytes(tensor.raw_data)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "moody.onnx")
    about = {"side": SIDE, "mean": [0, 0, 0], "deviation": [1, 1, 1]}
    (folder / "moody.json").write_text(json.dumps(about))
    return folder / "moody.onnx"
