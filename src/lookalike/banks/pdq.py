"""PDQ, the perceptual hash of Meta's exchanges, by the package ``pdqhash``.

Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (2019). A hash says little of
a picture without edges, as of a clear sky; the algorithm gives a quality from 0 to 100 for that.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

from lookalike.errors import MissingExtra

LEAST_QUALITY = 50
"""Hashes of less quality are not compared, as in Meta's own programs."""

SIDE = 512
"""Pixels per side that are enough: Meta's programs reduce a picture to so many first."""


class Pdq(NamedTuple):
    """A PDQ hash.

    Attributes:
        value: 32 bytes, in the order in which the hash is written in hexadecimal.
        quality: 0 to 100.
    """

    value: bytes
    quality: int


def can_hash() -> bool:
    """Whether the package is installed."""
    try:
        import pdqhash  # noqa: F401, PLC0415  an optional package
    except ImportError:
        return False
    return True


def pdq_of(image: Image.Image) -> Pdq:
    """Hash a picture.

    Args:
        image: mode ``RGB``.

    Raises:
        MissingExtra: the package is not installed.
    """
    try:
        import pdqhash  # noqa: PLC0415  an optional package
    except ImportError:
        raise MissingExtra("PDQ hashes need the package pdqhash: pip install 'lookalike[pdq]'") from None
    bits, quality = pdqhash.compute(np.asarray(image))
    return Pdq(np.packbits(np.asarray(bits, bool)).tobytes(), int(quality))
