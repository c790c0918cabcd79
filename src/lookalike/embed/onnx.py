"""Embedders stored as ONNX files, run by ONNX Runtime on the CPU.

The file takes ``pixels`` (n, side, side, 3) uint8 and gives ``embedding`` (n, dim) float32 of unit length;
normalisation of the input is part of the graph and the model card is in the file's metadata.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from lookalike.embed.base import ModelCard
from lookalike.embed.preprocess import PREPROCESSING, to_pixels
from lookalike.errors import DamagedError, NotFoundError
from lookalike.kernels.arrays import Vectors

CARD_KEY = "lookalike"
_MANY = 4  # pictures at once from which the slower-starting, faster-running session pays
_ERRORS_ONLY = 3


class OnnxEmbedder:
    """An embedder in one ONNX file.

    Each call computes on its caller's thread alone: many threads calling at once use all cores without
    competing, and a single picture takes tens of milliseconds anyway.
    """

    def __init__(self, path: Path) -> None:
        """Open a model.

        Raises:
            NotFoundError: there is no such file.
            DamagedError: it is not an embedder.
        """
        try:
            self._model = path.read_bytes()
        except OSError as error:
            raise NotFoundError(f"model file {path} cannot be read: {error.strerror}") from error
        self._path = path
        self._sessions: dict[bool, onnxruntime.InferenceSession] = {}
        self._opening = threading.Lock()
        with ThreadPoolExecutor(1) as beside:  # both take long, and neither holds Python's lock
            digest = beside.submit(hashlib.sha256, PREPROCESSING.encode() + self._model)
            metadata = self._session(many=False).get_modelmeta().custom_metadata_map
        if CARD_KEY not in metadata:
            raise DamagedError(
                f"model file {path} has no model card, so it is not an embedder for this program"
            )
        self._card = ModelCard.from_json(metadata[CARD_KEY])
        self._fingerprint = digest.result().hexdigest()[:32]

    @property
    def card(self) -> ModelCard:
        """Name, licence and the like, as stored in the file."""
        return self._card

    @property
    def fingerprint(self) -> str:
        """Hash of the file and of the preprocessing, 32 hexadecimal digits."""
        return self._fingerprint

    def embed(self, images: Sequence[Image.Image]) -> Vectors:
        """Embed pictures; see ``Embedder.embed``."""
        if not images:
            return np.empty((0, self._card.dim), np.float32)
        session = self._session(many=len(images) >= _MANY)
        (vectors,) = session.run(["embedding"], {"pixels": to_pixels(images, self._card.side)})
        return np.asarray(vectors, np.float32)

    def _session(self, *, many: bool) -> onnxruntime.InferenceSession:
        """A session for one picture (opens in 0.1 s) or for many (0.3 s, but runs a fifth faster)."""
        with self._opening:
            if many not in self._sessions:
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = options.inter_op_num_threads = 1
                options.log_severity_level = _ERRORS_ONLY
                levels = onnxruntime.GraphOptimizationLevel
                options.graph_optimization_level = (
                    levels.ORT_ENABLE_ALL if many else levels.ORT_ENABLE_EXTENDED
                )
                # Weights are stored as int8; this unpacks them once, when the session opens.
                options.add_session_config_entry("session.disable_quant_qdq", "1")
                try:
                    self._sessions[many] = onnxruntime.InferenceSession(
                        self._model, options, providers=["CPUExecutionProvider"]
                    )
                except Exception as error:  # the runtime's errors share no public base class
                    raise DamagedError(f"model file {self._path} cannot be loaded: {error}") from error
            return self._sessions[many]
