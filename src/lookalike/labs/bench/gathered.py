"""Collections to calibrate on: photos of a few classes, mixed photos, drawn pages, drawn icons."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.embed import Embedder
from lookalike.errors import ImageError
from lookalike.kernels.arrays import Vectors
from lookalike.labs.bench import sheets
from lookalike.labs.shared.arrays import read_arrays, write_arrays
from lookalike.labs.shared.pictures import open_whole
from lookalike.labs.shared.progress import tracked
from lookalike.settings import Settings
from lookalike.sight import Sight, look, reduced

CLASSES = 2
"""Folders of which the photos of a few classes are, those with the most pictures."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Pictures of one kind.

    Attributes:
        name: of the kind.
        opened: a picture by number, mode ``RGB``.
        copies: (n, dim) float32 copy parts, rows of unit length.
        drawn: whether all pictures are known to be different.
        looked: the second look at two pictures by number: its score, and whether they are verified copies.
    """

    name: str
    opened: Callable[[int], Image.Image]
    copies: Vectors
    drawn: bool
    looked: Callable[[int, int], tuple[float, bool]]


def gather(paths: list[Path], count: int, embedder: Embedder, cache_folder: Path) -> Iterator[Gathered]:
    """Gather the four kinds.

    Args:
        paths: photos in folders by class; those that cannot be read are left out.
        count: pictures of each kind, fewer if there are not as many photos.
        embedder: with a copy part.
        cache_folder: where vectors are kept for the next run.
    """
    draw = random.Random(0)
    classes = Counter(path.parent for path in paths)
    largest = {folder for folder, _ in classes.most_common(CLASSES)}
    for name, those in (
        ("few classes", [path for path in paths if path.parent in largest]),
        ("mixed photos", paths),
    ):
        readable = _readable(draw.sample(those, len(those)), count)
        opened = partial(_opened, readable)
        yield _gathered(name, opened, len(readable), embedder, cache_folder, str(readable))
    for name in sheets.SETS:
        yield _gathered(name, partial(sheets.draw, name), count, embedder, cache_folder, "")


def _gathered(
    name: str,
    opened: Callable[[int], Image.Image],
    count: int,
    embedder: Embedder,
    folder: Path,
    listing: str,
) -> Gathered:
    key = f"{name} {count} {embedder.fingerprint} {listing}"
    kept = folder / f"verdicts-{name.replace(' ', '-')}.npz"
    arrays = read_arrays(kept, ("key", "copies"))
    if arrays is None or str(arrays["key"]) != key:
        vectors = [embedder.embed([opened(number)]) for number in tracked(range(count), f"Embedding {name}")]
        arrays = {"key": np.array(key), "copies": embedder.card.copy_part(np.concatenate(vectors))}
        write_arrays(kept, arrays)

    @cache
    def sight(number: int) -> Sight:
        return Sight(reduced(opened(number)))

    @cache
    def between(first: int, second: int) -> tuple[float, bool]:
        evidence = look(sight(first), sight(second))
        return evidence.score, evidence.verified

    def looked(first: int, second: int) -> tuple[float, bool]:
        return between(min(first, second), max(first, second))

    return Gathered(name, opened, arrays["copies"], name in sheets.SETS, looked)


def _readable(paths: list[Path], count: int) -> list[Path]:
    """The first so many that can be read."""
    found: list[Path] = []
    for path in paths:
        if len(found) == count:
            break
        try:
            open_whole(path, Settings())
        except ImageError:
            continue
        found.append(path)
    return found


def _opened(paths: list[Path], number: int) -> Image.Image:
    return open_whole(paths[number], Settings())
