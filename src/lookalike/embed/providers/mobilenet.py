"""The teacher of ``lab distil`` as an embedder of its own: ``mobilenetv2:FILE.tflite``.

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

from lookalike.embed import Embedder, ModelCard, Offer
from lookalike.errors import NotFoundError
from lookalike.kernels.arrays import Vectors, unit_rows
from lookalike.labs.learn.plugged import installed, need, second
from lookalike.labs.learn.teacher import FEATURES, SIDE, Teacher
from lookalike.paths import absolute, shown

_PACKAGE, _CURE = "ai_edge_litert", "pip install 'lookalike[distil]'"
_SAME = 0.087  # 5 in a million pairs of pictures of different classes of Caltech-101 are nearer
_HASH_DRIFT = 16


class MobileNetProvider:
    """Any file of MobileNetV2 1.0 in the form that ``Teacher`` reads."""

    def offers(self) -> Sequence[Offer]:
        """One line for all files."""
        missing = "" if installed(_PACKAGE) else _CURE
        summary = "MobileNetV2 as Google published it, in TensorFlow Lite form; 1280 dimensions, 224 px"
        return [Offer("mobilenetv2:FILE", summary, "Apache-2.0", None, not missing, missing)]

    def load(self, name: str) -> Embedder:
        """See ``Provider.load``."""
        path = absolute(second(name))
        need(name, _PACKAGE, cure=_CURE)
        if not path.is_file():
            raise NotFoundError(f"there is no file {shown(path)}")
        return MobileNetEmbedder(path)


class MobileNetEmbedder:
    """Unit-length features of the teacher; every thread has a copy of the network."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.local()
        self._fingerprint = hashlib.sha256(b"views 1\n" + path.read_bytes()).hexdigest()[:32]

    @property
    def card(self) -> ModelCard:
        """Facts about it."""
        summary = "MobileNetV2 trained on ImageNet, 8 bits"
        return ModelCard("mobilenetv2", summary, "Apache-2.0", FEATURES, SIDE, _SAME, _HASH_DRIFT)

    @property
    def fingerprint(self) -> str:
        """Hash of the file, 32 hexadecimal digits."""
        return self._fingerprint

    def embed(self, images: Sequence[Image.Image]) -> Vectors:
        """Embed pictures; see ``Embedder.embed``."""
        if not hasattr(self._mine, "teacher"):
            self._mine.teacher = Teacher(self._path)
        features = [self._mine.teacher.features(image) for image in images]
        return unit_rows(np.array(features, np.float32).reshape(-1, FEATURES))
