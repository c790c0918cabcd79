"""Training pictures of several sources, decoded once and kept in memory."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lookalike.images import Limits, decode, read_file

LONGEST = 192  # pixels; what a network of 128 px a side can still use of a crop


@dataclass(frozen=True, slots=True)
class TrainingPictures:
    """Pictures and, within each source, their classes.

    Attributes:
        names: of the files, for checks.
        pixels: RGB uint8 arrays of different sizes, at most ``LONGEST`` pixels a side.
        labels: (n,) int64, class within the picture's own source.
        sources: (n,) int64, the source's number.
    """

    names: list[str]
    pixels: list[NDArray[np.uint8]]
    labels: NDArray[np.int64]
    sources: NDArray[np.int64]

    def classes(self, source: int) -> int:
        """How many classes a source has."""
        return int(self.labels[self.sources == source].max()) + 1


def load(folder: Path, names: Iterable[str], archive: Path) -> TrainingPictures:
    """Read listed files of a folder (source 0) and a whole tar file (source 1).

    Args:
        folder: holds CLASS/PICTURE.
        names: relative paths in ``folder``.
        archive: a tar of pictures in class folders.

    Raises:
        ImageError: a picture cannot be read.
    """
    limits = Limits()
    listed = [(name, decode(read_file(folder / name, limits), limits=limits).image) for name in names]
    packed = []
    with tarfile.open(archive) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            if file is not None:
                packed.append((member.name, decode(file.read(), limits=limits).image))
    parts = (listed, packed)
    return TrainingPictures(
        [name for part in parts for name, _ in part],
        [_small(image) for part in parts for _, image in part],
        np.concatenate([_labels([name for name, _ in part]) for part in parts]),
        np.repeat([0, 1], [len(part) for part in parts]),
    )


def _labels(names: list[str]) -> NDArray[np.int64]:
    """Number the classes, which are the folders' names, in alphabetical order."""
    folders = [PurePosixPath(name).parent.name for name in names]
    return np.unique(folders, return_inverse=True)[1].astype(np.int64)


def _small(image: Image.Image) -> NDArray[np.uint8]:
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.BICUBIC)
    return np.asarray(image, np.uint8)
