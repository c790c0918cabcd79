"""What pictures are compared by: their embeddings and their classic hashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from lookalike.embed import Embedder
from lookalike.kernels.arrays import Vectors
from lookalike.labs.shared.arrays import read_arrays, write_arrays
from lookalike.labs.shared.classic_hashes import HASHES, Bits, Hashes
from lookalike.settings import Settings

_AT_ONCE = 16


class Described(NamedTuple):
    """Pictures, as each method sees them.

    Attributes:
        embeddings: (n, dim) float32.
        hashes: (n, bytes) uint8, by name of the hash.
    """

    embeddings: Vectors
    hashes: dict[str, Bits]


def describe(count: int, picture: Callable[[int], Image.Image], embedder: Embedder) -> Described:
    """Embed and hash pictures, on all cores.

    Args:
        count: how many.
        picture: gives the RGB picture of a number from 0 to ``count`` - 1; called by several threads.
        embedder: for the embeddings.
    """

    def some(start: int) -> Described:
        images = [picture(number) for number in range(start, min(start + _AT_ONCE, count))]
        return describe_images(images, embedder, HASHES)

    with ThreadPoolExecutor(Settings().threads) as pool:
        return joined(list(pool.map(some, range(0, count, _AT_ONCE))))


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


def kept(path: Path, make: Callable[[], Described]) -> Described:
    """What ``make`` gives, or what an earlier call kept of it in a file.

    Args:
        path: of the file; its name must change whenever ``make`` would give something else.
        make: describes pictures by ``HASHES``.
    """
    arrays = read_arrays(path, ("embeddings", *HASHES))
    if arrays is None:
        made = make()
        write_arrays(path, {"embeddings": made.embeddings, **made.hashes})
        return made
    return Described(arrays["embeddings"], {name: arrays[name] for name in HASHES})
