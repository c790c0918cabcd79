"""Some pictures of some classes, embedded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lookalike.embed import Embedder
from lookalike.errors import NotFoundError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.shared.embedded import embed_pictures
from lookalike.labs.shared.pictures import find
from lookalike.paths import shown
from lookalike.settings import Settings


def chosen(folder: Path, classes: int, pictures: int, seed: int) -> list[Path]:
    """Choose pictures at random: the same number of each of some classes.

    Args:
        folder: holds a folder for each class.
        classes: how many to choose, of those that have enough pictures.
        pictures: of each.
        seed: of the choice.

    Raises:
        NotFoundError: there are fewer such classes.
    """
    by_class: dict[Path, list[Path]] = {}
    for path in find(folder).paths:
        by_class.setdefault(path.parent, []).append(path)
    enough = sorted(place for place, paths in by_class.items() if len(paths) >= pictures)
    if len(enough) < classes or classes < 2:
        raise NotFoundError(
            f"{shown(folder)} has {len(enough)} folders with {pictures} pictures or more; "
            f"{classes} were asked for, and two are the fewest"
        )
    random = np.random.default_rng(seed)
    places = [enough[i] for i in sorted(random.choice(len(enough), classes, replace=False).tolist())]
    return [
        by_class[place][i]
        for place in places
        for i in sorted(random.choice(len(by_class[place]), pictures, replace=False).tolist())
    ]


def embedded(paths: list[Path], embedder: Embedder, settings: Settings) -> tuple[Vectors, list[int]]:
    """Embed pictures, and number their classes by their folders; what cannot be read is left out.

    Returns:
        (n, dim) float32 rows of unit length, and n numbers.
    """
    readable, vectors = embed_pictures(paths, embedder, settings)
    numbers = {place: number for number, place in enumerate(sorted({path.parent for path in paths}))}
    return vectors, [numbers[path.parent] for path, fine in zip(paths, readable, strict=True) if fine]
