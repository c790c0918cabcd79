"""MobileNetV2, a frozen ImageNet network in TensorFlow Lite form, run for its features.

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (CVPR 2018), as Google published it,
quantised to 8 bits. Its last convolution, averaged over space, is the feature.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.kernels.arrays import Vectors

SIDE = 224
FEATURES = 1280
_TENSOR = 168  # Conv_1/Relu6, (1, 7, 7, 1280), before the average pool
_CENTRE = 224 / 256  # the usual ImageNet evaluation crop


def views(image: Image.Image) -> list[Image.Image]:
    """What the network looks at: the whole picture squashed, its centre crop, and both mirrored."""
    squashed = image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    side = _CENTRE * min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    centre = image.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=(left, top, left + side, top + side))
    mirror = Image.Transpose.FLIP_LEFT_RIGHT
    return [squashed, centre, squashed.transpose(mirror), centre.transpose(mirror)]


class MobileNet:
    """Maps pictures to features, one at a time."""

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415  (an optional package)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that keeping all tensors takes memory: it is 30 MB
            self._network = Interpreter(
                model_path=str(path), num_threads=1, experimental_preserve_all_tensors=True
            )
        self._network.allocate_tensors()
        self._input = self._network.get_input_details()[0]["index"]
        details = {tensor["index"]: tensor for tensor in self._network.get_tensor_details()}
        self._scale, self._zero = details[_TENSOR]["quantization"]

    def features(self, image: Image.Image) -> Vectors:
        """Mean feature of a picture's views: (1280,) float32, non-negative."""
        total = np.zeros(FEATURES)
        seen = views(image)
        for view in seen:
            self._network.set_tensor(self._input, np.asarray(view, np.uint8)[None])
            self._network.invoke()
            total += self._network.get_tensor(_TENSOR)[0].mean(axis=(0, 1)) - self._zero
        return np.asarray(self._scale * total / len(seen), np.float32)
