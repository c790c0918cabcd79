"""MobileNetV2 in TensorFlow Lite form as an embedder: ``mobilenetv2:FILE.tflite``.

Its architecture, its pictures and its training were others than those of the bundled network. So it is
something to compare with, and a network that an attacker of ours has not seen.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.embed.base import Embedder, ModelCard
from lookalike.embed.network import NetworkEmbedder
from lookalike.embed.plugins import Offer
from lookalike.embed.providers.packages import installed, need, second
from lookalike.embed.providers.tflite import FEATURES, SIDE, MobileNet
from lookalike.errors import NotFoundError
from lookalike.kernels.arrays import Vectors, unit_rows
from lookalike.paths import absolute, shown

_PACKAGE, _CURE = "ai_edge_litert", "pip install 'lookalike[distil]'"
_SAME = 0.087  # 5 in a million pairs of pictures of different classes of Caltech-101 are nearer
_HASH_DRIFT = 16


class MobileNetProvider:
    """Any file of MobileNetV2 1.0 in the form that ``MobileNet`` reads."""

    def offers(self) -> Sequence[Offer]:
        """One line that stands for all files."""
        missing = "" if installed(_PACKAGE) else _CURE
        summary = "MobileNetV2 as Google published it, in TensorFlow Lite form; 1280 dimensions, 224 px"
        return [Offer("mobilenetv2:FILE", summary, "Apache-2.0", None, not missing, missing)]

    def load(self, name: str) -> Embedder:
        """Load a file by its path; see ``Provider.load``."""
        path = absolute(second(name))
        need(name, _PACKAGE, cure=_CURE)
        if not path.is_file():
            raise NotFoundError(f"there is no file {shown(path)}")
        return MobileNetEmbedder(path)


class MobileNetEmbedder(NetworkEmbedder):
    """Unit-length features; every thread has a network of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.local()
        summary = "MobileNetV2 trained on ImageNet, 8 bits"
        card = ModelCard("mobilenetv2", summary, "Apache-2.0", FEATURES, SIDE, _SAME, _HASH_DRIFT)
        super().__init__(card, hashlib.sha256(b"views 1\n" + path.read_bytes()).hexdigest()[:32])

    def _vectors(self, images: Sequence[Image.Image]) -> Vectors:
        if not hasattr(self._mine, "network"):
            self._mine.network = MobileNet(self._path)
        features = [self._mine.network.features(image) for image in images]
        return unit_rows(np.array(features, np.float32))
