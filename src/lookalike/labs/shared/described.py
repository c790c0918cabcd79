"""What pictures are compared by: their embeddings and their classic hashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from lookalike.embed import Embedder
from lookalike.kernels.arrays import Vectors
from lookalike.labs.shared.classic_hashes import Bits, Hashes


class Described(NamedTuple):
    """Pictures, as each method sees them.

    Attributes:
        embeddings: (n, dim) float32.
        hashes: (n, bytes) uint8, by name of the hash.
    """

    embeddings: Vectors
    hashes: dict[str, Bits]


def describe_images(images: Sequence[Image.Image], embedder: Embedder, hashes: Hashes) -> Described:
    """Embed and hash some RGB pictures, one at least, on this thread."""
    computed = {name: np.stack([compute(image) for image in images]) for name, compute in hashes.items()}
    return Described(embedder.embed(images), computed)


def joined(parts: Sequence[Described]) -> Described:
    """The rows of all parts, one after another; all have the same hashes."""
    return Described(
        np.concatenate([part.embeddings for part in parts]),
        {name: np.concatenate([part.hashes[name] for part in parts]) for name in parts[0].hashes},
    )
