"""Labelled pictures decoded into memory: a network sees each of them several times."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.errors import NotFoundError
from lookalike.labs.shared.pictures import find, read_all, tell_left_out
from lookalike.labs.shared.progress import progress
from lookalike.paths import shown
from lookalike.settings import Settings


@dataclass(frozen=True, slots=True)
class Pictures:
    """Decoded pictures in memory.

    Attributes:
        pixels: RGB uint8 arrays of different sizes.
        labels: (n,) int64.
    """

    pixels: list[NDArray[np.uint8]]
    labels: NDArray[np.int64]


def load_pictures(paths: list[Path], labels: NDArray[np.int64], longest: int, settings: Settings) -> Pictures:
    """Decode pictures once; broken ones are named on stderr and left out.

    Args:
        paths: files.
        labels: (n,) their classes.
        longest: pixels of the longer side; larger pictures are reduced to that.
        settings: limits of pictures, and how many threads decode.
    """

    def shrink(images: list[Image.Image]) -> list[NDArray[np.uint8]]:
        for image in images:
            image.thumbnail((longest, longest), Image.Resampling.BICUBIC)
        return [np.asarray(image, np.uint8) for image in images]

    pixels: list[NDArray[np.uint8]] = []
    reasons: list[str] = []
    with progress("Reading pictures", len(paths)) as advance:
        for batch in read_all(paths, shrink, settings):
            pixels += batch.made
            reasons += batch.reasons
            advance(len(batch.reasons))
    for path, reason in zip(paths, reasons, strict=True):
        if reason:
            tell_left_out(path, reason)
    kept = [label for label, reason in zip(labels, reasons, strict=True) if not reason]
    return Pictures(pixels, np.array(kept, np.int64))


def sample(folder: Path, longest: int, settings: Settings, most: int = 2000) -> Pictures:
    """Decode up to ``most`` pictures below a folder, evenly spread, each labelled by the folder it lies in.

    Raises:
        NotFoundError: there are none.
    """
    found = find(folder).paths
    if not found:
        raise NotFoundError(f"there are no pictures in {shown(folder)}")
    chosen = found[:: -(-len(found) // most)]
    labels = np.unique([str(path.parent) for path in chosen], return_inverse=True)[1]
    return load_pictures(chosen, labels.astype(np.int64), 2 * longest, settings)
