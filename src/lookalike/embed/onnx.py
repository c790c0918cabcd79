"""Embedders stored as ONNX files, run by ONNX Runtime on the CPU.

The file takes ``pixels`` (n, side, side, 3) uint8 and gives ``embedding`` (n, dim) float32 of unit length;
normalisation of the input is part of the graph and the model card is in the file's metadata.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.embed.base import ModelCard
from lookalike.embed.external import external_data, fingerprint_of
from lookalike.embed.network import NetworkEmbedder
from lookalike.embed.preprocess import PREPROCESSING, to_pixels
from lookalike.embed.sessions import open_session, run
from lookalike.errors import DamagedError, NotFoundError
from lookalike.kernels.arrays import Vectors

if TYPE_CHECKING:
    from PIL import Image

CARD_KEY = "lookalike"


class OnnxEmbedder(NetworkEmbedder):
    """An embedder in one ONNX file.

    Each call computes on its caller's thread alone: many threads calling at once use all cores without
    competing, and a single picture takes milliseconds anyway.
    """

    def __init__(self, path: Path) -> None:
        """Open a model.

        Raises:
            NotFoundError: there is no such file, or its external data is not beside it.
            DamagedError: it is not an embedder.
        """
        model = read_model(path)
        data = external_data(model, path)
        self._path = path
        with ThreadPoolExecutor(1) as beside:  # both take long, and neither holds Python's lock
            digest = beside.submit(fingerprint_of, PREPROCESSING.encode(), model, data)
            self._session = open_session(model, path, data)
        metadata = self._session.get_modelmeta().custom_metadata_map
        if CARD_KEY not in metadata:
            raise DamagedError(
                f"model file {path} has no model card, so it is not an embedder for this program; "
                f"describe it in {path.with_suffix('.json').name} beside it"
            )
        super().__init__(ModelCard.from_json(metadata[CARD_KEY]), digest.result())

    def _vectors(self, images: Sequence[Image.Image]) -> Vectors:
        pixels = to_pixels(images, self._card.side)
        return run(self._session, "embedding", {"pixels": pixels}, self._path)


def read_model(path: Path) -> bytes:
    """A model file's content.

    Raises:
        NotFoundError: it cannot be read.
    """
    if path.is_fifo():  # to open it would wait for somebody who writes
        raise NotFoundError(f"model file {path} cannot be read: it is a named pipe")
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFoundError(f"model file {path} cannot be read: {error.strerror}") from error
